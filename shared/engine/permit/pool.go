package permit

import (
	"slices"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Holder is an attempt that holds a permit or waits for one.
type Holder struct {
	Run     workflow.RunKey `json:"k"`
	Ordinal int             `json:"o"`
	Attempt int64           `json:"a"`
}

// Ticket is the place of an attempt in the queue of a tag.
type Ticket struct {
	Holder
	At string `json:"w"` // the tag at which it stands: only there does it hold up those behind it
}

// Pool is the permits of one tag.
type Pool struct {
	Limit   *int64   `json:"limit,omitempty"` // as configured; nil: only what the runs themselves ask for
	Holders []Holder `json:"holders,omitempty"`
	Tickets []Ticket `json:"tickets,omitempty"`
}

// Tag is a tag that limits an attempt.
type Tag struct {
	Name   string
	Inline int64 // the limit that the run itself asks for; 0: none, the pool has one
}

// limit returns how many may hold a permit: what is configured comes before what runs ask for.
func (p *Pool) limit(inline int64) int {
	if p.Limit != nil {
		return int(*p.Limit)
	}
	return int(inline)
}

// place returns the ticket of an attempt.
func (p *Pool) place(who Holder) int {
	return slices.IndexFunc(p.Tickets, func(t Ticket) bool { return t.Holder == who })
}

// Ahead returns how many stand before an attempt in the queue of the named tag.
func (p *Pool) Ahead(tag string, who Holder) int {
	ahead := 0
	for _, ticket := range p.Tickets {
		if ticket.Holder == who {
			break
		}
		if ticket.At == tag {
			ahead++
		}
	}
	return ahead
}

// Acquire takes a permit of each pool for an attempt, or a ticket in each when one has none to give, and tells
// which it was. The pools go with the tags. Asking again changes nothing but the tag at which it stands.
func Acquire(tags []Tag, pools []*Pool, who Holder) bool {
	at := ""
	for i, pool := range pools {
		if slices.Contains(pool.Holders, who) {
			continue
		}
		if len(pool.Holders)+pool.Ahead(tags[i].Name, who) >= pool.limit(tags[i].Inline) {
			at = tags[i].Name
			break
		}
	}
	for _, pool := range pools {
		if at == "" {
			pool.take(who)
		} else {
			pool.queue(who, at)
		}
	}
	return at == ""
}

func (p *Pool) take(who Holder) {
	if !slices.Contains(p.Holders, who) {
		p.Holders = append(p.Holders, who)
	}
	p.Tickets = slices.DeleteFunc(p.Tickets, func(t Ticket) bool { return t.Holder == who })
}

func (p *Pool) queue(who Holder, at string) {
	if i := p.place(who); i >= 0 {
		p.Tickets[i].At = at
		return
	}
	p.Tickets = append(p.Tickets, Ticket{who, at})
}

// Release takes an attempt out of a pool, whether it holds a permit or waits, and tells whether it was there.
func (p *Pool) Release(who Holder) bool {
	n := len(p.Holders) + len(p.Tickets)
	p.Holders = slices.DeleteFunc(p.Holders, func(h Holder) bool { return h == who })
	p.Tickets = slices.DeleteFunc(p.Tickets, func(t Ticket) bool { return t.Holder == who })
	return len(p.Holders)+len(p.Tickets) < n
}

// Next returns who may try again at the tag: those at the front of its queue, as many as there are permits.
func (p *Pool) Next(tag Tag) []Holder {
	room := p.limit(tag.Inline) - len(p.Holders)
	var out []Holder
	for _, ticket := range p.Tickets {
		if len(out) >= room {
			break
		}
		if ticket.At == tag.Name {
			out = append(out, ticket.Holder)
		}
	}
	return out
}
