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
	Since int64 `json:"t,omitempty"` // epoch milliseconds: when the attempt became ready; the queue is in this order
	Alone bool  `json:"l,omitempty"` // it needs no permit of another tag
}

// Pool is the permits of one tag.
type Pool struct {
	Limit   *int64   `json:"limit,omitempty"` // as configured; nil: only what the runs themselves ask for
	Holders []Permit `json:"holders,omitempty"`
	Queued  bool     `json:"queued,omitempty"` // somebody may have a ticket
	Looked  int64    `json:"looked,omitempty"` // epoch milliseconds: when somebody looked for holders that are over
}

// Tag is a tag that limits an attempt.
type Tag struct {
	Name   string
	Inline int64 // the limit that the run itself asks for; 0: none, the pool has one
}

// Room returns how many permits the pool has to give.
func (p *Pool) Room(tag Tag) int { return max(0, p.limit(tag)-len(p.Holders)) }

// limit returns how many may hold a permit: what is configured comes before what runs ask for.
func (p *Pool) limit(tag Tag) int {
	if p.Limit != nil {
		return int(*p.Limit)
	}
	return int(tag.Inline)
}

// Holds tells whether an attempt holds a permit.
func (p *Pool) Holds(who Holder) bool { return p.place(who) >= 0 }

func (p *Pool) place(who Holder) int {
	return slices.IndexFunc(p.Holders, func(held Permit) bool { return held.Holder == who })
}

// Admits tells whether an attempt that asks may take a permit. queue is the first of those that wait, as many as there is room.
func (p *Pool) Admits(tag Tag, queue []Ticket, asks Ticket) bool {
	ahead := 0
	for _, ticket := range queue {
		if ticket.Holder == asks.Holder {
			break
		}
		if ticket.Since <= asks.Since {
			ahead++
		}
	}
	return p.Holds(asks.Holder) || ahead < p.Room(tag)
}

// fresh is how long, in milliseconds, a permit counts as taken just now: asking again after that renews it.
const fresh = 20_000

// Abandoned is how long, in milliseconds, an attempt may hold a permit before it exists. It is recorded to exist by the
// invocation that took or renewed the permit, and none lives that long: after that it died, or decided otherwise.
const Abandoned = 60_000

// Take gives a permit to an attempt. Taking again changes nothing for a while.
func (p *Pool) Take(who Holder, now int64) {
	if i := p.place(who); i < 0 {
		p.Holders = append(p.Holders, Permit{who, now})
	} else if now-p.Holders[i].Since > fresh {
		p.Holders[i].Since = now
	}
}

// Release takes the permit of an attempt back, and tells whether it had one.
func (p *Pool) Release(who Holder) bool {
	n := len(p.Holders)
	p.Holders = slices.DeleteFunc(p.Holders, func(held Permit) bool { return held.Holder == who })
	return len(p.Holders) < n
}

// Hand gives the permits that are free to the first in the queue, and returns whose tickets are used up. Those that need
// others besides are to ask for all of them: a permit is kept free for each.
func (p *Pool) Hand(tag Tag, queue []Ticket, now int64) (given, asked []Ticket) {
	room := p.Room(tag)
	for _, ticket := range queue {
		switch {
		case p.Holds(ticket.Holder): // whoever handed it on died before he took the ticket away
			given = append(given, ticket)
			continue
		case room == 0:
			return given, asked
		case ticket.Alone:
			p.Take(ticket.Holder, now)
			given = append(given, ticket)
		default:
			asked = append(asked, ticket)
		}
		room--
	}
	return given, asked
}
