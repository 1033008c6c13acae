package decide

import (
	"encoding/json"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// NextNest returns with what the next attempt of a step begins that starts other instances: it goes on from the
// attempt that ended in a run. again is the one iteration that runs again, nil for all that did not succeed.
func NextNest(kind workflow.StepKind, run int64, step *record.Step, again *record.Again) *record.Nest {
	old := step.Nest
	base := &record.Base{Run: run, Attempt: step.Attempt, Nest: old.Run, Commit: step.Detail, Before: old.Base}
	if step.Home != 0 {
		base.Run = step.Home
	}
	if again != nil {
		base.Again, base.Restart = again.Iteration, again.Restart
	}
	out := &record.Nest{Run: old.Newest(), Child: old.Child, Base: base}
	if kind == workflow.KindWhile && old.Next > 0 {
		if again != nil && Rewinds(old, again.Iteration) {
			out.Next = again.Iteration - 1 // whoever has the facts fills in what those before come to
			return out
		}
		if out.Next, out.Closed = old.Next, old.Closed; old.Launched == 0 {
			return out // all that it has are successes that it took over itself
		}
		if out.Next--; old.Running() == 0 {
			out.Closed.Add(record.Sums{Ends: lastEnd(old), Leaves: old.Last}, -1)
		}
	}
	return out
}

// Rewinds tells whether a while step that is restarted at an iteration goes back behind what its last attempt began
// with, so that what those before it come to has to be read.
func Rewinds(old *record.Nest, iteration int64) bool {
	return iteration < old.Next || old.Launched == 0
}

// lastEnd counts how the newest iteration of a while step ended: all before it succeeded.
func lastEnd(nest *record.Nest) record.Ends {
	out := nest.Closed.Ends
	out.Succeed(-(out.Total() - 1))
	return out
}

// Began takes in which instance a subworkflow step started. One that the step does not wait for completes it.
func (t *Turn) Began(i int, attempt int64, child workflow.RunKey, artifact json.RawMessage) error {
	step := &t.state.Steps[i]
	if step.Attempt != attempt || step.Status != workflow.Running || step.Nest == nil || step.Nest.Began {
		return nil
	}
	detail, err := t.change(i)
	if err != nil {
		return err
	}
	artifacts := &workflow.Ordered[json.RawMessage]{}
	artifacts.Set("maestro_subworkflow", artifact)
	mergeArtifacts(detail, artifacts)
	nest := step.Nest
	nest.Began, nest.Child, nest.Run = true, child.Instance, child.Run
	if waits := t.step(i).Sync; waits != nil && !*waits {
		nest.Own = nest.Launched
		if step.Ending != workflow.NotCreated {
			return t.settle(i)
		}
		return t.succeed(i, nil)
	}
	if step.Ending != workflow.NotCreated {
		t.stopNest(i)
	}
	return nil
}

// Unstarted takes in that a subworkflow step cannot start its instance.
func (t *Turn) Unstarted(i int, attempt int64, why error) error {
	step := &t.state.Steps[i]
	if step.Attempt != attempt || step.Status != workflow.Running || step.Nest == nil || step.Nest.Began {
		return nil
	}
	step.Nest.Own = step.Nest.Launched
	if step.Ending != workflow.NotCreated {
		return t.settle(i)
	}
	if err := t.tell(i, workflow.DetailsEvent(t.ms, why, false)); err != nil {
		return err
	}
	return t.fatal(i)
}

// LeavesOf counts the leaves of a run through all levels below it.
func LeavesOf(run *Run) record.Leaves {
	var out record.Leaves
	for i := range run.State.Steps {
		step := &run.State.Steps[i]
		if step.Part == record.Absent {
			continue
		}
		if nested := NestLeaves(step); nested.Total() > 0 && run.Definition.nested(i) {
			out.Add(nested, 1)
		} else {
			out[step.Status]++
		}
	}
	return out
}

// NestLeaves counts the leaves of the instances that a step started and that ended.
func NestLeaves(step *record.Step) record.Leaves {
	if step.Nest == nil {
		return record.Leaves{}
	}
	return step.Nest.Sums().Leaves
}

// RestartIteration runs an iteration of a running foreach step again, beside the others and whatever its concurrency
// is. block is the progress of its block, and end how it ended. It returns CodeInvalid when the loop or its run does
// not go on, and CodeConflict when the iteration has not ended or is restarted already.
func (t *Turn) RestartIteration(i int, block record.Block, end record.End, again record.Again, order Order) error {
	step := &t.state.Steps[i]
	nest := step.Nest
	switch {
	case t.state.Status != workflow.InstanceInProgress || t.halting() || step.Status != workflow.Running || nest == nil ||
		step.Ending != workflow.NotCreated || t.step(i).FailureMode == workflow.FailImmediately:
		return t.notAllowed(i, order)
	case end == record.Unended || again.Iteration > nest.Next:
		return workflow.Errorf(workflow.CodeConflict, "iteration %d of step %q has not ended", again.Iteration, t.step(i).ID)
	case slices.ContainsFunc(nest.Again, func(a record.Again) bool { return a.Iteration == again.Iteration }):
		return workflow.Errorf(workflow.CodeConflict, "iteration %d of step %q is being restarted already", again.Iteration, t.step(i).ID)
	}
	at, open := slices.BinarySearchFunc(nest.Open, block.Number, func(b record.Block, n int64) int { return int(b.Number - n) })
	switch {
	case !open:
		nest.Closed.Add(block.Sums, -1)
		nest.Own -= block.Own
		nest.Open = slices.Insert(nest.Open, at, block)
	case nest.Open[at].Rev < block.Rev:
		nest.Open[at] = block
	}
	if end.Kept() {
		nest.Launched++
	}
	nest.Again, nest.Most = append(nest.Again, again), max(nest.Most, again.Run)
	t.tend(i, again.Iteration, again.Iteration)
	return t.tell(i, order.event(t.ms))
}
