package decide

import (
	"context"

	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Below are facts that may know, too, what the instances came to that steps of a run started.
type Below interface {
	// ForeachParam returns a param of a step of every iteration of the foreach that is step i of a run, in their order.
	ForeachParam(ctx context.Context, run *Run, i int, step workflow.StepID, name string) (any, error)
	// SubworkflowParam returns a param of a step of the instance that step i of a run started.
	SubworkflowParam(ctx context.Context, run *Run, i int, step workflow.StepID, name string) (any, error)
}

// runtime returns what the deployment adds to evaluations of step i, with the functions that look below the steps
// before it.
func (t *Turn) runtime(i int) param.Runtime {
	out := t.settings.Params
	if below, ok := t.facts.(Below); ok {
		out.ForeachParam = t.belowOf(i, workflow.KindForeach, below.ForeachParam)
		out.SubworkflowParam = t.belowOf(i, workflow.KindSubworkflow, below.SubworkflowParam)
	}
	return t.withSignals(i, out)
}

type lookBelow = func(ctx context.Context, run *Run, i int, step workflow.StepID, name string) (any, error)

// belowOf asks for params below those steps of a kind that ran before step i.
func (t *Turn) belowOf(i int, kind workflow.StepKind, look lookBelow) func(ctx context.Context, id, step, name string) (any, error) {
	before := t.run.Definition.Graph.Upstream(i)
	return func(ctx context.Context, id, step, name string) (any, error) {
		j, ok := t.run.Definition.Graph.Index(id)
		if !ok || !before.Has(j) || t.step(j).Kind != kind {
			return nil, workflow.Errorf(workflow.CodeInvalid, "there is no %s step %q before this one", kind, id)
		}
		if status := t.state.Steps[j].Status; !status.Complete() {
			return nil, workflow.Errorf(workflow.CodeInvalid, "step %q is not complete, so nothing below it can be read; its status is %s", id, status)
		}
		run := *t.run
		run.State = t.state
		return look(ctx, &run, j, step, name)
	}
}
