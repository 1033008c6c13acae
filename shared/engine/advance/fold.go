package advance

import (
	"context"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Fold tells the step of a parent that instances of its ended, and lets it go on. All children have the same link.
// Whoever repeats it changes nothing. stale are blocks of a loop whose progress the parent may not have heard of.
func (l *Loop) Fold(ctx context.Context, link record.Link, children []*decide.Run, stale ...int64) (Visited, error) {
	parent, err := l.LoadRun(ctx, link.Parent)
	if err != nil {
		return Visited{}, err
	}
	if !awaits(parent, link) {
		return Visited{Run: parent}, nil
	}
	if parent.Definition.Steps[link.Ordinal].Kind != workflow.KindForeach {
		return l.pass(ctx, link, children)
	}
	blocks, err := l.foldBlocks(ctx, parent, link, children, stale)
	if err != nil {
		return Visited{}, err
	}
	return l.Visit(ctx, link.Parent, func(turn *decide.Turn) error {
		if err := turn.Expire(); err != nil {
			return err
		}
		if err := turn.Fold(link.Ordinal, link.Attempt, blocks); err != nil {
			return err
		}
		return turn.Advance()
	})
}

// awaits tells whether the attempt that a link names still waits for its instances.
func awaits(parent *decide.Run, link record.Link) bool {
	if parent.State.Status.Terminal() || link.Ordinal >= len(parent.State.Steps) {
		return false
	}
	step := &parent.State.Steps[link.Ordinal]
	return step.Attempt == link.Attempt && step.Status == workflow.Running && step.Nest != nil
}

// foldBlocks writes the ends of iterations into their progress items, one guarded write for each block.
func (l *Loop) foldBlocks(ctx context.Context, parent *decide.Run, link record.Link, children []*decide.Run, stale []int64) ([]decide.Folded, error) {
	byBlock := map[int64][]record.Child{}
	numbers := slices.Clone(stale)
	for _, run := range children {
		child := childOf(run)
		number := record.BlockOf(child.Iteration)
		if !slices.Contains(numbers, number) {
			numbers = append(numbers, number)
		}
		byBlock[number] = append(byBlock[number], child)
	}
	slices.Sort(numbers)
	var blocks []decide.Folded
	for _, number := range numbers {
		block, err := l.foldBlock(ctx, parent, link, number, byBlock[number])
		if err != nil {
			return nil, err
		}
		blocks = append(blocks, block)
	}
	return blocks, nil
}

func childOf(run *decide.Run) record.Child {
	return record.Child{Iteration: run.Key.Instance, Run: run.Key.Run, Status: run.State.Status, Leaves: decide.LeavesOf(run)}
}

func (l *Loop) foldBlock(ctx context.Context, parent *decide.Run, link record.Link, number int64, children []record.Child) (decide.Folded, error) {
	var block decide.Folded
	base := parent.State.Steps[link.Ordinal].Nest.Run
	err := l.Again(ctx, func() error {
		progress, rev, err := l.Progress(ctx, parent, link.Ordinal, number)
		if err != nil {
			return err
		}
		changed := false
		for _, child := range children {
			var replaced record.Leaves
			if end, run := progress.At(child.Iteration, base); end != record.Unended && run < child.Run {
				if replaced, err = l.leavesOf(ctx, decide.ChildKey(parent, link.Ordinal, child.Iteration, run)); err != nil {
					return err
				}
			}
			changed = progress.Fold(child, base, replaced) || changed
		}
		if changed {
			guard := store.Absent
			if rev > 0 {
				guard = store.At(rev)
			}
			key := record.ProgressKey(parent.Key, link.Ordinal, link.Attempt, number)
			if err := l.Store.Put(ctx, store.Write{Item: store.Item{Key: key, Body: record.Encode(progress), Expire: l.Settings.Expiry(parent.Header, parent.State)}, If: guard}); err != nil {
				return err
			}
			rev++
		}
		block = decide.Folded{Block: progress.Block(number, rev), Progress: progress}
		return nil
	})
	return block, err
}

// pass tells a while or subworkflow step that its one instance ended.
func (l *Loop) pass(ctx context.Context, link record.Link, children []*decide.Run) (Visited, error) {
	return l.Visit(ctx, link.Parent, func(turn *decide.Turn) error {
		if err := turn.Expire(); err != nil {
			return err
		}
		for _, child := range children {
			var failed error
			values := func(name string) (*workflow.Param, bool) {
				p, ok, err := l.lastParam(ctx, child, name)
				if err != nil {
					failed = err
				}
				return p, ok
			}
			if err := turn.Passed(link.Ordinal, link.Attempt, childOf(child), values); err != nil {
				return err
			}
			if failed != nil {
				return failed
			}
		}
		return turn.Advance()
	})
}

// lastParam finds a param among those of the steps of a run: of the last step that has it.
func (l *Loop) lastParam(ctx context.Context, run *decide.Run, name string) (*workflow.Param, bool, error) {
	for i := len(run.State.Steps) - 1; i >= 0; i-- {
		if !run.State.Steps[i].Status.Complete() || run.State.Steps[i].Detail == 0 {
			continue
		}
		key, at := run.DetailAt(i)
		detail, err := l.Detail(ctx, key, at, i)
		if err != nil {
			return nil, false, err
		}
		if p, ok := detail.Params.Get(name); ok && p.Evaluated {
			return p, true, nil
		}
	}
	return nil, false, nil
}

// awaited tells whether the step that started a run has yet to hear of its end.
func (l *Loop) awaited(ctx context.Context, run *decide.Run) (bool, error) {
	link := run.Header.Link
	parent, err := l.LoadRun(ctx, link.Parent)
	if notFound(err) {
		return false, nil
	}
	if err != nil || !awaits(parent, *link) {
		return false, err
	}
	nest := parent.State.Steps[link.Ordinal].Nest
	if parent.Definition.Steps[link.Ordinal].Kind != workflow.KindForeach {
		return nest.Running() > 0, nil
	}
	number := record.BlockOf(run.Key.Instance)
	progress, rev, err := l.Progress(ctx, parent, link.Ordinal, number)
	if err != nil {
		return false, err
	}
	if end, by := progress.At(run.Key.Instance, nest.Run); end == record.Unended || by < run.Key.Run {
		return true, nil
	}
	return slices.ContainsFunc(nest.Open, func(b record.Block) bool { return b.Number == number && b.Rev < rev }), nil
}

// maxReportHops is how many hints in a row may have changed nothing before the end of a run is not reported once more:
// those that look after a run by itself lead to that many.
const maxReportHops = 2

// report has the step told that started a run which ended. hops are hints in a row that changed nothing.
func (l *Loop) report(ctx context.Context, run *decide.Run, hops int) error {
	if run.Header.Link == nil || hops > maxReportHops {
		return nil
	}
	return l.Report(ctx, hops, run)
}

// Report has rollup told of runs that ended.
func (l *Loop) Report(ctx context.Context, hops int, runs ...*decide.Run) error {
	out := make([]Delayed, len(runs))
	for i, run := range runs {
		out[i].Message = hint.Message{Kind: hint.Ended, Run: run.Key, Commit: run.Commits, Hops: hops}
	}
	return l.Send(ctx, hint.Rollup, out...)
}

// Tend chunks: how many instances one message asks somebody to look after.
const tendChunk = 100

// hintTends asks for somebody to look after instances of steps: dispatch, when they begin and are to call jobs at once.
func (l *Loop) hintTends(ctx context.Context, run *decide.Run, tends []decide.Tend, reason string, hops int) error {
	out := map[string][]Delayed{}
	for _, tend := range tends {
		name, chunk := hint.Evaluate, int64(tendChunk)
		if reason != hint.ReasonRecover && run.BeginsWithJobs(tend.Ordinal, l.Settings) {
			name, chunk = hint.Dispatch, decide.MaxClaims
		}
		for from := tend.From; from <= tend.To; from += chunk {
			out[name] = append(out[name], Delayed{Message: hint.Message{Kind: hint.Children, Run: run.Key, Reason: reason, Hops: hops,
				Steps: [][2]int64{{int64(tend.Ordinal), tend.Attempt}}, From: from, To: min(tend.To, from+chunk-1)}})
		}
	}
	for _, name := range []string{hint.Evaluate, hint.Dispatch} {
		if err := l.Send(ctx, name, out[name]...); err != nil {
			return err
		}
	}
	return nil
}
