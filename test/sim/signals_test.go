package sim

import "testing"

// TestSignals lets four publishers announce signals that start runs and that steps wait for, among all the faults and
// with every message up to ten times: no trigger consumes a signal twice or skips one, each match starts one run, and
// every step whose signal is there goes on.
func TestSignals(t *testing.T) {
	runs, met := int64(0), 0
	twice(t, 200, Config{Signals: true}, func(w *World) {
		for _, n := range w.ledger.heard.runs {
			runs += n
		}
		met += len(w.ledger.heard.fulfills)
	})
	t.Logf("signals started %d runs, and %d dependencies were met", runs, met)
	if runs == 0 || met == 0 {
		t.Error("the worlds reach nothing of signals")
	}
}

// TestSignalsHeal crashes one invocation at any place of a world without other faults.
func TestSignalsHeal(t *testing.T) {
	many(t, 60, func(seed uint64) []Config { return hurt(Config{Seed: seed, Calm: true, Signals: true}, 2, 0) })
}
