package main

import (
	"math/rand/v2"
	"slices"
	"testing"
	"time"
)

// TestTheModelRepeats: the same seed gives the same figures, and a launch takes at least its hop and its claim.
func TestTheModelRepeats(t *testing.T) {
	t.Parallel()
	measured := func() []result {
		out, err := measure(t.Context(), newWorld(rand.New(rand.NewPCG(7, 7))), chain("launch", 3), 40)
		if err != nil {
			t.Fatal(err)
		}
		return out
	}
	first, second := measured(), measured()
	if len(first) != 40 || !slices.Equal(first, second) {
		t.Errorf("%v and %v", first, second)
	}
	var launch []time.Duration
	for _, r := range first {
		launch = append(launch, r.launch)
	}
	if p50 := quantile(launch, 50); p50 < 21*time.Millisecond || p50 > 60*time.Millisecond {
		t.Errorf("a launch takes %v", p50)
	}
}

func TestCallsTakeWhatTheyAreSaidTo(t *testing.T) {
	t.Parallel()
	w := newWorld(rand.New(rand.NewPCG(7, 7)))
	var all []time.Duration
	for range 20_000 {
		before := w.Now()
		w.takes(hop)
		all = append(all, w.Now().Sub(before))
	}
	if p50, p99 := ms(quantile(all, 50)), ms(quantile(all, 99)); p50 < 15 || p50 > 17 || p99 < 95 || p99 > 115 {
		t.Errorf("a hop takes %.1f and %.1f ms, want 16 and 105", p50, p99)
	}
}

// TestARelay: who waits begins soon after the one before has ended, and never without a read and a write of the head, a read of the
// run, its wake item and its commit.
func TestARelay(t *testing.T) {
	t.Parallel()
	waits, err := relay(t.Context(), newWorld(rand.New(rand.NewPCG(7, 7))), chain("relay", 1), 50)
	if err != nil {
		t.Fatal(err)
	}
	if p50 := quantile(waits, 50); len(waits) != 50 || p50 < 20*time.Millisecond || p50 > 35*time.Millisecond {
		t.Errorf("%d runs began after %v", len(waits), p50)
	}
}
