package advance

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/permit"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// heldLimit tells whether a tag has a configured limit, and when that was read.
type heldLimit struct {
	limited bool
	at      time.Time
}

// Limited tells whether a tag has a configured limit; the answer is at most as old as that about breakpoints.
func (l *Loop) Limited(ctx context.Context, tag string) (bool, error) {
	now := l.Clock.Now()
	if held, ok := l.cache.limits.get(tag); ok && now.Sub(held.at).Abs() < breakpointAge {
		return held.limited, nil
	}
	pools, _, err := l.loadPools(ctx, []permit.Tag{{Name: tag}})
	if err != nil {
		return false, err
	}
	limited := pools[0].Limit != nil
	l.cache.limits.replace(tag, heldLimit{limited, now}, smallest)
	return limited, nil
}

func (l *Loop) loadPools(ctx context.Context, tags []permit.Tag) ([]*permit.Pool, []int64, error) {
	keys := make([]store.Key, len(tags))
	for i, tag := range tags {
		keys[i] = record.PermitKey(tag.Name)
	}
	items, err := l.Store.Get(ctx, store.Fresh, keys...)
	if err != nil {
		return nil, nil, coded(err)
	}
	pools, revs := make([]*permit.Pool, len(tags)), make([]int64, len(tags))
	for i, item := range items {
		pools[i], revs[i] = &permit.Pool{}, item.Rev
		if item.Rev == 0 {
			continue
		}
		if pools[i], err = record.Decode[permit.Pool]("permits of "+tags[i].Name, item.Body); err != nil {
			return nil, nil, err
		}
	}
	return pools, revs, nil
}

// ticketLife is how long a ticket lasts: the sweep looks at whoever waits far more often, and he gets it anew.
const ticketLife = 24 * time.Hour

func ticketKey(tag permit.Tag, t permit.Ticket) store.Key {
	return record.TicketKey(tag.Name, t.Since, t.Run, t.Ordinal, t.Attempt)
}

// maxHanded is how many permits are handed on at once.
const maxHanded = 64

// tickets returns the first in the queue of a tag.
func (l *Loop) tickets(ctx context.Context, tag permit.Tag, n int) ([]permit.Ticket, error) {
	items, _, err := l.Store.List(ctx, record.TicketRange(tag.Name, n))
	if err != nil {
		return nil, coded(err)
	}
	out := make([]permit.Ticket, len(items))
	for i, item := range items {
		ticket, err := record.Decode[permit.Ticket]("a ticket of "+tag.Name, item.Body)
		if err != nil {
			return nil, err
		}
		out[i] = *ticket
	}
	return out, nil
}

func (l *Loop) dropTickets(ctx context.Context, tag permit.Tag, tickets ...permit.Ticket) error {
	for _, ticket := range tickets {
		if err := l.Store.Put(ctx, store.Write{Item: store.Item{Key: ticketKey(tag, ticket)}}); err != nil {
			return coded(err)
		}
	}
	return nil
}

func encodePools(pools []*permit.Pool) []string {
	out := make([]string, len(pools))
	for i, pool := range pools {
		out[i] = string(record.Encode(pool))
	}
	return out
}

// putPools puts the pools that changed: one by its guard, several all or none.
func (l *Loop) putPools(ctx context.Context, tags []permit.Tag, pools []*permit.Pool, revs []int64, before []string) error {
	var writes []store.Write
	for i, pool := range pools {
		body := record.Encode(pool)
		if string(body) == before[i] {
			continue
		}
		guard := store.Absent
		if revs[i] > 0 {
			guard = store.At(revs[i])
		}
		writes = append(writes, store.Write{Item: store.Item{Key: record.PermitKey(tags[i].Name), Body: body}, If: guard})
	}
	switch len(writes) {
	case 0:
		return nil
	case 1:
		return l.Store.Put(ctx, writes[0])
	}
	return l.Store.PutAll(ctx, writes...)
}

