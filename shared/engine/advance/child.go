package advance

import (
	"context"
	"errors"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// complete fills in what the header of an iteration leaves to its parent.
func (l *Loop) complete(ctx context.Context, key workflow.RunKey, stored *record.Header) (*record.Header, error) {
	if !stored.Inline() {
		return stored, nil
	}
	parent, err := l.birth(ctx, stored.Link.Parent)
	if err != nil {
		return nil, err
	}
	detail, err := l.Detail(ctx, parent.Key, stored.Link.Detail, stored.Link.Ordinal)
	if err != nil {
		return nil, err
	}
	header, err := decide.Fill(ctx, l.Settings, decide.Iteration{Key: key, Header: stored}, parent, detail)
	if err != nil && !errors.Is(err, workflow.ErrInvalid) {
		return nil, err
	}
	return header, nil // params that cannot be evaluated have failed the run already
}

// birth returns a run as it was born: without its state, which this does not read.
func (l *Loop) birth(ctx context.Context, key workflow.RunKey) (*decide.Run, error) {
	header, err := l.headerOf(ctx, key)
	if err != nil {
		return nil, err
	}
	def, err := l.definitionOf(ctx, key, header)
	if err != nil {
		return nil, err
	}
	return &decide.Run{Key: key, Header: header, Definition: def}, nil
}

// headerOf returns the header of a run.
func (l *Loop) headerOf(ctx context.Context, key workflow.RunKey) (*record.Header, error) {
	if header, ok := l.cache.headers.get(key); ok {
		return header, nil
	}
	first, err := l.commit(ctx, key, 1)
	if err != nil {
		return nil, err
	}
	return l.header(ctx, key, first)
}

// definitionOf returns the definition of a run: of an iteration, the body of its parent's step.
func (l *Loop) definitionOf(ctx context.Context, key workflow.RunKey, header *record.Header) (*decide.Definition, error) {
	if !header.Inline() {
		return l.Definition(ctx, key.Workflow, header.Version)
	}
	parent, err := l.birth(ctx, header.Link.Parent)
	if err != nil {
		return nil, err
	}
	return parent.Definition.Body(header.Link.Ordinal)
}

// Iteration prepares iteration n of the loop that is step i of a run, before its first commit, as run number of its
// instance. broken tells why its params cannot be evaluated.
func (l *Loop) Iteration(ctx context.Context, parent *decide.Run, i int, n, number int64) (run *decide.Run, broken, err error) {
	key, at := parent.DetailAt(i)
	detail, err := l.Detail(ctx, key, at, i)
	if err != nil {
		return nil, nil, err
	}
	it, err := decide.NewIteration(parent, i, detail, n, number)
	if err != nil {
		return nil, nil, err
	}
	now := l.Clock.Now()
	it.Header.RequestTime, it.Header.Timeout = now.UnixMilli(), workflow.DefaultTimeout.Milliseconds()
	steps, err := l.repeated(ctx, parent, i, &it)
	if err != nil {
		return nil, nil, err
	}
	header, broken := decide.Fill(ctx, l.Settings, it, parent, detail)
	if broken != nil && !errors.Is(broken, workflow.ErrInvalid) {
		return nil, nil, broken
	}
	def, err := parent.Definition.Body(i)
	if err != nil {
		return nil, nil, err
	}
	run = decide.NewRun(it.Key, header, def, now)
	copy(run.State.Steps, steps)
	return run, broken, nil
}

// repeated returns the steps with which an iteration begins that ran before: it goes on where it was, unless the loop
// begins from its start.
func (l *Loop) repeated(ctx context.Context, parent *decide.Run, i int, it *decide.Iteration) ([]record.Step, error) {
	if it.Key.Run == 1 {
		return nil, nil
	}
	it.Header.Policy = decide.FromBeginning
	policy, restart := decide.ChildRestart(parent, i, it.Key)
	previous, err := l.LoadBefore(ctx, it.Key)
	if notFound(err) {
		it.Header.Policy = decide.FreshRun
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	if policy == decide.FromBeginning {
		return decide.Begun(previous), nil
	}
	steps, err := decide.Restarted(previous, policy, restart)
	if err != nil {
		return decide.Begun(previous), nil // everything of it is complete: it runs from its start
	}
	it.Header.Policy, it.Header.Restart = policy, restart
	if len(restart.Path) == 0 {
		it.Header.StepRunParams = restart.StepParams
		for name, p := range restart.RestartParams.All() {
			it.Header.Own.Set(name, p)
		}
	}
	return steps, l.Rewind(ctx, previous, steps)
}

// Rewind fills in what the loops among the steps of a restart begin with that go back to an earlier iteration: its
// loop values, and what those before it came to.
func (l *Loop) Rewind(ctx context.Context, previous *decide.Run, steps []record.Step) error {
	for i := range steps {
		nest, before := steps[i].Nest, &previous.State.Steps[i]
		if nest == nil || nest.Base == nil || nest.Base.Again == 0 || previous.Definition.Steps[i].Kind != workflow.KindWhile ||
			before.Attempt == 0 || steps[i].Attempt != 0 || !decide.Rewinds(before.Nest, nest.Base.Again) {
			continue // also a loop that did not run in the previous run, or does not in this one: it is handed on as it stood
		}
		for n := int64(1); n <= nest.Next; n++ {
			run, err := l.LoadLatest(ctx, decide.ChildKey(previous, i, n, 1).Workflow, n)
			if err != nil {
				return err
			}
			nest.Closed.Add(record.Sums{Ends: record.EndsOf(record.EndOf(run.State.Status)), Leaves: decide.LeavesOf(run)}, 1)
		}
		run, err := l.LoadLatest(ctx, decide.ChildKey(previous, i, 1, 1).Workflow, nest.Base.Again)
		if err != nil {
			return err
		}
		nest.Base.Values = workflow.CloneParams(run.Header.Own)
		nest.Base.Values.Delete("loop_index")
	}
	return nil
}

// LoadBefore returns the newest run of an instance before the given one. It returns CodeNotFound when there is none.
func (l *Loop) LoadBefore(ctx context.Context, key workflow.RunKey) (*decide.Run, error) {
	items, _, err := l.Store.List(ctx, record.CommitBefore(key))
	if err != nil {
		return nil, coded(err)
	}
	if len(items) == 0 {
		return nil, workflow.Errorf(workflow.CodeNotFound, "there is no run before %s", key)
	}
	return l.RunAt(ctx, items[0])
}

// Progress returns the progress item of a block of a loop, and its revision; what an earlier attempt left, and 0, when
// there is none yet.
func (l *Loop) Progress(ctx context.Context, parent *decide.Run, i int, block int64) (*record.Progress, int64, error) {
	step := &parent.State.Steps[i]
	items, err := l.Store.Get(ctx, store.Fresh, record.ProgressKey(parent.Key, i, step.Attempt, block))
	if err != nil {
		return nil, 0, coded(err)
	}
	if items[0].Rev != 0 {
		progress, err := record.Decode[record.Progress]("progress", items[0].Body)
		return progress, items[0].Rev, err
	}
	if step.Nest != nil && step.Nest.Base != nil {
		kept, err := l.Kept(ctx, parent.Key, i, *step.Nest.Base, block)
		if err != nil || kept != nil {
			return kept, 0, err
		}
	}
	return &record.Progress{}, 0, nil
}

// Kept returns what an earlier attempt of a loop left of a block: its successes, or all but the one iteration that
// runs again. It returns nil for nothing.
func (l *Loop) Kept(ctx context.Context, key workflow.RunKey, i int, base record.Base, block int64) (*record.Progress, error) {
	key.Run = base.Run
	items, err := l.Store.Get(ctx, store.Fresh, record.ProgressKey(key, i, base.Attempt, block))
	if err != nil {
		return nil, coded(err)
	}
	var before *record.Progress
	if items[0].Rev != 0 {
		if before, err = record.Decode[record.Progress]("progress", items[0].Body); err != nil {
			return nil, err
		}
	} else if base.Before != nil {
		if before, err = l.Kept(ctx, key, i, *base.Before, block); err != nil {
			return nil, err
		}
	}
	if before == nil {
		return nil, nil
	}
	first := block*record.BlockSize + 1
	out := before.Keep(base.Nest, func(offset int, end record.End) bool {
		if base.Again != 0 {
			return first+int64(offset) != base.Again
		}
		return end.Succeeded()
	})
	if out.All.Leaves, out.Good = before.Good, before.Good; base.Again == 0 {
		return out, nil
	}
	out.All.Leaves = before.All.Leaves
	end, run := before.At(base.Again, base.Nest)
	if end == record.Unended || record.BlockOf(base.Again) != block {
		return out, nil
	}
	parent, err := l.birth(ctx, key)
	if err != nil {
		return nil, err
	}
	leaves, err := l.leavesOf(ctx, decide.ChildKey(parent, i, base.Again, run))
	if err != nil {
		return nil, err
	}
	out.All.Leaves.Add(leaves, -1)
	if end.Succeeded() {
		out.Good.Add(leaves, -1)
	}
	return out, nil
}

// leavesOf counts the leaves of a run that has ended.
func (l *Loop) leavesOf(ctx context.Context, key workflow.RunKey) (record.Leaves, error) {
	run, err := l.LoadRun(ctx, key)
	if err != nil {
		return record.Leaves{}, err
	}
	return decide.LeavesOf(run), nil
}
