package control

import (
	"context"
	"fmt"
	"slices"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Step names a step of the newest run of an instance.
type Step struct {
	Run  workflow.RunKey // its Run may be 0
	Step workflow.StepID
}

// StepAction is the answer to an action on a step.
type StepAction struct {
	WorkflowID workflow.ID       `json:"workflow_id"`
	VersionID  int64             `json:"workflow_version_id"`
	InstanceID int64             `json:"workflow_instance_id"`
	RunID      int64             `json:"workflow_run_id"`
	StepID     workflow.StepID   `json:"step_id"`
	Attempt    int64             `json:"step_attempt_id,omitempty"`
	Runtime    view.RuntimeState `json:"step_runtime_state"`
	Event      workflow.Event    `json:"timeline_event"`
}

// StepRestarted is the answer to a restart of a step.
type StepRestarted struct {
	*view.Started
	StepID  workflow.StepID `json:"step_id"`
	Attempt int64           `json:"step_attempt_id,omitempty"`
}

// findStep loads the newest run of a step's instance, and finds the step in it.
func (c *Control) findStep(ctx context.Context, at Step) (*decide.Run, int, error) {
	run, err := c.newest(ctx, at.Run)
	if err != nil {
		return nil, 0, err
	}
	i, ok := run.Definition.Graph.Index(at.Step)
	if !ok {
		return nil, 0, workflow.Errorf(workflow.CodeNotFound, "version %d of workflow %q has no step %q", run.Header.Version, run.Key.Workflow, at.Step)
	}
	return run, i, nil
}

// EndStep stops, kills or skips a step. A step that is over can still be skipped: in a run that goes on as its next
// attempt, in one that is over as a restart from it. Who waits gets CodeTimeout when the effect takes long. It returns
// CodeNotFound, CodeInvalid when the step does not allow it, and CodeConflict while another order is at work.
func (c *Control) EndStep(ctx context.Context, at Step, ending Ending, who Who, wait bool) (*StepAction, error) {
	run, i, err := c.findStep(ctx, at)
	if err != nil {
		return nil, err
	}
	status := run.State.Steps[i].Status
	if ending == Skip && !status.Live() && slices.Contains(decide.StepActions(status), string(Skip)) {
		return c.skipOver(ctx, run, i, who)
	}
	attempt := run.State.Steps[i].Attempt
	run, err = c.act(ctx, run.Key, func(turn *decide.Turn) error { return turn.EndStep(i, who.order(string(ending))) })
	if err == nil && wait {
		run, err = c.await(ctx, run.Key, func(run *decide.Run) bool {
			step := &run.State.Steps[i]
			return step.Attempt != attempt || !step.Status.Live()
		})
	}
	if err != nil {
		return nil, err
	}
	return c.stepAction(ctx, run, i, c.event(string(ending), who, ""))
}

// skipOver skips a step whose attempts are over.
func (c *Control) skipOver(ctx context.Context, run *decide.Run, i int, who Who) (*StepAction, error) {
	var err error
	if run.State.Status.Terminal() {
		step := run.Definition.Steps[i].ID
		started, err := c.restart(ctx, run, who, trigger.Restart{Policy: decide.FromSpecific, Step: step, SkipSteps: []workflow.StepID{step}})
		if err != nil {
			return nil, err
		}
		key := run.Key
		key.Run = started.RunID
		if run, err = c.LoadRun(ctx, key); err != nil {
			return nil, err
		}
	} else if run, err = c.act(ctx, run.Key, func(turn *decide.Turn) error { return turn.RestartStep(i, who.order(string(Skip)), nil) }); err != nil {
		return nil, err
	}
	out, err := c.stepAction(ctx, run, i, c.event(string(Skip), who, ""))
	if err == nil && out.Runtime.Status == workflow.NotCreated {
		out.Event.Message = fmt.Sprintf("run %d skips step %q when it comes to it", out.RunID, out.StepID)
	}
	return out, err
}

// Bypass lets a step go on that waits for signals, without those that are not there. It returns CodeNotFound, and
// CodeInvalid when it waits for none.
func (c *Control) Bypass(ctx context.Context, at Step, who Who) (*StepAction, error) {
	run, i, err := c.findStep(ctx, at)
	if err != nil {
		return nil, err
	}
	const name = "BYPASS_STEP_DEPENDENCIES"
	run, err = c.act(ctx, run.Key, func(turn *decide.Turn) error { return turn.Bypass(i, who.order(name)) })
	if err != nil {
		return nil, err
	}
	return c.stepAction(ctx, run, i, c.event(name, who, ""))
}

// ResumeStep lets one attempt go on that a breakpoint stopped. It returns CodeNotFound, and CodeInvalid when none did.
func (c *Control) ResumeStep(ctx context.Context, at workflow.AttemptKey, who Who) (*StepAction, error) {
	run, i, err := c.findStep(ctx, Step{at.RunKey, at.Step})
	if err != nil {
		return nil, err
	}
	if run, err = c.resume(ctx, at, i, who); err != nil {
		return nil, err
	}
	return c.stepAction(ctx, run, i, c.event("RESUME", who, ""))
}

func (c *Control) resume(ctx context.Context, at workflow.AttemptKey, i int, who Who) (*decide.Run, error) {
	run, err := c.act(ctx, at.RunKey, func(turn *decide.Turn) error { return turn.ResumeStep(i, at.Attempt, who.order("RESUME")) })
	if err != nil {
		return nil, err
	}
	return run, c.remove(ctx, record.PausedKey(decide.HomeOf(run.Key, run.Header), at))
}

func (c *Control) stepAction(ctx context.Context, run *decide.Run, i int, event workflow.Event) (*StepAction, error) {
	step := &run.State.Steps[i]
	out := &StepAction{WorkflowID: run.Key.Workflow, VersionID: run.Header.Version, InstanceID: run.Key.Instance, RunID: run.Key.Run,
		StepID: run.Definition.Steps[i].ID, Attempt: step.Attempt, Event: event}
	out.Event.Message = fmt.Sprintf("step %q is %s", out.StepID, step.Status)
	if out.Runtime.Status = step.Status; step.Status == workflow.NotCreated {
		return out, nil
	}
	key, n := run.DetailAt(i)
	detail, err := c.Detail(ctx, key, n, i)
	if err != nil {
		return nil, err
	}
	out.Runtime = view.NewRuntimeState(detail.Moves)
	return out, nil
}

// RestartStep runs a step again: in a run that goes on as its next attempt, in one that is over as a restart from it,
// or, by the mode, as a restart of the whole instance. It returns CodeNotFound, and CodeInvalid when the step or its
// run does not allow that.
func (c *Control) RestartStep(ctx context.Context, at Step, body *definition.StepRestart, who Who) (*StepRestarted, error) {
	run, i, err := c.findStep(ctx, at)
	if err != nil {
		return nil, err
	}
	known, err := c.known(ctx, run.Key.Workflow, body.RequestID)
	if err != nil {
		return nil, err
	}
	if !known && !run.State.Status.Terminal() {
		return c.nextAttempt(ctx, run, i, body, who)
	}
	r := trigger.Restart{RequestID: body.RequestID, Policy: decide.FromSpecific, Step: at.Step, RequestTime: body.RequestTime}
	if body.UpstreamMode == definition.RestartFromInlineRoot {
		r.Policy, r.Step = body.Policy, ""
		if run, err = c.home(ctx, run); err != nil {
			return nil, err
		}
	}
	if body.StepParams.Len() > 0 {
		r.StepRunParams = &workflow.Ordered[*workflow.Params]{}
		r.StepRunParams.Set(at.Step, body.StepParams)
	}
	started, err := c.restart(ctx, run, who, r)
	if err != nil {
		return nil, err
	}
	if started.WorkflowID != at.Run.Workflow {
		return &StepRestarted{Started: started, StepID: at.Step}, nil // an instance above was restarted
	}
	next, err := c.LoadRun(ctx, workflow.RunKey{Workflow: run.Key.Workflow, Instance: started.InstanceID, Run: started.RunID})
	if err != nil {
		return nil, err
	}
	return &StepRestarted{Started: started, StepID: at.Step, Attempt: next.State.Steps[i].Attempt}, nil
}

// nextAttempt restarts a step in a run that goes on.
func (c *Control) nextAttempt(ctx context.Context, run *decide.Run, i int, body *definition.StepRestart, who Who) (*StepRestarted, error) {
	id := run.Definition.Steps[i].ID
	if body.UpstreamMode == definition.RestartFromInlineRoot {
		return nil, workflow.Errorf(workflow.CodeInvalid, "%s needs an instance that is over; %s is %s", body.UpstreamMode, run.Key, run.State.Status)
	}
	var restart *record.Restart
	if body.StepParams.Len() > 0 {
		restart = &record.Restart{By: &who.User, Step: id, StepParams: &workflow.Ordered[*workflow.Params]{}}
		restart.StepParams.Set(id, body.StepParams)
	}
	run, err := c.act(ctx, run.Key, func(turn *decide.Turn) error { return turn.RestartStep(i, who.order("RESTART"), restart) })
	if err != nil {
		return nil, err
	}
	attempt := run.State.Steps[i].Attempt
	started := &view.Started{WorkflowID: run.Key.Workflow, VersionID: run.Header.Version, InstanceID: run.Key.Instance, RunID: run.Key.Run,
		UUID: run.Header.UUID, Status: "CREATED", Event: c.event("RESTART", who, fmt.Sprintf("attempt %d of step %q", attempt, id))}
	return &StepRestarted{Started: started, StepID: id, Attempt: attempt}, nil
}

// known tells whether a request made a run before: then it is answered with that run, wherever it stands.
func (c *Control) known(ctx context.Context, wf workflow.ID, request string) (bool, error) {
	if request == "" {
		return false, nil
	}
	items, err := c.Store.Get(ctx, store.Fresh, record.RequestKey(wf, request))
	if err != nil {
		return false, unavailable(err)
	}
	return items[0].Rev != 0, nil
}
