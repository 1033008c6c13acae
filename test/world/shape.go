package world

import (
	"fmt"

	"github.com/segue-workflows/segue/shared/workflow"
)

// StepName is the name of step i of a shape.
func StepName(i int) workflow.StepID { return fmt.Sprintf("step-%d", i) }

// Step is step i of a shape, of a type, with successors.
func Step(i int, kind string, next ...workflow.StepID) *workflow.Step {
	s := &workflow.Step{Kind: workflow.KindStep, ID: StepName(i), Type: kind}
	if len(next) > 0 {
		s.Transition.Successors = &workflow.Ordered[string]{}
	}
	for _, id := range next {
		s.Transition.Successors.Set(id, "true")
	}
	return s
}

// Chain is n steps in a row.
func Chain(id workflow.ID, n int, kind string) *workflow.Workflow {
	w := &workflow.Workflow{ID: id}
	for i := range n {
		var next []workflow.StepID
		if i < n-1 {
			next = append(next, StepName(i+1))
		}
		w.Steps = append(w.Steps, Step(i, kind, next...))
	}
	return w
}
