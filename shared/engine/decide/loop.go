package decide

import (
	"context"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"time"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/workflow"
)

// loopParams names the param of a loop that holds what it loops over.
const loopParams = "loop_params"

// loopValue is one loop param: an array of a foreach, a scalar of a while.
type loopValue struct {
	name  string
	kind  workflow.ParamType
	value any // as an evaluated MAP holds it
}

// loopValues returns the evaluated loop params of a step in the order of their definition; none where it has none.
func loopValues(params *workflow.Params) ([]loopValue, error) {
	p, ok := params.Get(loopParams)
	if !ok || p.Result == nil {
		return nil, nil
	}
	fields, ok := p.Result.(map[string]any)
	if !ok {
		return nil, workflow.Errorf(workflow.CodeInvalid, "loop_params is no MAP")
	}
	definitions, _ := p.Value.(*workflow.Params)
	var out []loopValue
	for _, name := range definitions.Keys() {
		if value, ok := fields[name]; ok {
			definition, _ := definitions.Get(name)
			out = append(out, loopValue{name, definition.Type, value})
		}
	}
	for _, name := range slices.Sorted(maps.Keys(fields)) { // an expression says nothing of order
		if !definitions.Has(name) {
			out = append(out, loopValue{name: name, value: fields[name]})
		}
	}
	return out, nil
}

// loopArrays returns the dimensions of a foreach, the fastest first. It returns CodeInvalid when one is no array.
func loopArrays(params *workflow.Params) ([]loopValue, error) {
	loop, err := loopValues(params)
	for _, dimension := range loop {
		if reflect.ValueOf(dimension.value).Kind() != reflect.Slice {
			return nil, workflow.Errorf(workflow.CodeInvalid, "loop param %q is no array", dimension.name)
		}
	}
	return loop, err
}

// valuesAt returns the loop values of an iteration by its index from 0: the first dimension changes fastest.
func valuesAt(loop []loopValue, index int64) *workflow.Params {
	out := &workflow.Params{}
	for _, dimension := range loop {
		values := reflect.ValueOf(dimension.value)
		length := int64(values.Len())
		if length == 0 {
			continue
		}
		out.Set(dimension.name, scalar(values.Index(int(index%length)).Interface(), dimension.kind == workflow.DoubleArray))
		index /= length
	}
	return out
}

// scalar returns a param of one loop value; numbers of an array of doubles may be stored as integers.
func scalar(value any, double bool) *workflow.Param {
	if n, ok := value.(int64); ok && double {
		value = float64(n)
	}
	return workflow.Literal(value)
}

// nestWhile begins the while step i: at its first iteration, or where an earlier attempt stopped.
func (t *Turn) nestWhile(i int) error {
	nest, detail := t.state.Steps[i].Nest, t.details[i]
	nest.Run++
	values, err := loopValues(detail.Params)
	if err != nil {
		return t.refuseNest(i, "%s", err)
	}
	detail.Loop = &workflow.Params{}
	for _, one := range values {
		switch one.value.(type) {
		case string, bool, int64, float64:
			detail.Loop.Set(one.name, scalar(one.value, one.kind == workflow.Double))
		default:
			return t.refuseNest(i, "loop param %q is no scalar", one.name)
		}
	}
	if nest.Base != nil {
		at := t.run.Key
		at.Run = nest.Base.Run
		before, err := t.facts.Detail(t.ctx, at, nest.Base.Commit, i)
		if err != nil {
			return err
		}
		if before.Loop != nil {
			detail.Loop = before.Loop
		}
		if nest.Base.Values != nil {
			detail.Loop = nest.Base.Values
		}
	}
	return t.again(i)
}

// again lets the next iteration of the while step i begin, if its condition holds.
func (t *Turn) again(i int) error {
	nest, detail := t.state.Steps[i].Nest, t.details[i]
	if nest.Next >= t.settings.MaxIterations {
		return t.refuseNest(i, "it has more than %d iterations", t.settings.MaxIterations)
	}
	params := workflow.CloneParams(detail.Params)
	for name, p := range detail.Loop.All() {
		value := p.Clone()
		value.Evaluated, value.Result = true, workflow.ResultOf(p.Value)
		params.Set(name, value)
	}
	holds, err := param.Condition(t.ctx, t.step(i).Condition, t.scope(i, params))
	if err != nil {
		return t.internal(i, "the condition", err)
	}
	if !holds {
		return t.succeed(i, nil)
	}
	nest.Next++
	nest.Launched++
	t.tend(i, nest.Next, nest.Next)
	return nil
}

