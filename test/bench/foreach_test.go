package bench

import (
	"bytes"
	"fmt"
	"os"
	"strconv"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// BenchmarkForeach runs one loop over a body of one step. Beside the pace it reports how much memory the process came
// to hold beyond what it held before, and how large the largest commit of the loop's own run is.
func BenchmarkForeach(b *testing.B) {
	for _, n := range []int{1_000, 100_000} {
		for _, body := range []string{"NoOp", "Echo"} {
			for _, home := range []string{"memory", "embedded"} {
				if n == 100_000 && (home == "memory" || body == "Echo") {
					continue
				}
				name := fmt.Sprintf("%d/%s/%s", n, map[string]string{"Echo": "job", "NoOp": "light"}[body], home)
				b.Run(name, func(b *testing.B) { foreach(b, n, body, home == "embedded") })
			}
		}
	}
}

func foreach(b *testing.B, n int, body string, durable bool) {
	loop, params := &workflow.Params{}, &workflow.Params{}
	loop.Set("i", &workflow.Param{Type: workflow.LongArray, HasExpr: true, Expression: fmt.Sprintf("Util.intsBetween(0,%d,1)", n)})
	if n > workflow.MaxIterations { // an expression may not come to as many
		values := make([]int64, n/100)
		loop = &workflow.Params{}
		loop.Set("i", workflow.Literal(values))
		loop.Set("j", workflow.Literal(make([]int64, 100)))
	}
	params.Set("loop_params", &workflow.Param{Type: workflow.Map, Value: loop})
	w := &workflow.Workflow{ID: "bench", Steps: []*workflow.Step{{Kind: workflow.KindForeach, ID: "fe", Params: params,
		Steps: []*workflow.Step{{Kind: workflow.KindStep, ID: "s", Type: body}}}}}
	took, grown, largest := time.Duration(0), 0, 0
	for range b.N {
		b.StopTimer()
		h := open(b, durable)
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
		if got := h.state(b, 1).Steps[0].Nest.Sums().Leaves[workflow.Succeeded]; got != int64(n) {
			b.Fatalf("%d iterations succeeded, want %d", got, n)
		}
		h.stop()
	}
	leaves := float64(n * b.N)
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
