package sim

import (
	"os"
	"sync"
	"testing"
)

// many runs worlds that make configures for seeds, until one fails, and reports that one.
func many(t *testing.T, count int, configs func(seed uint64) []Config) {
	t.Helper()
	base, count := seeds(t, count)
	t.Logf("seeds %d to %d", base, base+uint64(count)-1)
	var mu sync.Mutex
	each(base, count, func(seed uint64) bool {
		for _, config := range configs(seed) {
			w := New(config)
			failure := w.Run()
			if failure == "" {
				continue
			}
			mu.Lock()
			defer mu.Unlock()
			if path := os.Getenv("SIM_TRACE"); path != "" {
				if err := os.WriteFile(path, w.trace.text.Bytes(), 0o600); err != nil {
					t.Error(err)
				}
			}
			t.Errorf("%s\n%+v\nreplay: SIM_SEED=%d SIM_SEEDS=1 go test ./test/sim -run %s -v",
				w.trace.tail(60), config, seed, t.Name())
			return false
		}
		return true
	})
}

// TestAfterOneCrashEveryRunMovesAgain crashes one invocation, or loses one message, at any place, and checks
// how long every run rests before it moves again.
func TestAfterOneCrashEveryRunMovesAgain(t *testing.T) {
	many(t, 300, func(seed uint64) []Config {
		calm := New(Config{Seed: seed, Calm: true})
		if failure := calm.Run(); failure != "" {
			return []Config{{Seed: seed, Calm: true}}
		}
		return []Config{
			{Seed: seed, Calm: true, CrashAt: 2 + int(seed*7919)%(2*calm.calls)},
			{Seed: seed, Calm: true, CrashAt: 2 + int(seed*104729)%(2*calm.calls)},
			{Seed: seed, Calm: true, LoseAt: 1 + int(seed*7919)%max(1, calm.sends)},
		}
	})
}

// maxCrashes is how many places of one seed are tried.
const maxCrashes = 12

// TestRedeliveryAloneEndsEverything switches the sweep off and crashes an invocation right before or right after
// a send: what was committed goes on when the message comes again.
func TestRedeliveryAloneEndsEverything(t *testing.T) {
	many(t, 100, func(seed uint64) []Config {
		calm := New(Config{Seed: seed, Calm: true, Still: true})
		out := []Config{{Seed: seed, Calm: true, Still: true}}
		if calm.Run() != "" {
			return out
		}
		for i, call := range calm.sending {
			if i < maxCrashes {
				out = append(out, Config{Seed: seed, Calm: true, Still: true, CrashAt: 2*call + i%2})
			}
		}
		return out
	})
}

// TestSlowCallsNeedNoSweep lets calls take long, so that the invocations interleave in every way: whoever
// writes first and looks then needs nobody to look after him.
func TestSlowCallsNeedNoSweep(t *testing.T) {
	many(t, 200, func(seed uint64) []Config {
		return []Config{{Seed: seed, Still: true, Only: &Rates{Stall: 150}},
			{Seed: seed, Still: true, Narrow: true, Only: &Rates{Stall: 150}}}
	})
}
