package definition

import (
	"errors"
	"slices"
	"strings"

	"github.com/segue-workflows/segue/shared/dag"
	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

// checker holds what the rules about several steps share.
type checker struct {
	taken map[workflow.StepID]document.Position // where each id stands
}

// checkSteps applies the rules that look at more than one step.
func checkSteps(at *document.Value, steps []*stepDraft) {
	if count := allSteps(stepsOf(steps)); count > workflow.MaxSteps {
		at.Fault("the workflow has %d steps, counted through all loop bodies; the limit is %d", count, workflow.MaxSteps)
		return
	}
	c := &checker{taken: map[workflow.StepID]document.Position{}}
	c.level(at, steps, nil)
}

// loop is an enclosing loop while its body is checked.
type loop struct {
	outer *loop
	depth int
	names map[string]bool
}

// level checks the steps of one list and descends into bodies.
func (c *checker) level(at *document.Value, steps []*stepDraft, around *loop) {
	unique := c.ids(steps)
	known := checkEdges(steps, len(steps) == len(at.Items))
	if unique && known {
		if cycle := (*dag.Cycle)(nil); errors.As(buildError(steps), &cycle) {
			faultCycle(steps, cycle)
		}
	}
	for _, step := range steps {
		if step.Kind != workflow.KindForeach && step.Kind != workflow.KindWhile {
			continue
		}
		if step.continueAt != nil && step.FailureMode == workflow.FailImmediately {
			step.continueAt.Fault("a foreach that fails immediately cannot go on after a failure; drop one of the two")
		}
		inner := &loop{outer: around, depth: 1, names: map[string]bool{}}
		if around != nil {
			inner.depth = around.depth + 1
		}
		if inner.depth >= workflow.MaxDepth {
			step.at.Fault("loops are nested %d deep, the limit is %d", inner.depth, workflow.MaxDepth-1)
			continue
		}
		loopParams(step, inner)
		if step.bodyAt != nil {
			c.level(step.bodyAt, step.body, inner)
		}
	}
}

func buildError(steps []*stepDraft) error {
	_, err := dag.Build(stepsOf(steps))
	return err
}

// ids checks that no id is used twice in the whole workflow. It tells whether this level's ids can be a graph.
func (c *checker) ids(steps []*stepDraft) bool {
	unique := true
	for _, step := range steps {
		if step.idAt == nil || step.ID == "" {
			unique = false
			continue
		}
		if first, taken := c.taken[step.ID]; taken {
			unique = false
			step.idAt.Fault("the id %s is already used by the step at line %d; ids are unique through all loop bodies",
				document.Quoted(step.ID), first.Line)
			continue
		}
		c.taken[step.ID] = step.idAt.Position
	}
	return unique
}

// checkEdges checks successors and declared predecessors. It tells whether all successors exist. When a step of the level
// could not be read, an unknown successor may mean that one and is not worth a fault of its own.
func checkEdges(steps []*stepDraft, complete bool) bool {
	ids := make([]string, len(steps))
	derived := map[string][]string{}
	for i, step := range steps {
		ids[i] = step.ID
	}
	known := true
	for _, step := range steps {
		for successor := range step.Transition.Successors.All() {
			derived[successor] = append(derived[successor], step.ID)
			if !slices.Contains(ids, successor) {
				known = false
				if complete {
					faultSuccessor(step, successor, ids)
				}
			}
		}
	}
	for _, step := range steps {
		if complete {
			checkPredecessors(step, derived[step.ID])
		}
	}
	return known
}

func faultSuccessor(step *stepDraft, successor string, ids []string) {
	if step.at.Faults.Full() {
		return
	}
	for field, item := range step.successors.Map() {
		if field.Key == successor {
			others := slices.DeleteFunc(slices.Clone(ids), func(id string) bool { return id == step.ID })
			item.FaultAt(field.Position, "there is no step %s at this level%s", document.Quoted(successor), item.Suggest(successor, others))
		}
	}
}

// checkPredecessors compares the declared predecessors, which are optional, with those that follow from successors.
func checkPredecessors(step *stepDraft, derived []string) {
	declared := step.Transition.Predecessors
	if len(declared) == 0 {
		return
	}
	at := step.at.Child("transition").Child("predecessors")
	for i, item := range at.List() {
		switch {
		case item.Kind != document.String:
		case !slices.Contains(derived, declared[i]):
			item.Fault("%s does not have %s as a successor; leave predecessors out, they follow from successors",
				document.Quoted(declared[i]), document.Quoted(step.ID))
		case slices.Contains(declared[:i], declared[i]):
			item.Fault("the predecessor %s is given twice", document.Quoted(declared[i]))
		}
	}
	for _, id := range derived {
		if !slices.Contains(declared, id) {
			at.Fault("%s is missing: it has %s as a successor", document.Quoted(id), document.Quoted(step.ID))
		}
	}
}

// faultCycle faults the successors of the cycle's first step.
func faultCycle(steps []*stepDraft, cycle *dag.Cycle) {
	for _, step := range steps {
		if step.ID == cycle.IDs[0] {
			step.successors.Fault("%s", cycle.Error())
		}
	}
}

var loopTypes = map[workflow.StepKind][]workflow.ParamType{
	workflow.KindForeach: {workflow.StringArray, workflow.LongArray, workflow.DoubleArray, workflow.BooleanArray},
	workflow.KindWhile:   {workflow.String, workflow.Long, workflow.Double, workflow.Boolean},
}

const loopParamsName = "loop_params"

// loopParams checks the variables of a loop against its kind and against those of the loops around it.
func loopParams(step *stepDraft, inner *loop) {
	variables, ok := step.Params.Get(loopParamsName)
	if !ok {
		return
	}
	at := step.at.Child("params").Child(loopParamsName)
	if variables.Type != workflow.Map {
		if variables.Type != "" {
			at.Fault("found a param of type %s, want MAP: loop variables by name", variables.Type)
		}
		return
	}
	nested, ok := variables.Value.(*workflow.Params)
	if !ok {
		return
	}
	for name, variable := range nested.All() {
		item := at.Child("value").Child(name)
		inner.names[name] = true
		if variable.Type != "" && !slices.Contains(loopTypes[step.Kind], variable.Type) {
			item.Fault("found a loop variable of type %s, want one of %s", variable.Type, strings.Join(texts(loopTypes[step.Kind]), ", "))
		}
		for outer := inner.outer; outer != nil; outer = outer.outer {
			if outer.names[name] {
				item.Fault("the loop variable %s is already one of a loop around this step", document.Quoted(name))
				break
			}
		}
	}
}
