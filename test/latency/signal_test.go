package main

import (
	"math/rand/v2"
	"testing"
	"time"
)

// TestASignalStartsARun: every signal starts one, and what the model says of the time repeats.
func TestASignalStartsARun(t *testing.T) {
	t.Parallel()
	took, err := announced(t.Context(), newWorld(rand.New(rand.NewPCG(7, 7))), chain("heard", 1), 50)
	if err != nil {
		t.Fatal(err)
	}
	if p50 := quantile(took, 50); len(took) != 50 || p50 < 16*time.Millisecond {
		t.Errorf("%d signals took %v", len(took), p50)
	}
}
