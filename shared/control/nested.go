package control

import (
	"context"
	"fmt"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

// restartNested restarts an instance that a step of another one started: that step is restarted, and leads down to
// it. When an instance above still runs, its step gets the order; else the outermost one is restarted.
func (c *Control) restartNested(ctx context.Context, run *decide.Run, who Who, r trigger.Restart) (*view.Started, error) {
	if !run.State.Status.Terminal() {
		return nil, workflow.Errorf(workflow.CodeInvalid, "%s is not over: only an instance whose newest run has ended can be restarted", run.Key)
	}
	path := &record.Restart{By: &who.User, Final: r.Policy, RestartParams: r.RunParams, StepParams: r.StepRunParams, SkipSteps: r.SkipSteps,
		Path: []record.Hop{{Workflow: run.Key.Workflow, Instance: run.Key.Instance, Step: r.Step}}}
	for run.Header.Link != nil {
		link := run.Header.Link
		parent, err := c.LoadLatest(ctx, link.Parent.Workflow, link.Parent.Instance)
		if err != nil {
			return nil, err
		}
		step := parent.Definition.Steps[link.Ordinal].ID
		if !parent.State.Status.Terminal() {
			return c.delegate(ctx, parent, link.Ordinal, who, path)
		}
		if parent.Header.Link == nil {
			r.Policy, r.Step, r.Path, r.Final, r.Below = decide.FromSpecific, step, path.Path, path.Final, path
			r.RunParams, r.StepRunParams, r.SkipSteps = nil, nil, nil
			return c.restart(ctx, parent, who, r)
		}
		path.Path = append([]record.Hop{{Workflow: parent.Key.Workflow, Instance: parent.Key.Instance, Step: step}}, path.Path...)
		run = parent
	}
	return nil, workflow.Errorf(workflow.CodeInternal, "%s has no instance above it", run.Key)
}

// home returns the newest run of the nearest instance above that is no iteration of a loop.
func (c *Control) home(ctx context.Context, run *decide.Run) (*decide.Run, error) {
	for run.Header.Inline() {
		var err error
		if run, err = c.LoadLatest(ctx, run.Header.Link.Parent.Workflow, run.Header.Link.Parent.Instance); err != nil {
			return nil, err
		}
	}
	return run, nil
}

// delegate restarts a step of a run that goes on, down to the instance that was meant: an iteration of a running loop
// in place, and with its next attempt where the step is over.
func (c *Control) delegate(ctx context.Context, parent *decide.Run, i int, who Who, path *record.Restart) (*view.Started, error) {
	order := who.order("RESTART")
	give := func(turn *decide.Turn) error { return turn.RestartStep(i, order, path) }
	if parent.State.Steps[i].Status == workflow.Running {
		if parent.Definition.Steps[i].Kind != workflow.KindForeach {
			return nil, workflow.Errorf(workflow.CodeConflict, "step %q of %s is running", parent.Definition.Steps[i].ID, parent.Key)
		}
		again := path.Again()
		child, err := c.LoadLatest(ctx, decide.ChildKey(parent, i, again.Iteration, 1).Workflow, again.Iteration)
		if err != nil {
			return nil, err
		}
		if again.Run = child.Key.Run + 1; !child.State.Status.Terminal() {
			return nil, workflow.Errorf(workflow.CodeConflict, "iteration %d of step %q has not ended", again.Iteration, parent.Definition.Steps[i].ID)
		}
		number := record.BlockOf(again.Iteration)
		progress, rev, err := c.Progress(ctx, parent, i, number)
		if err != nil {
			return nil, err
		}
		end, _ := progress.At(again.Iteration, parent.State.Steps[i].Nest.Run)
		give = func(turn *decide.Turn) error {
			return turn.RestartIteration(i, progress.Block(number, rev), end, *again, order)
		}
	}
	run, err := c.act(ctx, parent.Key, give)
	if err != nil {
		return nil, err
	}
	return &view.Started{WorkflowID: run.Key.Workflow, VersionID: run.Header.Version, InstanceID: run.Key.Instance, RunID: run.Key.Run,
		UUID: run.Header.UUID, Status: "CREATED", Event: c.event("RESTART", who, fmt.Sprintf("step %q is restarted, down to %s instance %d",
			run.Definition.Steps[i].ID, path.Path[len(path.Path)-1].Workflow, path.Path[len(path.Path)-1].Instance))}, nil
}
