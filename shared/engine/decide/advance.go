package decide

import (
	"encoding/json"
	"errors"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Begin starts the run: its clock runs from now on.
func (t *Turn) Begin() error {
	t.setStatus(workflow.InstanceInProgress)
	t.state.Start = t.ms
	t.state.Deadline = t.ms + t.run.Header.Timeout
	t.alarms = append(t.alarms, t.state.Deadline)
	return t.Advance()
}

// Refuse ends a run that never began: it is STOPPED, and its timeline says why.
func (t *Turn) Refuse(reason string) error {
	t.setStatus(workflow.InstanceStopped)
	t.state.Start, t.state.End = t.ms, t.ms
	return t.note(workflow.LogEvent(t.ms, reason))
}

// Break ends a run that cannot begin: it is FAILED, and its timeline says why. err may be nil, when only whoever
// admitted the run knew the reason.
func (t *Turn) Break(err error) error {
	t.setStatus(workflow.InstanceFailed)
	t.state.Start, t.state.End = t.ms, t.ms
	if err == nil {
		err = workflow.Errorf(workflow.CodeInvalid, "the params cannot be evaluated")
	}
	return t.note(workflow.DetailsEvent(t.ms, err, false))
}

func (t *Turn) setStatus(to workflow.InstanceStatus) {
	if !t.state.Status.CanMove(to) {
		panic("decide: a run cannot move from " + string(t.state.Status) + " to " + string(to))
	}
	t.state.Status, t.changed = to, true
}

// Advance lets every step proceed that can, and ends the run when nothing is left to come.
func (t *Turn) Advance() error {
	if t.state.Status != workflow.InstanceInProgress {
		return nil
	}
	for again := true; again && t.budget > 0; {
		// Every step is visited after its predecessors, so a second pass is needed only when a step
		// stopped others (FAIL_IMMEDIATELY).
		halted := t.halting()
		for _, i := range t.run.Definition.Graph.Order() {
			if err := t.proceed(i); err != nil {
				return err
			}
			if t.budget <= 0 {
				return nil
			}
		}
		again = t.halting() != halted
	}
	if t.budget <= 0 {
		return nil
	}
	return t.finish()
}

// Unfinished tells whether the turn stopped because its budget was used up: the run needs another turn.
func (t *Turn) Unfinished() bool { return t.budget <= 0 && !t.state.Status.Terminal() }

// halting tells whether everything unfinished is to be brought to an end.
func (t *Turn) halting() bool { return t.state.Halted || t.state.Ending != "" }

func (t *Turn) proceed(i int) error {
	step := &t.state.Steps[i]
	if t.halting() && step.Status.Live() && step.Ending == workflow.NotCreated {
		if err := t.end(i, t.endingStatus()); err != nil {
			return err
		}
	}
	switch {
	case t.halting():
		return nil
	case step.Status == workflow.NotCreated:
		return t.open(i)
	case step.Status.Retrying() && step.Due <= t.ms:
		return t.enter(i)
	case step.Status == workflow.WaitingForSignals && (t.listens || step.Due != 0 && step.Due <= t.ms):
		return t.await(i)
	case step.Status == workflow.Running && step.Nest != nil && t.step(i).Kind == workflow.KindForeach && step.Ending == workflow.NotCreated:
		return t.proceedNest(i)
	case step.Status == workflow.Running && step.Due != 0 && step.Due <= t.ms && step.Ending == workflow.NotCreated:
		if light, ok := t.run.Definition.light(t.settings, i); ok {
			step.Due = 0
			return t.executeLight(i, light)
		}
	}
	return nil
}

// open creates step i when all its predecessors are complete.
func (t *Turn) open(i int) error {
	part := t.state.Steps[i].Part
	if !part.Runs() {
		return nil
	}
	satisfied := part == record.Root || len(t.run.Definition.incoming[i]) == 0
	for _, edge := range t.run.Definition.incoming[i] {
		before := &t.state.Steps[edge.from]
		if part == record.Root || before.Part == record.Absent {
			continue
		}
		if !before.Status.Complete() {
			return nil
		}
		satisfied = satisfied || before.Taken(edge.out)
	}
	if satisfied {
		return t.enter(i)
	}
	if err := t.create(i); err != nil {
		return err
	}
	return t.move(i, workflow.Unsatisfied)
}

// create begins the next attempt of step i.
func (t *Turn) create(i int) error {
	step := &t.state.Steps[i]
	if step.Nest != nil && step.Attempt > 0 {
		step.Nest = NextNest(t.step(i).Kind, t.run.Key.Run, step, t.restart.Again())
	}
	met, err := t.met(i)
	if err != nil {
		return err
	}
	given, err := t.given(i)
	if err != nil {
		return err
	}
	detail := &record.Detail{Ordinal: i, Attempt: step.Attempt + 1, Prev: step.Detail, Signals: met, Given: given}
	step.Attempt++
	step.Start, step.End, step.Due, step.Deadline, step.Claim, step.Failures, step.Home = 0, 0, 0, 0, 0, 0, 0
	t.details[i], t.dirty[i], t.changed = detail, true, true
	t.budget--
	return t.move(i, workflow.Created)
}

// enter makes a new attempt of step i and brings it as far as it can go before its job is called: through
// all of its life when its runtime is light.
func (t *Turn) enter(i int) error {
	if err := t.create(i); err != nil {
		return err
	}
	if t.skips(i) {
		return t.complete(i, workflow.Skipped)
	}
	timeout := workflow.DefaultTimeout
	if limit := t.step(i).Timeout; limit != nil {
		var err error
		if timeout, err = param.Duration(t.ctx, limit, t.scope(i, nil)); err != nil {
			return t.internal(i, "the time-out", err)
		}
	}
	t.details[i].Timeout = timeout.Milliseconds()
	if err := t.depend(i); err != nil {
		return t.internal(i, "a signal dependency", err)
	}
	if err := t.move(i, workflow.Initialized); err != nil {
		return err
	}
	stopped, err := t.breakpoint(i)
	if err != nil {
		return err
	}
	if stopped {
		t.paused = append(t.paused, i)
		return t.move(i, workflow.Paused)
	}
	return t.pass(i)
}

// skips tells whether the run was started or restarted so that it skips step i.
func (t *Turn) skips(i int) bool {
	id, header := t.step(i).ID, t.run.Header
	return header.Config != nil && slices.Contains(header.Config.SkipSteps, id) ||
		header.Restart != nil && slices.Contains(header.Restart.SkipSteps, id)
}

// breakpoint tells whether a breakpoint stops the attempt of step i.
func (t *Turn) breakpoint(i int) (bool, error) {
	if !t.asked {
		var err error
		if t.breakpoints, err = t.facts.Breakpoints(t.ctx, HomeOf(t.run.Key, t.run.Header)); err != nil {
			return false, err
		}
		t.asked = true
	}
	for _, b := range t.breakpoints {
		if b.Matches(t.run, t.step(i).ID, t.state.Steps[i].Attempt) {
			return true, t.tell(i, workflow.LogEvent(t.ms, "stopped at a breakpoint set by "+b.Author))
		}
	}
	return false, nil
}

// pass takes the attempt of step i from behind its breakpoint up to the call of its job.
func (t *Turn) pass(i int) error {
	if err := t.move(i, workflow.WaitingForSignals); err != nil {
		return err
	}
	return t.await(i)
}

// prepare takes the attempt of step i from behind its signals up to the call of its job.
func (t *Turn) prepare(i int) error {
	if err := t.move(i, workflow.EvaluatingParams); err != nil {
		return err
	}
	params, err := t.evaluate(i)
	if err != nil {
		return t.internal(i, "the params", err)
	}
	t.details[i].Params = params
	if err := t.move(i, workflow.WaitingForPermits); err != nil {
		return err
	}
	if t.run.Definition.nested(i) {
		return t.startNest(i)
	}
	light, ok := t.run.Definition.light(t.settings, i)
	if ok {
		waits, err := t.waits(i, light)
		if err != nil {
			return err
		}
		ok = !waits
	}
	if !ok {
		t.leave(i)
		return nil
	}
	if err := t.start(i); err != nil {
		return err
	}
	if err := t.move(i, workflow.Running); err != nil {
		return err
	}
	return t.executeLight(i, light)
}

// evaluate evaluates the params of the attempt of step i.
func (t *Turn) evaluate(i int) (*workflow.Params, error) {
	in := param.StepInput{Scope: t.scope(i, nil), Step: t.step(i), RunParams: t.stepRunParams(i), RestartParams: t.details[i].Given}
	if err := t.template(i, &in); err != nil {
		return nil, err
	}
	t.inject(i, &in)
	params, err := param.Step(t.ctx, in)
	if err != nil {
		return nil, err
	}
	satisfied := workflow.Literal(true)
	satisfied.Evaluated, satisfied.Result, satisfied.EvaluatedAt = true, true, t.ms
	params.Set("maestro_step_satisfied", satisfied)
	return params, nil
}

func (t *Turn) stepRunParams(i int) *workflow.Params {
	params, _ := t.run.Header.StepRunParams.Get(t.step(i).ID)
	return params
}

// given returns the params that whoever restarted step i in this run gave it: they hold for the next attempt and for its
// retries.
func (t *Turn) given(i int) (*workflow.Params, error) {
	if t.restart != nil && len(t.restart.Path) == 0 {
		if params, ok := t.restart.StepParams.Get(t.step(i).ID); ok {
			return params, nil
		}
	}
	if t.state.Steps[i].Attempt == 0 {
		return nil, nil
	}
	before, err := t.detail(i)
	if err != nil {
		return nil, err
	}
	return before.Given, nil
}

// startNest takes a step that starts other instances to where it does.
func (t *Turn) startNest(i int) error {
	if err := t.start(i); err != nil {
		return err
	}
	if err := t.move(i, workflow.Running); err != nil {
		return err
	}
	return t.nest(i)
}

// start begins the attempt's own clock.
func (t *Turn) start(i int) error {
	if err := t.move(i, workflow.Starting); err != nil {
		return err
	}
	step := &t.state.Steps[i]
	step.Start = t.ms
	step.Deadline = t.ms + t.details[i].Timeout
	t.alarms = append(t.alarms, step.Deadline)
	return nil
}

func (t *Turn) executeLight(i int, light runtime.Light) error {
	detail, err := t.change(i)
	if err != nil {
		return err
	}
	return t.apply(i, light.Execute(t.call(i, detail)))
}

// internal ends an attempt because something of its own could not be evaluated. An error that is not
// the definition's fault ends the turn instead: nothing is known yet.
func (t *Turn) internal(i int, what string, err error) error {
	if !errors.Is(err, workflow.ErrInvalid) {
		return err
	}
	if err := t.tell(i, workflow.DetailsEvent(t.ms, workflow.Errorf(workflow.CodeInvalid, "%s of step %q cannot be evaluated: %w",
		what, t.step(i).ID, err), false)); err != nil {
		return err
	}
	return t.move(i, workflow.InternallyFailed)
}

// finish ends the run when no step is live and none can still be created.
func (t *Turn) finish() error {
	seen := map[workflow.StepStatus]bool{}
	for i := range t.state.Steps {
		step := &t.state.Steps[i]
		if step.Status.Live() {
			return nil
		}
		if step.Part.Runs() {
			seen[step.Status] = true
		}
	}
	t.state.End = t.ms
	t.state.Deadline = 0
	t.setStatus(t.finalStatus(seen))
	return nil
}

func (t *Turn) finalStatus(seen map[workflow.StepStatus]bool) workflow.InstanceStatus {
	delete(seen, workflow.NotCreated)
	switch {
	case t.state.Ending != "":
		return t.state.Ending
	case len(seen) == 0, seen[workflow.FatallyFailed], seen[workflow.InternallyFailed]:
		return workflow.InstanceFailed
	case seen[workflow.TimedOut]:
		return workflow.InstanceTimedOut
	case seen[workflow.Stopped]:
		return workflow.InstanceStopped
	}
	return workflow.InstanceSucceeded
}

// mergeArtifacts lays what a runtime reported over what the attempt has.
func mergeArtifacts(detail *record.Detail, artifacts *workflow.Ordered[json.RawMessage]) {
	for key, value := range artifacts.All() {
		if detail.Artifacts == nil {
			detail.Artifacts = &workflow.Ordered[json.RawMessage]{}
		}
		detail.Artifacts.Set(key, value)
	}
}