// settle changes the pool of a tag, unless change says that there is nothing to change, hands its free permits on in the
// same write, and tells who got them.
func (l *Loop) settle(ctx context.Context, tag permit.Tag, change func(*permit.Pool) bool) error {
	for {
		var given, asked []permit.Ticket
		var emptied bool
		err := l.Again(ctx, func() error {
			given, asked, emptied = nil, nil, false
			tags := []permit.Tag{tag}
			pools, revs, err := l.loadPools(ctx, tags)
			if err != nil {
				return err
			}
			pool, before := pools[0], encodePools(pools)
			if !change(pool) {
				return nil
			}
			if room := min(pool.Room(tag), maxHanded); room > 0 && pool.Queued {
				queue, err := l.tickets(ctx, tag, room)
				if err != nil {
					return err
				}
				given, asked = pool.Hand(tag, queue, l.Clock.Now().UnixMilli())
				emptied = len(queue) == 0
				pool.Queued = !emptied
			}
			return l.putPools(ctx, tags, pools, revs, before)
		})
		if err != nil {
			return err
		}
		if err := l.dropTickets(ctx, tag, given...); err != nil {
			return err
		}
		if err := l.tell(ctx, append(given, asked...)); err != nil {
			return err
		}
		if emptied { // somebody may have come who saw that others stood there
			late, err := l.tickets(ctx, tag, 1)
			if err != nil || len(late) == 0 {
				return err
			}
		} else if len(given) == 0 || len(given)+len(asked) < maxHanded {
			return nil
		}
		late := emptied
		change = func(p *permit.Pool) bool {
			p.Queued = p.Queued || late
			return true
		}
	}
}

const (
	// lookAgain is how long, in milliseconds, one look at the holders of a tag is enough.
	lookAgain = 20_000
	// maxReclaimed bounds the runs that one look reads, of those that hold permits and of those that wait.
	maxReclaimed = 32
)

// reclaim takes the permits and the tickets of attempts that are over, and hands on what is free.
func (l *Loop) reclaim(ctx context.Context, tag permit.Tag) error {
	var holders []permit.Permit
	due := false
	err := l.settle(ctx, tag, func(p *permit.Pool) bool {
		now := l.Clock.Now().UnixMilli()
		if due = now-p.Looked >= lookAgain; due {
			holders, p.Looked = slices.Clone(p.Holders), now
		}
		return due
	})
	if err != nil || !due {
		return err
	}
	over := map[permit.Permit]bool{}
	for _, held := range holders[:min(len(holders), maxReclaimed)] {
		if over[held], err = l.over(ctx, held); err != nil {
			return err
		}
	}
	waiting, err := l.tickets(ctx, tag, maxReclaimed)
	if err != nil {
		return err
	}
	for _, ticket := range waiting {
		gone, err := l.over(ctx, permit.Permit{Holder: ticket.Holder, Since: ticket.Since})
		if err == nil && gone {
			err = l.dropTickets(ctx, tag, ticket)
		}
		if err != nil {
			return err
		}
	}
	return l.settle(ctx, tag, func(p *permit.Pool) bool {
		n := len(p.Holders)
		p.Holders = slices.DeleteFunc(p.Holders, func(held permit.Permit) bool { return over[held] })
		return len(p.Holders) < n
	})
}

// over tells whether an attempt needs its permits no more.
func (l *Loop) over(ctx context.Context, h permit.Permit) (bool, error) {
	run, err := l.LoadRun(ctx, h.Run)
	if errors.Is(err, workflow.ErrNotFound) {
		return true, nil
	}
	if err != nil {
		return false, err
	}
	if run.State.Status.Terminal() || h.Ordinal >= len(run.State.Steps) {
		return true, nil
	}
	step := &run.State.Steps[h.Ordinal]
	if step.Attempt < h.Attempt {
		// Permits are taken before the commit that makes the attempt: it is about to begin, unless that is long ago.
		return l.Clock.Now().UnixMilli()-h.Since > permit.Abandoned, nil
	}
	return step.Attempt > h.Attempt || !decide.NeedsPermit(step.Status), nil
}

