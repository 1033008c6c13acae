package definition

import (
	"strings"

	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/secret"
	"github.com/segue-workflows/segue/shared/workflow"
)

// paramDraft holds back what can be read only once the type is known.
type paramDraft struct {
	*workflow.Param
	value, result *document.Value
}

type paramFields = map[string]func(*paramDraft, *document.Value)

// paramShapeWith returns the fields that every param has, and more.
func paramShapeWith(more paramFields, refused map[string]string) *document.Shape[paramDraft] {
	fields := paramFields{
		"type": func(p *paramDraft, v *document.Value) {
			p.Type = workflow.ParamType(v.Enum(texts(workflow.ParamTypes)...))
		},
		"value": func(p *paramDraft, v *document.Value) { p.value = v },
		"expression": func(p *paramDraft, v *document.Value) {
			p.Expression, p.HasExpr = v.Str(), true
			refuseSecrets(v)
		},
		"name":      func(p *paramDraft, v *document.Value) { p.Name = v.Str() },
		"validator": func(p *paramDraft, v *document.Value) { p.Validator = v.Str() },
		"tags":      func(p *paramDraft, v *document.Value) { p.Tags = tagList(v) },
		"mode": func(p *paramDraft, v *document.Value) {
			p.Mode = workflow.ParamMode(v.Enum(texts(workflow.ParamModes)...))
		},
	}
	for key, read := range more {
		fields[key] = read
	}
	return &document.Shape[paramDraft]{What: "a param", Fields: fields, Required: []string{"type"}, Refused: refused,
		Extra: func(p *paramDraft, key string, v *document.Value) { p.SetMeta(key, v.Any()) }}
}

const engineOnly = "only the engine sets this field"

var evaluatedFields = map[string]string{"evaluated_result": engineOnly, "evaluated_time": engineOnly}

// definedParam is the shape of params in definitions. Documents that the reference wrote carry source and
// internal mode; they are kept as they are, and the layers decide what they mean.
var definedParam = paramShapeWith(paramFields{
	"source": func(p *paramDraft, v *document.Value) { p.Source = workflow.ParamSource(strings.ToUpper(v.Str())) },
	"internal_mode": func(p *paramDraft, v *document.Value) {
		p.InternalMode = workflow.InternalMode(strings.ToUpper(v.Str()))
	},
}, evaluatedFields)

// runParam is the shape of params that come with a start or restart.
var runParam = paramShapeWith(nil, map[string]string{
	"source": engineOnly, "internal_mode": engineOnly, "evaluated_result": engineOnly, "evaluated_time": engineOnly,
})

// outputParam is the shape of params that a job reports back: they may carry their result.
var outputParam = paramShapeWith(paramFields{
	"evaluated_result": func(p *paramDraft, v *document.Value) { p.result = v },
	"evaluated_time":   func(p *paramDraft, v *document.Value) { p.EvaluatedAt = v.Int(0, maxTime) },
}, nil)

// maxTime keeps times readable as dates: the end of the year 9999 in epoch milliseconds.
const maxTime = 253_402_300_799_999

func texts[T ~string](words []T) []string {
	out := make([]string, len(words))
	for i, word := range words {
		out[i] = string(word)
	}
	return out
}

// params reads named params in their order.
func params(v *document.Value, shape *document.Shape[paramDraft]) *workflow.Params {
	out := &workflow.Params{}
	for field, item := range v.Map() {
		switch {
		case strings.TrimSpace(field.Key) == "":
			item.FaultAt(field.Position, "the name of a param is blank")
		case len(field.Key) > workflow.MaxIDLength:
			item.FaultAt(field.Position, "the name of a param has more than %d characters", workflow.MaxIDLength)
		}
		out.Set(field.Key, param(item, shape))
	}
	return out
}

func definedParams(v *document.Value) *workflow.Params { return orNil(params(v, definedParam)) }

// shownParams reads params whose values are not handed to a job, so that no secret has a place in them.
func shownParams(v *document.Value) *workflow.Params {
	if v.Kind == document.Object {
		for _, item := range v.Map() {
			refuseSecretValue(item)
		}
	}
	return definedParams(v)
}

