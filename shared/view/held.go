package view

import (
	"fmt"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Halting tells whether all that is unfinished in a run is being brought to an end.
func Halting(run *decide.Run) bool {
	return !run.State.Status.Terminal() && (run.State.Halted || run.State.Ending != "")
}

// Pause tells of a run who paused it, as its timeline has it.
func Pause(timeline workflow.Timeline) string {
	event, ok := lastAction(timeline, "PAUSE")
	if !ok {
		return "paused until somebody resumes it"
	}
	return fmt.Sprintf("paused%s at %s%s", by(event), clock(event.Timestamp), because(event))
}

// Ending tells of a run that is being brought to an end by whom, as its timeline has it.
func Ending(run *decide.Run, timeline workflow.Timeline) string {
	switch run.State.Ending {
	case workflow.InstanceTimedOut:
		return "being ended: it timed out"
	case workflow.InstanceFailed:
		return acted(timeline, "KILL")
	case workflow.InstanceStopped:
		return acted(timeline, "STOP")
	}
	for i := range run.State.Steps { // FAIL_IMMEDIATELY
		if step := run.Definition.Steps[i]; run.State.Steps[i].Status.Failed() && step.FailureMode == workflow.FailImmediately {
			return "being stopped: step " + step.ID + " failed"
		}
	}
	return "being stopped: a step failed"
}

// participles are what happens to what an action ends.
var participles = map[string]string{"STOP": "being stopped", "KILL": "being killed", "SKIP": "being skipped"}

// acted tells of an action at work who gave the order.
func acted(timeline workflow.Timeline, action string) string {
	event, ok := lastAction(timeline, action)
	if !ok {
		return participles[action]
	}
	return participles[action] + by(event) + because(event)
}

func lastAction(timeline workflow.Timeline, actions ...string) (workflow.Event, bool) {
	for _, event := range slices.Backward(timeline) {
		if event.Type == workflow.EventAction && slices.Contains(actions, event.Action) {
			return event, true
		}
	}
	return workflow.Event{}, false
}

func by(event workflow.Event) string {
	if event.Author == nil || event.Author.Name == "" {
		return ""
	}
	return " by " + event.Author.Name
}

func because(event workflow.Event) string {
	if event.Reason == "" {
		return ""
	}
	return ": " + event.Reason
}

// ending is the reason of an attempt that is being brought to an end.
func (w Why) ending() string {
	return w.order() + "; " + w.left()
}

// order tells what ends the attempt: an order of its own, that of its run, or its time.
func (w Why) order() string {
	ending := w.step().Ending
	if action := decide.ActionTo(ending); action != "" && w.Detail != nil {
		if _, ok := lastAction(w.Detail.Timeline, action); ok {
			return acted(w.Detail.Timeline, action)
		}
	}
	switch {
	case Halting(w.Run):
		return "the instance is " + Ending(w.Run, w.Timeline)
	case ending == workflow.TimedOut || ending == workflow.TimeoutFailed:
		return "it timed out"
	}
	return fmt.Sprintf("it is being brought to %s", ending)
}

// left tells what has to happen before the attempt has ended.
func (w Why) left() string {
	if w.step().Nest != nil {
		return "what it started is being stopped"
	}
	return "its job is being terminated"
}

// Held returns the step for which nothing in a run goes on: the first one that waits for somebody or something, when no
// other is at work; before those that only wait for what is below them. ok is false when there is none.
func Held(run *decide.Run) (ordinal int, ok bool) {
	ordinal, nested := -1, -1
	if run.State.Status != workflow.InstanceInProgress {
		return ordinal, false
	}
	for _, i := range run.Definition.Graph.Order() {
		step := &run.State.Steps[i]
		switch {
		case !step.Status.Live():
		case step.Status == workflow.Paused, step.Status == workflow.WaitingForSignals, step.Status == workflow.WaitingForPermits, step.Status.Retrying():
			if ordinal < 0 {
				ordinal = i
			}
		case step.Nest != nil && step.Status == workflow.Running:
			if nested < 0 {
				nested = i
			}
		default:
			return -1, false
		}
	}
	if ordinal < 0 {
		ordinal = nested
	}
	return ordinal, ordinal >= 0
}

// HoldsUp says why a run as a whole does not go on, whatever its steps are at; "" when nothing holds it up. head may be nil.
func HoldsUp(run *decide.Run, timeline workflow.Timeline, head *strategy.Head) string {
	switch {
	case run.State.Status == workflow.InstanceCreated:
		return Queue(run, head)
	case Halting(run):
		return Ending(run, timeline)
	case run.State.Status == workflow.InstancePaused:
		return Pause(timeline)
	}
	return ""
}

// Name names a step of a run for people: workflow/instance/step, and for a step of an iteration the way to it from the
// instance that holds all.
func Name(run *decide.Run, i int) string {
	return RunName(run) + "/" + run.Definition.Steps[i].ID
}

// RunName names a run for people, as Name does its steps.
func RunName(run *decide.Run) string {
	own := fmt.Sprint(run.Key.Instance)
	if !run.Header.Inline() {
		return run.Key.Workflow + "/" + own
	}
	text := ""
	for _, above := range run.Header.Initiator.Ancestors {
		if workflow.Inline(above.Workflow) {
			text += fmt.Sprintf("/%d/%s", above.Instance, above.Step)
		} else {
			text = fmt.Sprintf("%s/%d/%s", above.Workflow, above.Instance, above.Step)
		}
	}
	return text + "/" + own
}
