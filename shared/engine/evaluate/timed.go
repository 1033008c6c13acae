package evaluate

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// lookSchedule sends a hint about a workflow's time triggers, which arrives when its wake item is due. While an
// execution is open by then, the hint may be the only one that knows, and can be lost: so there is a later look.
func (e *Evaluate) lookSchedule(ctx context.Context, wf workflow.ID, at time.Time) error {
	now := e.Clock.Now()
	items, err := e.Store.Get(ctx, store.Fresh, record.TimeTriggerKey(wf))
	if err != nil {
		return workflow.Errorf(workflow.CodeUnavailable, "load a time trigger: %w", err)
	}
	if items[0].Rev != 0 {
		trigger, err := record.Decode[record.TimeTrigger]("time trigger of "+wf, items[0].Body)
		if err != nil {
			return err
		}
		if trigger.Next != 0 && trigger.Next <= later(at, now).UnixMilli() {
			wake := record.ScheduleWake(wf, later(at, now).Add(decide.InHandGrace))
			if err := e.Store.Put(ctx, store.Write{Item: wake}); err != nil {
				return workflow.Errorf(workflow.CodeUnavailable, "put a wake item: %w", err)
			}
		}
	}
	look := hint.Message{Kind: hint.Due, Run: workflow.RunKey{Workflow: wf}, Reason: hint.ReasonTimer}
	return e.Send(ctx, hint.Trigger, advance.Delayed{Message: look, Delay: at.Sub(now)})
}
