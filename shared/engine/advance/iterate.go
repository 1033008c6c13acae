package advance

import (
	"context"
	"slices"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Wanted lists those of the iterations from to to of the loop that is step i of a run for which it waits, each with
// the number of its run, and the blocks of whose progress the run does not know all: whoever folded them may have died.
func (l *Loop) Wanted(ctx context.Context, parent *decide.Run, i int, from, to int64) (wanted []record.Again, stale []int64, err error) {
	nest := parent.State.Steps[i].Nest
	progress, block := (*record.Progress)(nil), int64(-1)
	if parent.Definition.Steps[i].Kind == workflow.KindWhile {
		if from <= nest.Next && nest.Next <= to {
			wanted = append(wanted, record.Again{Iteration: nest.Next, Run: nest.Run})
		}
		return wanted, nil, nil
	}
	for n := from; n <= to; n++ {
		number, again := nest.Run, false
		for _, one := range nest.Again {
			if one.Iteration == n {
				number, again = one.Run, true
			}
		}
		if record.BlockOf(n) != block {
			var rev int64
			block = record.BlockOf(n)
			if progress, rev, err = l.Progress(ctx, parent, i, block); err != nil {
				return nil, nil, err
			}
			if slices.ContainsFunc(nest.Open, func(b record.Block) bool { return b.Number == block && b.Rev < rev }) {
				stale = append(stale, block)
			}
		}
		if end, run := progress.At(n, nest.Run); end == record.Unended || run < number && (again || !end.Kept()) {
			wanted = append(wanted, record.Again{Iteration: n, Run: number})
		}
	}
	return wanted, stale, nil
}

// CreateIteration puts the first commit of an iteration as act decides it, which begins the run or refuses it. When it
// is there already, it is returned as it is, and nothing is committed.
func (l *Loop) CreateIteration(ctx context.Context, parent *decide.Run, i int, which record.Again, act func(*decide.Turn) error) (Visited, error) {
	run, broken, err := l.Iteration(ctx, parent, i, which.Iteration, which.Run)
	if err != nil {
		return Visited{}, err
	}
	return l.Create(ctx, run, func(turn *decide.Turn) error {
		if broken != nil {
			return turn.Break(broken)
		}
		return act(turn)
	})
}

// Cover spares iteration n a wake item of its own until its loop is looked at: that look comes to all iterations that
// nobody has reached yet, and is the look at this one, too.
func (l *Loop) Cover(turn *decide.Turn, parent *decide.Run, i int, n int64) {
	latest := l.Clock.Now().Add(decide.InHandGrace + time.Second) // wake items know seconds
	if look := parent.State.Look; n > parent.State.Steps[i].Nest.Seen && look <= latest.UnixMilli() {
		turn.Covered(look)
	}
}
