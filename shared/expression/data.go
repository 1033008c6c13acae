package expression

import (
	"math"
	"reflect"
	"strconv"
	"strings"
)

// maxData bounds the values inside of one value. A few rounds of a loop can build a map that holds itself a
// million times over without taking memory; copying it would.
const maxData = 200_000

// Data turns what an evaluator or a JSON document yields into one of the types of a param: string, int64,
// float64, bool, []string, []int64, []float64, []bool or map[string]any of such. An empty list becomes an
// empty []string. It returns CodeInvalid for everything else, null among it.
func Data(value any) (any, error) {
	budget := dataBudget(maxData)
	return budget.data(value)
}

// dataBudget counts down what may still be copied.
type dataBudget int

func (b *dataBudget) data(value any) (any, error) {
	if *b--; *b < 0 {
		return nil, invalidf("the value has more than %d parts", maxData)
	}
	switch v := value.(type) {
	case string, int64, float64, bool, []string, []int64, []float64, []bool:
		return v, nil
	case int:
		return int64(v), nil
	case []int:
		return convert(v, func(n int) int64 { return int64(n) }), nil
	case []any:
		return b.array(v)
	case map[string]string:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[key] = item
		}
		return out, nil
	case map[string]any:
		return b.object(v)
	case nil:
		return nil, invalidf("the expression has no value")
	}
	return nil, invalidf("a %s is not a value that a param can hold", kindOf(value))
}

func convert[A, B any](items []A, one func(A) B) []B {
	out := make([]B, len(items))
	for i, item := range items {
		out[i] = one(item)
	}
	return out
}

func (b *dataBudget) object(fields map[string]any) (any, error) {
	out := make(map[string]any, len(fields))
	for _, key := range sortedKeys(fields) { // in order, so that the first error is always the same
		value, err := b.data(fields[key])
		if err != nil {
			return nil, err
		}
		out[key] = value
	}
	return out, nil
}

// array finds the narrowest array type that holds all items.
func (b *dataBudget) array(items []any) (any, error) {
	values, floats := make([]any, len(items)), false
	for i, item := range items {
		value, err := b.data(item)
		if err != nil {
			return nil, err
		}
		_, float := value.(float64)
		values[i], floats = value, floats || float
	}
	if floats {
		for i, value := range values {
			if n, ok := value.(int64); ok {
				values[i] = float64(n)
			}
		}
	}
	if len(values) == 0 {
		return []string{}, nil
	}
	switch values[0].(type) {
	case string:
		return arrayOf[string](values)
	case int64:
		return arrayOf[int64](values)
	case float64:
		return arrayOf[float64](values)
	case bool:
		return arrayOf[bool](values)
	}
	return nil, invalidf("a list of %ss is not a value that a param can hold", kindOf(values[0]))
}

func arrayOf[T any](values []any) (any, error) {
	out := make([]T, len(values))
	for i, value := range values {
		item, ok := value.(T)
		if !ok {
			return nil, invalidf("a list must hold items of one type, not %s and %s", kindOf(values[0]), kindOf(value))
		}
		out[i] = item
	}
	return out, nil
}

// kindOf names the type of a value for people, in the words of param types.
func kindOf(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case string:
		return "STRING"
	case int, int64:
		return "LONG"
	case float64:
		return "DOUBLE"
	case bool:
		return "BOOLEAN"
	}
	switch reflect.ValueOf(value).Kind() {
	case reflect.Map:
		return "MAP"
	case reflect.Slice, reflect.Array:
		return "list"
	}
	return "foreign value"
}

// Text returns the text of a scalar as string concatenation and interpolation show it; false for others.
func Text(value any) (string, bool) {
	switch v := value.(type) {
	case string:
		return v, true
	case int64:
		return strconv.FormatInt(v, 10), true
	case int:
		return strconv.Itoa(v), true
	case float64:
		return doubleText(v), true
	case bool:
		return strconv.FormatBool(v), true
	case nil:
		return "null", true
	}
	return "", false
}

// doubleText writes f as SEL shows a DOUBLE: always with a fraction, and with an exponent from ten million
// on and below one thousandth.
func doubleText(f float64) string {
	switch size := math.Abs(f); {
	case math.IsNaN(f):
		return "NaN"
	case math.IsInf(f, 1):
		return "Infinity"
	case math.IsInf(f, -1):
		return "-Infinity"
	case size != 0 && (size < 1e-3 || size >= 1e7):
		mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(f, 'e', -1, 64), "e")
		n, _ := strconv.Atoi(exponent)
		return withFraction(mantissa) + "E" + strconv.Itoa(n)
	}
	return withFraction(strconv.FormatFloat(f, 'f', -1, 64))
}

func withFraction(digits string) string {
	if strings.Contains(digits, ".") {
		return digits
	}
	return digits + ".0"
}
