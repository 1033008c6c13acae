package bench

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// BenchmarkForeach runs one loop over a body of one step. Beside the pace it reports how much memory the process came
// to hold beyond what it held before, and how large the largest commit of the loop's own run is.
func BenchmarkForeach(b *testing.B) {
	for _, load := range []looping{
		{n: 1_000, body: "NoOp"}, {n: 1_000, body: "NoOp", durable: true},
		{n: 1_000, body: "Echo"}, {n: 1_000, body: "Echo", durable: true},
		{n: 100_000, body: "NoOp", durable: true},
		{n: 100_000, body: "NoOp", durable: true, failing: true},
		{n: 100_000, body: shuffled, durable: true},
	} {
		b.Run(load.String(), func(b *testing.B) { load.run(b) })
	}
}

// looping is a load: one loop.
type looping struct {
	n       int
	body    string // type of the step
	failing bool   // every second iteration fails
	durable bool
}

func (l looping) String() string {
	kind := map[string]string{"Echo": "job", "NoOp": "light", shuffled: "shuffled"}[l.body]
	if l.failing {
		kind += "-failing"
	}
	return fmt.Sprintf("%d/%s/%s", l.n, kind, map[bool]string{true: "embedded", false: "memory"}[l.durable])
}

// failures is how many iterations fail.
func (l looping) failures() int64 {
	if l.failing {
		return int64(l.n) / 2
	}
	return 0
}

func (l looping) definition() *workflow.Workflow {
	loop, params, body := &workflow.Params{}, &workflow.Params{}, &workflow.Step{Kind: workflow.KindStep, ID: "s", Type: l.body}
	loop.Set("i", &workflow.Param{Type: workflow.LongArray, HasExpr: true, Expression: fmt.Sprintf("Util.intsBetween(0,%d,1)", min(l.n, 100))})
	if l.n > 100 { // an expression may not come to 100,000 values
		loop.Set("j", workflow.Literal(make([]int64, l.n/100)))
	}
	if l.failing {
		body.Params = &workflow.Params{}
		body.Params.Set("half", &workflow.Param{Type: workflow.Long, HasExpr: true, Expression: "1 / (i % 2)"})
	}
	params.Set("loop_params", &workflow.Param{Type: workflow.Map, Value: loop})
	return &workflow.Workflow{ID: "bench", Steps: []*workflow.Step{{Kind: workflow.KindForeach, ID: "fe", Params: params,
		ContinueOnFailure: l.failing, FailureMode: workflow.IgnoreFailure, Steps: []*workflow.Step{body}}}}
}

func (l looping) run(b *testing.B) {
	w := l.definition()
	took, grown, largest := time.Duration(0), 0, 0
	for range b.N {
		b.StopTimer()
		h := open(b, l.durable)
		h.push(b, w, workflow.DefaultRunStrategy)
		before := resident(b)
		b.StartTimer()
		at := time.Now()
		h.start(b)
		h.await(b, 1)
		took += time.Since(at)
		b.StopTimer()
		grown = max(grown, resident(b)-before)
		largest = max(largest, h.largest(b))
		if got := h.state(b, 1).Steps[0].Nest.Sums().Ends; got.Of(record.Failed) != l.failures() || got.Total() != int64(l.n) {
			b.Fatalf("%d iterations ended and %d failed, want %d and %d", got.Total(), got.Of(record.Failed), l.n, l.failures())
		}
		h.stop()
	}
	leaves := float64(l.n * b.N)
	b.ReportMetric(leaves/took.Seconds(), "leaves/s")
	b.ReportMetric(took.Seconds()*1000/leaves, "ms/leaf")
	b.ReportMetric(float64(grown)/(1<<20), "MiB-grown")
	b.ReportMetric(float64(largest), "B-largest-commit")
	b.ReportMetric(0, "ns/op")
}

// largest returns the length of the largest commit of the loop's run, before it is packed, without the first.
func (h home) largest(b *testing.B) int {
	b.Helper()
	out := 0
	r := record.AllCommits(workflow.RunKey{Workflow: "bench", Instance: 1, Run: 1})
	for {
		items, next, err := h.Loop.Store.List(b.Context(), r)
		if err != nil {
			b.Fatal(err)
		}
		for _, item := range items {
			if _, n, _ := record.ParseCommitKey(item.Key); n > 1 {
				out = max(out, len(item.Body))
			}
		}
		if next == "" {
			return out
		}
		r.From = next
	}
}

// shuffled is the type, one without a runtime of its own here, of a job that takes a time of its own, so that
// iterations end in any order.
const shuffled = "Titus"

// shuffle is its runtime: a job takes up to 20 ms.
type shuffle struct {
	mu     sync.Mutex
	random *rand.Rand
}

func (s *shuffle) Start(context.Context, runtime.Call) (runtime.Result, error) {
	return runtime.Result{State: runtime.Done}, nil
}

func (s *shuffle) Execute(ctx context.Context, _ runtime.Call) (runtime.Result, error) {
	s.mu.Lock()
	pause := time.Duration(s.random.IntN(20_000)) * time.Microsecond
	s.mu.Unlock()
	select {
	case <-time.After(pause):
	case <-ctx.Done():
	}
	return runtime.Result{State: runtime.Done}, nil
}

func (s *shuffle) Terminate(context.Context, runtime.Call) (runtime.Result, error) {
	return runtime.Result{State: runtime.Stopped}, nil
}

// resident returns how many bytes of memory the process holds.
func resident(b *testing.B) int {
	b.Helper()
	text, err := os.ReadFile("/proc/self/statm")
	if err != nil {
		return 0 // not on this system
	}
	pages, err := strconv.Atoi(string(bytes.Fields(text)[1]))
	if err != nil {
		b.Fatal(err)
	}
	return pages * os.Getpagesize()
}
