package main

import (
	"context"
	"math/rand/v2"
	"time"

	"github.com/segue-workflows/segue/shared/runtime"
)

// shuffled is the type, one without a runtime of its own here, of a job that takes a time of its own, so that
// iterations end in any order.
const shuffled = "Titus"

// runtimes are the standard ones and the shuffled one.
func runtimes() *runtime.Registry {
	out := runtime.Standard()
	out.Add(shuffled, shuffle{})
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
