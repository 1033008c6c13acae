package sim

import "testing"

// TestSeeds runs fresh seeds, each twice.
func TestSeeds(t *testing.T) {
	var total Tally
	recovered := 0
	count := twice(t, 1600, Config{}, func(w *World) {
		total.Add(&w.tally)
		if w.tally.Recovered() {
			recovered++
		}
	})
	t.Logf("%d crashes, %d redeliveries, %d expired claims, %d runs found by the sweep; a recovery in %d of %d seeds",
		total.crashes, total.redelivered, total.expired, total.found, recovered, count)
	covers(t, &total, recovered, count)
}
