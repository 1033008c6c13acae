package param

import (
	"fmt"
	"slices"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Lint finds what works and probably not as meant: a step param that refers to another param of the step which
// is defined later, while the workflow has one of that name. Until the step's own is evaluated, the workflow's
// hides it.
func Lint(request *workflow.Request) []Problem {
	return lintSteps("steps.", request.Workflow.Steps, request.Workflow.Params.Keys())
}

func lintSteps(path string, steps []*workflow.Step, outer []string) []Problem {
	var problems []Problem
	for _, step := range steps {
		w := &walker{}
		for i, name := range step.Params.Keys() {
			one := &workflow.Params{}
			p, _ := step.Params.Get(name)
			one.Set(name, p)
			w.sites = nil
			w.params(path+step.ID+".params", one, &visible{})
			later := step.Params.Keys()[i+1:]
			for _, at := range w.sites {
				problems = append(problems, hiddenBy(at, later, outer)...)
			}
		}
		if len(step.Steps) > 0 {
			inner := loopNames(step, slices.Concat(step.Params.Keys(), outer))
			problems = append(problems, lintSteps(path+step.ID+".steps.", step.Steps, inner)...)
		}
	}
	return problems
}

func hiddenBy(at site, later, outer []string) []Problem {
	var problems []Problem
	names, _ := at.refs() // what does not compile is Check's
	for _, name := range names {
		if slices.Contains(later, name) && slices.Contains(outer, name) {
			problems = append(problems, Problem{at.path, fmt.Sprintf(
				"%q is the param of the workflow here, because the step defines its own only further down", name)})
		}
	}
	return problems
}