// giveBackPermits takes back the permits of attempts that ended, and hands them on.
func (l *Loop) giveBackPermits(ctx context.Context, run *decide.Run, ended []permit.Ticket) error {
	var tags []permit.Tag
	of := map[permit.Tag][]permit.Ticket{}
	for _, who := range ended {
		limited, err := decide.LimitedTags(ctx, l, l.Settings, run, who.Ordinal)
		if err != nil {
			return err
		}
		for _, tag := range limited {
			if of[tag] == nil {
				tags = append(tags, tag)
			}
			of[tag] = append(of[tag], who)
		}
	}
	for _, tag := range tags {
		if err := l.giveBack(ctx, tag, of[tag]); err != nil {
			return err
		}
	}
	return nil
}

func (l *Loop) giveBack(ctx context.Context, tag permit.Tag, ended []permit.Ticket) error {
	var waiting []permit.Ticket // those that ended while they waited
	err := l.settle(ctx, tag, func(p *permit.Pool) bool {
		n := len(p.Holders)
		waiting = nil
		for _, who := range ended {
			if !p.Release(who.Holder) && p.Queued && who.Since > 0 {
				waiting = append(waiting, who)
			}
		}
		return len(p.Holders) < n
	})
	if err != nil || len(waiting) == 0 {
		return err
	}
	if err := l.dropTickets(ctx, tag, waiting...); err != nil {
		return err
	}
	// A permit may have been handed to it, or kept free for it, meanwhile.
	return l.settle(ctx, tag, func(p *permit.Pool) bool {
		n := len(p.Holders)
		for _, who := range waiting {
			p.Release(who.Holder)
		}
		return len(p.Holders) < n || p.Queued && p.Room(tag) > 0
	})
}

// tell hints the steps that were given a permit, or are to ask for theirs.
func (l *Loop) tell(ctx context.Context, next []permit.Ticket) error {
	var out []Delayed
	for _, t := range next {
		out = append(out, Delayed{Message: hint.Message{Kind: hint.Steps, Run: t.Run,
			Steps: [][2]int64{{int64(t.Ordinal), t.Attempt}}, Reason: hint.ReasonReady}})
	}
	return l.Send(ctx, hint.Dispatch, out...)
}

// SetLimit configures the limit of a tag, or takes it away (nil), and tells those that may go on.
func (l *Loop) SetLimit(ctx context.Context, name string, limit *int64) error {
	tag := permit.Tag{Name: name}
	err := l.settle(ctx, tag, func(p *permit.Pool) bool {
		p.Limit = limit
		return true
	})
	if err != nil {
		return err
	}
	l.cache.limits.replace(name, heldLimit{limit != nil, l.Clock.Now()}, smallest)
	if limit != nil {
		return nil
	}
	free, err := l.tickets(ctx, tag, store.DefaultLimit) // the sweep finds more
	if err != nil {
		return err
	}
	if err := l.dropTickets(ctx, tag, free...); err != nil {
		return err
	}
	return l.tell(ctx, free)
}

// Standing tells where an attempt stands that waits for the permits of its tags; ok is false when nothing shows that it does.
func (l *Loop) Standing(ctx context.Context, tags []permit.Tag, who permit.Holder) (standing permit.Standing, ok bool, err error) {
	if len(tags) == 0 {
		return standing, false, nil
	}
	pools, _, err := l.loadPools(ctx, tags)
	if err != nil {
		return standing, false, err
	}
	for i, pool := range pools {
		if !pool.Queued {
			continue
		}
		queue, err := l.tickets(ctx, tags[i], permit.MaxPlaces)
		if err != nil {
			return standing, false, err
		}
		at, stands := pool.Stand(tags[i], queue, who)
		if stands && at.Place > 0 {
			return at, true, nil
		}
		if stands && !ok {
			standing, ok = at, true // unless it stands at another tag
		}
	}
	return standing, ok, nil
}

// Pool returns the permits of a tag. It returns CodeNotFound when it has no configured limit and nobody holds one.
func (l *Loop) Pool(ctx context.Context, tag string) (*permit.Pool, error) {
	pools, revs, err := l.loadPools(ctx, []permit.Tag{{Name: tag}})
	if err != nil {
		return nil, err
	}
	if revs[0] == 0 {
		return nil, workflow.Errorf(workflow.CodeNotFound, "tag %q has no limit", tag)
	}
	return pools[0], nil
}
