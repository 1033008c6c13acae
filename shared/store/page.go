package store

// PageBytes is how much a page of List holds in bodies before it ends early: with at least one item.
const PageBytes = 8 << 20

// Page counts what a page holds, so that every adapter ends it at the same place.
type Page struct {
	Limit        int // as in Range
	items, bytes int
}

// Full tells whether no further item belongs into the page.
func (p *Page) Full() bool {
	limit := p.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	return p.items >= limit || p.bytes >= PageBytes
}

// Add counts an item into the page.
func (p *Page) Add(i Item) {
	p.items++
	p.bytes += len(i.Body)
}

// Room returns how many more items the limit lets into the page: at least one, for adapters that
// must ask for some.
func (p *Page) Room() int {
	limit := p.Limit
	if limit <= 0 {
		limit = DefaultLimit
	}
	return max(1, limit-p.items)
}
