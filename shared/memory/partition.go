package memory

import (
	"sort"

	"github.com/segue-workflows/segue/shared/store"
)

// record is an item and what its writes and reads are billed by.
type record struct {
	store.Item
	size int // bytes in the table; 0 when nobody counts
}

// partition holds the records of one part, ordered by sort key.
type partition struct{ records []*record }

// at returns the place of the first record whose sort key is not below key.
func (p *partition) at(key string) int {
	last := len(p.records)
	if last == 0 || p.records[last-1].Sort < key { // most writes append
		return last
	}
	return sort.Search(last, func(i int) bool { return p.records[i].Sort >= key })
}

func (p *partition) find(key string) *record {
	if i := p.at(key); i < len(p.records) && p.records[i].Sort == key {
		return p.records[i]
	}
	return nil
}

// set puts the record in its place, or replaces the one with its key.
func (p *partition) set(r *record) {
	i := p.at(r.Sort)
	if i < len(p.records) && p.records[i].Sort == r.Sort {
		p.records[i] = r
		return
	}
	p.records = append(p.records, nil)
	copy(p.records[i+1:], p.records[i:])
	p.records[i] = r
}

func (p *partition) remove(key string) {
	i := p.at(key)
	if i == len(p.records) || p.records[i].Sort != key {
		return
	}
	copy(p.records[i:], p.records[i+1:])
	p.records[len(p.records)-1] = nil
	p.records = p.records[:len(p.records)-1]
}

// span returns the records with from <= sort < to; "" leaves a side open.
func (p *partition) span(from, to string) []*record {
	low, high := p.at(from), len(p.records)
	if to != "" {
		high = p.at(to)
	}
	if low >= high {
		return nil
	}
	return p.records[low:high]
}
