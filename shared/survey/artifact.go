package survey

import (
	"context"
	"encoding/json"
	"errors"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Bounds of what an artifact lists.
const (
	maxBlocks = 100  // progress items whose iterations are listed one by one
	maxValues = 1000 // iterations of a while step whose loop values are listed
	keyBatch  = 100
)

// Artifacts returns the artifacts of the attempt that step i of a run is at, with that of the instances that it
// started. A brief one is what the state of the run tells, without anything to be read for it.
func (s Survey) Artifacts(ctx context.Context, run *decide.Run, i int, detail *record.Detail, brief bool) (*workflow.Ordered[json.RawMessage], error) {
	nest := run.State.Steps[i].Nest
	if nest == nil || !run.Definition.Nested(i) {
		return detail.Artifacts, nil
	}
	look := s.look()
	if brief {
		look.reads = 0
	}
	var name string
	var artifact any
	var err error
	switch run.Definition.Steps[i].Kind {
	case workflow.KindForeach:
		name = view.ForeachArtifact
		artifact, err = look.foreach(ctx, run, i)
	case workflow.KindWhile:
		name = view.WhileArtifact
		artifact, err = look.while(ctx, run, i, detail)
	case workflow.KindSubworkflow:
		if brief {
			return detail.Artifacts, nil
		}
		name = view.SubworkflowArtifact
		artifact, err = look.subworkflow(ctx, detail)
	}
	if err != nil {
		return nil, err
	}
	return with(detail.Artifacts, name, artifact)
}

// with returns the artifacts with the fields of one more, beside those that one has already.
func with(artifacts *workflow.Ordered[json.RawMessage], name string, artifact any) (*workflow.Ordered[json.RawMessage], error) {
	out := &workflow.Ordered[json.RawMessage]{}
	if artifacts != nil {
		out = artifacts.Clone()
	}
	text, err := json.Marshal(artifact)
	if err != nil {
		return nil, workflow.Errorf(workflow.CodeInternal, "an artifact of ours does not marshal: %w", err)
	}
	if known, ok := out.Get(name); ok && len(known) > 2 {
		if len(text) > 2 { // two objects become one
			text = slices.Concat(known[:len(known)-1], []byte{','}, text[1:])
		} else {
			text = known
		}
	}
	out.Set(name, text)
	return out, nil
}

func identity(run *decide.Run, i int) string {
	return workflow.AttemptKey{RunKey: run.Key, Step: run.Definition.Steps[i].ID, Attempt: run.State.Steps[i].Attempt}.String()
}

func (l *look) foreach(ctx context.Context, run *decide.Run, i int) (*view.Foreach, error) {
	nest := run.State.Steps[i].Nest
	brief := l.reads == 0
	ended, running, again, err := l.nest(ctx, run, i)
	if err != nil {
		return nil, err
	}
	sums := nest.Sums()
	sums.Add(again.before, -1)
	overview := &view.ForeachOverview{Checkpoint: checkpoint(nest), Stats: view.Stats(sums.Ends), Rollup: ended, RunningRollup: running}
	if n := nest.Running() + int64(len(again.runs)); n > 0 {
		overview.RunningStats = &workflow.Ordered[int64]{}
		overview.RunningStats.Set(string(workflow.InstanceInProgress), n)
	}
	out := &view.Foreach{Type: "FOREACH", WorkflowID: decide.ChildKey(run, i, 1, 1).Workflow, Identity: identity(run, i),
		ForeachRun: nest.Run, Policy: run.Header.Policy, Run: run.Key.Run, Total: nest.Total, Next: nest.Next, Overview: overview}
	if brief {
		return out, nil
	}
	if out.Ancestor, err = l.ancestor(ctx, run, i); err != nil {
		return nil, err
	}
	if out.Pending, err = l.pending(ctx, run, i); err != nil {
		return nil, err
	}
	return out, l.details(ctx, run, i, overview)
}

// pending returns the restart of an iteration in place whose run is not there yet; of several the first.
func (l *look) pending(ctx context.Context, run *decide.Run, i int) (*view.ForeachAction, error) {
	for _, again := range run.State.Steps[i].Nest.Again {
		if l.spent() {
			break
		}
		l.reads--
		key := decide.ChildKey(run, i, again.Iteration, again.Run)
		_, err := l.LoadRun(ctx, key)
		if errors.Is(err, workflow.ErrNotFound) {
			return view.NewForeachAction(key.Workflow, again), nil
		}
		if err != nil {
			return nil, err
		}
	}
	return nil, nil
}

// checkpoint returns up to which iteration all have ended.
func checkpoint(nest *record.Nest) int64 {
	if len(nest.Open) == 0 {
		return nest.Next
	}
	return min(nest.Next, nest.Open[0].Number*record.BlockSize+nest.Open[0].Low)
}

// ancestor returns how many iterations the attempt in an earlier run let begin, of which this one goes on.
func (l *look) ancestor(ctx context.Context, run *decide.Run, i int) (int64, error) {
	base := run.State.Steps[i].Nest.Base
	if base == nil || base.Run == run.Key.Run {
		return 0, nil
	}
	key := run.Key
	key.Run = base.Run
	earlier, err := l.LoadRun(ctx, key)
	if err != nil || earlier.State.Steps[i].Nest == nil {
		return 0, err
	}
	return earlier.State.Steps[i].Nest.Next, nil
}

// details lists the iterations by how they ended.
func (l *look) details(ctx context.Context, run *decide.Run, i int, overview *view.ForeachOverview) error {
	nest := run.State.Steps[i].Nest
	sets := map[workflow.InstanceStatus]*view.Intervals{}
	again := &view.Intervals{}
	for _, one := range nest.Again {
		again.Add(one.Iteration)
	}
	if nest.Base != nil && nest.Base.Again != 0 {
		again.Add(nest.Base.Again)
	}
	for block := int64(0); block < maxBlocks && block*record.BlockSize < nest.Next; block++ {
		progress, _, err := l.Progress(ctx, run, i, block)
		if err != nil {
			return err
		}
		first := block*record.BlockSize + 1
		for n := first; n <= nest.Next && n < first+record.BlockSize; n++ {
			status := workflow.InstanceInProgress
			end, by := progress.At(n, nest.Run)
			if end != record.Unended && rerun(nest, n, by) == 0 {
				status = end.Status()
			}
			if sets[status] == nil {
				sets[status] = &view.Intervals{}
			}
			sets[status].Add(n)
			if end != record.Unended && !end.Kept() && by != nest.Run {
				again.Add(n)
			}
		}
	}
	overview.Details = &workflow.Ordered[*view.Intervals]{}
	for _, status := range workflow.InstanceStatuses {
		if set := sets[status]; set != nil {
			overview.Details.Set(string(status), set)
		}
	}
	if len(*again) > 0 {
		overview.Restarted = again
	}
	return nil
}

func (l *look) while(ctx context.Context, run *decide.Run, i int, detail *record.Detail) (*view.While, error) {
	nest := run.State.Steps[i].Nest
	brief := l.reads == 0
	ended, running, _, err := l.nest(ctx, run, i)
	if err != nil {
		return nil, err
	}
	out := &view.While{Type: "WHILE", WorkflowID: decide.ChildKey(run, i, 1, 1).Workflow, Identity: identity(run, i), LoopRun: nest.Run,
		Policy: run.Header.Policy, Run: run.Key.Run, First: nest.Next - nest.Launched + 1, Last: nest.Next, Rollup: ended.Add(running)}
	if brief {
		return out, nil
	}
	if nest.Next > 0 {
		key := whileKey(run, i, nest.Next)
		last, err := l.LoadLatest(ctx, key.Workflow, key.Instance)
		if err != nil && !errors.Is(err, workflow.ErrNotFound) {
			return nil, err
		}
		if err == nil {
			out.LastStatus, out.LastView = last.State.Status, view.NewOverview(last)
		}
	}
	out.Values, err = l.values(ctx, run, i, detail)
	return out, err
}

// values lists the loop values of each iteration of a while step, and those that the next one would have.
func (l *look) values(ctx context.Context, run *decide.Run, i int, detail *record.Detail) (*workflow.Ordered[[]any], error) {
	out := &workflow.Ordered[[]any]{}
	add := func(params *workflow.Params) {
		for name := range detail.Loop.All() {
			if p, ok := params.Get(name); ok {
				known, _ := out.Get(name)
				out.Set(name, append(known, workflow.ResultOf(p.Value)))
			}
		}
	}
	nest := run.State.Steps[i].Nest
	last := min(nest.Next, maxValues)
	for from := int64(1); from <= last; from += keyBatch {
		headers, err := l.own(ctx, run, i, from, min(last, from+keyBatch-1))
		if err != nil {
			return nil, err
		}
		for _, header := range headers {
			add(header)
		}
	}
	if last == nest.Next && nest.Sums().Ends.Of(record.Succeeded) >= nest.Next {
		add(detail.Loop)
	}
	return out, nil
}

// own returns the loop values with which iterations of a loop began.
func (l *look) own(ctx context.Context, run *decide.Run, i int, from, to int64) ([]*workflow.Params, error) {
	var keys []store.Key
	for n := from; n <= to; n++ {
		key := decide.ChildKey(run, i, n, 1)
		if whileKey(run, i, n).Run != 0 {
			key.Run = run.State.Steps[i].Nest.Run
		}
		keys = append(keys, record.CommitKey(key, 1))
	}
	items, err := l.Store.Get(ctx, store.Stale, keys...)
	if err != nil {
		return nil, &workflow.Error{Code: workflow.CodeUnavailable, Text: "the store did not answer", Cause: err}
	}
	var out []*workflow.Params
	for _, item := range items {
		if item.Rev == 0 {
			continue
		}
		commit, err := record.Decode[record.Commit]("commit", item.Body)
		if err != nil {
			return nil, err
		}
		if commit.Header != nil {
			out = append(out, commit.Header.Own)
		}
	}
	return out, nil
}

func (l *look) subworkflow(ctx context.Context, detail *record.Detail) (*view.Subworkflow, error) {
	key := calledBy(detail)
	if key.Instance == 0 {
		return &view.Subworkflow{}, nil
	}
	child, err := l.LoadRun(ctx, key)
	if errors.Is(err, workflow.ErrNotFound) {
		return &view.Subworkflow{}, nil
	}
	if err != nil {
		return nil, err
	}
	out := &view.Subworkflow{Overview: view.NewOverview(child)}
	if out.Overview.Rollup != nil {
		out.Overview.Rollup, err = l.run(ctx, child)
	}
	return out, err
}
