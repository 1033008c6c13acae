package sim

import (
	"context"
	"fmt"

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

// checkLimits checks that no more attempts execute, by their recorded states, than the limits of their tags allow.
func (l *ledger) checkLimits() {
	for i, limit := range l.world.limits {
		n := int64(0)
		for _, h := range l.order {
			for ordinal, step := range l.world.body.Steps {
				status := h.state.Steps[ordinal].Status
				if decide.NeedsPermit(status) && status != workflow.WaitingForPermits && tagged(step, i) {
					n++
				}
			}
		}
		if limit >= 0 && n > limit {
			l.world.fail("%d attempts of tag%d execute, where %d may", n, i, limit)
		}
	}
}

func tagged(step *workflow.Step, i int) bool {
	for _, tag := range step.Tags {
		if tag.Name == fmt.Sprintf("tag%d", i) {
			return true
		}
	}
	return false
}
