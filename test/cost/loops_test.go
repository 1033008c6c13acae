package main

import (
	"fmt"
	"math"
	"testing"

	"github.com/segue-workflows/segue/shared/price"
	"github.com/segue-workflows/segue/shared/workflow"
)

// thousand is the loop that larger ones are compared with.
const thousand = 1_000

// TestIterationsBelowTheirUnits: what an iteration may write and send.
func TestIterationsBelowTheirUnits(t *testing.T) {
	for kind, most := range map[string]struct{ writes, requests float64 }{"NoOp": {1.3, 0.3}, "Echo": {2.6, 0.8}} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := loop(t, thousand, kind, false)
			writes, requests := float64(r.bill.WriteUnits)/thousand, float64(r.bill.QueueRequests)/thousand
			if writes < 1 || writes > most.writes || requests > most.requests {
				t.Errorf("an iteration writes %.2f units (at most %.2f) and makes %.2f requests (at most %.2f)",
					writes, most.writes, requests, most.requests)
			}
		})
	}
}

// TestALargeLoopCostsWhatASmallOneDoes for each iteration, also when iterations fail or end in any order.
func TestALargeLoopCostsWhatASmallOneDoes(t *testing.T) {
	for _, c := range []struct {
		kind    string
		failing bool
		within  float64
	}{{"NoOp", false, 0.1}, {"NoOp", true, 0.2}, {"Echo", false, 0.1}, {shuffled, false, 0.2}} {
		t.Run(fmt.Sprintf("%s, failing %v", c.kind, c.failing), func(t *testing.T) {
			t.Parallel()
			if of := ratio(t, 5*thousand, c.kind, c.failing); math.Abs(of-1) > c.within {
				t.Errorf("an iteration costs %.2f times as much as one of a loop of 1,000", of)
			}
		})
	}
}

// BenchmarkLoops prints what an iteration costs beside one of a loop of 1,000 of the same body that all succeed.
func BenchmarkLoops(b *testing.B) {
	for _, c := range []struct {
		name, kind string
		failing    bool
	}{{"light", "NoOp", false}, {"light-failing", "NoOp", true}, {"job", "Echo", false}, {"shuffled", shuffled, false}} {
		b.Run("100000/"+c.name, func(b *testing.B) {
			of := 0.0
			for range b.N {
				of = ratio(b, 100*thousand, c.kind, c.failing)
			}
			b.ReportMetric(of, "of-1000")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// ratio is the price of an iteration of a loop of n beside that of one of a thousand iterations that succeed, without
// the time of the functions, which is this machine's.
func ratio(t testing.TB, n int, kind string, failing bool) float64 {
	t.Helper()
	p, err := price.Load()
	if err != nil {
		t.Fatal(err)
	}
	dollars := func(r result) float64 {
		r.bill.Busy = 0
		return r.perMillion(p)
	}
	plain := kind
	if plain == shuffled {
		plain = "Echo"
	}
	return dollars(loop(t, n, kind, failing)) / dollars(loop(t, thousand, plain, false))
}

// loop measures one loop.
func loop(t testing.TB, n int, kind string, failing bool) result {
	t.Helper()
	s := shape{name: "loop", body: iterations(n, failing), kind: kind, instances: 1, batch: 1, alone: true, leaves: n}
	r, err := s.measure()
	if err != nil {
		t.Fatal(err)
	}
	return r
}

// iterations is a loop of n, of which every second one fails or none.
func iterations(n int, failing bool) func(string) *workflow.Workflow {
	return func(kind string) *workflow.Workflow {
		w := foreach(min(n, thousand))(kind)
		fe := w.Steps[0]
		if n > thousand { // an expression may not come to 100,000 values
			loop, _ := fe.Params.Get("loop_params")
			loop.Value.(*workflow.Params).Set("j", workflow.Literal(make([]int64, n/thousand)))
		}
		if failing {
			fe.ContinueOnFailure, fe.FailureMode = true, workflow.IgnoreFailure
			body := fe.Steps[0]
			body.Params = &workflow.Params{}
			body.Params.Set("half", &workflow.Param{Type: workflow.Long, HasExpr: true, Expression: "1 / (i % 2)"})
		}
		return w
	}
}
