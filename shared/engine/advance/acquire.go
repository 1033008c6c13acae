package advance

import (
	"context"
	"errors"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/permit"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
)

// Acquire takes the permits of an attempt, all or none, and tells whether it has them. Who is turned away waits in the
// queue of a tag that has none to give; who is turned away again looks at the holders.
func (l *Loop) Acquire(ctx context.Context, tags []permit.Tag, ticket permit.Ticket) (granted bool, err error) {
	ticket.Alone = len(tags) == 1
	r := &request{tags: tags, ticket: ticket}
	if err := l.Again(ctx, func() error { return l.ask(ctx, r) }); err != nil {
		return false, err
	}
	if err := l.leaveQueues(ctx, r); err != nil {
		return false, err
	}
	if !r.granted && r.waited {
		return false, l.reclaim(ctx, r.full)
	}
	return r.granted, nil
}

// request is an attempt that asks for its permits.
type request struct {
	tags    []permit.Tag
	ticket  permit.Ticket
	granted bool
	full    permit.Tag   // that turned it away
	put     bool         // a ticket was put there
	waited  bool         // it had one there already
	stands  []permit.Tag // in whose queues it was found at the front
}

// ask takes all permits, or puts a ticket.
func (l *Loop) ask(ctx context.Context, r *request) error {
	pools, revs, err := l.loadPools(ctx, r.tags)
	if err != nil {
		return err
	}
	before := encodePools(pools)
	full, err := l.admitted(ctx, r, pools)
	if err != nil {
		return err
	}
	if r.granted = full < 0; r.granted {
		for _, pool := range pools {
			pool.Take(r.ticket.Holder, l.Clock.Now().UnixMilli())
		}
		return l.putPools(ctx, r.tags, pools, revs, before)
	}
	r.full = r.tags[full]
	item := store.Item{Key: ticketKey(r.full, r.ticket), Body: record.Encode(r.ticket), Expire: l.Clock.Now().Add(ticketLife)}
	err = l.Store.Put(ctx, store.Write{Item: item, If: store.Absent})
	stood := errors.Is(err, store.ErrGuard)
	if err != nil && !stood {
		return err
	}
	r.put = r.put || !stood
	r.waited = !r.put
	switch pool := pools[full]; {
	case !pool.Queued:
		pool.Queued = true
		return l.putPools(ctx, r.tags, pools, revs, before)
	case stood:
		return nil
	}
	// Whoever found nobody in the queue may have said so since.
	now, _, err := l.loadPools(ctx, []permit.Tag{r.full})
	if err == nil && !now[0].Queued {
		err = store.ErrGuard
	}
	return err
}

// admitted returns the index of the first tag that has no permit to give; -1: all have one. It notes where the attempt
// stands.
func (l *Loop) admitted(ctx context.Context, r *request, pools []*permit.Pool) (full int, err error) {
	full, r.stands = -1, nil
	for i, pool := range pools {
		tag := r.tags[i]
		var queue []permit.Ticket
		if room := pool.Room(tag); room > 0 && pool.Queued && !pool.Holds(r.ticket.Holder) {
			if queue, err = l.tickets(ctx, tag, room); err != nil {
				return full, err
			}
			if slices.ContainsFunc(queue, func(t permit.Ticket) bool { return t.Holder == r.ticket.Holder }) {
				r.stands = append(r.stands, tag)
			}
		}
		if full < 0 && !pool.Admits(tag, queue, r.ticket) {
			full = i
		}
	}
	return full, nil
}

// leaveQueues takes an attempt out of the queues in which it has no place any more: all, or all but that of the tag that
// turned it away.
func (l *Loop) leaveQueues(ctx context.Context, r *request) error {
	if r.granted && r.put {
		r.stands = append(r.stands, r.full)
	}
	for _, tag := range r.stands {
		if !r.granted && tag == r.full {
			continue
		}
		if err := l.dropTickets(ctx, tag, r.ticket); err != nil {
			return err
		}
		if r.granted {
			continue
		}
		if err := l.settle(ctx, tag, func(*permit.Pool) bool { return true }); err != nil { // the permit that was kept for it
			return err
		}
	}
	return nil
}
