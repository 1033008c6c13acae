package advance

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Bounds of reading the iterations of a loop: how many at once, and how many commits of each are tried in turn before
// its last one is looked for.
const (
	batchBelow  = 100
	roundsBelow = 6
)

// ForeachParam returns a param of a step of every iteration of the foreach that is step i of a run, in their order; the
// zero value where an iteration has none. It returns CodeInvalid when the param is no scalar, or no iteration has it.
func (l *Loop) ForeachParam(ctx context.Context, run *decide.Run, i int, step workflow.StepID, name string) (any, error) {
	body, err := run.Definition.Body(i)
	if err != nil {
		return nil, err
	}
	ordinal, ok := body.Graph.Index(step)
	if !ok {
		return nil, workflow.Errorf(workflow.CodeInvalid, "the loop %q has no step %q", run.Definition.Steps[i].ID, step)
	}
	home, err := l.homeOf(ctx, run, i)
	if err != nil {
		return nil, err
	}
	values := make([]any, home.State.Steps[i].Nest.Total)
	look := &lookBelow{l, home, i, ordinal, name}
	for from := 0; from < len(values); from += batchBelow {
		if err := look.fill(ctx, int64(from), values[from:min(from+batchBelow, len(values))]); err != nil {
			return nil, err
		}
	}
	return scalars(values, step, name)
}

// homeOf returns the run that ran step i, as the result of which it stands.
func (l *Loop) homeOf(ctx context.Context, run *decide.Run, i int) (*decide.Run, error) {
	if run.State.Steps[i].Home == 0 {
		return run, nil
	}
	key := run.Key
	key.Run = run.State.Steps[i].Home
	return l.LoadRun(ctx, key)
}

// lookBelow looks for one param of one step in the iterations of the loop that is step i of a run.
type lookBelow struct {
	*Loop
	run     *decide.Run
	i       int
	ordinal int // of the step in the body
	name    string
}

// fill reads the values of the iterations after from. Most iterations are over after few commits, so that their
// last ones are read many at a time.
func (l *lookBelow) fill(ctx context.Context, from int64, values []any) error {
	nest := l.run.State.Steps[l.i].Nest
	keys, open := make([]workflow.RunKey, len(values)), []int{}
	var progress *record.Progress
	block := int64(-1)
	for at := range values {
		n := from + int64(at) + 1
		if record.BlockOf(n) != block {
			var err error
			block = record.BlockOf(n)
			if progress, _, err = l.Progress(ctx, l.run, l.i, block); err != nil {
				return err
			}
		}
		if end, by := progress.At(n, nest.Run); end != record.Unended {
			keys[at] = decide.ChildKey(l.run, l.i, n, by)
			open = append(open, at)
		}
	}
	for commit := int64(1); commit <= roundsBelow && len(open) > 0; commit++ {
		wanted := make([]store.Key, len(open))
		for n, at := range open {
			wanted[n] = record.CommitKey(keys[at], commit)
		}
		items, err := l.Store.Get(ctx, store.Stale, wanted...)
		if err != nil {
			return coded(err)
		}
		var rest []int
		for n, at := range open {
			over, err := l.endedWith(ctx, keys[at], items[n], &values[at])
			if err != nil {
				return err
			}
			if !over {
				rest = append(rest, at)
			}
		}
		open = rest
	}
	for _, at := range open {
		child, err := l.LoadRun(ctx, keys[at])
		if err == nil {
			values[at], err = l.paramOf(ctx, keys[at], child.State, l.ordinal, l.name)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// endedWith reads a param from a commit, if it is the last one of its run.
func (l *lookBelow) endedWith(ctx context.Context, key workflow.RunKey, item store.Item, into *any) (bool, error) {
	if item.Rev == 0 {
		return false, nil
	}
	commit, err := record.Decode[record.Commit]("commit", item.Body)
	if err != nil || commit.State == nil || !commit.State.Status.Terminal() {
		return false, err
	}
	for _, detail := range commit.Details {
		if detail.Ordinal == l.ordinal && detail.ParamsAt == 0 {
			*into = resultOf(detail, l.name)
			return true, nil
		}
	}
	*into, err = l.paramOf(ctx, key, commit.State, l.ordinal, l.name)
	return true, err
}

// paramOf returns a param of the newest attempt of a step of a run; nil when there is none.
func (l *Loop) paramOf(ctx context.Context, key workflow.RunKey, state *record.State, ordinal int, name string) (any, error) {
	step := &state.Steps[ordinal]
	if step.Detail == 0 {
		return nil, nil
	}
	if step.Home != 0 {
		key.Run = step.Home
	}
	detail, err := l.Detail(ctx, key, step.Detail, ordinal)
	if err != nil {
		return nil, err
	}
	return resultOf(detail, name), nil
}

func resultOf(detail *record.Detail, name string) any {
	if p, ok := detail.Params.Get(name); ok && p.Evaluated {
		return p.Result
	}
	return nil
}

// scalars returns the values as an array of their type.
func scalars(values []any, step workflow.StepID, name string) (any, error) {
	for _, value := range values {
		switch value.(type) {
		case nil:
			continue
		case int64:
			return typed[int64](values, step, name)
		case float64:
			return typed[float64](values, step, name)
		case bool:
			return typed[bool](values, step, name)
		case string:
			return typed[string](values, step, name)
		}
		return nil, workflow.Errorf(workflow.CodeInvalid, "param %q of step %q is no STRING, LONG, DOUBLE or BOOLEAN", name, step)
	}
	if len(values) == 0 {
		return []int64{}, nil
	}
	return nil, workflow.Errorf(workflow.CodeInvalid, "step %q has no param %q in any iteration", step, name)
}

func typed[T any](values []any, step workflow.StepID, name string) ([]T, error) {
	out := make([]T, len(values))
	for i, value := range values {
		if value == nil {
			continue
		}
		one, ok := value.(T)
		if !ok {
			return nil, workflow.Errorf(workflow.CodeInvalid, "param %q of step %q differs in its type by iteration", name, step)
		}
		out[i] = one
	}
	return out, nil
}

// SubworkflowParam returns a param of the newest attempt of a step of the instance that step i of a run started. It
// returns CodeInvalid when there is none.
func (l *Loop) SubworkflowParam(ctx context.Context, run *decide.Run, i int, step workflow.StepID, name string) (any, error) {
	key, at := run.DetailAt(i)
	detail, err := l.Detail(ctx, key, at, i)
	if err != nil {
		return nil, err
	}
	var ids struct {
		Workflow workflow.ID `json:"subworkflow_id"`
		Instance int64       `json:"subworkflow_instance_id"`
	}
	artifact, _ := detail.Artifacts.Get("maestro_subworkflow")
	_ = json.Unmarshal(artifact, &ids) // ours, or nothing
	child, err := l.LoadLatest(ctx, ids.Workflow, ids.Instance)
	if errors.Is(err, workflow.ErrNotFound) {
		return nil, workflow.Errorf(workflow.CodeInvalid, "step %q started no instance that is still there", run.Definition.Steps[i].ID)
	}
	if err != nil {
		return nil, err
	}
	ordinal, ok := child.Definition.Graph.Index(step)
	if !ok {
		return nil, workflow.Errorf(workflow.CodeInvalid, "workflow %q has no step %q", ids.Workflow, step)
	}
	value, err := l.paramOf(ctx, child.Key, child.State, ordinal, name)
	if err == nil && value == nil {
		err = workflow.Errorf(workflow.CodeInvalid, "step %q of workflow %q has no param %q", step, ids.Workflow, name)
	}
	return value, err
}
