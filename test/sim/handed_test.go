package sim

import "testing"

// enoughHanded is how many seeds it takes to see all that can happen to jobs that are handed over.
const enoughHanded = 40

// TestHandedJobs hands jobs over to workers that do each key once, and report by token, among all the faults: an attempt
// has one key and each key one attempt, an outcome that was answered is recorded, no attempt ends by the report of
// another, and all end.
func TestHandedJobs(t *testing.T) {
	var total Tally
	count := twice(t, 60, Config{Handed: true}, func(w *World) { total.Add(&w.tally) })
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
	many(t, 20, func(seed uint64) []Config { return hurt(Config{Seed: seed, Calm: true, Handed: true}, 1, 0) })
}
