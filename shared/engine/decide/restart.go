package decide

import (
	"slices"
	"time"

	"github.com/segue-workflows/segue/shared/dag"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Run policies.
const (
	FreshRun       = "START_FRESH_NEW_RUN"
	CustomizedRun  = "START_CUSTOMIZED_RUN"
	FromIncomplete = "RESTART_FROM_INCOMPLETE"
	FromBeginning  = "RESTART_FROM_BEGINNING"
	FromSpecific   = "RESTART_FROM_SPECIFIC"
)

// Restarted returns the steps with which the next run after prev begins, by policy: those to run again, and
// those that stand as they are. restart names that of FromSpecific, and where below it the
// restart leads. It returns CodeInvalid when nothing is left to
// run, and for a step that was never created.
func Restarted(prev *Run, policy string, restart *record.Restart) ([]record.Step, error) {
	step := restart.Step
	graph := prev.Definition.Graph
	again := dag.Set{}
	root := -1
	switch policy {
	case FromBeginning:
		return Begun(prev), nil
	case FromIncomplete:
		var incomplete []int
		for i := range prev.State.Steps {
			if !prev.State.Steps[i].Status.Complete() {
				incomplete = append(incomplete, i)
			}
		}
		if len(incomplete) == 0 {
			return nil, workflow.Errorf(workflow.CodeInvalid,
				"every step of %s is complete: there is nothing to restart from; use %s", prev.Key, FromBeginning)
		}
		again = graph.Downstream(incomplete...)
	case FromSpecific:
		i, ok := graph.Index(step)
		if !ok {
			return nil, workflow.Errorf(workflow.CodeNotFound, "workflow %q has no step %q", prev.Key.Workflow, step)
		}
		if prev.State.Steps[i].Status == workflow.NotCreated {
			return nil, workflow.Errorf(workflow.CodeInvalid, "step %q of %s was never created: restart a step before it", step, prev.Key)
		}
		again, root = graph.Downstream(i), i
	default:
		return nil, workflow.Errorf(workflow.CodeInvalid, "restart_policy %q is none of %s and %s", policy, FromIncomplete, FromBeginning)
	}
	steps := make([]record.Step, graph.Len())
	for i := range steps {
		switch {
		case !again.Has(i):
			steps[i] = standing(prev, i)
			continue
		case i == root:
			steps[i].Part = record.Root
		}
		if old := &prev.State.Steps[i]; old.Nest != nil && old.Attempt > 0 {
			var again *record.Again
			if i == root {
				again = restart.Again()
			}
			steps[i].Nest = NextNest(prev.Definition.Steps[i].Kind, prev.Key.Run, old, again)
		} else {
			steps[i].Nest = old.Nest
		}
	}
	return steps, nil
}

// Begun returns the steps of a run that begins from its start: only the runs of what its steps start go on counting.
func Begun(prev *Run) []record.Step {
	steps := make([]record.Step, prev.Definition.Graph.Len())
	for i := range steps {
		if old := prev.State.Steps[i].Nest; old != nil {
			steps[i].Nest = &record.Nest{Run: old.Newest(), Child: old.Child}
		}
	}
	return steps
}

// standing returns step i of prev as it stands in a later run that does not run it.
func standing(prev *Run, i int) record.Step {
	old := prev.State.Steps[i]
	key, detail := prev.DetailAt(i)
	return record.Step{Status: old.Status, Attempt: old.Attempt, Detail: detail, Home: key.Run, Start: old.Start, End: old.End,
		Retries: old.Retries, Refused: slices.Clone(old.Refused), Part: record.Outside, Nest: old.Nest}
}

// Unchanged returns a run that follows prev and in which every step stands as it was.
func Unchanged(prev *Run, key workflow.RunKey, header *record.Header, now time.Time) *Run {
	run := NewRun(key, header, prev.Definition, now)
	for i := range run.State.Steps {
		run.State.Steps[i] = standing(prev, i)
	}
	return run
}

// Customized returns the steps of a run that begins with some steps, ends with some, and leaves the others
// out. Empty lists mean from the beginning, and to the end. It returns CodeInvalid for unknown steps and when
// no way leads from the first to the last.
func Customized(definition *Definition, config *record.RunConfig) ([]record.Step, error) {
	graph := definition.Graph
	index := func(ids []workflow.StepID) ([]int, error) {
		var out []int
		for _, id := range ids {
			i, ok := graph.Index(id)
			if !ok {
				return nil, workflow.Errorf(workflow.CodeInvalid, "the workflow has no step %q", id)
			}
			out = append(out, i)
		}
		return out, nil
	}
	first, err := index(config.StartSteps)
	if err != nil {
		return nil, err
	}
	last, err := index(config.EndSteps)
	if err != nil {
		return nil, err
	}
	if _, err := index(config.SkipSteps); err != nil {
		return nil, err
	}
	if len(first) == 0 {
		first = graph.Roots()
	}
	within := graph.Downstream(first...)
	steps := make([]record.Step, graph.Len())
	some := false
	for i := range steps {
		if !within.Has(i) || !leadsTo(graph, i, last) {
			steps[i].Part = record.Absent
			continue
		}
		some = true
		if slices.Contains(first, i) && !followsAny(graph, i, first) {
			steps[i].Part = record.Root
		}
	}
	if !some {
		return nil, workflow.Errorf(workflow.CodeInvalid, "no way leads from start_step_ids to end_step_ids")
	}
	return steps, nil
}

// leadsTo tells whether step i is one of the last steps or before one of them; no last steps are all.
func leadsTo(graph *dag.Graph, i int, last []int) bool {
	return len(last) == 0 || slices.Contains(last, i) ||
		slices.ContainsFunc(last, func(end int) bool { return graph.Upstream(end).Has(i) })
}

// followsAny tells whether step i follows another of the steps: then it waits for that one.
func followsAny(graph *dag.Graph, i int, steps []int) bool {
	return slices.ContainsFunc(steps, func(other int) bool { return other != i && graph.Upstream(i).Has(other) })
}
