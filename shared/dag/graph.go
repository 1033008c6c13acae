package dag

import (
	"slices"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Graph is one level of a definition: the steps of a workflow, or of a loop's body.
type Graph struct {
	Steps []Node // by ordinal

	index    map[string]int
	order    []int
	upstream []Set
}

// Node is a step of the graph.
type Node struct {
	ID  string
	In  []Edge // by the ordinal of the predecessor
	Out []Edge // as the definition orders the successors
}

// Edge leads from a step to a successor. The condition is "true" for always.
type Edge struct {
	From, To  int
	Condition string
}

// Build returns the graph of the steps; ordinals are their places in the slice. It returns CodeInvalid for a
// duplicate id, an unknown successor and a cycle; a cycle's error wraps a *Cycle.
func Build(steps []*workflow.Step) (*Graph, error) {
	g := &Graph{Steps: make([]Node, len(steps)), index: make(map[string]int, len(steps))}
	for i, step := range steps {
		if _, taken := g.index[step.ID]; taken {
			return nil, workflow.Errorf(workflow.CodeInvalid, "two steps have the id %q", step.ID)
		}
		g.index[step.ID] = i
		g.Steps[i].ID = step.ID
	}
	for i, step := range steps {
		for successor, condition := range step.Transition.Successors.All() {
			to, ok := g.index[successor]
			if !ok {
				return nil, workflow.Errorf(workflow.CodeInvalid,
					"step %q leads to %q, which is no step of the same level", step.ID, successor)
			}
			edge := Edge{From: i, To: to, Condition: condition}
			g.Steps[i].Out = append(g.Steps[i].Out, edge)
			g.Steps[to].In = append(g.Steps[to].In, edge)
		}
	}
	if g.sort(); len(g.order) < len(steps) {
		return nil, workflow.Errorf(workflow.CodeInvalid, "%w", g.findCycle())
	}
	g.reach()
	return g, nil
}

// Len returns the number of steps.
func (g *Graph) Len() int { return len(g.Steps) }

// Index returns the ordinal of a step id and whether there is such a step.
func (g *Graph) Index(id string) (int, bool) { i, ok := g.index[id]; return i, ok }

// Roots returns the ordinals of the steps without predecessors.
func (g *Graph) Roots() []int {
	var roots []int
	for i := range g.Steps {
		if len(g.Steps[i].In) == 0 {
			roots = append(roots, i)
		}
	}
	return roots
}

// Order returns all ordinals, every step after its predecessors; among steps that could go next, the one
// defined first does. The caller must not change the slice.
func (g *Graph) Order() []int { return g.order }

// Preds returns the edges that lead to step i, Succs those that leave it. The caller must not change the slice.
func (g *Graph) Preds(i int) []Edge { return g.Steps[i].In }

// Succs returns the edges that leave step i. The caller must not change the slice.
func (g *Graph) Succs(i int) []Edge { return g.Steps[i].Out }

// Upstream returns the steps from which step i can be reached, without i. The caller must not change the set.
func (g *Graph) Upstream(i int) Set { return g.upstream[i] }

// Downstream returns the given steps and everything that can be reached from them: what a restart from
// them runs again.
func (g *Graph) Downstream(from ...int) Set {
	reached := newSet(len(g.Steps))
	for _, i := range from {
		reached.add(i)
	}
	for _, i := range g.order {
		if !reached.Has(i) {
			continue
		}
		for _, edge := range g.Steps[i].Out {
			reached.add(edge.To)
		}
	}
	return reached
}

// sort fills the order. Steps on a cycle, and those behind one, never get their turn, so the order stays short.
func (g *Graph) sort() {
	missing := make([]int, len(g.Steps))
	var ready []int // ascending
	for i := range g.Steps {
		if missing[i] = len(g.Steps[i].In); missing[i] == 0 {
			ready = append(ready, i)
		}
	}
	for len(ready) > 0 {
		i := ready[0]
		ready = ready[1:]
		g.order = append(g.order, i)
		for _, edge := range g.Steps[i].Out {
			if missing[edge.To]--; missing[edge.To] == 0 {
				at, _ := slices.BinarySearch(ready, edge.To)
				ready = slices.Insert(ready, at, edge.To)
			}
		}
	}
}

func (g *Graph) reach() {
	g.upstream = make([]Set, len(g.Steps))
	for _, i := range g.order {
		g.upstream[i] = newSet(len(g.Steps))
		for _, edge := range g.Steps[i].In {
			g.upstream[i].add(edge.From)
			g.upstream[i].union(g.upstream[edge.From])
		}
	}
}