func refuseSecretValue(param *document.Value) {
	if param.Kind != document.Object {
		return
	}
	for field, part := range param.Map() {
		if field.Key == "value" {
			refuseSecretsIn(part)
		}
	}
}

// refuseSecretsIn looks through all texts of a value.
func refuseSecretsIn(v *document.Value) {
	switch v.Kind {
	case document.String:
		refuseSecrets(v)
	case document.Array:
		for _, item := range v.List() {
			refuseSecretsIn(item)
		}
	case document.Object:
		for _, item := range v.Map() {
			refuseSecretsIn(item)
		}
	}
}

func param(v *document.Value, shape *document.Shape[paramDraft]) *workflow.Param {
	draft := paramDraft{Param: &workflow.Param{}}
	p := draft.Param
	if !shape.Read(v, &draft) || p.Type == "" {
		return p
	}
	if draft.value != nil && p.HasExpr {
		v.Fault("a param has either a value or an expression, not both")
	}
	if draft.value != nil {
		p.Value = literal(draft.value, p.Type, shape)
		if shape == definedParam || shape == templateParam {
			checkSecrets(draft.value, p.Type)
		}
	}
	if draft.result != nil {
		p.Evaluated = true
		p.Result = workflow.Plain(draft.result.Any())
		if p.Type != workflow.Map {
			p.Result = workflow.ResultOf(literal(draft.result, p.Type, shape))
		}
	}
	return p
}

// literal reads the value of a param by its type; it faults the very item that does not fit.
func literal(v *document.Value, t workflow.ParamType, shape *document.Shape[paramDraft]) any {
	if t == workflow.Map {
		return params(v, shape)
	}
	value, err := workflow.ValueOf(t, v.Any())
	if err == nil {
		return value
	}
	item, isArray := itemTypes[t]
	switch {
	case isArray && v.Kind == document.Array:
		for _, child := range v.List() {
			checkItem(child, item)
		}
	case t == workflow.StringMap && v.Kind == document.Object:
		for _, field := range v.Fields {
			checkItem(&document.Value{Node: field.Value, Path: v.Path.Key(field.Key), Faults: v.Faults}, workflow.String)
		}
	default:
		v.Fault("found %s, want a %s: %s", v.Describe(), t, wants[t])
	}
	return nil
}

// checkSecrets faults what begins like a reference to a secret and is none. In all other params it is plain text.
func checkSecrets(v *document.Value, t workflow.ParamType) {
	switch {
	case t == workflow.String && v.Kind == document.String:
		if err := secret.Check(v.Text); err != nil {
			v.Fault("%s", workflow.TextOf(err))
		}
	case t == workflow.StringArray && v.Kind == document.Array:
		for _, child := range v.List() {
			checkSecrets(child, workflow.String)
		}
	case t == workflow.StringMap && v.Kind == document.Object:
		for field, child := range v.Map() {
			if len(secret.In(field.Key)) > 0 {
				child.FaultAt(field.Position, "a secret cannot be a key")
			}
			checkSecrets(child, workflow.String)
		}
	}
}

func checkItem(v *document.Value, t workflow.ParamType) {
	if _, err := workflow.ValueOf(t, v.Any()); err != nil {
		v.Fault("found %s, want %s", v.Describe(), wants[t])
	}
}

var itemTypes = map[workflow.ParamType]workflow.ParamType{
	workflow.StringArray:  workflow.String,
	workflow.LongArray:    workflow.Long,
	workflow.DoubleArray:  workflow.Double,
	workflow.BooleanArray: workflow.Boolean,
}

var wants = map[workflow.ParamType]string{
	workflow.String:       "a string (put numbers in quotes)",
	workflow.Long:         "a 64-bit integer",
	workflow.Double:       "a decimal number that fits a double",
	workflow.Boolean:      "true or false",
	workflow.StringMap:    "an object of strings",
	workflow.StringArray:  "a list of strings",
	workflow.LongArray:    "a list of integers",
	workflow.DoubleArray:  "a list of decimal numbers",
	workflow.BooleanArray: "a list of true and false",
}
