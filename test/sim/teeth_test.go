package sim

import "testing"

// TestTeeth takes one guard away at a time and expects the simulator to notice.
func TestTeeth(t *testing.T) {
	tests := []struct {
		tooth Tooth
		still bool // in a world without the sweep, where only redelivery heals
		seeds int
	}{
		{CommitGuard, false, 300},
		{HeadGuard, false, 300},
		{WakeItems, false, 300},
		{ClaimLies, false, 300},
		{ClaimTime, false, 300},
		{StaleHints, true, 300},
		{LookFirst, true, 300},
		{RequestBefore, false, 300},
		{RequestFirst, false, 300},
	}
	for _, tt := range tests {
		t.Run(tt.tooth.String(), func(t *testing.T) {
			t.Parallel()
			base, _ := seeds(t, 1)
			for seed := base; seed < base+uint64(tt.seeds); seed++ {
				if failure := bite(seed, tt.tooth, tt.still); failure != "" {
					t.Logf("noticed by seed %d of %d: %s", seed-base+1, tt.seeds, failure)
					return
				}
			}
			t.Errorf("nobody noticed in %d seeds from %d", tt.seeds, base)
		})
	}
}

// bite runs a seed without a guard and returns what the simulator says.
func bite(seed uint64, tooth Tooth, still bool) string {
	if !still {
		return New(Config{Seed: seed, Tooth: tooth}).Run()
	}
	calm := New(Config{Seed: seed, Tooth: tooth, Calm: true, Still: true})
	if failure := calm.Run(); failure != "" {
		return failure
	}
	for i, call := range calm.sending {
		crash := Config{Seed: seed, Tooth: tooth, Calm: true, Still: true, CrashAt: 2 * call}
		if failure := New(crash).Run(); failure != "" || i > maxCrashes {
			return failure
		}
	}
	return ""
}
