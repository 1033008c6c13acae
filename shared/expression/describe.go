package expression

import (
	"context"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Description is what one evaluation shows to people.
type Description struct {
	Type     workflow.ParamType `json:"type"`
	Value    any                `json:"value"`
	Language string             `json:"language"`
	Refs     []string           `json:"refs"`
}

// Describe compiles and evaluates a text. It returns CodeInvalid when either fails.
func Describe(ctx context.Context, text string, env Env) (Description, error) {
	program, err := Compile(text, Options{})
	if err != nil {
		return Description{}, err
	}
	value, err := program.Eval(ctx, env)
	if err != nil {
		return Description{}, err
	}
	refs := program.Refs()
	if refs == nil {
		refs = []string{} // JSON shows an empty list, not null
	}
	return Description{Type: TypeOf(value), Value: value, Language: program.Language(), Refs: refs}, nil
}

// TypeOf returns the param type of a plain value; "" for what no param can hold.
func TypeOf(value any) workflow.ParamType {
	switch value.(type) {
	case string:
		return workflow.String
	case int64:
		return workflow.Long
	case float64:
		return workflow.Double
	case bool:
		return workflow.Boolean
	case []string:
		return workflow.StringArray
	case []int64:
		return workflow.LongArray
	case []float64:
		return workflow.DoubleArray
	case []bool:
		return workflow.BooleanArray
	case map[string]string:
		return workflow.StringMap
	case map[string]any:
		return workflow.Map
	}
	return ""
}
