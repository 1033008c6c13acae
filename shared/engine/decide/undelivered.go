package decide

import (
	"fmt"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Undelivered says that the queue gave up on a message about an attempt of step i. When the attempt still is to be
// called and nobody holds it, that is a failed delivery like a claim that expired: a handler that dies before it
// claims anything would otherwise be called for ever. A message about anything else speaks of the past.
func (t *Turn) Undelivered(i int, attempt int64) error {
	if i < 0 || i >= len(t.state.Steps) || t.state.Steps[i].Attempt != attempt || !t.callable(i) {
		return nil
	}
	step := &t.state.Steps[i]
	step.Failures++
	t.due(i, t.ms)
	text := fmt.Sprintf("delivery failed %d times: its message became a dead letter before anybody claimed the attempt", step.Failures)
	if err := t.tell(i, workflow.LogEvent(t.ms, text)); err != nil {
		return err
	}
	if step.Ending != workflow.NotCreated || step.Failures < t.settings.DeliveryLimit {
		return nil
	}
	if step.Status == workflow.WaitingForPermits {
		if err := t.start(i); err != nil { // an attempt that failed has begun
			return err
		}
	}
	return t.platformFailure(i, "the delivery limit is reached")
}
