package decide

import (
	"fmt"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Undelivered says that the queue gave up on a message about an attempt of step i. When the attempt still is to be
// called and nobody holds it, that is a failed delivery like a claim that expired: a handler that dies before it
// claims anything would otherwise be called for ever. A message about anything else speaks of the past.
func (t *Turn) Undelivered(i int, attempt int64) error {
	if i < 0 || i >= len(t.state.Steps) || t.state.Steps[i].Attempt != attempt || !t.callable(i) {
		return nil
	}
	_, err := t.failedDelivery(i, "its message became a dead letter before anybody claimed the attempt")
	return err
}

// failedDelivery counts one failed delivery of the attempt of step i, and gives the attempt up when there were too many.
func (t *Turn) failedDelivery(i int, how string) (given bool, err error) {
	detail, err := t.change(i)
	if err != nil {
		return false, err
	}
	step := &t.state.Steps[i]
	step.Failures++
	detail.Failures = step.Failures
	t.due(i, t.ms)
	limit := t.delivery(i).Limit
	text := fmt.Sprintf("delivery failed %d times: %s", step.Failures, how)
	if err := t.tell(i, workflow.LogEvent(t.ms, text)); err != nil {
		return false, err
	}
	switch {
	case step.Ending == workflow.NotCreated && step.Failures >= limit:
		return true, t.giveUp(i)
	case step.Ending != workflow.NotCreated && step.Failures >= 2*limit:
		return true, t.giveUpEnd(i) // the end of a job is worth as many tries again
	}
	return false, nil
}

// delivery returns the delivery policy of step i.
func (t *Turn) delivery(i int) workflow.Delivery {
	out := t.settings.Delivery
	if own := t.step(i).DeliveryPolicy; own != nil {
		if own.Limit != 0 {
			out.Limit = own.Limit
		}
		if own.Action != "" {
			out.Action = own.Action
		}
	}
	return out
}

// giveUp ends an attempt whose delivery limit is reached. No retry follows, whatever the retry policy says: what ended
// its handler so often would end it again. People may redrive what was set aside.
func (t *Turn) giveUp(i int) error {
	policy := t.delivery(i)
	if t.state.Steps[i].Status == workflow.WaitingForPermits {
		if err := t.start(i); err != nil { // an attempt that failed has begun
			return err
		}
	}
	if policy.Action == workflow.DeliveryDrop {
		text := fmt.Sprintf("platform error: the delivery limit of %d is reached; the attempt is dropped, and the run goes on without it", policy.Limit)
		if err := t.tellError(i, text); err != nil {
			return err
		}
		return t.complete(i, workflow.CompletedWithError)
	}
	text := fmt.Sprintf("platform error: the delivery limit of %d is reached; the attempt is set aside among the dead letters", policy.Limit)
	if err := t.setAside(i, text); err != nil {
		return err
	}
	return t.fatal(i)
}

// giveUpEnd ends an attempt whose job nobody managed to terminate: without a retry, which would run beside it.
func (t *Turn) giveUpEnd(i int) error {
	if err := t.setAside(i, "platform error: its job could not be terminated, and may still run; the attempt is set aside among the dead letters"); err != nil {
		return err
	}
	switch step := &t.state.Steps[i]; step.Ending {
	case workflow.TimeoutFailed:
		step.Ending = workflow.TimedOut
	case workflow.PlatformFailed:
		step.Ending = workflow.FatallyFailed
	}
	return t.settle(i)
}

func (t *Turn) setAside(i int, reason string) error {
	if err := t.tellError(i, reason); err != nil {
		return err
	}
	t.details[i].Aside = true // tellError has loaded it, to be changed
	t.aside = append(t.aside, i)
	return nil
}

func (t *Turn) tellError(i int, reason string) error {
	return t.tell(i, workflow.Event{Timestamp: t.ms, Type: workflow.EventLog, Level: "ERROR", Message: reason})
}

func (t *Turn) platformFailure(i int, reason string) error {
	if err := t.tellError(i, reason); err != nil {
		return err
	}
	return t.fail(i, record.PlatformCause)
}

// Aside returns the steps whose attempts this turn set aside.
func (t *Turn) Aside() []int { return t.aside }

// release gives back the claim of a call that its host interrupted to shut down: that is no failed delivery, and whoever
// comes next repeats the call under the same key. A job that must not be called twice keeps its claim, for nobody
// knows what came of it.
func (t *Turn) release(o Outcome) error {
	step := &t.state.Steps[o.Ordinal]
	if step.Ending == workflow.NotCreated && t.retryLimits(o.Ordinal).Platform == 0 {
		return nil
	}
	step.Claim = 0
	if o.Started && step.Status == workflow.Starting && step.Ending == workflow.NotCreated {
		if err := t.move(o.Ordinal, workflow.Running); err != nil {
			return err
		}
	}
	t.due(o.Ordinal, t.ms)
	return t.tell(o.Ordinal, workflow.LogEvent(t.ms, "the call was interrupted by a shutdown; that does not count as a failed delivery"))
}
