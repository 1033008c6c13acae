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

// Permit is held by an attempt.
type Permit struct {
	Holder
	Since int64 `json:"t,omitempty"` // epoch milliseconds: when it was taken, or taken again
}

// Ticket is the place of an attempt in the queue of a tag.
type Ticket struct {
	Holder
	Since int64  `json:"t,omitempty"`
	At    string `json:"w"` // the tag at which it stands: only there does it hold up those behind it
}

// Pool is the permits of one tag.
type Pool struct {
	Limit   *int64   `json:"limit,omitempty"` // as configured; nil: only what the runs themselves ask for
	Holders []Permit `json:"holders,omitempty"`
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
func Acquire(tags []Tag, pools []*Pool, who Holder, now int64) bool {
	at := ""
	for i, pool := range pools {
		if pool.holds(who) {
			continue
		}
		if len(pool.Holders)+pool.Ahead(tags[i].Name, who) >= pool.limit(tags[i].Inline) {
			at = tags[i].Name
			break
		}
	}
	for _, pool := range pools {
		if at == "" {
			pool.take(who, now)
		} else {
			pool.queue(Ticket{who, now, at})
		}
	}
	return at == ""
}

// MaxTickets is how many wait in order. A pool is one item, which each change writes again: who comes when the queue is
// full gets no ticket, and asks again when the sweep looks at its run.
const MaxTickets = 256

// fresh is how long, in milliseconds, a permit or a ticket counts as taken just now: asking again after that renews it.
const fresh = 20_000

// Abandoned is how long, in milliseconds, an attempt may hold a permit before it exists. It is recorded to exist by the
// invocation that took or renewed the permit, and none lives that long: after that it died, or decided otherwise.
const Abandoned = 60_000

func (p *Pool) holds(who Holder) bool {
	return slices.ContainsFunc(p.Holders, func(held Permit) bool { return held.Holder == who })
}

func (p *Pool) take(who Holder, now int64) {
	if i := slices.IndexFunc(p.Holders, func(held Permit) bool { return held.Holder == who }); i < 0 {
		p.Holders = append(p.Holders, Permit{who, now})
	} else if now-p.Holders[i].Since > fresh {
		p.Holders[i].Since = now
	}
	p.Tickets = slices.DeleteFunc(p.Tickets, func(t Ticket) bool { return t.Holder == who })
}

func (p *Pool) queue(ticket Ticket) {
	i := p.place(ticket.Holder)
	if i < 0 {
		if len(p.Tickets) < MaxTickets {
			p.Tickets = append(p.Tickets, ticket)
		}
		return
	}
	if p.Tickets[i].At = ticket.At; ticket.Since-p.Tickets[i].Since > fresh {
		p.Tickets[i].Since = ticket.Since
	}
}

// Release takes an attempt out of a pool, whether it holds a permit or waits, and tells whether it was there.
func (p *Pool) Release(who Holder) bool {
	n := len(p.Holders) + len(p.Tickets)
	p.Holders = slices.DeleteFunc(p.Holders, func(held Permit) bool { return held.Holder == who })
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
