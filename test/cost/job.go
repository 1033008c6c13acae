package main

import (
	"context"
	"sync"
	"time"

	"github.com/segue-workflows/segue/shared/engine/callback"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/token"
	testworld "github.com/segue-workflows/segue/test/world"
)

// called is the type, one without a runtime of its own here, of a job that is handed over and calls back.
const called = "Process"

// runtimes are the standard ones, and those of jobs that call back or end in any order.
func (w *world) runtimes() *runtime.Registry {
	out := runtime.Standard()
	out.Add(testworld.Shuffled, testworld.NewShuffle(1))
	out.Add(called, w.callers)
	return out
}

// callers are jobs that were handed over.
type callers struct {
	runtime.Echo
	mu   sync.Mutex
	open []token.Holder
}

func (c *callers) Execute(_ context.Context, call runtime.Call) (runtime.Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.open = append(c.open, token.Holder{Attempt: call.Key, UUID: call.UUID})
	return runtime.Result{State: runtime.Continue, Wait: true}, nil
}

// callBack lets all jobs that were handed over report their success, each in an invocation of the api, and tells
// whether there were any.
func (w *world) callBack() (some bool, err error) {
	api := &callback.Callback{Loop: w.trigger.Loop}
	open := w.callers.open
	w.callers.open = nil
	for _, holder := range open {
		began := time.Now()
		if _, err := api.Report(context.Background(), holder, runtime.Result{State: runtime.Done}); err != nil {
			return true, err
		}
		w.ledger.invoked(time.Since(began))
	}
	return len(open) > 0, nil
}
