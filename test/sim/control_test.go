package sim

import "testing"

// TestOrders lets clients stop, kill, pause, resume and restart runs, stop, kill, skip and restart steps, set
// breakpoints and start only parts of the workflow, among all the faults. Each seed runs twice.
func TestOrders(t *testing.T) {
	var total Tally
	count := twice(t, 600, Config{Orders: true}, func(w *World) { total.Add(&w.tally) })
	t.Logf("%d orders were acknowledged, %d of them restarts", total.ordered, total.restarted)
	coversOrders(t, &total, count)
}
