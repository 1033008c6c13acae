package main

import (
	"context"
	"fmt"
	"time"

	"github.com/segue-workflows/segue/shared/engine/board"
	"github.com/segue-workflows/segue/shared/engine/hint"
	use "github.com/segue-workflows/segue/shared/engine/signal"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/workflow"
)

// announced announces signals one after the other, each of which starts a run, and returns how long after the call each
// run's first commit was durable. 10,000 others wait for other values. The first is not counted: on it the functions warm
// up. All are announced by one function, which so remembers that the signal before is in all indexes: another one reads
// twice for that.
func announced(ctx context.Context, w *world, body *workflow.Workflow, signals int) ([]time.Duration, error) {
	conditions := &workflow.Ordered[*workflow.SignalMatch]{}
	mine := &workflow.Ordered[*workflow.MatchParam]{}
	mine.Set("file", &workflow.MatchParam{Value: "mine", Operator: signal.Equal})
	conditions.Set("upload", &workflow.SignalMatch{MatchParams: mine})
	body.SignalTriggers = []workflow.SignalTrigger{{Definitions: conditions}}
	if err := w.push(ctx, body); err != nil {
		return nil, err
	}
	for n := range 10_000 {
		other := board.Subscriber{ID: fmt.Sprint(n), Wanted: signal.Matches{{Param: "file", Operator: signal.Equal, Value: fmt.Sprint(n)}}}
		if err := (&board.Board{Store: w.items}).Subscribe(ctx, "upload", other); err != nil {
			return nil, err
		}
	}
	told := &use.Signals{Trigger: &trigger.Trigger{Loop: w.loop(), NewID: w.trigger.NewID}}
	if err := told.Reconcile(ctx, body.ID); err != nil {
		return nil, err
	}
	w.handlers[hint.Trigger] = told.Handle
	api := &use.Signals{Trigger: w.trigger}
	var out []time.Duration
	for n := range signals + 1 {
		w.ready = time.Time{}
		before := w.Now()
		if _, err := api.Announce(ctx, &signal.Instance{Name: "upload", Identity: fmt.Sprint(n), Params: signal.Params{"file": "mine"}}); err != nil {
			return nil, err
		}
		if err := w.drain(ctx); err != nil {
			return nil, err
		}
		if w.ready.IsZero() {
			return nil, fmt.Errorf("signal %d started no run", n+1)
		}
		if n > 0 {
			out = append(out, w.ready.Sub(before))
		}
	}
	return out, nil
}
