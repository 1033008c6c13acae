package main

import (
	"fmt"
	"math"
	"testing"

	"github.com/segue-workflows/segue/shared/price"
	testworld "github.com/segue-workflows/segue/test/world"
)

// thousand is the loop that larger ones are compared with.
const thousand = 1_000

// TestIterationsBelowTheirUnits: what an iteration may write and send.
func TestIterationsBelowTheirUnits(t *testing.T) {
	undisturbed(t)
	for kind, bar := range map[string]most{"NoOp": {1.3, 0.3}, "Echo": {2.6, 0.8}} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			r := loop(t, thousand, kind, false)
			writes, requests := float64(r.bill.WriteUnits)/thousand, float64(r.bill.QueueRequests)/thousand
			if writes < 1 || writes > bar.writes || requests > bar.requests {
				t.Errorf("an iteration writes %.2f units (at most %.2f) and makes %.2f requests (at most %.2f)",
					writes, bar.writes, requests, bar.requests)
			}
		})
	}
}

// TestALargeLoopCostsWhatASmallOneDoes for each iteration, also when iterations fail or end in any order.
func TestALargeLoopCostsWhatASmallOneDoes(t *testing.T) {
	undisturbed(t)
	for _, c := range []struct {
		kind    string
		failing bool
		within  float64
	}{{"NoOp", false, 0.1}, {"NoOp", true, 0.2}, {"Echo", false, 0.1}, {testworld.Shuffled, false, 0.2}} {
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
	}{{"light", "NoOp", false}, {"light-failing", "NoOp", true}, {"job", "Echo", false}, {"shuffled", testworld.Shuffled, false}} {
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
	if plain == testworld.Shuffled {
		plain = "Echo"
	}
	return dollars(loop(t, n, kind, failing)) / dollars(loop(t, thousand, plain, false))
}

// loop measures one loop.
func loop(t testing.TB, n int, kind string, failing bool) result {
	t.Helper()
	s := shape{name: "loop", body: foreach(n, failing), kind: kind, instances: 1, batch: 1, alone: true, leaves: n}
	r, err := s.measure()
	if err != nil {
		t.Fatal(err)
	}
	if want := map[bool]int64{true: int64(n) / 2}[failing]; r.failed != want {
		t.Fatalf("%d of %d iterations failed, want %d", r.failed, n, want)
	}
	return r
}
