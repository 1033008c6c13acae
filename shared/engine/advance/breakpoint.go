package advance

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// breakpointAge is how old the list of breakpoints may be that a turn decides by: one read serves all turns
// of a workflow in that time, and a new breakpoint takes as long to be seen everywhere.
const breakpointAge = 2 * time.Second

// heldBreakpoints is a list of breakpoints and when it was read.
type heldBreakpoints struct {
	list []decide.Breakpoint
	at   time.Time
}

// Breakpoints returns the breakpoints of a workflow, at most breakpointAge old.
func (l *Loop) Breakpoints(ctx context.Context, wf workflow.ID) ([]decide.Breakpoint, error) {
	now := l.Clock.Now()
	if held, ok := l.cache.breakpoints.get(wf); ok && now.Sub(held.at).Abs() < breakpointAge {
		return held.list, nil
	}
	list, err := l.ListBreakpoints(ctx, record.BreakpointRange(wf, ""))
	if err != nil {
		return nil, err
	}
	l.cache.breakpoints.replace(wf, heldBreakpoints{list, now})
	return list, nil
}

// ListBreakpoints reads the breakpoints of a range.
func (l *Loop) ListBreakpoints(ctx context.Context, r store.Range) ([]decide.Breakpoint, error) {
	var out []decide.Breakpoint
	for {
		items, next, err := l.Store.List(ctx, r)
		if err != nil {
			return nil, coded(err)
		}
		for _, item := range items {
			b, err := record.Decode[decide.Breakpoint]("breakpoint", item.Body)
			if err != nil {
				return nil, err
			}
			out = append(out, *b)
		}
		if next == "" {
			return out, nil
		}
		r.From = next
	}
}

// putPaused lists the attempts that breakpoints stopped in a turn. It comes before the commit: a listed attempt
// that is not paused is found out when the list is read, a paused one that is not listed never would be.
func (l *Loop) putPaused(ctx context.Context, run *decide.Run, turn *decide.Turn) error {
	for _, i := range turn.Paused() {
		key := workflow.AttemptKey{RunKey: run.Key, Step: run.Definition.Steps[i].ID, Attempt: turn.State().Steps[i].Attempt}
		if err := l.Store.Put(ctx, store.Write{Item: store.Item{Key: record.PausedKey(key), Body: []byte("{}")}, If: store.Any}); err != nil {
			return err
		}
	}
	return nil
}
