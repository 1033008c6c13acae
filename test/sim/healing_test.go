package sim

import "testing"

// TestAfterOneCrashEveryRunMovesAgain crashes one invocation, or loses one message, at any place, and checks
// how long every run rests before it moves again.
func TestAfterOneCrashEveryRunMovesAgain(t *testing.T) {
	many(t, 300, func(seed uint64) []Config { return hurt(Config{Seed: seed, Calm: true}, 2, 1) })
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
