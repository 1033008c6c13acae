package world

import (
	"context"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// most is how many values an expression may come to, with room to spare.
const most = 1_000

// Loop is a foreach of n iterations over one step of a type. Of a failing one every second iteration fails, and it goes
// on.
func Loop(id workflow.ID, n int, kind string, failing bool) *workflow.Workflow {
	loop, params, body := &workflow.Params{}, &workflow.Params{}, Step(0, kind)
	loop.Set("i", &workflow.Param{Type: workflow.LongArray, HasExpr: true, Expression: fmt.Sprintf("Util.intsBetween(0,%d,1)", min(n, most))})
	if n > most {
		loop.Set("j", workflow.Literal(make([]int64, n/most)))
	}
	params.Set("loop_params", &workflow.Param{Type: workflow.Map, Value: loop})
	fe := &workflow.Step{Kind: workflow.KindForeach, ID: "fe", Params: params, Steps: []*workflow.Step{body}}
	if failing {
		fe.ContinueOnFailure, fe.FailureMode, body.Params = true, workflow.IgnoreFailure, &workflow.Params{}
		body.Params.Set("half", &workflow.Param{Type: workflow.Long, HasExpr: true, Expression: "1 / (i % 2)"})
	}
	return &workflow.Workflow{ID: id, Steps: []*workflow.Step{fe}}
}

// Shuffled is the type, one without a runtime of its own, that tests give to Shuffle.
const Shuffled = "Titus"

// Shuffle is a job that takes a time of its own, up to 10 ms, so that iterations end in any order.
type Shuffle struct {
	runtime.Echo
	mu     sync.Mutex
	random *rand.Rand
}

// NewShuffle returns one with the times of a seed.
func NewShuffle(seed uint64) *Shuffle { return &Shuffle{random: rand.New(rand.NewPCG(seed, 0))} }

// Execute takes its time.
func (s *Shuffle) Execute(ctx context.Context, call runtime.Call) (runtime.Result, error) {
	s.mu.Lock()
	pause := time.Duration(s.random.Int64N(int64(10 * time.Millisecond)))
	s.mu.Unlock()
	select {
	case <-time.After(pause):
	case <-ctx.Done():
	}
	return s.Echo.Execute(ctx, call)
}
