package workflow

import (
	"bytes"
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"
)

// Decimal is a DOUBLE literal as its author wrote it, so that no digit is lost.
type Decimal string

// MarshalJSON writes the number as it was written.
func (d Decimal) MarshalJSON() ([]byte, error) { return []byte(d), nil }

// Float returns the nearest IEEE double.
func (d Decimal) Float() float64 { f, _ := strconv.ParseFloat(string(d), 64); return f }

// DecimalOf writes f in the shortest form that reads back equal.
func DecimalOf(f float64) Decimal {
	if math.IsInf(f, 0) || math.IsNaN(f) {
		return "0"
	}
	return Decimal(strconv.FormatFloat(f, 'g', -1, 64))
}

func decimals(values []float64) []Decimal {
	out := make([]Decimal, len(values))
	for i, f := range values {
		out[i] = DecimalOf(f)
	}
	return out
}

// ResultOf turns a literal value into the plain value that it evaluates to; MAP literals have none.
func ResultOf(value any) any {
	switch v := value.(type) {
	case Decimal:
		return v.Float()
	case []Decimal:
		out := make([]float64, len(v))
		for i, d := range v {
			out[i] = d.Float()
		}
		return out
	}
	return value
}

// JSONResult returns a plain value as JSON can hold it: a double that is infinite or no number becomes its name.
func JSONResult(value any) any {
	switch v := value.(type) {
	case float64:
		if math.IsInf(v, 0) || math.IsNaN(v) {
			return nameOf(v)
		}
	case []float64:
		if slices.ContainsFunc(v, func(f float64) bool { return math.IsInf(f, 0) || math.IsNaN(f) }) {
			out := make([]any, len(v))
			for i, f := range v {
				out[i] = JSONResult(f)
			}
			return out
		}
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[key] = JSONResult(item)
		}
		return out
	}
	return value
}

func nameOf(f float64) string {
	switch {
	case math.IsNaN(f):
		return "NaN"
	case f > 0:
		return "Infinity"
	}
	return "-Infinity"
}

// nonFinite reads a double, or doubles, of which some have a name instead of digits.
func nonFinite(t ParamType, value any) (any, bool) {
	switch v := value.(type) {
	case string:
		for _, f := range []float64{math.Inf(1), math.Inf(-1), math.NaN()} {
			if t == Double && v == nameOf(f) {
				return f, true
			}
		}
	case []any:
		if t != DoubleArray {
			return nil, false
		}
		out, some := make([]float64, len(v)), false
		for i, item := range v {
			if f, ok := nonFinite(Double, item); ok {
				out[i], some = f.(float64), true
			} else if d, ok := decimalOf(item); ok {
				out[i] = d.Float()
			} else {
				return nil, false
			}
		}
		return out, some
	}
	return nil, false
}

// DecodeAny reads JSON into nil, string, json.Number, bool, []any and *Ordered[any], keeping object order.
func DecodeAny(raw []byte) (any, error) {
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	return decodeNext(decoder)
}

func decodeNext(decoder *json.Decoder) (any, error) {
	token, err := decoder.Token()
	if err != nil {
		return nil, err
	}
	switch token {
	case json.Delim('{'):
		object := &Ordered[any]{}
		for decoder.More() {
			key, err := decoder.Token()
			if err != nil {
				return nil, err
			}
			value, err := decodeNext(decoder)
			if err != nil {
				return nil, err
			}
			object.Set(key.(string), value)
		}
		_, err = decoder.Token()
		return object, err
	case json.Delim('['):
		array := []any{}
		for decoder.More() {
			value, err := decodeNext(decoder)
			if err != nil {
				return nil, err
			}
			array = append(array, value)
		}
		_, err = decoder.Token()
		return array, err
	}
	return token, nil
}

// Plain turns what DecodeAny returns into map[string]any, []any, string, int64, float64, bool and nil.
func Plain(value any) any {
	switch v := value.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = Plain(item)
		}
		return out
	case *Ordered[any]:
		out := make(map[string]any, v.Len())
		for key, item := range v.All() {
			out[key] = Plain(item)
		}
		return out
	}
	return value
}

// ValueOf turns a decoded JSON value (see DecodeAny) into the literal of the type; MAP is not handled here.
// It returns CodeInvalid with what the type wants.
func ValueOf(t ParamType, value any) (any, error) {
	switch t {
	case String:
		if s, ok := value.(string); ok {
			return s, nil
		}
	case Long:
		if n, ok := longOf(value); ok {
			return n, nil
		}
	case Double:
		if d, ok := decimalOf(value); ok {
			return d, nil
		}
	case Boolean:
		if b, ok := boolOf(value); ok {
			return b, nil
		}
	case StringMap:
		return stringMapOf(value)
	case StringArray:
		return arrayOf(t, value, func(v any) (string, bool) { s, ok := v.(string); return s, ok })
	case LongArray:
		return arrayOf(t, value, longOf)
	case DoubleArray:
		return arrayOf(t, value, decimalOf)
	case BooleanArray:
		return arrayOf(t, value, boolOf)
	}
	return nil, Errorf(CodeInvalid, "not a %s", t)
}

func longOf(value any) (int64, bool) {
	switch v := value.(type) {
	case json.Number:
		n, err := strconv.ParseInt(v.String(), 10, 64)
		return n, err == nil
	case int64:
		return v, true
	case string:
		n, err := strconv.ParseInt(v, 10, 64)
		return n, err == nil
	}
	return 0, false
}

func decimalOf(value any) (Decimal, bool) {
	switch v := value.(type) {
	case json.Number:
		return Decimal(v), finite(v.String())
	case float64:
		return DecimalOf(v), true
	case string:
		var number json.Number
		if err := json.Unmarshal([]byte(v), &number); err == nil {
			return Decimal(number), finite(v)
		}
	}
	return "", false
}

// finite tells whether the number fits a double: what evaluates to infinity has no JSON form.
func finite(number string) bool {
	_, err := strconv.ParseFloat(number, 64)
	return err == nil
}

func boolOf(value any) (bool, bool) {
	switch v := value.(type) {
	case bool:
		return v, true
	case string:
		return strings.EqualFold(v, "true"), strings.EqualFold(v, "true") || strings.EqualFold(v, "false")
	}
	return false, false
}

func stringMapOf(value any) (any, error) {
	switch v := value.(type) {
	case map[string]string:
		return maps.Clone(v), nil
	case *Ordered[any]:
		out := make(map[string]string, v.Len())
		for key, item := range v.All() {
			text, ok := item.(string)
			if !ok {
				return nil, Errorf(CodeInvalid, "not a %s: the value at %q is not a string", StringMap, key)
			}
			out[key] = text
		}
		return out, nil
	}
	return nil, Errorf(CodeInvalid, "not a %s", StringMap)
}

func arrayOf[T any](t ParamType, value any, one func(any) (T, bool)) (any, error) {
	items, ok := value.([]any)
	if !ok {
		return nil, Errorf(CodeInvalid, "not a %s", t)
	}
	out := make([]T, len(items))
	for i, item := range items {
		if out[i], ok = one(item); !ok {
			return nil, Errorf(CodeInvalid, "not a %s: item %d has another type", t, i)
		}
	}
	return out, nil
}
