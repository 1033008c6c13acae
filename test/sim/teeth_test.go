package sim

import "testing"

// TestTeeth takes one guard away at a time and expects the simulator to notice.
func TestTeeth(t *testing.T) {
	if raceEnabled {
		t.Skip("skipped under the race detector: its bookkeeping of the coroutines of worlds that never rest does not fit into memory")
	}
	tests := []struct {
		tooth Tooth
		bite  func(Config) string
	}{
		{CommitGuard, anyFaults},
		{HeadGuard, anyFaults},
		{WakeItems, anyFaults},
		{ClaimLies, anyFaults},
		{ClaimTime, anyFaults},
		{StaleHints, crashAtSends},
		{LookFirst, slowCalls},
		{RequestBefore, anyFaults},
		{RequestFirst, anyFaults},
		{AnnouncerLook, slowSignals},
		{WaiterLook, slowSignals},
		{TokenOutlives, handedJobs},
		{EventLies, published},
	}
	for _, tt := range tests {
		t.Run(tt.tooth.String(), func(t *testing.T) {
			t.Parallel()
			base, _ := seeds(t, 1)
			for seed := range uint64(patience) {
				if failure := tt.bite(Config{Seed: base + seed, Tooth: tt.tooth}); failure != "" {
					t.Logf("noticed by seed %d of %d: %s", seed+1, patience, failure)
					return
				}
			}
			t.Errorf("nobody noticed in %d seeds from %d", patience, base)
		})
	}
}

// patience is how many seeds a missing guard may go unnoticed.
const patience = 1200

// anyFaults runs a seed as TestSeeds does.
func anyFaults(config Config) string { return New(config).Run() }

// handedJobs runs a seed as TestHandedJobs does.
func handedJobs(config Config) string {
	config.Handed = true
	return New(config).Run()
}

// published runs a seed as TestEvents does.
func published(config Config) string {
	config.Events = true
	return New(config).Run()
}

// slowCalls lets calls take long, in a world without the sweep, so that what two invocations do interleaves.
func slowCalls(config Config) string {
	config.Still, config.Narrow, config.Only = true, true, &Rates{Stall: 150}
	return New(config).Run()
}

// slowSignals lets calls take long in a world where a run waits for one signal, and nothing tells it twice: no message
// comes again, no sweep comes, and nobody is killed by his stalls and repeats what he did.
func slowSignals(config Config) string {
	config.Signals, config.Still, config.Narrow, config.Only = true, true, true, &Rates{Stall: 150}
	return New(config).Run()
}

// crashAtSends crashes right before each send, in a world without the sweep, where only redelivery heals.
func crashAtSends(config Config) string {
	config.Still, config.Calm = true, true
	calm := New(config)
	if failure := calm.Run(); failure != "" {
		return failure
	}
	for i, call := range calm.sending {
		config.CrashAt = 2 * call
		if failure := New(config).Run(); failure != "" || i > maxCrashes {
			return failure
		}
	}
	return ""
}
