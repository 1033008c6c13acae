package dsl

import (
	"slices"
	"strconv"
	"strings"

	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Templates returns the step type behind a job template, and whether there is such a template.
type Templates func(name, version string) (stepType string, known bool)

// assumedType is the step type of job templates while nobody can look them up: all that Maestro describes run there.
const assumedType = "Kubernetes"

// Is tells whether the document is in the language, and not the JSON shape written as YAML.
func Is(root *document.Node) bool {
	if root.Kind != document.Object {
		return false
	}
	if root.Get("Workflow") != nil {
		return true
	}
	body := root.Get("workflow")
	return body != nil && body.Kind == document.Object && body.Get("steps") == nil &&
		(body.Get("jobs") != nil || root.Get("properties") == nil && body.Get("owner") != nil)
}

// Translate returns the create request that the document describes. It records faults of the language; those of the
// workflow are left to whoever reads the result. Templates may be nil.
func Translate(root *document.Node, templates Templates, faults *document.Faults) *document.Node {
	v := document.Root(root, faults)
	t := &translator{templates: templates}
	request := object(root.Position)
	for field, body := range v.Map() {
		if !strings.EqualFold(field.Key, "workflow") {
			body.FaultAt(field.Position, "the document has no field %s; want only %q", document.Quoted(field.Key), "workflow")
			continue
		}
		if body.Is(document.Object) {
			t.request(body, request)
		}
	}
	return request
}

type translator struct{ templates Templates }

const defaultStepConcurrency = 20

// Keys that mean the same in the JSON shape. Those after the line break are our addition: Maestro's language has no
// way to say them, and reads them as params.
var (
	workflowKeys = []string{"id", "name", "description", "tags", "timeout", "criticality",
		"time_triggers", "signal_triggers", "instance_step_concurrency"}
	propertyKeys = []string{"owner",
		"alerting", "step_concurrency"}
	commonKeys = []string{"id", "name", "description", "failure_mode", "tags", "timeout",
		"signal_dependencies", "signal_outputs"}
)

// request fills the create request from the workflow's body.
func (t *translator) request(v *document.Value, request *document.Node) {
	properties := object(v.Position)
	for _, key := range propertyKeys {
		move(v, key, properties)
	}
	if strategy := t.runStrategy(v); strategy != nil {
		set(properties, "run_strategy", strategy)
	}
	if v.Child("step_concurrency") == nil {
		set(properties, "step_concurrency", number(v.Position, defaultStepConcurrency))
	}

	body := object(v.Position)
	for _, key := range workflowKeys {
		move(v, key, body)
	}
	own := slices.Concat(workflowKeys, propertyKeys, []string{"run_strategy", "workflow_concurrency", "jobs", "dag"})
	set(body, "params", t.params(v, own))
	t.setSteps(v, body)
	set(request, "properties", properties)
	set(request, "workflow", body)
	set(request, "is_active", &document.Node{Kind: document.Bool, Text: "true", Position: v.Position})
}

func (t *translator) runStrategy(v *document.Value) *document.Node {
	rule, concurrency := v.Child("run_strategy"), v.Child("workflow_concurrency")
	if rule != nil && rule.Kind != document.String {
		if concurrency != nil {
			concurrency.Fault("workflow_concurrency needs a run_strategy that is a rule")
		}
		return rule.Node
	}
	strategy := object(v.Position)
	if rule == nil {
		set(strategy, "rule", text(v.Position, workflow.Sequential))
	} else {
		strategy.Position = rule.Position
		set(strategy, "rule", rule.Node)
	}
	if concurrency != nil {
		set(strategy, "workflow_concurrency", concurrency.Node)
	}
	return strategy
}

// params translates every field of v that is not one of its own keys.
func (t *translator) params(v *document.Value, own []string) *document.Node {
	params := object(v.Position)
	addParams(params, v, own)
	return params
}

func object(at document.Position) *document.Node {
	return &document.Node{Kind: document.Object, Position: at}
}

func text(at document.Position, text string) *document.Node {
	return &document.Node{Kind: document.String, Text: text, Position: at}
}

func number(at document.Position, n int64) *document.Node {
	return &document.Node{Kind: document.Number, Text: strconv.FormatInt(n, 10), Position: at}
}

func set(into *document.Node, key string, value *document.Node) {
	into.Fields = append(into.Fields, document.Field{Key: key, Value: value, Position: value.Position})
}

// move copies a field, if there is one, that means the same in the JSON shape.
func move(v *document.Value, key string, into *document.Node) {
	for _, field := range v.Fields {
		if field.Key == key && field.Value.Kind != document.Null {
			into.Fields = append(into.Fields, field)
		}
	}
}
