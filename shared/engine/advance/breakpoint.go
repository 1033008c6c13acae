package advance

import (
	"context"
	"errors"
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
	l.cache.breakpoints.replace(wf, heldBreakpoints{list, now}, smallest)
	return list, nil
}

// PutBreakpoint sets a breakpoint, and returns it as it is: one that was set before keeps its author and its time.
func (l *Loop) PutBreakpoint(ctx context.Context, wf workflow.ID, b decide.Breakpoint) (decide.Breakpoint, error) {
	key := record.BreakpointKey(wf, b.Step, b.Scope())
	err := l.Store.Put(ctx, store.Write{Item: store.Item{Key: key, Body: record.Encode(b)}, If: store.Absent})
	if err == nil {
		l.cache.breakpoints.replace(wf, heldBreakpoints{}, smallest) // too old for anybody
		return b, nil
	}
	if !errors.Is(err, store.ErrGuard) {
		return b, coded(err)
	}
	items, err := l.Store.Get(ctx, store.Fresh, key)
	if err != nil || items[0].Rev == 0 { // deleted right now: whoever deletes it comes after us
		return b, coded(err)
	}
	first, err := record.Decode[decide.Breakpoint]("breakpoint", items[0].Body)
	if err != nil {
		return b, err
	}
	return *first, nil
}

// DeleteBreakpoint takes a breakpoint away; attempts that it stopped stay as they are. It returns CodeNotFound.
func (l *Loop) DeleteBreakpoint(ctx context.Context, wf workflow.ID, b decide.Breakpoint) error {
	key := record.BreakpointKey(wf, b.Step, b.Scope())
	items, err := l.Store.Get(ctx, store.Fresh, key)
	if err != nil {
		return coded(err)
	}
	if items[0].Rev == 0 {
		return workflow.Errorf(workflow.CodeNotFound, "step %q of workflow %q has no such breakpoint", b.Step, wf)
	}
	if err := l.Store.Put(ctx, store.Write{Item: store.Item{Key: key}, If: store.Any}); err != nil {
		return coded(err)
	}
	l.cache.breakpoints.replace(wf, heldBreakpoints{}, smallest)
	return nil
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
		item := store.Item{Key: record.PausedKey(decide.HomeOf(run.Key, run.Header), key), Body: []byte("{}"), Expire: l.Settings.Expiry(run.Header, turn.State())}
		if err := l.Store.Put(ctx, store.Write{Item: item, If: store.Any}); err != nil {
			return err
		}
	}
	return nil
}
