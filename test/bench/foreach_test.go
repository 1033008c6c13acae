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
	"github.com/segue-workflows/segue/test/world"
)

// BenchmarkForeach runs one loop over a body of one step. Beside the pace it reports how much memory the process came
// to hold beyond what it held before, and how large the largest commit of the loop's own run is.
func BenchmarkForeach(b *testing.B) {
	for _, load := range []looping{
		{n: 1_000, body: "NoOp"}, {n: 1_000, body: "NoOp", durable: true},
		{n: 1_000, body: "Echo"}, {n: 1_000, body: "Echo", durable: true},
		{n: 100_000, body: "NoOp", durable: true},
		{n: 100_000, body: "NoOp", durable: true, failing: true},
		{n: 100_000, body: world.Shuffled, durable: true},
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
	kind := map[string]string{"Echo": "job", "NoOp": "light", world.Shuffled: "shuffled"}[l.body]
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

func (l looping) run(b *testing.B) {
	w := world.Loop("bench", l.n, l.body, l.failing)
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
