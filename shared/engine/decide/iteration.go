package decide

import (
	"reflect"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Iterations returns how many iterations the loop params of a foreach step ask for. It returns CodeInvalid when
// one is no array.
func Iterations(params *workflow.Params) (int64, error) {
	total := int64(1)
	loop, err := loopArrays(params)
	if err != nil {
		return 0, err
	}
	for _, dimension := range loop {
		total *= int64(reflect.ValueOf(dimension.value).Len())
		if total > maxProduct {
			return total, nil
		}
	}
	return total, nil
}

const maxProduct = 1 << 40

// Iteration is the decision that one iteration of a loop begins: what it is called, and what of its header is its own.
type Iteration struct {
	Key    workflow.RunKey
	Header *record.Header
}

// NewIteration returns iteration n of the loop that is step i of run, with the run number of its nest or a higher one.
func NewIteration(run *Run, i int, detail *record.Detail, n, number int64) (Iteration, error) {
	step := &run.State.Steps[i]
	kind := run.Definition.Steps[i].Kind
	key := ChildKey(run, i, n, number)
	own := detail.Loop
	if kind == workflow.KindForeach {
		loop, err := loopArrays(detail.Params)
		if err != nil {
			return Iteration{}, err
		}
		own = valuesAt(loop, n-1)
	}
	own = workflow.CloneParams(own)
	own.Set("loop_index", workflow.Literal(n-1))
	return Iteration{key, &record.Header{Own: own,
		Link: &record.Link{Parent: run.Key, Ordinal: i, Attempt: step.Attempt, Detail: step.Detail, Inline: true}}}, nil
}

// ChildKey names run number of iteration n of the loop that is step i of run.
func ChildKey(run *Run, i int, n, number int64) workflow.RunKey {
	step, home := run.Definition.Steps[i], run.Key.Instance
	if run.Header.Inline() {
		home = homeOf(run.Header.Initiator).Instance
	}
	return workflow.RunKey{Workflow: workflow.InlineID(step.Kind, run.Header.InternalID, home, run.Key, step.ID), Instance: n, Run: number}
}

// ChildRestart says how an iteration of the loop that is step i of run runs again, and who wants it.
func ChildRestart(run *Run, i int, key workflow.RunKey) (policy string, restart *record.Restart) {
	nest := run.State.Steps[i].Nest
	restart = &record.Restart{}
	if run.Header.Restart != nil {
		restart.By = run.Header.Restart.By
	}
	for _, again := range nest.Again {
		if again.Iteration == key.Instance && again.Restart != nil {
			return again.Restart.Policy, again.Restart
		}
	}
	switch {
	case nest.Base == nil:
		return FromBeginning, restart
	case nest.Base.Again == key.Instance && nest.Base.Restart != nil:
		return nest.Base.Restart.Policy, nest.Base.Restart
	}
	return FromIncomplete, restart
}

// homeOf returns the nearest instance above that is no iteration of a loop.
func homeOf(initiator *workflow.Initiator) workflow.Ancestor {
	for _, ancestor := range slices.Backward(initiator.Ancestors) {
		if !workflow.Inline(ancestor.Workflow) {
			return ancestor
		}
	}
	return initiator.Ancestors[0]
}

// HomeOf returns the id of the workflow whose definition holds the steps of a run.
func HomeOf(key workflow.RunKey, header *record.Header) workflow.ID {
	if !header.Inline() {
		return key.Workflow
	}
	return homeOf(header.Initiator).Workflow
}

// BeginsWithJobs tells whether the iterations of the loop that is step i of a run have jobs to call as soon as they
// begin, and the loop lets them.
func (r *Run) BeginsWithJobs(i int, settings Settings) bool {
	if r.State.Steps[i].Ending != workflow.NotCreated || r.Definition.Steps[i].Kind == workflow.KindSubworkflow {
		return false
	}
	body, err := r.Definition.Body(i)
	if err != nil {
		return false
	}
	return slices.ContainsFunc(body.Graph.Roots(), func(root int) bool {
		_, light := body.light(settings, root)
		return !light && !body.nested(root)
	})
}
