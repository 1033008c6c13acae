package survey

import (
	"context"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
)

// before returns what the iterations that are restarted in place came to before: it stays in the sums of their loop
// until they end again, but people are told how they are now.
func (l *look) before(ctx context.Context, run *decide.Run, i int) (out record.Sums, err error) {
	nest := run.State.Steps[i].Nest
	for _, again := range nest.Again {
		if l.spent() {
			break
		}
		progress, err := l.progress(ctx, run, i, record.BlockOf(again.Iteration))
		if err != nil {
			return out, err
		}
		end, by := progress.At(again.Iteration, nest.Run)
		if end == record.Unended || by == again.Run {
			continue // it has ended again, or nothing was known of it
		}
		l.reads--
		earlier, err := l.LoadRun(ctx, decide.ChildKey(run, i, again.Iteration, by))
		if err != nil {
			return out, err
		}
		out.Add(record.Sums{Ends: record.EndsOf(end), Leaves: decide.LeavesOf(earlier)}, 1)
	}
	return out, nil
}

// rerun returns the run in which an iteration is restarted in place; 0 for one that is not.
func rerun(nest *record.Nest, iteration int64) int64 {
	for _, again := range nest.Again {
		if again.Iteration == iteration {
			return again.Run
		}
	}
	return 0
}
