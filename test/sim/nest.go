package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// callee is the workflow that subworkflow steps start.
const callee = "callee"

// deepest is how deep loops are nested.
const deepest = 3

// drawLoops draws a definition of one to three steps, some of them loops and subworkflows to depth deepest.
func drawLoops(random *rand.Rand, soon bool) *workflow.Workflow {
	w := &workflow.Workflow{ID: "wf"}
	names := 0
	w.Steps = drawBody(random, &names, 1, soon)
	return w
}

func drawBody(random *rand.Rand, names *int, depth int, soon bool) []*workflow.Step {
	out := make([]*workflow.Step, 1+random.IntN(2))
	for i := range out {
		*names++
		s := drawStep(random, *names, soon)
		switch kind := random.IntN(8); {
		case depth <= deepest && (kind < 3 || depth == 1 && i == 0):
			drawForeach(random, s, names, depth, soon)
		case depth <= deepest && kind == 3:
			drawWhile(random, s, names, depth, soon)
		case kind == 4:
			drawSubworkflow(random, s)
		}
		if out[i] = s; i > 0 && random.IntN(2) == 0 {
			out[i-1].Transition.Successors.Set(s.ID, "true")
		}
	}
	return out
}

func drawForeach(random *rand.Rand, s *workflow.Step, names *int, depth int, soon bool) {
	loop := &workflow.Params{}
	values := make([]int64, random.IntN(6))
	for i := range values {
		values[i] = int64(i)
	}
	loop.Set("i_"+s.ID, workflow.Literal(values))
	makeLoop(s, workflow.KindForeach, loop, drawBody(random, names, depth+1, soon))
	if random.IntN(2) == 0 {
		s.Concurrency = int64(1 + random.IntN(3))
		s.StrictOrdering = random.IntN(2) == 0
	}
}

func drawWhile(random *rand.Rand, s *workflow.Step, names *int, depth int, soon bool) {
	loop := &workflow.Params{}
	loop.Set("n_"+s.ID, workflow.Literal(int64(0)))
	body := drawBody(random, names, depth+1, soon)
	*names++
	count := &workflow.Step{Kind: workflow.KindStep, ID: fmt.Sprintf("s%d", *names), Type: "NoOp", Params: &workflow.Params{}}
	count.Transition.Successors = &workflow.Ordered[string]{}
	count.Params.Set("n_"+s.ID, &workflow.Param{Type: workflow.Long, HasExpr: true, Expression: "n_" + s.ID + " + 1"})
	makeLoop(s, workflow.KindWhile, loop, append(body, count))
	s.Condition = fmt.Sprintf("n_%s < %d", s.ID, random.IntN(4))
}

func makeLoop(s *workflow.Step, kind workflow.StepKind, loop *workflow.Params, body []*workflow.Step) {
	s.Kind, s.Type, s.RetryPolicy, s.Steps = kind, "", nil, body
	s.Params = &workflow.Params{}
	s.Params.Set("loop_params", &workflow.Param{Type: workflow.Map, Value: loop})
}

func drawSubworkflow(random *rand.Rand, s *workflow.Step) {
	s.Kind, s.Type, s.RetryPolicy, s.Params = workflow.KindSubworkflow, "", nil, &workflow.Params{}
	s.Params.Set("subworkflow_id", workflow.Literal(callee))
	s.Params.Set("subworkflow_version", workflow.Literal("active"))
	if random.IntN(4) == 0 {
		waits := false
		s.Sync = &waits
	}
}

// pushCallee makes the workflow that subworkflow steps start.
func (w *World) pushCallee() {
	body := &workflow.Workflow{ID: callee, Steps: []*workflow.Step{{Kind: workflow.KindStep, ID: "c0", Type: jobType}}}
	if w.random.IntN(2) == 0 {
		body.Steps[0].Type = "NoOp"
	}
	rules := workflow.RunStrategy{Rule: workflow.Sequential, Concurrency: 1}
	if w.random.IntN(2) == 0 {
		rules = workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 3}
	}
	version := &workflow.Version{Number: 1, Author: "sim", CreateTime: epoch.UnixMilli(), InternalID: 2, Workflow: body}
	head := strategy.Head{InternalID: 2, Latest: 1, Active: 1, Properties: 1, Strategy: rules, Next: 1}
	snapshot := record.Snapshot{Author: "sim", Properties: &workflow.Properties{Owner: &workflow.User{Name: "sim"}}}
	w.current = &task{name: "push"}
	for _, item := range []store.Item{{Key: record.VersionKey(callee, 1), Body: record.Encode(version)},
		{Key: record.PropertiesKey(callee, 1), Body: record.Encode(snapshot)}, {Key: record.HeadKey(callee), Body: record.Encode(head)}} {
		if err := w.table.land(context.Background(), store.Write{Item: item}); err != nil {
			w.fail("push: %v", err)
		}
	}
	w.current = nil
}

