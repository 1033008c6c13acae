package dag

import "strings"

// Cycle is the error that names the steps of one cycle, each once, starting with the one defined first.
type Cycle struct{ IDs []string }

// maxCycleShown keeps the message about a huge cycle readable.
const maxCycleShown = 12

// Error writes the cycle as "a -> b -> a".
func (c *Cycle) Error() string {
	shown := append(c.IDs[:len(c.IDs):len(c.IDs)], c.IDs[0])
	if len(shown) > maxCycleShown {
		shown = append(shown[:maxCycleShown:maxCycleShown], "…")
	}
	return "the steps form a cycle: " + strings.Join(shown, " -> ")
}

// findCycle walks back over edges between steps that never became ready. Each of them has such a predecessor,
// so the walk must meet a step again.
func (g *Graph) findCycle() *Cycle {
	sorted := newSet(len(g.Steps))
	for _, i := range g.order {
		sorted.add(i)
	}
	at := 0
	for sorted.Has(at) {
		at++
	}
	seen := map[int]int{}
	var walk []int
	for {
		start, again := seen[at]
		if again {
			return g.forwards(walk[start:])
		}
		seen[at] = len(walk)
		walk = append(walk, at)
		for _, edge := range g.Steps[at].In {
			if !sorted.Has(edge.From) {
				at = edge.From
				break
			}
		}
	}
}

// forwards turns a cycle that was walked backwards.
func (g *Graph) forwards(backwards []int) *Cycle {
	size, first := len(backwards), 0
	for place, i := range backwards {
		if i < backwards[first] {
			first = place
		}
	}
	cycle := &Cycle{}
	for n := range size {
		cycle.IDs = append(cycle.IDs, g.Steps[backwards[(first-n+size)%size]].ID)
	}
	return cycle
}
