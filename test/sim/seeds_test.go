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
	t.Logf("seeds %d to %d", base, base+uint64(count)-1)
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

// many runs worlds that make configures for seeds, until one fails, and reports that one.
func many(t *testing.T, count int, configs func(seed uint64) []Config) {
	t.Helper()
	base, count := seeds(t, count)
	var mu sync.Mutex
	each(base, count, func(seed uint64) bool {
		for _, config := range configs(seed) {
			w := New(config)
			if w.Run() == "" {
				continue
			}
			mu.Lock()
			defer mu.Unlock()
			report(t, w)
			return false
		}
		return true
	})
}

// twice runs every seed of a config twice, which must not differ, until one fails. It reports that one, hands every world
// to see, one at a time, and returns how many seeds there were.
func twice(t *testing.T, count int, config Config, see func(*World)) int {
	t.Helper()
	base, count := seeds(t, count)
	var mu sync.Mutex
	each(base, count, func(seed uint64) bool {
		config := config
		config.Seed = seed
		first, second := New(config), New(config)
		failure := first.Run()
		second.Run()
		mu.Lock()
		defer mu.Unlock()
		see(first)
		if failure != "" || count == 1 {
			report(t, first)
		}
		if difference := differ(first, second); difference != "" {
			t.Errorf("seed %d has two histories:\n%s", seed, difference)
		}
		return !t.Failed()
	})
	return count
}

// report tells what went wrong in a world, if anything did, and how to see it again. The whole history is written to the
// file that SIM_TRACE names.
func report(t *testing.T, w *World) {
	t.Helper()
	if path := os.Getenv("SIM_TRACE"); path != "" {
		if err := os.WriteFile(path, w.trace.text.Bytes(), 0o600); err != nil {
			t.Error(err)
		}
	}
	if w.failure != "" {
		t.Errorf("%s\n%s\n%+v\nrules: %v; faults: %v\nreplay: SIM_SEED=%d SIM_SEEDS=1 go test ./test/sim -run '^%s$' -v",
			w.trace.tail(60), w.failure, w.Config, w.strategy, w.rates, w.Seed, t.Name())
	}
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

// hurt returns worlds of a calm config, in each of which one invocation crashes or one message is lost, at places that
// follow from its seed. A config that fails unhurt is returned as it is.
func hurt(calm Config, crashes, losses int) []Config {
	unhurt := New(calm)
	if unhurt.Run() != "" {
		return []Config{calm}
	}
	var out []Config
	primes := []uint64{7919, 104729}
	for _, prime := range primes[:crashes] {
		crashed := calm
		crashed.CrashAt = 2 + int(calm.Seed*prime%uint64(2*unhurt.calls))
		out = append(out, crashed)
	}
	for _, prime := range primes[:losses] {
		lost := calm
		lost.LoseAt = 1 + int(calm.Seed*prime%uint64(max(1, unhurt.sends)))
		out = append(out, lost)
	}
	return out
}
