package dag_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/dag"
	"github.com/segue-workflows/segue/shared/workflow"
)

// level builds steps from lines such as "a -> b c".
func level(lines ...string) []*workflow.Step {
	var steps []*workflow.Step
	for _, line := range lines {
		id, successors, _ := strings.Cut(line, " -> ")
		step := &workflow.Step{Kind: workflow.KindStep, ID: id, Type: "NoOp"}
		for successor := range strings.FieldsSeq(successors) {
			if step.Transition.Successors == nil {
				step.Transition.Successors = &workflow.Ordered[string]{}
			}
			step.Transition.Successors.Set(successor, "true")
		}
		steps = append(steps, step)
	}
	return steps
}

func TestOrdinalsAreDefinitionOrder(t *testing.T) {
	t.Parallel()
	g, err := dag.Build(level("join", "left -> join", "start -> left right", "right -> join"))
	if err != nil {
		t.Fatal(err)
	}
	if i, ok := g.Index("start"); !ok || i != 2 {
		t.Errorf("start has ordinal %d, %v; want 2", i, ok)
	}
	if _, ok := g.Index("other"); ok {
		t.Error("a step that does not exist has an ordinal")
	}
	if got := fmt.Sprint(g.Roots()); got != "[2]" {
		t.Errorf("roots %s; want [2]", got)
	}
	if got := fmt.Sprint(g.Order()); got != "[2 1 3 0]" {
		t.Errorf("order %s; want [2 1 3 0]", got)
	}
	if got := fmt.Sprint(slices.Collect(g.Upstream(0).All())); got != "[1 2 3]" {
		t.Errorf("upstream of join %s; want [1 2 3]", got)
	}
	if got := fmt.Sprint(slices.Collect(g.Downstream(1).All())); got != "[0 1]" {
		t.Errorf("downstream of left %s; want [0 1]", got)
	}
	if got := fmt.Sprint(g.Preds(0)); got != "[{1 0 true} {3 0 true}]" {
		t.Errorf("edges into join %s", got)
	}
}

func TestPinned45CyclesAreRefused(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		steps []string
		want  string
	}{
		{"to itself", []string{"a -> a"}, "a -> a"},
		{"pair", []string{"a -> b", "b -> a"}, "a -> b -> a"},
		{"behind a root", []string{"r -> c", "c -> b", "b -> a", "a -> c"}, "c -> b -> a -> c"},
		{"with a tail", []string{"t", "x -> y", "y -> x t"}, "x -> y -> x"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := dag.Build(level(c.steps...))
			if workflow.CodeOf(err) != workflow.CodeInvalid || !strings.HasSuffix(err.Error(), "cycle: "+c.want) {
				t.Errorf("got %v; want the cycle %s", err, c.want)
			}
		})
	}
}

func TestBuildRefuses(t *testing.T) {
	t.Parallel()
	for name, steps := range map[string][]*workflow.Step{
		"duplicate id":      level("a", "a"),
		"unknown successor": level("a -> b"),
	} {
		if _, err := dag.Build(steps); workflow.CodeOf(err) != workflow.CodeInvalid {
			t.Errorf("%s: got %v; want CodeInvalid", name, err)
		}
	}
}

func TestLongCyclesAreCutShort(t *testing.T) {
	t.Parallel()
	var lines []string
	for i := range 300 {
		lines = append(lines, fmt.Sprintf("s%d -> s%d", i, (i+1)%300))
	}
	if _, err := dag.Build(level(lines...)); err == nil || len(err.Error()) > 200 {
		t.Errorf("got %v; want a short error", err)
	}
}

// TestReachability compares the bitsets with a plain search on random graphs.
func TestReachability(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		size := rapid.IntRange(1, 90).Draw(t, "size")
		rank := rapid.Permutation(make([]int, size)).Draw(t, "zeroes")
		for i := range rank {
			rank[i] = i
		}
		rank = rapid.Permutation(rank).Draw(t, "rank")
		var lines []string
		for i := range size {
			line := fmt.Sprintf("s%d -> ", i)
			for range rapid.IntRange(0, 3).Draw(t, "edges") {
				if to := rapid.IntRange(0, size-1).Draw(t, "to"); rank[to] > rank[i] {
					line += fmt.Sprintf(" s%d", to)
				}
			}
			lines = append(lines, line)
		}
		g, err := dag.Build(level(lines...))
		if err != nil {
			t.Fatal(err)
		}
		checkReach(t, g)
	})
}

func checkReach(t *rapid.T, g *dag.Graph) {
	place := map[int]int{}
	for at, i := range g.Order() {
		place[i] = at
	}
	for i := range g.Len() {
		reached := map[int]bool{}
		var walk func(int)
		walk = func(at int) {
			if reached[at] {
				return
			}
			reached[at] = true
			for _, edge := range g.Succs(at) {
				walk(edge.To)
			}
		}
		walk(i)
		down := g.Downstream(i)
		if down.Len() != len(reached) {
			t.Fatalf("downstream of %d has %d steps; want %d", i, down.Len(), len(reached))
		}
		for j := range g.Len() {
			if down.Has(j) != reached[j] || g.Upstream(j).Has(i) != (reached[j] && i != j) {
				t.Fatalf("steps %d and %d: downstream %v, upstream %v, want %v", i, j, down.Has(j), g.Upstream(j).Has(i), reached[j])
			}
		}
		for _, edge := range g.Succs(i) {
			if place[edge.To] < place[i] {
				t.Fatalf("step %d comes before its predecessor %d", edge.To, i)
			}
		}
	}
}
