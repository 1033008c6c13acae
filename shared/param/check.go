package param

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segue-workflows/segue/shared/expression"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Problem is one expression that cannot work.
type Problem struct {
	Path string // as in "steps.job_1.params.date"
	Text string
}

// Check finds expressions that do not compile and names that no param in scope has. A name that only run
// params would bring is a problem too: without them the definition cannot run.
func Check(request *workflow.Request) []Problem {
	var problems []Problem
	for _, at := range sitesOf(request, Runtime{}) {
		names, err := at.refs()
		if err != nil {
			problems = append(problems, Problem{at.path, workflow.TextOf(err)})
			continue
		}
		for _, name := range names {
			if text := at.scope.missing(name); text != "" {
				problems = append(problems, Problem{at.path, text})
			}
		}
	}
	return problems
}

// refs returns the names that the site refers to. It returns CodeInvalid when its expression does not compile.
func (s site) refs() ([]string, error) {
	if s.template {
		return references(s.text), nil
	}
	program, err := expression.Compile(s.text, expression.Options{})
	if err != nil {
		return nil, err
	}
	return program.Refs(), nil
}

// missing says why a name means nothing here; "" when it means something.
func (v *visible) missing(name string) string {
	if name == "params" || slices.Contains(v.names, name) {
		return ""
	}
	ways := readings(name, v.separate)
	if len(ways) == 0 {
		return fmt.Sprintf("there is no param %q here; there are: %s", name, strings.Join(v.own(), ", "))
	}
	if v.signals {
		return ""
	}
	for _, way := range ways {
		params, ok := v.steps[way.step]
		if ok && (params == nil || slices.Contains(params, way.param)) {
			return ""
		}
	}
	way := ways[0]
	if params, ok := v.steps[way.step]; ok {
		return fmt.Sprintf("step %q has no param %q; it has: %s", way.step, way.param, strings.Join(params, ", "))
	}
	return fmt.Sprintf("%q is not a step that runs before this one; there are: %s", way.step, strings.Join(sortedKeys(v.steps), ", "))
}

// own are the names without the built-ins, which everybody has and nobody wants listed.
func (v *visible) own() []string {
	builtin := workflowBuiltins(WorkflowInput{Definition: &workflow.Workflow{}})
	names := slices.DeleteFunc(slices.Clone(v.names), builtin.Has)
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) == 0 {
		return []string{"only the built-in ones"}
	}
	return names
}

func workflowNames(body *workflow.Workflow, runtime Runtime) []string {
	builtin := workflowBuiltins(WorkflowInput{Definition: body})
	return slices.Concat(body.Params.Keys(), runtime.WorkflowDefaults.Keys(), builtin.Keys())
}

func stepNames(step *workflow.Step, runtime Runtime) []string {
	kind := step.RuntimeType()
	return slices.Concat(step.Params.Keys(), stepBuiltins(Identity{}).Keys(), typeBuiltins(kind).Keys(),
		runtime.StepDefaults.Keys(), runtime.TypeDefaults[kind].Keys())
}

// loopNames are the params of an iteration: what its foreach or while step sees, and the loop variables.
func loopNames(step *workflow.Step, names []string) []string {
	loop, _ := step.Params.Get("loop_params")
	if loop == nil {
		return names
	}
	variables, ok := loop.Value.(*workflow.Params)
	if !ok {
		return names
	}
	return slices.Concat(variables.Keys(), names)
}

// upstreamParams lists the params of the steps before a step, and of itself. Those of a step with a job
// template are not known.
func upstreamParams(step *workflow.Step, steps []*workflow.Step, runtime Runtime) map[string][]string {
	byID := map[string]*workflow.Step{}
	before := map[string][]string{}
	for _, s := range steps {
		byID[s.ID] = s
		for target := range s.Transition.Successors.All() {
			before[target] = append(before[target], s.ID)
		}
	}
	out, queue := map[string][]string{}, []string{step.ID}
	for len(queue) > 0 {
		id := queue[0]
		queue = queue[1:]
		s, ok := byID[id]
		if _, seen := out[id]; seen || !ok {
			continue
		}
		out[id] = nil
		if s.SubType == "" {
			out[id] = stepNames(s, runtime)
		}
		queue = append(queue, before[id]...)
	}
	return out
}
