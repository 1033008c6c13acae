package evaluate

import (
	"context"
	"encoding/json"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Params that say what a subworkflow step calls.
const (
	targetParam  = "subworkflow_id"
	versionParam = "subworkflow_version"
)

// tendChild starts the instance of a subworkflow step where it has not begun, and looks after it.
func (e *Evaluate) tendChild(ctx context.Context, parent *decide.Run, i int, m hint.Message) error {
	if !parent.State.Steps[i].Nest.Began {
		var err error
		if parent, err = e.startChild(ctx, parent, i, m); err != nil {
			return err
		}
		m.Hops = 0 // that was news: the instance may have ended before, and nobody else tells of it
	}
	step := &parent.State.Steps[i]
	if step.Status != workflow.Running || step.Nest == nil || !step.Nest.Began {
		return nil // it could not be started, or was not to be waited for
	}
	detail, err := e.detailAt(ctx, parent, i)
	if err != nil {
		return err
	}
	child := workflow.RunKey{Workflow: text(detail.Params, targetParam), Instance: step.Nest.Child, Run: step.Nest.Run}
	run, err := e.LoadRun(ctx, child)
	if err != nil {
		return err
	}
	if run, err = e.lookAfter(ctx, run, step.Ending != workflow.NotCreated, m); err != nil {
		return err
	}
	if run.State.Status.Terminal() {
		return e.GiveBack(ctx, advance.Visited{Run: run}, m)
	}
	if m.Reason != hint.ReasonRecover {
		return nil
	}
	_, err = e.Visit(ctx, parent.Key, func(turn *decide.Turn) error {
		turn.Reached(i, step.Attempt, 1) // from here on the instance is looked after by itself
		return nil
	})
	return err
}

// startChild starts the instance of a subworkflow step through the run strategy of its workflow, and returns the
// parent that knows of it. A start that is refused for good fails the step.
func (e *Evaluate) startChild(ctx context.Context, parent *decide.Run, i int, m hint.Message) (*decide.Run, error) {
	detail, err := e.detailAt(ctx, parent, i)
	if err != nil {
		return nil, err
	}
	attempt := parent.State.Steps[i].Attempt
	started, refused := e.Admit.StartChild(ctx, e.request(parent, i, detail))
	if refused != nil && !final(refused) {
		return nil, refused
	}
	v, err := e.Visit(ctx, parent.Key, func(turn *decide.Turn) error {
		tell := func() error { return turn.Began(i, attempt, started.Key, subworkflowArtifact(started)) }
		if refused != nil {
			tell = func() error { return turn.Unstarted(i, attempt, refused) }
		}
		if err := tell(); err != nil {
			return err
		}
		return turn.Advance()
	})
	if err != nil {
		return nil, err
	}
	return v.Run, e.Follow(ctx, v, m, nil)
}

func (e *Evaluate) detailAt(ctx context.Context, run *decide.Run, i int) (*record.Detail, error) {
	key, at := run.DetailAt(i)
	return e.Detail(ctx, key, at, i)
}

// final tells whether an error of a start will not go away.
func final(err error) bool {
	switch workflow.CodeOf(err) {
	case workflow.CodeUnavailable, workflow.CodeOverloaded, workflow.CodeInternal, workflow.CodeConflict:
		return false
	}
	return true
}

func (e *Evaluate) request(parent *decide.Run, i int, detail *record.Detail) advance.ChildRequest {
	step, state := parent.Definition.Steps[i], &parent.State.Steps[i]
	attempt := workflow.AttemptKey{RunKey: parent.Key, Step: step.ID, Attempt: state.Attempt}
	from := parent.Header.Params
	if step.ExplicitParams != nil && *step.ExplicitParams {
		from = nil
	}
	own := workflow.CloneParams(detail.Params)
	own.Delete(targetParam)
	own.Delete(versionParam)
	out := advance.ChildRequest{Workflow: text(detail.Params, targetParam), Version: text(detail.Params, versionParam),
		RequestID: decide.AttemptUUID(parent.Header.UUID, attempt), Header: parent.Header,
		Initiator: decide.Descend(parent.Header.Initiator, attempt, step), RunParams: param.Inherited(from, own),
		Link: &record.Link{Parent: parent.Key, Ordinal: i, Attempt: state.Attempt, Detail: state.Detail}}
	if out.Version == "" {
		out.Version = "active"
	}
	if state.Nest.Child != 0 {
		out.Instance = state.Nest.Child
		out.Policy, out.Restart = decide.ChildRestart(parent, i, workflow.RunKey{Instance: state.Nest.Child})
	}
	return out
}

func text(params *workflow.Params, name string) string {
	p, ok := params.Get(name)
	if !ok {
		return ""
	}
	switch value := p.Result.(type) {
	case string:
		return value
	case nil:
		return ""
	default:
		out, _ := json.Marshal(value)
		return string(out)
	}
}

func subworkflowArtifact(started advance.ChildStarted) json.RawMessage {
	out, _ := json.Marshal(struct {
		Type     string      `json:"type"`
		ID       workflow.ID `json:"subworkflow_id"`
		Version  int64       `json:"subworkflow_version_id"`
		Instance int64       `json:"subworkflow_instance_id"`
		Run      int64       `json:"subworkflow_run_id"`
		UUID     string      `json:"subworkflow_uuid"`
	}{"SUBWORKFLOW", started.Key.Workflow, started.Version, started.Key.Instance, started.Key.Run, started.UUID})
	return out
}
