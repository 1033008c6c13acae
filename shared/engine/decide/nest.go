package decide

import (
	"slices"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// maxOpen is how many iterations of one loop may be open at once, whatever its concurrency: it bounds what one
// look at the loop has to go through.
const maxOpen = 1000

// Tend says that the instances of a step need somebody: iterations From to To were let begin, or are to be stopped.
type Tend struct {
	Ordinal  int
	Attempt  int64
	From, To int64
}

// nested tells whether step i starts other instances.
func (d *Definition) nested(i int) bool {
	switch d.Steps[i].Kind {
	case workflow.KindForeach, workflow.KindWhile, workflow.KindSubworkflow:
		return true
	}
	return false
}

// Nested tells whether step i starts other instances.
func (d *Definition) Nested(i int) bool { return d.nested(i) }

// Tends returns what this turn left to be done for the instances of its steps.
func (t *Turn) Tends() []Tend { return t.tends }

// TakeTends returns what this turn left to be done for the instances of step i, for a caller who does it.
func (t *Turn) TakeTends(i int) []Tend {
	var own []Tend
	t.tends = slices.DeleteFunc(t.tends, func(tend Tend) bool {
		if tend.Ordinal == i {
			own = append(own, tend)
		}
		return tend.Ordinal == i
	})
	return own
}

// nest lets step i start its instances: its attempt has just entered RUNNING.
func (t *Turn) nest(i int) error {
	if len(t.run.Header.Initiator.Ancestors)+1 >= workflow.MaxDepth {
		return t.refuseNest(i, "it would be nested deeper than %d levels", workflow.MaxDepth)
	}
	step := &t.state.Steps[i]
	if step.Nest == nil {
		step.Nest = &record.Nest{}
	}
	nest := step.Nest
	switch t.step(i).Kind {
	case workflow.KindForeach:
		total, err := Iterations(t.details[i].Params)
		if err != nil {
			return t.refuseNest(i, "%s", err)
		}
		if total > t.settings.MaxIterations {
			return t.refuseNest(i, "it has %d iterations; the limit is %d", total, t.settings.MaxIterations)
		}
		nest.Run, nest.Total = nest.Run+1, total
		return t.proceedNest(i)
	case workflow.KindWhile:
		return t.nestWhile(i)
	}
	nest.Total, nest.Next, nest.Launched = 1, 1, 1
	t.tend(i, 1, 1)
	return nil
}

func (t *Turn) refuseNest(i int, format string, args ...any) error {
	err := workflow.Errorf(workflow.CodeInvalid, "step %q cannot begin: "+format, append([]any{t.step(i).ID}, args...)...)
	if tell := t.tell(i, workflow.DetailsEvent(t.ms, err, false)); tell != nil {
		return tell
	}
	return t.fatal(i)
}

// tend notes that iterations from to to of step i need somebody.
func (t *Turn) tend(i int, from, to int64) {
	t.changed = true
	attempt := t.state.Steps[i].Attempt
	if n := len(t.tends); n > 0 && t.tends[n-1].Ordinal == i && t.tends[n-1].Attempt == attempt && t.tends[n-1].To+1 == from {
		t.tends[n-1].To = to
		return
	}
	t.tends = append(t.tends, Tend{i, attempt, from, to})
}

// Folded is a progress item of a loop and its block, as somebody read or wrote them.
type Folded struct {
	record.Block
	*record.Progress
}

// Fold takes in what the progress items of a foreach step say, where that is news.
func (t *Turn) Fold(i int, attempt int64, blocks []Folded) error {
	step := &t.state.Steps[i]
	nest := step.Nest
	if step.Attempt != attempt || step.Status != workflow.Running || nest == nil || t.state.Status.Terminal() {
		return nil
	}
	for _, block := range blocks {
		at, open := slices.BinarySearchFunc(nest.Open, block.Number, func(b record.Block, n int64) int { return int(b.Number - n) })
		if open && nest.Open[at].Rev < block.Rev {
			nest.Open[at], t.changed = block.Block, true
		}
		before := len(nest.Again)
		nest.Again = slices.DeleteFunc(nest.Again, func(a record.Again) bool {
			end, run := block.At(a.Iteration, nest.Run)
			return record.BlockOf(a.Iteration) == block.Number && end != record.Unended && run >= a.Run
		})
		t.changed = t.changed || len(nest.Again) != before
	}
	t.closeBlocks(nest)
	return t.proceedNest(i)
}

// closeBlocks joins the blocks that are complete.
func (t *Turn) closeBlocks(nest *record.Nest) {
	nest.Open = slices.DeleteFunc(nest.Open, func(b record.Block) bool {
		end := min((b.Number+1)*record.BlockSize, nest.Total)
		again := slices.ContainsFunc(nest.Again, func(a record.Again) bool { return record.BlockOf(a.Iteration) == b.Number })
		if again || nest.Next < end || b.Ends.Total() < end-b.Number*record.BlockSize {
			return false
		}
		nest.Closed.Add(b.Sums, 1)
		nest.Own += b.Own
		t.changed = true
		return true
	})
}

// proceedNest lets further iterations of the foreach step i begin, or ends it.
func (t *Turn) proceedNest(i int) error {
	step := &t.state.Steps[i]
	nest := step.Nest
	failed := nest.Sums().Ends.Of(record.Failed) > 0 && !t.step(i).ContinueOnFailure
	if failed && step.Ending == workflow.NotCreated && t.step(i).FailureMode == workflow.FailImmediately && nest.Running() > 0 {
		step.Ending = workflow.FatallyFailed
		t.stopNest(i)
	}
	stopping := step.Ending != workflow.NotCreated || t.halting()
	if !stopping && !failed && t.state.Status == workflow.InstanceInProgress {
		if err := t.grow(i); err != nil {
			return err
		}
	}
	if nest.Busy() {
		return nil
	}
	if step.Ending != workflow.NotCreated {
		return t.settle(i)
	}
	if nest.Next < nest.Total && !failed {
		return nil // paused: nothing begins until the run is resumed
	}
	return t.endNest(i, nest.Sums().Ends)
}

// endNest ends a loop by how its iterations ended.
func (t *Turn) endNest(i int, ends record.Ends) error {
	switch {
	case ends.Of(record.Failed) > 0:
		return t.fatal(i)
	case ends.Of(record.TimedOut) > 0:
		return t.move(i, workflow.TimedOut)
	case ends.Of(record.Stopped) > 0:
		return t.move(i, workflow.Stopped)
	}
	return t.succeed(i, nil)
}

// grow lets as many iterations of the foreach step i begin as its concurrency allows.
func (t *Turn) grow(i int) error {
	nest := t.state.Steps[i].Nest
	limit := t.window(i)
	for nest.Next < nest.Total {
		free := limit - nest.Running()
		if t.step(i).StrictOrdering {
			free = min(free, t.low(nest)+limit-nest.Next)
		}
		if free <= 0 {
			return nil
		}
		kept, err := t.enterBlock(i, record.BlockOf(nest.Next+1))
		if err != nil {
			return err
		}
		end := min((record.BlockOf(nest.Next+1)+1)*record.BlockSize, nest.Total)
		from := nest.Next + 1
		if kept == nil {
			nest.Next = min(end, nest.Next+free)
			nest.Launched += nest.Next - from + 1
			t.tend(i, from, nest.Next)
			continue
		}
		for ; nest.Next < end && free > 0; nest.Next++ {
			if end, _ := kept.At(nest.Next+1, 0); end == record.Unended {
				nest.Launched++
				free--
				t.tend(i, nest.Next+1, nest.Next+1)
			}
		}
		t.changed = true
		t.closeBlocks(nest)
	}
	return nil
}

// window is how many iterations of the foreach step i may be open at once.
func (t *Turn) window(i int) int64 {
	limit := int64(maxOpen)
	lower := func(n int64) {
		if n > 0 {
			limit = min(limit, n)
		}
	}
	lower(t.step(i).Concurrency)
	lower(t.run.Definition.Version.Workflow.InstanceStepConcurrency)
	if n := t.run.Header.Properties.StepConcurrency; n != nil {
		lower(*n)
	}
	return limit
}

// low returns how many iterations from the first one on have all ended.
func (t *Turn) low(nest *record.Nest) int64 {
	if len(nest.Open) == 0 {
		return nest.Next
	}
	return nest.Open[0].Number*record.BlockSize + nest.Open[0].Low
}

// enterBlock opens the block into which the foreach step i grows, and returns what an earlier attempt left of it.
func (t *Turn) enterBlock(i int, number int64) (*record.Progress, error) {
	nest := t.state.Steps[i].Nest
	var kept *record.Progress
	if nest.Base != nil {
		var err error
		if kept, err = t.facts.Kept(t.ctx, t.run.Key, i, *nest.Base, number); err != nil {
			return nil, err
		}
	}
	if n := len(nest.Open); n > 0 && nest.Open[n-1].Number == number {
		return kept, nil
	}
	block := record.Block{Number: number}
	if kept != nil {
		block = kept.Block(number, 0)
	}
	nest.Open = append(nest.Open, block)
	return kept, nil
}

// stopNest has the instances of step i told to stop.
func (t *Turn) stopNest(i int) {
	nest := t.state.Steps[i].Nest
	nest.Seen = 0
	if nest.Next > 0 {
		t.tend(i, 1, nest.Next)
	}
}

// Reached notes that the instances of step i up to number to are on their way: each is looked after by itself.
func (t *Turn) Reached(i int, attempt, to int64) {
	step := &t.state.Steps[i]
	if step.Attempt == attempt && step.Status == workflow.Running && step.Nest != nil && step.Nest.Seen < to {
		step.Nest.Seen, t.changed = to, true
	}
}

// unreached tells whether instances of a step may not know yet what it wants of them. Those that are restarted in place
// are few, so nobody notes that they are on their way: they are looked after until they end.
func unreached(step *record.Step) bool {
	if step.Status != workflow.Running || step.Nest == nil {
		return false
	}
	return len(step.Nest.Again) > 0 || step.Nest.Seen < step.Nest.Next && step.Nest.Running() > 0
}

// Tended returns what must be done for the instances of the steps of a run, whoever was to do it.
func Tended(run *Run) []Tend {
	var out []Tend
	for i := range run.State.Steps {
		step := &run.State.Steps[i]
		if step.Status != workflow.Running || step.Nest == nil || step.Nest.Next == 0 {
			continue
		}
		if step.Nest.Seen < step.Nest.Next {
			out = append(out, Tend{i, step.Attempt, step.Nest.Seen + 1, step.Nest.Next})
		}
		for _, again := range step.Nest.Again {
			out = append(out, Tend{i, step.Attempt, again.Iteration, again.Iteration})
		}
	}
	return out
}
