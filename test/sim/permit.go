package sim

import (
	"context"
	"fmt"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/permit"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// drawLimits gives steps up to two tags, with limits that stand until the faults have stopped.
func (w *World) drawLimits() {
	for i := range 2 {
		tag, limit := fmt.Sprintf("tag%d", i), int64(w.random.IntN(4))
		for _, step := range w.body.Steps {
			if w.random.IntN(3) == 0 {
				step.Tags = append(step.Tags, workflow.Tag{Name: tag})
			}
		}
		w.limits = append(w.limits, limit)
		item := store.Item{Key: record.PermitKey(tag), Body: record.Encode(permit.Pool{Limit: &limit})}
		if err := w.table.memory.Put(context.Background(), store.Write{Item: item}); err != nil {
			w.fail("limit: %v", err)
		}
		w.callers = append(w.callers, &caller{due: w.calm.Add(afterOrders), tries: 100, order: func() *command { return w.lift(i) }})
	}
}

// lift takes a limit away: what waits for it would wait for ever when it is zero.
func (w *World) lift(i int) *command {
	w.limits[i] = -1
	tag := fmt.Sprintf("tag%d", i)
	return &command{name: "lift " + tag, give: func(ctx context.Context, h *host) error { return h.trigger.SetLimit(ctx, tag, nil) }}
}

// drawLimit draws another limit for a tag.
func (w *World) drawLimit() *command {
	i, limit := w.random.IntN(len(w.limits)), int64(w.random.IntN(4))
	if w.limits[i] < 0 {
		return nil // it was lifted for good
	}
	tag := fmt.Sprintf("tag%d", i)
	return &command{name: fmt.Sprintf("limit %s to %d", tag, limit), give: func(ctx context.Context, h *host) error {
		return h.trigger.SetLimit(ctx, tag, &limit)
	}}
}

// drawConcurrency lets the workflow, and each instance of it, limit how many of its steps execute together.
func (w *World) drawConcurrency() {
	if w.random.IntN(3) == 0 {
		limit := int64(1 + w.random.IntN(3))
		w.steps = &limit
	}
	if w.random.IntN(3) == 0 {
		w.body.InstanceStepConcurrency = int64(1 + w.random.IntN(3))
	}
}

// newPool takes note of a tag's permits: no more may be given out than the limit allows at that moment.
func (l *ledger) newPool(item store.Item) {
	pool, err := record.Decode[permit.Pool]("pool", item.Body)
	if err != nil {
		l.world.fail("%v", err)
		return
	}
	before := 0
	if old := l.pools[item.Key]; old != nil {
		before = len(old.Holders)
	}
	if now := len(pool.Holders); pool.Limit != nil && now > before && now > int(*pool.Limit) {
		l.world.fail("%s gives out %d permits where there are %d", item.Key.Part, now, *pool.Limit)
	}
	l.pools[item.Key] = pool
	l.checkPermits()
}

// checkPermits checks that every attempt that executes, by its recorded state, holds the permits of its tags, and that
// no more execute than the workflow itself allows.
func (l *ledger) checkPermits() {
	w, all := l.world, int64(0)
	for _, h := range l.order {
		if !root(h.key.Workflow) {
			continue
		}
		mine := int64(0)
		for ordinal, step := range w.body.Steps {
			state := &h.state.Steps[ordinal]
			if !decide.NeedsPermit(state.Status) || state.Status == workflow.WaitingForPermits {
				continue
			}
			mine++
			who := permit.Holder{Run: h.key, Ordinal: ordinal, Attempt: state.Attempt}
			for i, limit := range w.limits {
				if limit >= 0 && tagged(step, i) && !l.holds(i, who) {
					w.fail("attempt %d of step %d of %s executes without a permit of tag%d", state.Attempt, ordinal, h.key, i)
				}
			}
		}
		if limit := w.body.InstanceStepConcurrency; limit > 0 && mine > limit {
			w.fail("%d steps of %s execute, where %d may", mine, h.key, limit)
		}
		all += mine
	}
	if w.steps != nil && all > *w.steps {
		w.fail("%d steps of the workflow execute, where %d may", all, *w.steps)
	}
}

func (l *ledger) holds(tag int, who permit.Holder) bool {
	pool := l.pools[record.PermitKey(fmt.Sprintf("tag%d", tag))]
	return pool != nil && slices.ContainsFunc(pool.Holders, func(p permit.Permit) bool { return p.Holder == who })
}

func tagged(step *workflow.Step, i int) bool {
	for _, tag := range step.Tags {
		if tag.Name == fmt.Sprintf("tag%d", i) {
			return true
		}
	}
	return false
}
