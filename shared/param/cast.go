package param

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/segue-workflows/segue/shared/expression"
	"github.com/segue-workflows/segue/shared/workflow"
)

// castLiteral turns a literal into the literal of another type. It returns CodeInvalid when that loses
// something.
func castLiteral(to workflow.ParamType, value any) (any, error) {
	if nested, ok := value.(map[string]string); ok && to == workflow.Map {
		out := &workflow.Params{}
		for _, key := range sortedKeys(nested) {
			out.Set(key, workflow.Literal(nested[key]))
		}
		return out, nil
	}
	if nested, ok := value.(*workflow.Params); ok {
		return castNested(to, nested)
	}
	if decimals, ok := value.([]workflow.Decimal); ok && to == workflow.DoubleArray {
		return decimals, nil
	}
	if decimal, ok := value.(workflow.Decimal); ok {
		switch to {
		case workflow.Double:
			return decimal, nil
		case workflow.String:
			return string(decimal), nil
		}
	}
	if items, ok := value.([]workflow.Decimal); ok && to == workflow.StringArray {
		return each(items, func(d workflow.Decimal) string { return string(d) }), nil
	}
	result, _, err := castResult(to, workflow.ResultOf(value))
	if err != nil {
		return nil, err
	}
	return literalOf(result), nil
}

func castNested(to workflow.ParamType, nested *workflow.Params) (any, error) {
	if to == workflow.Map {
		return nested, nil
	}
	out := map[string]string{}
	for name, p := range nested.All() {
		text, ok := p.Value.(string)
		if !ok || to != workflow.StringMap {
			return nil, invalidf("a MAP is not a %s", to)
		}
		out[name] = text
	}
	return out, nil
}

// literalOf is the inverse of workflow.ResultOf.
func literalOf(result any) any {
	switch v := result.(type) {
	case float64:
		return workflow.DecimalOf(v)
	case []float64:
		return each(v, workflow.DecimalOf)
	case map[string]any:
		return literals(v)
	}
	return result
}

// literals turns the result of a MAP back into definitions.
func literals(fields map[string]any) *workflow.Params {
	out := &workflow.Params{}
	for _, key := range sortedKeys(fields) {
		if value, err := expression.Data(fields[key]); err == nil {
			out.Set(key, workflow.Literal(literalOf(value)))
		}
	}
	return out
}

// remark says how a conversion went; it is kept in the param's meta.
type remark struct{ level, text string }

// castResult turns the result of an expression into the type of its param, as far as the implicit
// conversions go. It returns CodeInvalid when they do not reach.
func castResult(to workflow.ParamType, value any) (any, remark, error) {
	from := expression.TypeOf(value)
	if from == to {
		return value, remark{}, nil
	}
	for _, c := range conversions {
		if c.to == to && c.from == from {
			if out, ok := c.convert(value); ok {
				return out, remark{c.level, "implicit conversion from " + string(from) + " to " + string(to)}, nil
			}
		}
	}
	if items, ok := value.([]string); ok && len(items) == 0 { // an empty list has no type of its own
		if out, ok := emptyArrays[to]; ok {
			return out, remark{}, nil
		}
	}
	return nil, remark{}, invalidf("a %s is not a %s", from, to)
}

var emptyArrays = map[workflow.ParamType]any{
	workflow.LongArray: []int64{}, workflow.DoubleArray: []float64{}, workflow.BooleanArray: []bool{},
}

type conversion struct {
	to, from workflow.ParamType
	level    string // info: nothing can go wrong; warn: it depends on the value
	convert  func(any) (any, bool)
}

var conversions = []conversion{
	{workflow.String, workflow.Long, "info", asText},
	{workflow.String, workflow.Double, "info", asText},
	{workflow.String, workflow.Boolean, "info", asText},
	{workflow.Long, workflow.String, "warn", func(v any) (any, bool) {
		n, err := strconv.ParseInt(v.(string), 10, 64)
		return n, err == nil
	}},
	{workflow.Double, workflow.Long, "info", func(v any) (any, bool) { return float64(v.(int64)), true }},
	{workflow.Double, workflow.String, "warn", func(v any) (any, bool) {
		var number json.Number // its grammar has no NaN, infinity or hexadecimal
		if json.Unmarshal([]byte(v.(string)), &number) != nil {
			return nil, false
		}
		f, err := number.Float64()
		return f, err == nil
	}},
	{workflow.Boolean, workflow.String, "warn", func(v any) (any, bool) {
		text := strings.ToLower(v.(string))
		return text == "true", text == "true" || text == "false"
	}},
	{workflow.StringArray, workflow.LongArray, "info", func(v any) (any, bool) { return textsOf(v.([]int64)), true }},
	{workflow.StringArray, workflow.DoubleArray, "info", func(v any) (any, bool) { return textsOf(v.([]float64)), true }},
	{workflow.StringArray, workflow.BooleanArray, "info", func(v any) (any, bool) { return textsOf(v.([]bool)), true }},
	{workflow.DoubleArray, workflow.LongArray, "info", func(v any) (any, bool) {
		return each(v.([]int64), func(n int64) float64 { return float64(n) }), true
	}},
	{workflow.StringMap, workflow.Map, "", func(v any) (any, bool) {
		out := map[string]string{}
		for key, item := range v.(map[string]any) {
			text, ok := item.(string)
			if !ok {
				return nil, false
			}
			out[key] = text
		}
		return out, true
	}},
	{workflow.Map, workflow.StringMap, "", func(v any) (any, bool) {
		out, err := expression.Data(v)
		return out, err == nil
	}},
}

func asText(value any) (any, bool) {
	text, ok := expression.Text(value)
	return text, ok
}

func textsOf[T any](items []T) []string {
	return each(items, func(item T) string { text, _ := expression.Text(item); return text })
}

func each[A, B any](items []A, one func(A) B) []B {
	out := make([]B, len(items))
	for i, item := range items {
		out[i] = one(item)
	}
	return out
}

// sortedKeys keeps the order of Go maps out of results.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
