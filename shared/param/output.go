package param

import (
	"maps"

	"github.com/segue-workflows/segue/shared/expression"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Output merges what a job reported into the evaluated params of its step, in place: value and result
// change, maps key by key, everything else as a whole. Nothing changes when it fails.
// It returns CodeInvalid when a param does not exist, is not MUTABLE, or cannot take the value, or when the
// params become too long.
func Output(params, output *workflow.Params) error {
	merged := params.Clone()
	for name, p := range output.All() {
		old, ok := params.Get(name)
		if !ok {
			return invalidf("output param %q is not a param of the step", name)
		}
		if mode := modeOf(old); mode != workflow.Mutable {
			return invalidf("cannot change param %q with mode %s by %s", name, mode, workflow.SourceOutputParameter)
		}
		value, err := outputValue(old, p)
		if err != nil {
			return invalidf("output param %q: %w", name, err)
		}
		fresh := old.Clone()
		fresh.Evaluated, fresh.Result = true, value
		fresh.Value, fresh.HasExpr, fresh.Expression = literalOf(value), false, ""
		fresh.Source = workflow.SourceOutputParameter
		merged.Set(name, fresh)
	}
	if err := checkLength(merged); err != nil {
		return err
	}
	for name := range output.All() {
		p, _ := merged.Get(name)
		params.Set(name, p)
	}
	return nil
}

func outputValue(old, p *workflow.Param) (any, error) {
	value := plain(p)
	if value == nil {
		return nil, invalidf("it has no value")
	}
	cast, _, err := castResult(old.Type, value)
	if err != nil {
		return nil, err
	}
	switch fresh := cast.(type) {
	case map[string]string:
		if base, ok := old.Result.(map[string]string); ok {
			return overlay(base, fresh), nil
		}
	case map[string]any:
		if base, ok := old.Result.(map[string]any); ok {
			return deepMerge(base, fresh), nil
		}
	}
	return cast, nil
}

// plain returns the result of a reported param, or its literal.
func plain(p *workflow.Param) any {
	if p.Evaluated {
		return normal(p.Type, p.Result)
	}
	nested, ok := p.Value.(*workflow.Params)
	if !ok {
		return workflow.ResultOf(p.Value)
	}
	out := make(map[string]any, nested.Len())
	for name, inner := range nested.All() {
		if value := plain(inner); value != nil {
			out[name] = data(value)
		}
	}
	return out
}

// normal gives the entries of a MAP that came as JSON the types of params.
func normal(t workflow.ParamType, result any) any {
	if t != workflow.Map {
		return result
	}
	out, err := expression.Data(result)
	if err != nil {
		return nil
	}
	return out
}

func deepMerge(base, top map[string]any) map[string]any {
	out := maps.Clone(base)
	for key, value := range top {
		if nested, ok := value.(map[string]any); ok {
			if old, ok := base[key].(map[string]any); ok {
				value = deepMerge(old, nested)
			}
		}
		out[key] = value
	}
	return out
}
