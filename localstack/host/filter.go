package host

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

// filter is a pattern of event filtering: objects lead into the event, a list holds the rules of which one must hold.
type filter map[string]any

// parseFilter reads a pattern, and refuses rules that it could not follow.
func parseFilter(pattern string) (filter, error) {
	var f filter
	if err := json.Unmarshal([]byte(pattern), &f); err != nil {
		return nil, fmt.Errorf("the filter %s: %w", pattern, err)
	}
	return f, checkRules(map[string]any(f))
}

func checkRules(pattern any) error {
	switch p := pattern.(type) {
	case map[string]any:
		for name, inner := range p {
			if err := checkRules(inner); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
		}
		return nil
	case []any:
		for _, rule := range p {
			object, isObject := rule.(map[string]any)
			if _, ok := object["prefix"].(string); isObject && (!ok || len(object) != 1) {
				return fmt.Errorf("the rule %v cannot be followed here", rule)
			}
		}
		return nil
	}
	return fmt.Errorf("%v is no pattern", pattern)
}

// selects tells whether one of the filters selects a record; without filters all are.
func (s *stream) selects(record events.DynamoDBEventRecord) bool {
	var event any
	data, err := json.Marshal(record)
	if err != nil || json.Unmarshal(data, &event) != nil {
		return false
	}
	return len(s.filters) == 0 || slices.ContainsFunc(s.filters, func(f filter) bool { return matches(map[string]any(f), event) })
}

// matches tells whether a value is as a pattern wants it.
func matches(pattern, value any) bool {
	switch p := pattern.(type) {
	case map[string]any:
		object, _ := value.(map[string]any)
		for name, inner := range p {
			if !matches(inner, object[name]) {
				return false
			}
		}
		return true
	case []any:
		return slices.ContainsFunc(p, func(rule any) bool {
			if object, ok := rule.(map[string]any); ok {
				text, isText := value.(string)
				prefix, _ := object["prefix"].(string)
				return isText && strings.HasPrefix(text, prefix)
			}
			return rule == value
		})
	}
	return false
}
