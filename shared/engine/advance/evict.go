package advance

import (
	"context"
	"fmt"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// strategyActor is who acts when a run strategy stops a run.
var strategyActor = &workflow.User{Name: "maestro_run_strategy"}

// Evict stops a run that the head made to give way: at once while it waits, through its steps when it runs.
// Whoever repeats it finds the run on its way.
func (l *Loop) Evict(ctx context.Context, wf workflow.ID, e strategy.Eviction) error {
	reason := "the run strategy has no place for the run any more"
	if e.By.Instance != 0 {
		reason = fmt.Sprintf("the run strategy stops it in favour of instance %d run %d", e.By.Instance, e.By.Run)
	}
	v, err := l.Visit(ctx, keyOf(wf, e.Ref), func(turn *decide.Turn) error {
		if status := turn.State().Status; status.Terminal() || turn.State().Ending != "" {
			return nil
		}
		return turn.EndRun(workflow.InstanceStopped, decide.Order{Action: "STOP", By: strategyActor, Reason: reason})
	})
	if notFound(err) {
		return nil // its first commit is not there: whoever puts it looks at the head afterwards
	}
	if err != nil {
		return err
	}
	return l.Follow(ctx, v, hint.Message{Reason: hint.ReasonAction}, nil)
}

// verifyEvictions repeats the evictions that nobody has verified and drops those that are on their way.
func (l *Loop) verifyEvictions(ctx context.Context, wf workflow.ID, head *strategy.Head) (changed bool, err error) {
	for _, e := range append([]strategy.Eviction(nil), head.Evicted...) {
		run, err := l.LoadRun(ctx, keyOf(wf, e.Ref))
		if notFound(err) {
			continue
		}
		if err != nil {
			return false, err
		}
		switch {
		case run.State.Status.Terminal():
			head.End(EndOf(run))
		case run.State.Ending == "":
			// Stopping it may release its place by a write of this very head: whoever wrote looks again.
			if err := l.Evict(ctx, wf, e); err != nil {
				return false, err
			}
		}
		head.Settled(e.Ref)
		changed = true
	}
	return changed, nil
}
