package sim

import "testing"

// TestOrders lets clients stop, kill, pause and resume runs, and stop, kill, skip and restart steps, among all
// the faults.
func TestOrders(t *testing.T) {
	many(t, 300, func(seed uint64) []Config { return []Config{{Seed: seed, Orders: true}} })
}
