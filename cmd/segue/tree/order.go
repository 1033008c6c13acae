package tree

import "github.com/segue-workflows/segue/cmd/segue/client"

// place is a step's place in the drawing.
type place struct {
	step  int // index in the definition
	depth int // of indentation
}

// arrange orders the steps of one level so that each comes after its predecessors and a branch stays together.
// A step behind a fork is indented under it; one behind a join returns to the fork that the join closes.
func arrange(steps []client.Step) []place {
	g := newGraph(steps)
	out := make([]place, 0, len(steps))
	depth := make([]int, len(steps))
	var ready []int
	for i := len(steps) - 1; i >= 0; i-- {
		if len(g.in[i]) == 0 {
			ready = append(ready, i)
		}
	}
	for len(ready) > 0 { // a stack, so that a branch is drawn to its end before the next one begins
		i := ready[len(ready)-1]
		ready = ready[:len(ready)-1]
		depth[i] = g.depth(i, depth)
		out = append(out, place{i, depth[i]})
		for n := len(g.out[i]) - 1; n >= 0; n-- {
			if to := g.out[i][n]; g.visit(to) {
				g.settle(to)
				ready = append(ready, to)
			}
		}
	}
	return out
}

// graph is the edges of one level by index, and what the walk knows of each step.
type graph struct {
	in, out  [][]int
	missing  []int // predecessors that are not drawn yet
	dominant []int // the step that every way to this one passes last; -1 for none
	level    []int // number of dominants above
}

func newGraph(steps []client.Step) *graph {
	index := make(map[string]int, len(steps))
	for i, step := range steps {
		index[step.ID] = i
	}
	n := len(steps)
	g := &graph{in: make([][]int, n), out: make([][]int, n), missing: make([]int, n), dominant: make([]int, n), level: make([]int, n)}
	for i, step := range steps {
		g.dominant[i] = -1
		for id := range step.Transition.Successors.All() {
			if to, ok := index[id]; ok {
				g.out[i] = append(g.out[i], to)
				g.in[to] = append(g.in[to], i)
				g.missing[to]++
			}
		}
	}
	return g
}

// visit counts a drawn predecessor of i and tells whether it was the last one.
func (g *graph) visit(i int) bool {
	g.missing[i]--
	return g.missing[i] == 0
}

// settle finds the dominant of i, whose predecessors are all drawn.
func (g *graph) settle(i int) {
	at := g.in[i][0]
	for _, other := range g.in[i][1:] {
		at = g.meet(at, other)
	}
	if g.dominant[i] = at; at >= 0 {
		g.level[i] = g.level[at] + 1
	}
}

func (g *graph) meet(a, b int) int {
	for a != b {
		if a < 0 || b < 0 {
			return -1
		}
		if g.level[a] >= g.level[b] {
			a = g.dominant[a]
		} else {
			b = g.dominant[b]
		}
	}
	return a
}

// depth returns how far step i is indented.
func (g *graph) depth(i int, depth []int) int {
	above := g.dominant[i]
	switch {
	case above < 0:
		return 0
	case len(g.in[i]) == 1 && len(g.out[above]) > 1:
		return depth[above] + 1
	}
	return depth[above]
}
