package permit

import "slices"

// MaxPlaces is how far into a queue it is counted where an attempt stands.
const MaxPlaces = 100

// Standing is where an attempt stands that waits for a permit of a tag.
type Standing struct {
	Tag     Tag
	Place   int // in the queue, from 1; 0: behind the first MaxPlaces
	Limit   int
	Holders []Permit // of the tag, in the order in which they took it
}

// Stand tells where an attempt stands in the queue of a tag, of which queue is the first MaxPlaces. Without a ticket among
// them it may stand behind them, or at another tag. ok is false when it does not stand there.
func (p *Pool) Stand(tag Tag, queue []Ticket, who Holder) (standing Standing, ok bool) {
	at := slices.IndexFunc(queue, func(t Ticket) bool { return t.Holder == who })
	behind := len(queue) >= MaxPlaces && p.Room(tag) == 0
	return Standing{Tag: tag, Place: at + 1, Limit: p.limit(tag), Holders: p.Holders}, !p.Holds(who) && (at >= 0 || behind)
}
