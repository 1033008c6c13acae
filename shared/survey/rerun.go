package survey

import (
	"context"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// reruns are the iterations of a step that are restarted in place and have not ended again.
type reruns struct {
	runs   []workflow.RunKey // in which they are
	before record.Sums       // what they came to before: it stays in the sums of their loop until they end again
}

// reruns reads those of step i, as far as the survey may.
func (l *look) reruns(ctx context.Context, run *decide.Run, i int) (out reruns, err error) {
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
		if end == record.Unended || rerun(nest, again.Iteration, by) == 0 {
			continue
		}
		l.reads--
		earlier, err := l.LoadRun(ctx, decide.ChildKey(run, i, again.Iteration, by))
		if err != nil {
			return out, err
		}
		out.runs = append(out.runs, decide.ChildKey(run, i, again.Iteration, again.Run))
		out.before.Add(record.Sums{Ends: record.EndsOf(end), Leaves: decide.LeavesOf(earlier)}, 1)
	}
	return out, nil
}

// rerun returns the run in which an iteration is restarted in place, of which the run by is the last that is known to
// have ended; 0 for one that is not, or has ended again.
func rerun(nest *record.Nest, iteration, by int64) int64 {
	for _, again := range nest.Again {
		if again.Iteration == iteration && again.Run != by {
			return again.Run
		}
	}
	return 0
}
