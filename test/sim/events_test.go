package sim

import "testing"

// TestEvents tells a consumer that is down again and again of all that happened in worlds with every fault: he hears of
// every status of every run and attempt, in order.
func TestEvents(t *testing.T) {
	many(t, 30, func(seed uint64) []Config {
		return []Config{{Seed: seed, Events: true}, {Seed: seed, Events: true, Orders: true}, {Seed: seed, Events: true, Nested: true}}
	})
}
