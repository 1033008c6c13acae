package catalog

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Listener brings the signal triggers of a workflow in step with its head.
type Listener interface {
	Reconcile(ctx context.Context, wf workflow.ID) error
}

// safety is when somebody looks at the signal triggers in any case: who changed the head may have died right after.
const safety = 10 * time.Second

// watchSignals sends, before a change between the versions takes effect, a message that makes it take effect on the
// signal triggers too. It tells whether there are any.
func (c *Catalog) watchSignals(ctx context.Context, wf workflow.ID, versions ...int64) (bool, error) {
	signalled, err := c.anyVersion(ctx, wf, versions, func(w *workflow.Workflow) bool { return len(w.SignalTriggers) > 0 })
	if err != nil || !signalled {
		return false, err
	}
	look := hint.Message{Kind: hint.Subscribe, Workflow: wf, Reason: hint.ReasonAction}
	return true, c.Send(ctx, hint.Trigger, advance.Delayed{Message: look, Delay: safety})
}

// listen lets the signal triggers follow a change at once, so that who made it can rely on that.
func (c *Catalog) listen(ctx context.Context, wf workflow.ID, signalled bool) error {
	if !signalled || c.Listener == nil {
		return nil
	}
	return c.Listener.Reconcile(ctx, wf)
}
