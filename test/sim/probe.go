package sim

import "time"

// probe starts one more instance when all is at rest: what an interrupted start left behind must not stand
// in its way.
func (w *World) probe() {
	w.faulty = false
	w.now = w.now.Add(2 * time.Minute)
	c := &caller{requests: []string{clientPrefix + "probe"}, due: w.now, tries: 100}
	w.callers = append(w.callers, c)
	until := w.now.Add(w.patience())
	for w.failure == "" && !w.settled() {
		w.turn()
		if w.now.After(until) {
			w.fail("the probe finds no rest: %s\n%s", w.ledger.unrest(), w.ledger.describe())
		}
	}
	if w.failure == "" && w.ledger.requests[clientPrefix+"probe"].Instance == 0 {
		w.fail("the probe was never started")
	}
}
