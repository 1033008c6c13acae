package main

import (
	"fmt"

	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/price"
	"github.com/segue-workflows/segue/shared/workflow"
	testworld "github.com/segue-workflows/segue/test/world"
)

// shape is a load to be priced.
type shape struct {
	name       string
	body       func(kind string) *workflow.Workflow
	kind       string // of its steps: NoOp, or Echo, which is called like a job outside
	instances  int
	batch      int  // starts in one invocation
	unattended bool // starts without a request id
	alone      bool // each instance ends before the next one starts
	leaves     int  // of one instance; 0: as many as it has steps
	rules      workflow.RunStrategy
	crowded    bool    // starts wait, are refused or make way for each other: not all of them have to succeed
	bar, goal  float64 // dollars per million leaf steps; 0: none
	writes     float64 // bar of write units of a leaf step; 0: none
	requests   float64 // bar of queue requests of a leaf step, beside those with which jobs report; 0: none
}

var parallel = workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 5000}

var shapes = []shape{
	{name: "chain of 10 NoOp", body: chain(10), kind: "NoOp", instances: 100, batch: 1, alone: true, bar: 0.80, goal: 0.40},
	{name: "diamond 1-18-1, external", body: diamond(18), kind: "Echo", instances: 40, batch: 1, alone: true, bar: 2.80, goal: 1.70},
	{name: "300 wide, external", body: wide(300), kind: "Echo", instances: 8, batch: 1, alone: true, bar: 2.80, goal: 1.70},
	{name: "1 NoOp, request id", body: chain(1), kind: "NoOp", instances: 1000, batch: 1},
	{name: "1 NoOp", body: chain(1), kind: "NoOp", instances: 1000, batch: 1, unattended: true},
	{name: "1 NoOp, request id, in tens", body: chain(1), kind: "NoOp", instances: 1000, batch: 10},
	{name: "1 NoOp, in tens", body: chain(1), kind: "NoOp", instances: 1000, batch: 10, unattended: true, goal: 0.80},
	{name: "1 external, request id", body: chain(1), kind: "Echo", instances: 1000, batch: 1},
	{name: "1 external", body: chain(1), kind: "Echo", instances: 1000, batch: 1, unattended: true},
	{name: "1 external, request id, in tens", body: chain(1), kind: "Echo", instances: 1000, batch: 10, bar: 3.60, goal: 1.70},
	{name: "1 external, in tens", body: chain(1), kind: "Echo", instances: 1000, batch: 10, unattended: true, bar: 2.80, goal: 1.70},
	{name: "1 external, request id, alone", body: chain(1), kind: "Echo", instances: 100, batch: 1, alone: true},
	{name: "foreach 1 × 1,000, NoOp", body: foreach(1000, false), kind: "NoOp", instances: 2, batch: 1, alone: true, leaves: 1000, goal: 0.80,
		writes: 1.3, requests: 0.3},
	{name: "foreach 1 × 1,000, external", body: foreach(1000, false), kind: "Echo", instances: 2, batch: 1, alone: true, leaves: 1000, goal: 1.70,
		writes: 2.6, requests: 0.8},
	{name: "foreach 1 × 1,000, by callback", body: foreach(1000, false), kind: called, instances: 1, batch: 1, alone: true, leaves: 1000,
		writes: 3.3, requests: 0.8},
}

// result is what a shape cost.
type result struct {
	shape
	leaves int // steps
	bill   price.Bill
	items  []item
	head   meter.Snapshot // of the writes of the workflow's head, lost races too
	failed int64          // iterations of the first instance
}

// measure runs a shape.
func (s shape) measure() (result, error) {
	w := newWorld()
	body := s.body(s.kind)
	if err := w.push(body, s.strategy()); err != nil {
		return result{}, err
	}
	w.charge()
	for done := 0; done < s.instances; done += s.batch {
		if err := w.start(body.ID, s.batch, !s.unattended); err != nil {
			return result{}, fmt.Errorf("%s: %w", s.name, err)
		}
		if !s.alone {
			continue
		}
		if err := w.drain(); err != nil {
			return result{}, fmt.Errorf("%s: %w", s.name, err)
		}
	}
	if err := w.drain(); err != nil {
		return result{}, fmt.Errorf("%s: %w", s.name, err)
	}
	p, err := price.Load()
	if err != nil {
		return result{}, err
	}
	leaves := s.leaves
	if leaves == 0 {
		leaves = len(body.Steps)
	}
	out := result{shape: s, leaves: s.instances * leaves, bill: w.ledger.total(), items: w.ledger.items(p), head: w.ledger.spent("put head")}
	if out.failed, err = w.failures(body.ID); err != nil {
		return out, err
	}
	return out, w.check(body.ID, s.instances, s.crowded)
}

// strategy returns the run strategy of the shape.
func (s shape) strategy() workflow.RunStrategy {
	switch {
	case s.rules.Rule != "":
		return s.rules
	case s.alone:
		return workflow.DefaultRunStrategy
	}
	return parallel
}

func chain(n int) func(string) *workflow.Workflow {
	return func(kind string) *workflow.Workflow {
		w := &workflow.Workflow{ID: "shape"}
		for i := range n {
			next := []string{}
			if i < n-1 {
				next = append(next, name(i+1))
			}
			w.Steps = append(w.Steps, step(i, kind, next))
		}
		return w
	}
}

// diamond leads from one step to many and back to one.
func diamond(middle int) func(string) *workflow.Workflow {
	return func(kind string) *workflow.Workflow {
		w := &workflow.Workflow{ID: "shape"}
		var all []string
		for i := range middle {
			all = append(all, name(i+1))
		}
		w.Steps = append(w.Steps, step(0, kind, all))
		for i := range middle {
			w.Steps = append(w.Steps, step(i+1, kind, []string{name(middle + 1)}))
		}
		w.Steps = append(w.Steps, step(middle+1, kind, nil))
		return w
	}
}

func wide(n int) func(string) *workflow.Workflow {
	return func(kind string) *workflow.Workflow {
		w := &workflow.Workflow{ID: "shape"}
		for i := range n {
			w.Steps = append(w.Steps, step(i, kind, nil))
		}
		return w
	}
}

func name(i int) string { return fmt.Sprintf("step-%d", i) }

func step(i int, kind string, next []string) *workflow.Step {
	s := &workflow.Step{Kind: workflow.KindStep, ID: name(i), Type: kind}
	if len(next) > 0 {
		s.Transition.Successors = &workflow.Ordered[string]{}
	}
	for _, id := range next {
		s.Transition.Successors.Set(id, "true")
	}
	return s
}

// foreach returns a loop of n iterations over a body of one step; of a failing one every second iteration fails.
func foreach(n int, failing bool) func(string) *workflow.Workflow {
	return func(kind string) *workflow.Workflow { return testworld.Loop("shape", n, kind, failing) }
}
