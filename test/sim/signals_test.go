package sim

import (
	"sync"
	"testing"
)

// TestSignals lets four publishers announce signals that start runs and that steps wait for, among all the faults and
// with every message up to ten times: no trigger consumes a signal twice or skips one, each match starts one run, and
// every step whose signal is there goes on.
func TestSignals(t *testing.T) {
	base, count := seeds(t, 200)
	t.Logf("seeds %d to %d", base, base+uint64(count)-1)
	var mu sync.Mutex
	runs, met := int64(0), 0
	each(base, count, func(seed uint64) bool {
		first, second := New(Config{Seed: seed, Signals: true}), New(Config{Seed: seed, Signals: true})
		failure := first.Run()
		second.Run()
		mu.Lock()
		defer mu.Unlock()
		for _, n := range first.ledger.heard.runs {
			runs += n
		}
		met += len(first.ledger.heard.fulfills)
		if failure != "" {
			t.Errorf("%s\n%s\nreplay: SIM_SEED=%d SIM_SEEDS=1 go test ./test/sim -run %s -v", first.trace.tail(60), failure, seed, t.Name())
		}
		if difference := differ(first, second); difference != "" {
			t.Errorf("seed %d has two histories:\n%s", seed, difference)
		}
		return !t.Failed()
	})
	t.Logf("signals started %d runs, and %d dependencies were met", runs, met)
	if runs == 0 || met == 0 {
		t.Error("the worlds reach nothing of signals")
	}
}

// TestSignalsHeal crashes one invocation at any place of a world without other faults.
func TestSignalsHeal(t *testing.T) {
	many(t, 60, func(seed uint64) []Config {
		calm := New(Config{Seed: seed, Calm: true, Signals: true})
		if failure := calm.Run(); failure != "" {
			return []Config{{Seed: seed, Calm: true, Signals: true}}
		}
		return []Config{
			{Seed: seed, Calm: true, Signals: true, CrashAt: 2 + int(seed*7919)%(2*calm.calls)},
			{Seed: seed, Calm: true, Signals: true, CrashAt: 2 + int(seed*104729)%(2*calm.calls)},
		}
	})
}
