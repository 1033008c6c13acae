package secret

import (
	"encoding/base64"
	"encoding/json"
	"net/url"
	"slices"
	"strings"
)

// Masked stands where a secret was.
const Masked = "***"

// shortest is the length from which on a value is masked: a shorter one would match everywhere, and hides nothing.
const shortest = 4

// Mask replaces the secrets of one call in everything that came of it.
type Mask struct{ values []string }

// Add lets the mask know a value, and the forms in which it appears in JSON, in addresses, and as Base64.
func (m *Mask) Add(value string) {
	if len(value) < shortest {
		return
	}
	quoted, _ := json.Marshal(value)
	for _, form := range []string{value, string(quoted[1 : len(quoted)-1]), url.QueryEscape(value), url.PathEscape(value),
		base64.StdEncoding.EncodeToString([]byte(value)), base64.URLEncoding.EncodeToString([]byte(value)),
		base64.RawStdEncoding.EncodeToString([]byte(value)), base64.RawURLEncoding.EncodeToString([]byte(value))} {
		if !slices.Contains(m.values, form) {
			m.values = append(m.values, form)
		}
	}
	// A long value may hold a short one, so the long ones go first.
	slices.SortStableFunc(m.values, func(a, b string) int { return len(b) - len(a) })
}

// Empty tells whether there is nothing to mask.
func (m *Mask) Empty() bool { return m == nil || len(m.values) == 0 }

// Text returns the text without secrets.
func (m *Mask) Text(text string) string {
	if m.Empty() {
		return text
	}
	for _, value := range m.values {
		text = strings.ReplaceAll(text, value, Masked)
	}
	return text
}

// Value returns a value of JSON, or of a param, without secrets in its texts and keys.
func (m *Mask) Value(value any) any {
	switch v := value.(type) {
	case string:
		return m.Text(v)
	case []string:
		out := make([]string, len(v))
		for i, text := range v {
			out[i] = m.Text(text)
		}
		return out
	case map[string]string:
		out := make(map[string]string, len(v))
		for key, text := range v {
			out[m.Text(key)] = m.Text(text)
		}
		return out
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = m.Value(item)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for key, item := range v {
			out[m.Text(key)] = m.Value(item)
		}
		return out
	}
	return value
}
