package definition

import (
	"maps"

	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

// stepDraft is a step with the places that the checks need.
type stepDraft struct {
	*workflow.Step
	at         *document.Value // of the body inside the wrapper
	idAt       *document.Value // nil when there is no id
	successors *document.Value
	body       []*stepDraft // of a loop
	bodyAt     *document.Value
	continueAt *document.Value // where further iterations are wanted after a failure
}

func stepsOf(drafts []*stepDraft) []*workflow.Step {
	steps := make([]*workflow.Step, len(drafts))
	for i, draft := range drafts {
		steps[i] = draft.Step
	}
	return steps
}

// readSteps reads one level of steps and the bodies inside.
func readSteps(v *document.Value) []*stepDraft {
	if v.Kind == document.Array && len(v.Items) == 0 {
		v.Fault("the list of steps is empty, want at least one step")
	}
	var drafts []*stepDraft
	for _, item := range v.List() {
		if draft := readStep(item); draft != nil {
			drafts = append(drafts, draft)
		}
	}
	return drafts
}

// readStep reads a wrapper, whose only key says what kind the step is. It returns nil when it cannot tell.
func readStep(v *document.Value) *stepDraft {
	if !v.Is(document.Object) {
		return nil
	}
	if len(v.Fields) != 1 {
		v.Fault("found an object with %d fields, want exactly one that names the kind of the step: step, subworkflow, foreach or while", len(v.Fields))
		return nil
	}
	key := v.Fields[0]
	body := &document.Value{Node: key.Value, Path: v.Path.Key(key.Key), Faults: v.Faults}
	shape, known := stepShapes[workflow.StepKind(key.Key)]
	switch {
	case key.Key == string(workflow.KindTemplate):
		body.FaultAt(key.Position, "template steps are not supported; name a job template with sub_type in a step")
		return nil
	case !known:
		kinds := []string{"step", "subworkflow", "foreach", "while"}
		body.FaultAt(key.Position, "there is no kind of step %s%s", document.Quoted(key.Key), body.Suggest(key.Key, kinds))
		return nil
	}
	draft := &stepDraft{Step: &workflow.Step{Kind: workflow.StepKind(key.Key)}, at: body}
	if !shape.Read(body, draft) {
		return nil
	}
	if draft.bodyAt != nil {
		draft.body = readSteps(draft.bodyAt)
		draft.Steps = stepsOf(draft.body)
	}
	return draft
}

type stepFields = map[string]func(*stepDraft, *document.Value)

// stepShapes has one shape for each kind of step; no shape reads bodies, so that the table may be a variable.
var stepShapes = map[workflow.StepKind]*document.Shape[stepDraft]{
	workflow.KindStep:        stepShape("a step", typedFields, "id", "type"),
	workflow.KindSubworkflow: stepShape("a subworkflow step", subworkflowFields, "id"),
	workflow.KindForeach:     stepShape("a foreach step", foreachFields, "id", "steps"),
	workflow.KindWhile:       stepShape("a while step", whileFields, "id", "condition", "steps"),
}

func stepShape(what string, own stepFields, required ...string) *document.Shape[stepDraft] {
	shape := &document.Shape[stepDraft]{What: what, Fields: maps.Clone(commonFields), Required: required}
	maps.Copy(shape.Fields, own)
	shape.Refused = map[string]string{}
	for _, other := range []struct {
		fields stepFields
		owner  string
	}{
		{typedFields, "typed steps (step)"}, {subworkflowFields, "subworkflow steps"},
		{foreachFields, "foreach steps"}, {whileFields, "while steps"},
	} {
		for key := range other.fields {
			if shape.Fields[key] == nil && shape.Refused[key] == "" {
				shape.Refused[key] = what + " has no field \"" + key + "\", which belongs to " + other.owner
			}
		}
	}
	return shape
}

var failureModes = []workflow.FailureMode{workflow.FailAfterRunning, workflow.FailImmediately, workflow.IgnoreFailure}

var commonFields = stepFields{
	"id":          func(s *stepDraft, v *document.Value) { s.ID, s.idAt = stepID(v), v },
	"name":        func(s *stepDraft, v *document.Value) { s.Name = stepName(v) },
	"description": func(s *stepDraft, v *document.Value) { s.Description = longText(v) },
	"transition":  func(s *stepDraft, v *document.Value) { transitionShape.Read(v, s) },
	"failure_mode": func(s *stepDraft, v *document.Value) {
		s.FailureMode = workflow.FailureMode(v.Enum(texts(failureModes)...))
	},
	"tags":    func(s *stepDraft, v *document.Value) { s.Tags = tagList(v) },
	"timeout": func(s *stepDraft, v *document.Value) { s.Timeout = timeout(v) },
	"signal_dependencies": func(s *stepDraft, v *document.Value) {
		for _, item := range v.List() {
			s.SignalDependencies = append(s.SignalDependencies, signalDependency(item))
		}
	},
	"signal_outputs": func(s *stepDraft, v *document.Value) {
		for _, item := range v.List() {
			s.SignalOutputs = append(s.SignalOutputs, signalOutput(item))
		}
	},
	"params": func(s *stepDraft, v *document.Value) { s.Params = definedParams(v) },
}

var transitionShape = &document.Shape[stepDraft]{
	What: "a transition",
	Fields: stepFields{
		"successors": func(s *stepDraft, v *document.Value) {
			s.successors = v
			successors := &workflow.Ordered[string]{}
			for field, item := range v.Map() {
				successors.Set(field.Key, condition(item))
			}
			s.Transition.Successors = orNil(successors)
		},
		"predecessors": func(s *stepDraft, v *document.Value) { s.Transition.Predecessors = v.Strings() },
	},
}

// condition reads an expression; a bare true or false is taken as its text.
func condition(v *document.Value) string {
	if v.Kind == document.Bool {
		return v.Text
	}
	refuseSecrets(v)
	return filled(v)
}

var typedFields = stepFields{
	"type":             func(s *stepDraft, v *document.Value) { s.Type = v.Enum(workflow.StepTypes...) },
	"sub_type":         func(s *stepDraft, v *document.Value) { s.SubType = filledName(v) },
	"sub_type_version": func(s *stepDraft, v *document.Value) { s.SubTypeVersion = filledName(v) },
	"retry_policy":     func(s *stepDraft, v *document.Value) { s.RetryPolicy = retryPolicy(v) },
	"delivery_policy":  func(s *stepDraft, v *document.Value) { s.DeliveryPolicy = deliveryPolicy(v) },
}

var subworkflowFields = stepFields{
	"sync":            func(s *stepDraft, v *document.Value) { s.Sync = flag(v) },
	"explicit_params": func(s *stepDraft, v *document.Value) { s.ExplicitParams = flag(v) },
}

var foreachFields = stepFields{
	"concurrency":     func(s *stepDraft, v *document.Value) { s.Concurrency = v.Int(1, workflow.MaxForeachConcurrency) },
	"strict_ordering": func(s *stepDraft, v *document.Value) { s.StrictOrdering = v.Flag() },
	"continue_on_failure": func(s *stepDraft, v *document.Value) { // ours
		if s.ContinueOnFailure = v.Flag(); s.ContinueOnFailure {
			s.continueAt = v
		}
	},
	"steps": func(s *stepDraft, v *document.Value) { s.bodyAt = v },
}

var whileFields = stepFields{
	"condition": func(s *stepDraft, v *document.Value) { s.Condition = condition(v) },
	"steps":     func(s *stepDraft, v *document.Value) { s.bodyAt = v },
}
