package definition

import (
	"encoding/json"
	"slices"

	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

var operators = []string{"=", ">", ">=", "<", "<="}

var signalTypes = []workflow.ParamType{workflow.String, workflow.Long}

func signalDependency(v *document.Value) workflow.SignalDependency {
	var dependency workflow.SignalDependency
	dependencyShape.Read(v, &dependency)
	return dependency
}

var dependencyShape = &document.Shape[workflow.SignalDependency]{
	What:     "a signal dependency",
	Required: []string{"name"},
	Fields: map[string]func(*workflow.SignalDependency, *document.Value){
		"name": func(d *workflow.SignalDependency, v *document.Value) { d.Name = signalName(v) },
		"match_params": func(d *workflow.SignalDependency, v *document.Value) {
			d.MatchParams = matchParams(v, dependencyMatch)
		},
	},
}

func signalName(v *document.Value) string { refuseSecrets(v); return filledName(v) }

// signalParam reads a param whose value can travel in a signal.
func signalParam(v *document.Value) *workflow.Param {
	p := param(v, definedParam)
	if p.Type != "" && !slices.Contains(signalTypes, p.Type) {
		v.Fault("found a param of type %s, want STRING or LONG: signals carry nothing else", p.Type)
	}
	if text := v.Child("value"); text != nil {
		refuseSecrets(text)
	}
	return p
}

// signalValue reads the string or integer that a signal carries.
func signalValue(v *document.Value) any {
	switch v.Kind {
	case document.String:
		return v.Text
	case document.Number:
		if n, err := json.Number(v.Text).Int64(); err == nil {
			return n
		}
	}
	v.Fault("found %s, want a string or a 64-bit integer: signals carry nothing else", v.Describe())
	return nil
}

func matchShape(key string, read func(*workflow.MatchParam, *document.Value)) *document.Shape[workflow.MatchParam] {
	return &document.Shape[workflow.MatchParam]{
		What:     "a match param",
		Required: []string{key, "operator"},
		Fields: map[string]func(*workflow.MatchParam, *document.Value){
			key:        read,
			"operator": func(m *workflow.MatchParam, v *document.Value) { m.Operator = v.Enum(operators...) },
		},
	}
}

var dependencyMatch = matchShape("param", func(m *workflow.MatchParam, v *document.Value) { m.Param = signalParam(v) })

var triggerMatch = matchShape("value", func(m *workflow.MatchParam, v *document.Value) {
	refuseSecrets(v)
	m.Value = signalValue(v)
})

// matchParams reads conditions on the params of one signal, of which at most one may compare a range.
func matchParams(v *document.Value, shape *document.Shape[workflow.MatchParam]) *workflow.Ordered[*workflow.MatchParam] {
	out := &workflow.Ordered[*workflow.MatchParam]{}
	ranged := ""
	for field, item := range v.Map() {
		match := &workflow.MatchParam{}
		shape.Read(item, match)
		out.Set(field.Key, match)
		if match.Operator == "" || match.Operator == "=" {
			continue
		}
		if ranged != "" {
			item.Fault("a second param uses a range operator, after %s; a signal allows one", document.Quoted(ranged))
		}
		ranged = field.Key
	}
	return orNil(out)
}

func signalOutput(v *document.Value) workflow.SignalOutput {
	var output workflow.SignalOutput
	outputShape.Read(v, &output)
	return output
}

var outputShape = &document.Shape[workflow.SignalOutput]{
	What:     "a signal output",
	Required: []string{"name"},
	Fields: map[string]func(*workflow.SignalOutput, *document.Value){
		"name": func(o *workflow.SignalOutput, v *document.Value) { o.Name = signalName(v) },
		"params": func(o *workflow.SignalOutput, v *document.Value) {
			params := &workflow.Params{}
			for field, item := range v.Map() {
				params.Set(field.Key, signalParam(item))
			}
			o.Params = orNil(params)
		},
		"payload": func(o *workflow.SignalOutput, v *document.Value) { o.Payload = shownParams(v) },
	},
}

func signalTrigger(v *document.Value) workflow.SignalTrigger {
	var trigger workflow.SignalTrigger
	signalTriggerShape.Read(v, &trigger)
	return trigger
}

var signalTriggerShape = &document.Shape[workflow.SignalTrigger]{
	What:     "a signal trigger",
	Required: []string{"definitions"},
	Fields: map[string]func(*workflow.SignalTrigger, *document.Value){
		"definitions": func(t *workflow.SignalTrigger, v *document.Value) { t.Definitions = signalMatches(v) },
		"params":      func(t *workflow.SignalTrigger, v *document.Value) { t.Params = shownParams(v) },
		"condition":   func(t *workflow.SignalTrigger, v *document.Value) { t.Condition = condition(v) },
		"dedup_expr":  func(t *workflow.SignalTrigger, v *document.Value) { t.DedupExpr = condition(v) },
	},
}

// signalMatches reads the signals of a trigger, whose join keys must pair up.
func signalMatches(v *document.Value) *workflow.Ordered[*workflow.SignalMatch] {
	out := &workflow.Ordered[*workflow.SignalMatch]{}
	if v.Kind == document.Object && len(v.Fields) == 0 {
		v.Fault("the trigger names no signal, want at least one")
	}
	first, keys := "", 0
	for field, item := range v.Map() {
		match := &workflow.SignalMatch{}
		signalMatchShape.Read(item, match)
		checkJoinKeys(item, match)
		if first == "" {
			first, keys = field.Key, len(match.JoinKeys)
		} else if len(match.JoinKeys) != keys {
			item.Fault("found %d join keys, want %d as for %s: the keys are compared by place", len(match.JoinKeys), keys, document.Quoted(first))
		}
		out.Set(field.Key, match)
	}
	if out.Len() > workflow.MaxSignalsPerTrigger {
		v.Fault("the trigger names %d signals, the limit is %d", out.Len(), workflow.MaxSignalsPerTrigger)
	}
	return out
}

func checkJoinKeys(v *document.Value, match *workflow.SignalMatch) {
	keys := v.Child("join_keys")
	if keys == nil || keys.Kind != document.Array {
		return
	}
	seen := map[string]bool{}
	for _, key := range keys.List() {
		if match.MatchParams.Has(key.Text) {
			key.Fault("the join key %s is also a match param; want one or the other", document.Quoted(key.Text))
		}
		if seen[key.Text] {
			key.Fault("the join key %s is given twice", document.Quoted(key.Text))
		}
		seen[key.Text] = true
	}
}

var signalMatchShape = &document.Shape[workflow.SignalMatch]{
	What: "a signal of a trigger",
	Fields: map[string]func(*workflow.SignalMatch, *document.Value){
		"match_params": func(m *workflow.SignalMatch, v *document.Value) { m.MatchParams = matchParams(v, triggerMatch) },
		"join_keys":    func(m *workflow.SignalMatch, v *document.Value) { m.JoinKeys = v.Strings() },
	},
}