// ordinalsOf returns the place of every step within its level, by id: ids are unique over all levels.
func ordinalsOf(steps []*workflow.Step, out map[workflow.StepID]int) map[workflow.StepID]int {
	for i, s := range steps {
		out[s.ID] = i
		ordinalsOf(s.Steps, out)
	}
	return out
}

// begot takes note of the step that started a run.
func (l *ledger) begot(h *history, link *record.Link) {
	if h.link = link; link != nil {
		at := *link
		at.Detail = 0
		l.children[at] = append(l.children[at], h)
	}
}

// grieve works out that a parent has to hear of the end of a run.
func (l *ledger) grieve(h *history) {
	if h.link == nil {
		return
	}
	parent := l.runs[h.link.Parent]
	if parent == nil || parent.state.Status.Terminal() {
		return
	}
	step := parent.state.Steps[h.link.Ordinal]
	if step.Attempt == h.link.Attempt && step.Status == workflow.Running && (parent.owed.IsZero() || parent.owed.After(l.world.now)) {
		parent.owed = l.world.now
	}
}

// recount checks, once all is quiet, that what every loop adds up is what its iterations are.
func (l *ledger) recount() {
	for _, h := range l.order {
		for i := range h.state.Steps {
			step := &h.state.Steps[i]
			if step.Nest == nil || step.Nest.Run == 0 && !step.Nest.Began {
				continue
			}
			var want record.Leaves
			children := l.below(h, i)
			for _, child := range children {
				want.Add(l.leaves(child), 1)
			}
			if got := step.Nest.Sums().Leaves; got != want {
				l.world.fail("%s adds up %v for step %d, and its %d instances come to %v: %+v", h.key, got, i, len(children), want, step.Nest)
			}
		}
	}
}

// leaves counts the leaves of a run through all levels.
func (l *ledger) leaves(h *history) record.Leaves {
	var out record.Leaves
	for i := range h.state.Steps {
		var below record.Leaves
		for _, child := range l.below(h, i) {
			below.Add(l.leaves(child), 1)
		}
		if below.Total() > 0 {
			out.Add(below, 1)
		} else {
			out[h.state.Steps[i].Status]++
		}
	}
	return out
}

// below returns the instances that count for a step: of a loop the newest run of each iteration, also of what an
// earlier attempt of the loop left.
func (l *ledger) below(h *history, i int) []*history {
	step := &h.state.Steps[i]
	switch {
	case step.Nest == nil, step.Nest.Began && step.Nest.Closed.Ends.Total() == 0: // nobody waited for it
		return nil
	case step.Nest.Began:
		return l.matching(func(child *history) bool {
			return child.key == workflow.RunKey{Workflow: callee, Instance: step.Nest.Child, Run: step.Nest.Run}
		})
	}
	at, _ := (&decide.Run{Key: h.key, State: h.state}).DetailAt(i)
	var out []*history
	last := step.Nest.Next
	if last > 0 && step.Nest.Base != nil && step.Nest.Total > 0 { // a block that is entered brings all that was kept of it
		last = min((record.BlockOf(last)+1)*record.BlockSize, step.Nest.Total)
	}
	for n := int64(1); n <= last; n++ {
		link := record.Link{Parent: at, Ordinal: i, Attempt: step.Attempt}
		if child := l.iteration(link, n, step.Nest.Base); child != nil {
			out = append(out, child)
		}
	}
	return out
}

// iteration returns the newest run of iteration n of an attempt of a loop, or what the attempt took over of it.
func (l *ledger) iteration(of record.Link, n int64, base *record.Base) *history {
	var newest *history
	for _, child := range l.matching(func(child *history) bool {
		link := child.link
		return link != nil && link.Inline && link.Parent == of.Parent && link.Ordinal == of.Ordinal && link.Attempt == of.Attempt && child.key.Instance == n
	}) {
		if newest == nil || newest.key.Run < child.key.Run {
			newest = child
		}
	}
	if newest != nil || base == nil || base.Again == n {
		return newest
	}
	of.Parent.Run, of.Attempt = base.Run, base.Attempt
	kept := l.iteration(of, n, base.Before)
	if kept != nil && base.Again == 0 && kept.state.Status != workflow.InstanceSucceeded {
		return nil // it was to run again
	}
	return kept
}

func (l *ledger) matching(is func(*history) bool) []*history {
	var out []*history
	for _, h := range l.order {
		if is(h) {
			out = append(out, h)
		}
	}
	return out
}

// root tells whether clients start the runs of a workflow.
func root(wf workflow.ID) bool { return wf == "wf" }

// patience is how long a world may go on after the last fault: loops wait for one iteration after another.
func (w *World) patience() time.Duration {
	if w.Nested {
		return 12 * maxCalm
	}
	return maxCalm
}

// stamina is how many turns a world may take.
func (w *World) stamina() int {
	if w.Nested {
		return 4 * maxTurns
	}
	return maxTurns
}
