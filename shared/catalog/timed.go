package catalog

import (
	"context"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// anyVersion tells whether one of the versions has what is asked for; 0 is no version.
func (c *Catalog) anyVersion(ctx context.Context, wf workflow.ID, versions []int64, has func(*workflow.Workflow) bool) (bool, error) {
	for _, n := range versions {
		if n == 0 {
			continue
		}
		definition, err := c.Loop.Definition(ctx, wf, n)
		if err != nil || has(definition.Version.Workflow) {
			return err == nil, err
		}
	}
	return false, nil
}

// timed tells whether one of the versions has time triggers.
func (c *Catalog) timed(ctx context.Context, wf workflow.ID, versions ...int64) (bool, error) {
	return c.anyVersion(ctx, wf, versions, func(w *workflow.Workflow) bool { return len(w.TimeTriggers) > 0 })
}

// watchTimes leaves a wake item before a change between the versions takes effect: after a crash somebody looks at
// the time triggers all the same. It tells whether there is anything to look at.
func (c *Catalog) watchTimes(ctx context.Context, wf workflow.ID, versions ...int64) (bool, error) {
	timed, err := c.timed(ctx, wf, versions...)
	if err != nil || !timed {
		return false, err
	}
	item := record.ScheduleWake(wf, c.Clock.Now().Add(decide.InHandGrace))
	return true, unavailable("put a wake item for "+wf, c.Store.Put(ctx, store.Write{Item: item}))
}

// lookAtTimes asks for a look at the time triggers after a change.
func (c *Catalog) lookAtTimes(ctx context.Context, wf workflow.ID, timed bool) error {
	if !timed {
		return nil
	}
	look := hint.Message{Kind: hint.Due, Run: workflow.RunKey{Workflow: wf}, Reason: hint.ReasonAction}
	return c.Send(ctx, hint.Trigger, advance.Delayed{Message: look})
}
