package template

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
)

// intrinsic returns the function that an object calls, if it does.
func intrinsic(object map[string]any) (name string, argument any, ok bool) {
	if len(object) != 1 {
		return "", nil, false
	}
	for name, argument = range object {
	}
	return name, argument, name == "Ref" || name == "Condition" && isText(argument) || strings.HasPrefix(name, "Fn::")
}

func isText(value any) bool {
	_, ok := value.(string)
	return ok
}

// call returns what an intrinsic function returns.
func (s *Scope) call(name string, argument any) (any, error) {
	functions := map[string]func(any) (any, error){
		"Ref":           func(a any) (any, error) { return s.ref(fmt.Sprint(a)) },
		"Condition":     func(a any) (any, error) { return s.Wanted(fmt.Sprint(a)) },
		"Fn::GetAtt":    s.getAtt,
		"Fn::Sub":       s.sub,
		"Fn::Join":      s.join,
		"Fn::Split":     s.split,
		"Fn::Select":    s.choose,
		"Fn::FindInMap": s.findInMap,
		"Fn::If":        s.branch,
		"Fn::Equals":    s.equals,
	}
	function, ok := functions[name]
	if !ok {
		return nil, fmt.Errorf("the intrinsic function %s is not known here", name)
	}
	value, err := function(argument)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return value, nil
}

func (s *Scope) getAtt(argument any) (any, error) {
	id, name, err := attribute(argument)
	if err != nil {
		return nil, err
	}
	return s.attribute(id, name)
}

// attribute reads ["Resource", "Attribute"] or "Resource.Attribute".
func attribute(argument any) (id, name string, err error) {
	parts, ok := argument.([]any)
	if text, short := argument.(string); short {
		before, after, cut := strings.Cut(text, ".")
		parts, ok = []any{before, after}, cut
	}
	if !ok || len(parts) != 2 || !isText(parts[0]) || !isText(parts[1]) {
		return "", "", fmt.Errorf("a resource and an attribute are expected, not %v", argument)
	}
	return parts[0].(string), parts[1].(string), nil
}

var placeholder = regexp.MustCompile(`\$\{([^!{}][^{}]*)\}`)

// placeholders returns the names in a text of Fn::Sub.
func placeholders(text string) []string {
	var out []string
	for _, found := range placeholder.FindAllStringSubmatch(text, -1) {
		out = append(out, found[1])
	}
	return out
}

// substitution reads "text" or ["text", {"name": value}].
func substitution(argument any) (text string, names map[string]any, err error) {
	switch v := argument.(type) {
	case string:
		return v, nil, nil
	case []any:
		if len(v) == 2 && isText(v[0]) {
			if names, ok := v[1].(map[string]any); ok {
				return v[0].(string), names, nil
			}
		}
	}
	return "", nil, fmt.Errorf("a text, or a text and names, are expected, not %v", argument)
}

func (s *Scope) sub(argument any) (any, error) {
	text, names, err := substitution(argument)
	if err != nil {
		return nil, err
	}
	var failed error
	out := placeholder.ReplaceAllStringFunc(text, func(found string) string {
		value, err := s.named(found[2:len(found)-1], names)
		if err != nil && failed == nil {
			failed = err
		}
		return value
	})
	return strings.ReplaceAll(out, "${!", "${"), failed
}

// named returns what a placeholder stands for.
func (s *Scope) named(name string, names map[string]any) (string, error) {
	if value, ok := names[name]; ok {
		return s.text(value)
	}
	if id, attribute, ok := strings.Cut(name, "."); ok {
		return s.attribute(id, attribute)
	}
	return s.text(map[string]any{"Ref": name})
}

func (s *Scope) join(argument any) (any, error) {
	parts, ok := argument.([]any)
	if !ok || len(parts) != 2 {
		return nil, fmt.Errorf("a separator and a list are expected, not %v", argument)
	}
	list, err := s.list(parts[1])
	if err != nil {
		return nil, err
	}
	texts := make([]string, len(list))
	for i := range list {
		if texts[i], err = s.text(list[i]); err != nil {
			return nil, err
		}
	}
	return strings.Join(texts, fmt.Sprint(parts[0])), nil
}

func (s *Scope) split(argument any) (any, error) {
	parts, ok := argument.([]any)
	if !ok || len(parts) != 2 {
		return nil, fmt.Errorf("a separator and a text are expected, not %v", argument)
	}
	text, err := s.text(parts[1])
	if err != nil {
		return nil, err
	}
	var out []any
	for part := range strings.SplitSeq(text, fmt.Sprint(parts[0])) {
		out = append(out, part)
	}
	return out, nil
}

func (s *Scope) choose(argument any) (any, error) {
	parts, ok := argument.([]any)
	if !ok || len(parts) != 2 {
		return nil, fmt.Errorf("a place and a list are expected, not %v", argument)
	}
	text, err := s.text(parts[0])
	if err != nil {
		return nil, err
	}
	list, err := s.list(parts[1])
	if err != nil {
		return nil, err
	}
	place, err := strconv.Atoi(text)
	if err != nil || place < 0 || place >= len(list) {
		return nil, fmt.Errorf("a list of %d has no place %s", len(list), text)
	}
	return list[place], nil
}

func (s *Scope) findInMap(argument any) (any, error) {
	parts, ok := argument.([]any)
	if !ok || len(parts) != 3 {
		return nil, fmt.Errorf("the name of a map and two keys are expected, not %v", argument)
	}
	var keys [3]string
	for i := range parts {
		var err error
		if keys[i], err = s.text(parts[i]); err != nil {
			return nil, err
		}
	}
	value, ok := s.template.Mappings[keys[0]][keys[1]][keys[2]]
	if !ok {
		return nil, fmt.Errorf("the map %s has no %s, %s", keys[0], keys[1], keys[2])
	}
	return value, nil
}

func (s *Scope) branch(argument any) (any, error) {
	parts, ok := argument.([]any)
	if !ok || len(parts) != 3 {
		return nil, fmt.Errorf("a condition and two values are expected, not %v", argument)
	}
	holds, err := s.Wanted(fmt.Sprint(parts[0]))
	if err != nil {
		return nil, err
	}
	if holds {
		return s.Resolve(parts[1])
	}
	return s.Resolve(parts[2])
}

func (s *Scope) equals(argument any) (any, error) {
	parts, ok := argument.([]any)
	if !ok || len(parts) != 2 {
		return nil, fmt.Errorf("two values are expected, not %v", argument)
	}
	left, err := s.text(parts[0])
	if err != nil {
		return nil, err
	}
	right, err := s.text(parts[1])
	return left == right, err
}
