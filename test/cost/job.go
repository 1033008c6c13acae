package main

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/segue-workflows/segue/shared/engine/callback"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/token"
)

// shuffled is the type, one without a runtime of its own here, of a job that takes a time of its own, so that
// iterations end in any order.
const shuffled = "Titus"

// called is the type, another one without a runtime of its own here, of a job that is handed over and calls back.
const called = "Process"

// runtimes are the standard ones and those two.
func (w *world) runtimes() *runtime.Registry {
	out := runtime.Standard()
	out.Add(shuffled, shuffle{})
	out.Add(called, w.callers)
	return out
}

// shuffle is a job that takes up to 10 ms.
type shuffle struct{ runtime.Echo }

func (shuffle) Execute(ctx context.Context, call runtime.Call) (runtime.Result, error) {
	select {
	case <-time.After(rand.N(10 * time.Millisecond)):
	case <-ctx.Done():
	}
	return runtime.Echo{}.Execute(ctx, call)
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
