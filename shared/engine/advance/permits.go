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

// Acquire takes the permits of an attempt, all or none, and tells whether it has them. Who is turned away
// again looks at the holders: an attempt that is over gives back what a crash left with it.
func (l *Loop) Acquire(ctx context.Context, tags []permit.Tag, who permit.Holder) (granted bool, err error) {
	err = l.Again(ctx, func() error {
		pools, revs, err := l.loadPools(ctx, tags)
		if err != nil {
			return err
		}
		before := encodePools(pools)
		if slices.ContainsFunc(pools, func(p *permit.Pool) bool { return waits(p, who) }) {
			if err := l.reclaim(ctx, pools); err != nil {
				return err
			}
		}
		granted = permit.Acquire(tags, pools, who, l.Clock.Now().UnixMilli())
		return l.putPools(ctx, tags, pools, revs, before)
	})
	return granted, err
}

func waits(p *permit.Pool, who permit.Holder) bool {
	return slices.ContainsFunc(p.Tickets, func(t permit.Ticket) bool { return t.Holder == who })
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

// maxReclaimed bounds the runs that one look at the holders reads.
const maxReclaimed = 32

// reclaim takes the places of attempts that are over.
func (l *Loop) reclaim(ctx context.Context, pools []*permit.Pool) error {
	looked := 0
	for _, pool := range pools {
		all := slices.Clone(pool.Holders)
		for _, ticket := range pool.Tickets {
			all = append(all, permit.Permit{Holder: ticket.Holder, Since: ticket.Since})
		}
		for _, held := range all {
			if looked++; looked > maxReclaimed {
				return nil
			}
			over, err := l.over(ctx, held)
			if err != nil {
				return err
			}
			if over {
				pool.Release(held.Holder)
			}
		}
	}
	return nil
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

// giveBackPermits gives back the permits of attempts that ended, and tells those that wait for them.
func (l *Loop) giveBackPermits(ctx context.Context, run *decide.Run, ended []permit.Holder) error {
	for _, who := range ended {
		tags, err := decide.LimitedTags(ctx, l, l.Settings, run, who.Ordinal)
		if err != nil {
			return err
		}
		for _, tag := range tags {
			if err := l.giveBack(ctx, tag, who); err != nil {
				return err
			}
		}
	}
	return nil
}

func (l *Loop) giveBack(ctx context.Context, tag permit.Tag, who permit.Holder) error {
	var next []permit.Holder
	err := l.Again(ctx, func() error {
		pools, revs, err := l.loadPools(ctx, []permit.Tag{tag})
		if err != nil {
			return err
		}
		before := encodePools(pools)
		if !pools[0].Release(who) {
			next = nil
			return nil
		}
		next = pools[0].Next(tag)
		return l.putPools(ctx, []permit.Tag{tag}, pools, revs, before)
	})
	if err != nil {
		return err
	}
	return l.tellHolders(ctx, next)
}

// tellHolders hints the steps that may try again for their permits.
func (l *Loop) tellHolders(ctx context.Context, next []permit.Holder) error {
	var out []Delayed
	for _, h := range next {
		out = append(out, Delayed{Message: hint.Message{Kind: hint.Steps, Run: h.Run,
			Steps: [][2]int64{{int64(h.Ordinal), h.Attempt}}, Reason: hint.ReasonReady}})
	}
	return l.Send(ctx, hint.Dispatch, out...)
}

// SetLimit configures the limit of a tag, or takes it away (nil), and tells those that may go on.
func (l *Loop) SetLimit(ctx context.Context, tag string, limit *int64) error {
	var next []permit.Holder
	err := l.Again(ctx, func() error {
		tags := []permit.Tag{{Name: tag}}
		pools, revs, err := l.loadPools(ctx, tags)
		if err != nil {
			return err
		}
		before := encodePools(pools)
		pools[0].Limit = limit
		if next = pools[0].Next(tags[0]); limit == nil {
			next = nil
			for _, ticket := range pools[0].Tickets {
				next = append(next, ticket.Holder)
			}
		}
		return l.putPools(ctx, tags, pools, revs, before)
	})
	if err != nil {
		return err
	}
	l.cache.limits.replace(tag, heldLimit{limit != nil, l.Clock.Now()}, smallest)
	return l.tellHolders(ctx, next)
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