// Passed takes in that the newest iteration of a while step, or the instance of a subworkflow step, ended. values are
// the params of the steps of the iteration by name, the last step's first.
func (t *Turn) Passed(i int, attempt int64, child record.Child, values func(name string) (*workflow.Param, bool)) error {
	step := &t.state.Steps[i]
	nest := step.Nest
	if step.Attempt != attempt || step.Status != workflow.Running || nest == nil || t.state.Status.Terminal() || nest.Running() == 0 {
		return nil
	}
	loop := t.step(i).Kind == workflow.KindWhile
	// The end of an instance may be known before the step knows that it began one: whoever tells it that looks again.
	newest := workflow.RunKey{Instance: nest.Child, Run: nest.Run}
	if loop {
		newest.Instance = nest.Next
	}
	if child.Iteration != newest.Instance || child.Run != newest.Run || !loop && !nest.Began {
		return nil
	}
	detail, err := t.change(i)
	if err != nil {
		return err
	}
	ended := record.Sums{Leaves: child.Leaves}
	ended.Ends = record.EndsOf(record.EndOf(child.Status))
	nest.Closed.Add(ended, 1)
	nest.Last = child.Leaves
	nest.Own++
	switch {
	case step.Ending != workflow.NotCreated:
		return t.settle(i)
	case child.Status != workflow.InstanceSucceeded || !loop:
		return t.endNest(i, ended.Ends)
	case t.halting():
		return t.end(i, t.endingStatus())
	}
	next := &workflow.Params{}
	for name, old := range detail.Loop.All() {
		next.Set(name, old)
		if p, ok := values(name); ok {
			next.Set(name, workflow.Literal(p.Result))
		}
	}
	detail.Loop = next
	return t.again(i)
}

// Fill completes the header of an iteration by what follows from its parent: the run, its definition, and the detail
// of the step that starts it. It returns CodeInvalid, with a header all the same, when the params cannot be evaluated.
func Fill(ctx context.Context, settings Settings, it Iteration, parent *Run, detail *record.Detail) (*record.Header, error) {
	out := *it.Header
	up, link := parent.Header, it.Header.Link
	step := parent.Definition.Steps[link.Ordinal]
	attempt := workflow.AttemptKey{RunKey: parent.Key, Step: step.ID, Attempt: link.Attempt}
	out.UUID = NameUUID(fmt.Sprintf("%s/%d/%d", AttemptUUID(up.UUID, attempt), it.Key.Instance, it.Key.Run))
	out.Version, out.InternalID, out.CorrelationID, out.Properties = up.Version, up.InternalID, up.CorrelationID, up.Properties
	out.Initiator = Descend(up.Initiator, attempt, step)
	out.RuntimeTags = up.RuntimeTags
	if out.Policy == "" {
		out.Policy = FreshRun
	}
	if out.StepRunParams.Len() == 0 {
		out.StepRunParams = up.StepRunParams
	}
	own := workflow.CloneParams(detail.Params)
	own.Delete(loopParams)
	out.RunParams = param.Inherited(up.Params, own)
	for name, p := range it.Header.Own.All() {
		out.RunParams.Set(name, p.Clone())
	}
	if step.Kind == workflow.KindWhile {
		out.RunParams.Set("condition", workflow.Literal(true))
	}
	owner := ""
	if up.Properties.Owner != nil {
		owner = up.Properties.Owner.Name
	}
	params, err := param.Workflow(ctx, param.WorkflowInput{Definition: &workflow.Workflow{ID: it.Key.Workflow}, Owner: owner,
		Initiator: out.Initiator, RunParams: out.RunParams, RunPolicy: out.Policy, Now: time.UnixMilli(out.RequestTime).UTC(), Runtime: settings.Params})
	if err != nil {
		params = &workflow.Params{}
	}
	out.Params = params
	return &out, err
}

// Descend returns the initiator of an instance that an attempt of a step starts.
func Descend(up *workflow.Initiator, attempt workflow.AttemptKey, step *workflow.Step) *workflow.Initiator {
	out := &workflow.Initiator{Type: initiators[step.Kind]}
	out.Ancestors = append(append(out.Ancestors, up.Ancestors...), workflow.Ancestor{Workflow: attempt.Workflow,
		Instance: attempt.Instance, Run: attempt.Run, Step: attempt.Step, Attempt: attempt.Attempt, Sync: step.Sync})
	out.Depth = len(out.Ancestors)
	return out
}

var initiators = map[workflow.StepKind]string{
	workflow.KindForeach:     workflow.InitiatorForeach,
	workflow.KindWhile:       workflow.InitiatorWhile,
	workflow.KindSubworkflow: workflow.InitiatorSubworkflow,
}
