package memory

import (
	"slices"
	"time"
)

// Names returns the names of the queues in order, dead letters included.
func (q *Queue) Names() []string {
	q.mu.Lock()
	defer q.mu.Unlock()
	names := make([]string, 0, len(q.queues))
	for name := range q.queues {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// Len returns how many messages a queue holds: those that can be received now, and those that are
// delayed or in flight.
func (q *Queue) Len(name string) (visible, hidden int) {
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.queues[name]
	if l == nil {
		return 0, 0
	}
	now := q.now()
	for _, m := range l.order {
		if m.visible.After(now) {
			hidden++
		} else {
			visible++
		}
	}
	return visible, hidden
}

// NextVisible returns the earliest time at which one of the named queues (none: any queue) has a
// visible message, and false when they hold no message at all. It may lie in the past. A virtual
// clock advances to it.
func (q *Queue) NextVisible(names ...string) (time.Time, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	var next time.Time
	found := false
	for name, l := range q.queues {
		if len(l.order) == 0 || len(names) > 0 && !slices.Contains(names, name) {
			continue
		}
		if first := l.order[0].visible; !found || first.Before(next) {
			next, found = first, true
		}
	}
	return next, found
}

// Wake makes all blocked receivers look again. Whoever moves a virtual clock calls it; with a real
// clock nobody needs to.
func (q *Queue) Wake() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, l := range q.queues {
		l.wake()
	}
}
