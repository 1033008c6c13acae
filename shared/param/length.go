package param

import (
	"encoding/json"

	"github.com/segue-workflows/segue/shared/workflow"
)

// JSON needs at most six characters for one byte of text, and this much for the fields around a param.
const (
	widest  = 6
	aroundP = 400
)

// checkLength refuses results that no item could hold. Nearly all params are small enough to be accepted
// without encoding them.
func checkLength(params *workflow.Params) error {
	if Length(params) < workflow.MaxParamsLength {
		return nil
	}
	data, err := json.Marshal(params)
	if err != nil {
		return workflow.Errorf(workflow.CodeInternal, "the evaluated params do not encode: %w", err)
	}
	if length := len(data); length > workflow.MaxParamsLength {
		return invalidf("the evaluated params are %d characters long; at most %d are possible", length, workflow.MaxParamsLength)
	}
	return nil
}

// Length estimates how many characters the JSON of params has; it is never less than that.
func Length(params *workflow.Params) int {
	sum := 0
	for name, p := range params.All() {
		sum += aroundP + widest*(2*len(name)+len(p.Expression)+len(p.Validator)) + width(p.Value) + width(p.Result)
		if len(p.Tags) > 0 || p.Meta.Len() > 0 {
			rest, _ := json.Marshal([]any{p.Tags, p.Meta}) // rare and small
			sum += len(rest)
		}
	}
	return sum
}

func width(value any) int {
	switch v := value.(type) {
	case string:
		return widest * len(v)
	case workflow.Decimal:
		return len(v)
	case []string:
		return widths(v)
	case []workflow.Decimal:
		return widths(v)
	case []int64:
		return 24 * len(v)
	case []float64:
		return 32 * len(v)
	case []bool:
		return 8 * len(v)
	case []any:
		return widths(v)
	case map[string]string:
		sum := 0
		for key, text := range v {
			sum += widest*(len(key)+len(text)) + 8
		}
		return sum
	case map[string]any:
		sum := 0
		for key, item := range v {
			sum += widest*len(key) + 8 + width(item)
		}
		return sum
	case *workflow.Params:
		return Length(v)
	}
	return 32
}

func widths[T any](items []T) int {
	sum := 0
	for _, item := range items {
		sum += width(item) + 4
	}
	return sum
}
