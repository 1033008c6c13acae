package decide

import (
	"fmt"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Order is an action that somebody asked for.
type Order struct {
	Action string // as the API names it: STOP, KILL, SKIP, RESUME …
	By     *workflow.User
	Reason string
}

func (o Order) event(now int64) workflow.Event {
	return workflow.Event{Timestamp: now, Type: workflow.EventAction, Action: o.Action, Author: o.By, Reason: o.Reason}
}

// EndRun brings the run to a status from outside: at once while it waits, through its steps when it has begun.
// It returns CodeInvalid when the run ended otherwise, and CodeConflict while another order is at work.
func (t *Turn) EndRun(to workflow.InstanceStatus, order Order) error {
	switch status := t.state.Status; {
	case status == to || t.state.Ending == to:
		return nil
	case status.Terminal():
		return workflow.Errorf(workflow.CodeInvalid, "the run %s is over: %s", t.run.Key, status)
	case t.state.Ending != "":
		return workflow.Errorf(workflow.CodeConflict, "the run %s is already being brought to %s", t.run.Key, t.state.Ending)
	}
	if err := t.note(order.event(t.ms)); err != nil {
		return err
	}
	if t.state.Status == workflow.InstanceCreated {
		t.state.End = t.ms
		t.setStatus(to)
		return nil
	}
	if t.state.Status == workflow.InstancePaused {
		t.setStatus(workflow.InstanceInProgress) // a paused run is brought to its end like any other
	}
	t.state.Ending, t.changed = to, true
	return t.Advance()
}

// PauseRun keeps the run from starting further steps until it is resumed; what runs goes on to its end.
// It returns CodeInvalid when the run does not run.
func (t *Turn) PauseRun(order Order) error {
	switch {
	case t.state.Status == workflow.InstancePaused:
		return nil
	case t.state.Status != workflow.InstanceInProgress || t.halting():
		return workflow.Errorf(workflow.CodeInvalid, "the run %s cannot be paused: %s", t.run.Key, t.state.Status)
	}
	t.setStatus(workflow.InstancePaused)
	return t.note(order.event(t.ms))
}

// ResumeRun lets a paused run go on. It returns CodeInvalid when it is not paused.
func (t *Turn) ResumeRun(order Order) error {
	if t.state.Status != workflow.InstancePaused {
		return workflow.Errorf(workflow.CodeInvalid, "the run %s is not paused: %s", t.run.Key, t.state.Status)
	}
	t.setStatus(workflow.InstanceInProgress)
	if err := t.note(order.event(t.ms)); err != nil {
		return err
	}
	for _, i := range Ready(t.run.Definition, t.settings, t.state, t.ms) {
		t.leave(i)
	}
	t.Listen() // whoever announced a signal meanwhile has told a run that did not move
	return t.Advance()
}

// endings is what an action brings a step to.
var endings = map[string]workflow.StepStatus{
	"STOP": workflow.Stopped,
	"KILL": workflow.FatallyFailed,
	"SKIP": workflow.Skipped,
}

// ActionTo returns the action that brings a step to a status; "" for none.
func ActionTo(status workflow.StepStatus) string {
	for action, to := range endings {
		if to == status {
			return action
		}
	}
	return ""
}

// EndStep brings the live attempt of step i to the end that the order names: STOP, KILL or SKIP. It returns
// CodeInvalid when the status of the step does not allow that, and CodeConflict while another order is at work.
func (t *Turn) EndStep(i int, order Order) error {
	step := &t.state.Steps[i]
	to, known := endings[order.Action]
	switch {
	case !known:
		return workflow.Errorf(workflow.CodeInvalid, "no such action: %s", order.Action)
	case t.state.Status.Terminal() || !slices.Contains(StepActions(step.Status), order.Action) || !step.Status.Live():
		return t.notAllowed(i, order)
	case step.Ending != workflow.NotCreated:
		return workflow.Errorf(workflow.CodeConflict, "step %q of %s is already being brought to %s", t.step(i).ID, t.run.Key, step.Ending)
	}
	if err := t.tell(i, order.event(t.ms)); err != nil {
		return err
	}
	if err := t.end(i, to); err != nil {
		return err
	}
	return t.Advance()
}

// ResumeStep lets an attempt go on that a breakpoint has stopped. It returns CodeInvalid when none has.
func (t *Turn) ResumeStep(i int, attempt int64, order Order) error {
	step := &t.state.Steps[i]
	if step.Status != workflow.Paused || step.Attempt != attempt {
		return t.notAllowed(i, order)
	}
	if err := t.tell(i, order.event(t.ms)); err != nil {
		return err
	}
	if err := t.pass(i); err != nil {
		return err
	}
	return t.Advance()
}

func (t *Turn) notAllowed(i int, order Order) error {
	return workflow.Errorf(workflow.CodeInvalid, "%s is not possible for step %q of %s: it is %s",
		order.Action, t.step(i).ID, t.run.Key, t.state.Steps[i].Status)
}

// stepActions is the action map of the specification.
var stepActions = map[workflow.StepStatus][]string{
	workflow.Created:            {"PAUSE", "STOP", "KILL"},
	workflow.Initialized:        {"PAUSE", "STOP", "KILL", "SKIP"},
	workflow.Paused:             {"RESUME", "STOP", "KILL", "SKIP"},
	workflow.WaitingForSignals:  {"STOP", "KILL", "SKIP", "BYPASS_STEP_DEPENDENCIES"},
	workflow.EvaluatingParams:   {"STOP", "KILL", "SKIP"},
	workflow.WaitingForPermits:  {"STOP", "KILL", "SKIP"},
	workflow.Starting:           {"STOP", "KILL", "SKIP"},
	workflow.Running:            {"STOP", "KILL", "SKIP"},
	workflow.Finishing:          {"STOP", "KILL", "SKIP"},
	workflow.UserFailed:         {"STOP", "KILL", "SKIP"},
	workflow.PlatformFailed:     {"STOP", "KILL", "SKIP"},
	workflow.TimeoutFailed:      {"STOP", "KILL", "SKIP"},
	workflow.Disabled:           {"RESTART"},
	workflow.Unsatisfied:        {"RESTART"},
	workflow.Skipped:            {"RESTART", "SKIP"},
	workflow.Succeeded:          {"RESTART", "SKIP"},
	workflow.CompletedWithError: {"RESTART", "SKIP"},
	workflow.FatallyFailed:      {"RESTART", "SKIP"},
	workflow.InternallyFailed:   {"RESTART", "SKIP"},
	workflow.Stopped:            {"RESTART", "SKIP"},
	workflow.TimedOut:           {"RESTART", "SKIP"},
}

// StepActions returns the actions that a step in status s allows.
func StepActions(s workflow.StepStatus) []string { return stepActions[s] }

// scopeAtEnd returns what the conditions behind a step see: its params, also when it was skipped or killed before they
// were evaluated.
func (t *Turn) scopeAtEnd(i int, detail *record.Detail) *workflow.Params {
	if detail.Params != nil {
		return detail.Params
	}
	params, err := t.evaluate(i)
	if err != nil {
		return &workflow.Params{}
	}
	return params
}

// RestartStep makes the next attempt of a step that failed for good, while its run goes on; when the order is to
// SKIP, that attempt is skipped at once. restart says where below the step the restart leads, or, when it
// ends here, which params the step gets; nil: nowhere, and none. It returns CodeInvalid when the step or its run does not allow that.
func (t *Turn) RestartStep(i int, order Order, restart *record.Restart) error {
	step := &t.state.Steps[i]
	switch {
	case t.state.Status != workflow.InstanceInProgress || t.halting():
		return workflow.Errorf(workflow.CodeInvalid, "the run %s is not running on: %s", t.run.Key, t.state.Status)
	case !step.Status.Terminal() || step.Status.Complete() || step.Status.Retrying():
		return t.notAllowed(i, order)
	case !step.Part.Runs():
		return workflow.Errorf(workflow.CodeInvalid, "step %q has no part in %s: it can be restarted when the run is over", t.step(i).ID, t.run.Key)
	case t.step(i).FailureMode == workflow.FailImmediately:
		return workflow.Errorf(workflow.CodeInvalid, "step %q has the failure mode FAIL_IMMEDIATELY: its run is ending", t.step(i).ID)
	}
	step.Retries[record.ManualCause]++
	t.restart = restart
	begin := t.enter
	if order.Action == "SKIP" {
		begin = t.enterSkipped
	}
	if err := begin(i); err != nil {
		return err
	}
	if err := t.tell(i, order.event(t.ms)); err != nil {
		return err
	}
	return t.Advance()
}

func (t *Turn) enterSkipped(i int) error {
	if err := t.create(i); err != nil {
		return err
	}
	return t.complete(i, workflow.Skipped)
}

// Paused returns the steps that a breakpoint stopped in this turn.
func (t *Turn) Paused() []int { return t.paused }

// Breakpoint stops the attempts of a step that it matches; zero numbers match all.
type Breakpoint struct {
	Step     workflow.StepID `json:"step"`
	Version  int64           `json:"version,omitempty"`
	Instance int64           `json:"instance,omitempty"`
	Run      int64           `json:"run,omitempty"`
	Attempt  int64           `json:"attempt,omitempty"`
	Author   string          `json:"author"`
	At       int64           `json:"at"`
}

// Scope names the attempts that it matches, for its key.
func (b Breakpoint) Scope() string {
	return fmt.Sprintf("%d.%d.%d.%d", b.Version, b.Instance, b.Run, b.Attempt)
}

// Matches tells whether an attempt of a step is one of those.
func (b Breakpoint) Matches(run *Run, step workflow.StepID, attempt int64) bool {
	return b.Step == step && matches(b.Version, run.Header.Version) && matches(b.Instance, run.Key.Instance) &&
		matches(b.Run, run.Key.Run) && matches(b.Attempt, attempt)
}

func matches(wanted, got int64) bool { return wanted == 0 || wanted == got }
