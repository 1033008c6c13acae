package sim

import (
	"sync"
	"testing"
)

// enoughHanded is how many seeds it takes to see all that can happen to jobs that are handed over.
const enoughHanded = 40

// TestHandedJobs hands jobs over to workers that do each key once, and report by token, among all the faults: an attempt
// has one key and each key one attempt, an outcome that was answered is recorded, no attempt ends by the report of
// another, and all end.
func TestHandedJobs(t *testing.T) {
	base, count := seeds(t, 60)
	t.Logf("seeds %d to %d", base, base+uint64(count)-1)
	var mu sync.Mutex
	var total Tally
	each(base, count, func(seed uint64) bool {
		first, second := New(Config{Seed: seed, Handed: true}), New(Config{Seed: seed, Handed: true})
		failure := first.Run()
		second.Run()
		mu.Lock()
		defer mu.Unlock()
		total.Add(&first.tally)
		if failure != "" {
			t.Errorf("%s\n%s\nreplay: SIM_SEED=%d SIM_SEEDS=1 go test ./test/sim -run %s -v", first.trace.tail(60), failure, seed, t.Name())
		}
		if difference := differ(first, second); difference != "" {
			t.Errorf("seed %d has two histories:\n%s", seed, difference)
		}
		return !t.Failed()
	})
	h := total.handed
	t.Logf("%+v", h)
	for _, n := range []int{h.begun, h.again, h.early, h.taken, h.late, h.repeats, h.silent, h.words} {
		if n == 0 && count >= enoughHanded {
			t.Errorf("not everything happens: %+v", h)
			break
		}
	}
}

// TestHandedJobsHeal crashes one invocation at any place of a world without other faults.
func TestHandedJobsHeal(t *testing.T) {
	many(t, 20, func(seed uint64) []Config {
		calm := New(Config{Seed: seed, Calm: true, Handed: true})
		if failure := calm.Run(); failure != "" {
			return []Config{{Seed: seed, Calm: true, Handed: true}}
		}
		return []Config{{Seed: seed, Calm: true, Handed: true, CrashAt: 2 + int(seed*7919)%(2*calm.calls)}}
	})
}
