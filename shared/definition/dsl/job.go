package dsl

import (
	"slices"

	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

// job is a job on its way to become a step.
type job struct {
	at   *document.Value // the body inside the wrapper
	step *document.Node
	id   string
}

// setSteps translates the jobs field of a workflow or loop. Without jobs there is an empty list of steps, which the
// rules about definitions refuse.
func (t *translator) setSteps(v *document.Value, into *document.Node) {
	steps := &document.Node{Kind: document.Array, Position: v.Position}
	if jobs := v.Child("jobs"); jobs != nil {
		steps = t.jobs(v, jobs)
	}
	set(into, "steps", steps)
}

// jobs translates the jobs of a workflow or loop, whose dag field connects them.
func (t *translator) jobs(owner, v *document.Value) *document.Node {
	steps := &document.Node{Kind: document.Array, Position: v.Position}
	var jobs []job
	for _, item := range v.List() {
		if !item.Is(document.Object) {
			continue
		}
		if len(item.Fields) != 1 {
			item.Fault("found an object with %d fields, want exactly one that names the kind of the job: job, subworkflow, foreach or while", len(item.Fields))
			continue
		}
		key := item.Fields[0]
		body := &document.Value{Node: key.Value, Path: item.Path.Key(key.Key), Faults: item.Faults}
		kind, step := t.job(key, body)
		if step == nil {
			continue
		}
		jobs = append(jobs, job{body, step, idOf(body)})
		wrapper := object(item.Position)
		wrapper.Fields = []document.Field{{Key: string(kind), Value: step, Position: key.Position}}
		steps.Items = append(steps.Items, wrapper)
	}
	connect(owner, jobs)
	return steps
}

func idOf(v *document.Value) string {
	if id := v.Child("id"); id != nil && id.Kind == document.String {
		return id.Text
	}
	return ""
}

// job translates one job. It returns nil when it cannot tell what the job is.
func (t *translator) job(key document.Field, v *document.Value) (workflow.StepKind, *document.Node) {
	kinds := map[string]struct {
		kind      workflow.StepKind
		translate func(*document.Value, *document.Node)
	}{
		"job":         {workflow.KindStep, t.typed},
		"subworkflow": {workflow.KindSubworkflow, t.subworkflow},
		"foreach":     {workflow.KindForeach, t.foreach},
		"while":       {workflow.KindWhile, t.while},
	}
	kind, known := kinds[key.Key]
	if !known {
		v.FaultAt(key.Position, "there is no kind of job %s%s", document.Quoted(key.Key),
			v.Suggest(key.Key, []string{"job", "subworkflow", "foreach", "while"}))
		return "", nil
	}
	if !v.Is(document.Object) {
		return "", nil
	}
	step := object(v.Position)
	for _, common := range commonKeys {
		move(v, common, step)
	}
	kind.translate(v, step)
	return kind.kind, step
}

// own returns the keys of a job that are not params.
func own(keys ...string) []string { return slices.Concat(commonKeys, []string{"transition"}, keys) }

func (t *translator) typed(v *document.Value, step *document.Node) {
	if name := v.Child("type"); name != nil && name.Is(document.String) {
		t.stepType(v, name, step)
	}
	move(v, "retry_policy", step) // our additions
	move(v, "delivery_policy", step)
	set(step, "params", t.params(v, own("type", "type_version", "retry_policy", "delivery_policy")))
}

// stepType writes a known step type as it is, and any other name as that of a job template.
func (t *translator) stepType(v, name *document.Value, step *document.Node) {
	if known, ok := workflow.StepTypeOf(name.Text); ok {
		set(step, "type", text(name.Position, known))
		return
	}
	behind := assumedType
	if t.templates != nil {
		version := ""
		if given := v.Child("type_version"); given != nil {
			version = given.Text
		}
		known := false
		if behind, known = t.templates(name.Text, version); !known {
			name.Fault("there is neither a step type nor a job template %s%s", document.Quoted(name.Text), name.Suggest(name.Text, workflow.StepTypes))
			behind = assumedType
		}
	}
	set(step, "type", text(name.Position, behind))
	set(step, "sub_type", name.Node)
}

func (t *translator) subworkflow(v *document.Value, step *document.Node) {
	move(v, "sync", step)
	move(v, "explicit_params", step)
	params := object(v.Position)
	if target := either(v, "workflow_id", "subworkflow_id"); target != nil {
		set(params, "subworkflow_id", literalText(target.Node))
	} else if id := v.Child("id"); id != nil {
		set(params, "subworkflow_id", literalText(id.Node))
	}
	if version := either(v, "version", "subworkflow_version"); version != nil {
		set(params, "subworkflow_version", literalText(version.Node))
	}
	more := t.params(v, own("workflow_id", "subworkflow_id", "version", "subworkflow_version", "sync", "explicit_params"))
	params.Fields = append(params.Fields, more.Fields...)
	set(step, "params", params)
}

// literalText is a STRING param whose value is the scalar as it was written.
func literalText(value *document.Node) *document.Node {
	if value.Kind == document.Number {
		value = text(value.Position, value.Text)
	}
	param := object(value.Position)
	set(param, "type", text(value.Position, string(workflow.String)))
	set(param, "value", value)
	return param
}

// either returns the field of one of two names that mean the same.
func either(v *document.Value, name, alias string) *document.Value {
	first, second := v.Child(name), v.Child(alias)
	if first != nil && second != nil {
		second.Fault("%s and %s mean the same; want one of them", name, alias)
	}
	if first == nil {
		return second
	}
	return first
}

func (t *translator) foreach(v *document.Value, step *document.Node) {
	if concurrency := either(v, "concurrency", "job_concurrency"); concurrency != nil {
		set(step, "concurrency", concurrency.Node)
	}
	move(v, "strict_ordering", step) // our additions
	move(v, "continue_on_failure", step)
	loop := t.loopParams(v)
	if ranges := v.Child("ranges"); ranges != nil {
		for field, item := range ranges.Map() {
			addRange(loop, field, item)
		}
	}
	t.loop(v, step, loop, own("concurrency", "job_concurrency", "strict_ordering", "continue_on_failure", "params", "loop_params", "ranges", "jobs", "dag"))
}

func (t *translator) while(v *document.Value, step *document.Node) {
	move(v, "condition", step)
	t.loop(v, step, t.loopParams(v), own("params", "loop_params", "condition", "jobs", "dag"))
}

// loopParams translates the variables of a loop.
func (t *translator) loopParams(v *document.Value) *document.Node {
	if given := either(v, "params", "loop_params"); given != nil && given.Is(document.Object) {
		return t.params(given, nil)
	}
	return object(v.Position)
}

// loop writes what both kinds of loops have.
func (t *translator) loop(v *document.Value, step, variables *document.Node, own []string) {
	loopParams := object(variables.Position)
	set(loopParams, "type", text(variables.Position, string(workflow.Map)))
	set(loopParams, "value", variables)
	params := t.params(v, own)
	params.Fields = append([]document.Field{{Key: "loop_params", Value: loopParams, Position: loopParams.Position}}, params.Fields...)
	set(step, "params", params)
	t.setSteps(v, step)
}

var rangeKeys = []string{"from", "to", "increment"}

// addRange writes a range of integers, whose end is exclusive, as the expression that makes it.
func addRange(loop *document.Node, field document.Field, v *document.Value) {
	if !v.Is(document.Object) {
		return
	}
	bounds := map[string]string{"from": "0", "increment": "1"}
	for key, bound := range v.Map() {
		if !slices.Contains(rangeKeys, key.Key) {
			bound.FaultAt(key.Position, "a range has no field %s%s", document.Quoted(key.Key), bound.Suggest(key.Key, rangeKeys))
			continue
		}
		if bound.Kind != document.Number && bound.Kind != document.String {
			bound.Fault("found %s, want an integer or an expression", bound.Describe())
			continue
		}
		bounds[key.Key] = bound.Text
	}
	if bounds["to"] == "" {
		v.Fault("a range needs the field %q", "to")
	}
	if slices.ContainsFunc(loop.Fields, func(other document.Field) bool { return other.Key == field.Key }) {
		v.FaultAt(field.Position, "the loop variable %s is given twice", document.Quoted(field.Key))
		return
	}
	param := object(v.Position)
	set(param, "type", text(v.Position, string(workflow.LongArray)))
	set(param, "expression", text(v.Position,
		"Util.intsBetween("+bounds["from"]+", "+bounds["to"]+", "+bounds["increment"]+");"))
	loop.Fields = append(loop.Fields, document.Field{Key: field.Key, Value: param, Position: field.Position})
}
