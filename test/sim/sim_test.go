package sim

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"
)

// seeds returns the first seed and how many there are: fresh ones, or those that the environment names.
func seeds(t *testing.T, usual int) (base uint64, count int) {
	base, count = rand.Uint64()>>16, usual
	if testing.Short() || raceEnabled {
		count = max(1, usual/10)
	}
	if text := os.Getenv("SIM_SEED"); text != "" {
		n, err := strconv.ParseUint(text, 10, 64)
		if err != nil {
			t.Fatalf("SIM_SEED: %v", err)
		}
		base = n
	}
	if text := os.Getenv("SIM_SEEDS"); text != "" {
		n, err := strconv.Atoi(text)
		if err != nil {
			t.Fatalf("SIM_SEEDS: %v", err)
		}
		count = n
	}
	return base, count
}

// each calls run for every seed, on all processors, until one fails.
func each(base uint64, count int, run func(seed uint64) bool) {
	var next atomic.Int64
	var failed atomic.Bool
	var group sync.WaitGroup
	for range runtime.GOMAXPROCS(0) {
		group.Go(func() {
			for i := next.Add(1) - 1; i < int64(count) && !failed.Load(); i = next.Add(1) - 1 {
				if !run(base + uint64(i)) {
					failed.Store(true)
				}
			}
		})
	}
	group.Wait()
}

// TestSeeds runs fresh seeds, each twice.
func TestSeeds(t *testing.T) {
	base, count := seeds(t, 2000)
	t.Logf("seeds %d to %d", base, base+uint64(count)-1)
	var mu sync.Mutex
	var total Tally
	recovered := 0
	each(base, count, func(seed uint64) bool {
		first, second := New(Config{Seed: seed}), New(Config{Seed: seed})
		failure := first.Run()
		second.Run()
		mu.Lock()
		defer mu.Unlock()
		total.Add(&first.tally)
		if first.tally.Recovered() {
			recovered++
		}
		if path := os.Getenv("SIM_TRACE"); path != "" {
			if err := os.WriteFile(path, first.trace.text.Bytes(), 0o600); err != nil {
				t.Error(err)
			}
		}
		if failure != "" {
			t.Errorf("%s", report(first))
		}
		if difference := differ(first, second); difference != "" {
			t.Errorf("seed %d has two histories:\n%s", seed, difference)
		}
		return !t.Failed()
	})
	t.Logf("%d crashes, %d redeliveries, %d expired claims, %d runs found by the sweep; a recovery in %d of %d seeds",
		total.crashes, total.redelivered, total.expired, total.found, recovered, count)
	covers(t, &total, recovered, count)
}

// report tells what went wrong and how to see it again.
func report(w *World) string {
	return fmt.Sprintf("%s\n%s\nrules: %v; faults: %v\nreplay: SIM_SEED=%d SIM_SEEDS=1 go test ./test/sim -run TestSeeds -v",
		w.trace.tail(60), w.failure, w.strategy, w.rates, w.Seed)
}

// differ returns where two histories of one seed part, "" when they are equal.
func differ(first, second *World) string {
	one, two := first.trace.text.Bytes(), second.trace.text.Bytes()
	if bytes.Equal(one, two) {
		return ""
	}
	at := 0
	for at < min(len(one), len(two)) && one[at] == two[at] {
		at++
	}
	from := max(0, at-400)
	return fmt.Sprintf("%s\n--- or ---\n%s", one[from:min(at+200, len(one))], two[from:min(at+200, len(two))])
}
