package sim

import "testing"

// TestNested lets steps start instances to depth three, among all the faults: everything ends, and every loop adds up
// what its iterations are.
func TestNested(t *testing.T) {
	many(t, 400, func(seed uint64) []Config {
		return []Config{{Seed: seed, Nested: true}, {Seed: seed, Nested: true, Still: true, Only: &Rates{Stall: 150}}}
	})
}

// TestNestedOrders restarts, stops and kills instances at every depth, among all the faults.
func TestNestedOrders(t *testing.T) {
	many(t, 200, func(seed uint64) []Config { return []Config{{Seed: seed, Nested: true, Orders: true}} })
}

// TestNestedHeals crashes one invocation at any place, or loses one message.
func TestNestedHeals(t *testing.T) {
	many(t, 200, func(seed uint64) []Config { return hurt(Config{Seed: seed, Calm: true, Nested: true}, 2, 1) })
}
