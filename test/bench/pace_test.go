package bench

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/local"
	"github.com/segue-workflows/segue/shared/workflow"
	"github.com/segue-workflows/segue/test/world"
)

// What PARALLEL is to keep up with: starts of one workflow a second, each with an external step, that come in batches as the
// trigger queue hands them over.
const (
	pace     = 200
	paceTime = 5 * time.Second
)

// TestTwoHundredStartsASecondHold hands starts of one workflow over at a steady pace, on a store that takes as long as
// DynamoDB and throttles a key as DynamoDB does: half of the last batches are answered within half a second, and all runs
// end. At twice the pace the head does not keep up: the lag grows by some hundred milliseconds a second, and is above that
// long before the end. The clock is that of the test: how fast the machine is does not matter.
func TestTwoHundredStartsASecondHold(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lags, items := offer(t, burst{kind: "Echo", starts: pace * int(paceTime/time.Second), together: workflow.MaxStartBatch, starters: atOnce[hint.Trigger]})
		quarter := len(lags) / 4
		first, last := quantiles(lags[:quarter]), quantiles(lags[len(lags)-quarter:])
		units := float64(items.Units(record.HeadKey("burst"))) / paceTime.Seconds()
		t.Logf("%d starts a second in batches of %d: answered after %s, at the end %s; the head takes %.0f units a second, %d writes were throttled",
			pace, workflow.MaxStartBatch, first, last, units, items.Throttled())
		if last.p50 > 500*time.Millisecond {
			t.Errorf("a batch at the end is answered after %s", last)
		}
	})
}

// lag is how long batches took until they were answered.
type lag struct{ p50, most time.Duration }

func (l lag) String() string {
	return fmt.Sprintf("%s (at most %s)", l.p50.Round(time.Millisecond), l.most.Round(time.Millisecond))
}

func quantiles(lags []time.Duration) lag {
	sorted := slices.Sorted(slices.Values(lags))
	return lag{sorted[len(sorted)/2], sorted[len(sorted)-1]}
}

// offer starts the starts of a load at the pace, while the functions work, and returns how long after each batch was there
// it was answered. All runs have ended then.
func offer(t *testing.T, load burst) ([]time.Duration, *world.Hot) {
	items := world.NewHot()
	w := &world.World{Store: items, Queues: world.Queues(time.Now, time.Minute), Clock: local.SystemClock{}}
	if err := world.Push(t.Context(), items.Store, world.Chain("burst", 1, load.kind), workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 5000}); err != nil {
		t.Fatal(err)
	}
	working, stop := context.WithCancel(t.Context())
	var functions sync.WaitGroup
	for _, name := range []string{hint.Evaluate, hint.Dispatch, hint.Rollup} {
		for range atOnce[name] {
			functions.Go(func() {
				if err := serve(working, w, name); err != nil {
					t.Error(err)
				}
			})
		}
	}
	lags := make([]time.Duration, load.starts/load.together)
	batches := make(chan int, len(lags))
	began, apart := time.Now(), time.Second*time.Duration(load.together)/pace
	due := func(n int) time.Time { return began.Add(time.Duration(n) * apart) }
	var starters sync.WaitGroup
	for range load.starters {
		starters.Go(func() {
			starter := w.Trigger(w.Loop())
			for n := range batches {
				starts := make([]trigger.Start, load.together)
				for i := range starts {
					starts[i] = world.Manual(fmt.Sprintf("request-%d-%d", n, i))
				}
				if _, err := starter.Start(t.Context(), "burst", "active", starts...); err != nil {
					t.Error(err)
				}
				lags[n] = time.Since(due(n))
			}
		})
	}
	for n := range lags {
		<-time.After(time.Until(due(n)))
		batches <- n
	}
	close(batches)
	starters.Wait()
	if err := load.await(t.Context(), items.Store, w); err != nil {
		t.Error(err)
	}
	stop()
	functions.Wait()
	return lags, items
}
