package expression

import (
	"encoding/json"
	"strconv"
	"strings"
)

func asText(a ...any) (any, error) {
	if text, ok := Text(a[0]); ok {
		return text, nil
	}
	return asJSON(a...)
}

func asLong(a ...any) (any, error) {
	switch v := a[0].(type) {
	case int64:
		return v, nil
	case float64:
		return int64(v), nil
	case string:
		if n, err := strconv.ParseInt(v, 10, 64); err == nil {
			return n, nil
		}
	}
	return nil, invalidf("this %s is not a whole number", kindOf(a[0]))
}

func asDouble(a ...any) (any, error) {
	switch v := a[0].(type) {
	case int64:
		return float64(v), nil
	case float64:
		return v, nil
	case string:
		if f, err := strconv.ParseFloat(v, 64); err == nil {
			return f, nil
		}
	}
	return nil, invalidf("this %s is not a number", kindOf(a[0]))
}

// JSON writes a data value as compact JSON, keys sorted, a DOUBLE always with a fraction.
func JSON(value any) string {
	var out strings.Builder
	writeJSON(&out, value)
	return out.String()
}

func writeJSON(out *strings.Builder, value any) {
	switch v := value.(type) {
	case string:
		writeQuoted(out, v)
	case []string:
		writeList(out, v)
	case []int64:
		writeList(out, v)
	case []float64:
		writeList(out, v)
	case []bool:
		writeList(out, v)
	case []any:
		writeList(out, v)
	case map[string]string:
		fields, _ := Data(v)
		writeJSON(out, fields)
	case map[string]any:
		out.WriteByte('{')
		for i, key := range sortedKeys(v) {
			if i > 0 {
				out.WriteByte(',')
			}
			writeQuoted(out, key)
			out.WriteByte(':')
			writeJSON(out, v[key])
		}
		out.WriteByte('}')
	default:
		text, _ := Text(v)
		out.WriteString(text)
	}
}

func writeList[T any](out *strings.Builder, items []T) {
	out.WriteByte('[')
	for i, item := range items {
		if i > 0 {
			out.WriteByte(',')
		}
		writeJSON(out, item)
	}
	out.WriteByte(']')
}

func writeQuoted(out *strings.Builder, text string) {
	var quoted strings.Builder
	encoder := json.NewEncoder(&quoted)
	encoder.SetEscapeHTML(false)
	_ = encoder.Encode(text) // a string always encodes
	out.WriteString(strings.TrimSuffix(quoted.String(), "\n"))
}
