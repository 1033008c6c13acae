package decide

import (
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Expire lets time do its part: claims that expired without an outcome are failed deliveries, and
// whatever is over its deadline is brought to an end.
func (t *Turn) Expire() error {
	if t.state.Status.Terminal() {
		return nil
	}
	for i := range t.state.Steps {
		if err := t.expireClaim(i); err != nil {
			return err
		}
		if err := t.expireSilence(i); err != nil {
			return err
		}
		if err := t.expireStep(i); err != nil {
			return err
		}
	}
	if t.state.Deadline != 0 && t.state.Deadline <= t.ms && t.state.Ending == "" {
		t.state.Ending, t.changed = workflow.InstanceTimedOut, true
		if t.state.Status == workflow.InstancePaused {
			t.setStatus(workflow.InstanceInProgress) // a paused run is brought to its end like any other
		}
		return t.note(workflow.LogEvent(t.ms, "the run is over its time-out: everything unfinished is timed out"))
	}
	return nil
}

func (t *Turn) expireClaim(i int) error {
	step := &t.state.Steps[i]
	if step.Claim == 0 || step.Claim > t.ms {
		return nil
	}
	step.Claim = 0
	given, err := t.failedDelivery(i, "the claim expired without an outcome")
	if err != nil || given || step.Ending != workflow.NotCreated {
		return err // of what is to end, only the terminate call is repeated
	}
	if t.retryLimits(i).Platform == 0 {
		return t.platformFailure(i, "outcome unknown: the job may have run, and its platform retries are zero")
	}
	return nil
}

func (t *Turn) expireStep(i int) error {
	step := &t.state.Steps[i]
	if step.Deadline == 0 || step.Deadline > t.ms || step.Ending != workflow.NotCreated || !step.Status.Live() {
		return nil
	}
	if err := t.tell(i, workflow.LogEvent(t.ms, "the attempt is over its time-out")); err != nil {
		return err
	}
	to := workflow.TimedOut
	if step.Retries[record.TimeoutCause] < t.retryLimits(i).Timeout {
		to = workflow.TimeoutFailed
	}
	return t.end(i, to)
}

// endingStatus is what a live step becomes when its whole run is being ended.
func (t *Turn) endingStatus() workflow.StepStatus {
	switch t.state.Ending {
	case workflow.InstanceTimedOut:
		return workflow.TimedOut
	case workflow.InstanceFailed: // killed
		return workflow.FatallyFailed
	}
	return workflow.Stopped
}

// end brings step i to a status from outside. A job that may be running is terminated first.
func (t *Turn) end(i int, to workflow.StepStatus) error {
	step := &t.state.Steps[i]
	step.Ending, t.changed = to, true
	if step.Nest != nil && step.Status == workflow.Running && step.Nest.Busy() {
		t.stopNest(i)
		return nil
	}
	if t.called(i) {
		if step.Claim == 0 {
			t.due(i, t.ms)
		}
		return nil
	}
	return t.settle(i)
}

// called tells whether the runtime of step i may have begun a job outside.
func (t *Turn) called(i int) bool {
	switch t.state.Steps[i].Status {
	case workflow.Starting, workflow.Running:
		_, light := t.run.Definition.light(t.settings, i)
		return !light && !t.run.Definition.nested(i)
	}
	return false
}

// settle gives step i the status that it is being brought to.
func (t *Turn) settle(i int) error {
	step := &t.state.Steps[i]
	to := step.Ending
	step.Ending = workflow.NotCreated
	t.changed = true
	switch to {
	case workflow.TimeoutFailed:
		return t.fail(i, record.TimeoutCause)
	case workflow.PlatformFailed:
		return t.fail(i, record.PlatformCause)
	case workflow.FatallyFailed:
		if t.state.Ending != "" {
			return t.move(i, to) // the whole run is killed: no failure mode applies
		}
		return t.fatal(i)
	case workflow.Skipped:
		return t.complete(i, workflow.Skipped)
	}
	return t.move(i, to)
}
