package template

import (
	"fmt"
	"strings"
)

// Made is what came of a resource: what Ref returns, and its attributes for Fn::GetAtt.
type Made struct {
	Ref        string
	Attributes map[string]string
}

// Scope resolves references to what has been made.
type Scope struct {
	template *Template
	pseudo   map[string]string // AWS::Region and the like
	made     map[string]Made
}

// Scope returns a scope in which nothing is made yet. pseudo holds the pseudo parameters.
func (t *Template) Scope(pseudo map[string]string) *Scope {
	return &Scope{template: t, pseudo: pseudo, made: map[string]Made{}}
}

// Add tells what came of a resource.
func (s *Scope) Add(id string, made Made) { s.made[id] = made }

// noValue takes the place of a property that is to be left out.
type noValue struct{}

// Resolve returns the value with all intrinsic functions replaced by what they return.
func (s *Scope) Resolve(value any) (any, error) {
	switch v := value.(type) {
	case []any:
		return s.resolveList(v)
	case map[string]any:
		if name, argument, ok := intrinsic(v); ok {
			return s.call(name, argument)
		}
		return s.resolveMap(v)
	}
	return value, nil
}

func (s *Scope) resolveList(list []any) ([]any, error) {
	out := make([]any, 0, len(list))
	for _, element := range list {
		resolved, err := s.Resolve(element)
		if err != nil {
			return nil, err
		}
		if resolved != (noValue{}) {
			out = append(out, resolved)
		}
	}
	return out, nil
}

func (s *Scope) resolveMap(object map[string]any) (map[string]any, error) {
	out := make(map[string]any, len(object))
	for name, element := range object {
		resolved, err := s.Resolve(element)
		if err != nil {
			return nil, err
		}
		if resolved != (noValue{}) {
			out[name] = resolved
		}
	}
	return out, nil
}

// Properties returns the resolved properties of a resource.
func (s *Scope) Properties(id string) (map[string]any, error) {
	out, err := s.resolveMap(s.template.Resources[id].Properties)
	if err != nil {
		return nil, fmt.Errorf("template: %s: %w", id, err)
	}
	return out, nil
}

// Wanted tells whether the condition of a resource or an output holds; without one it does.
func (s *Scope) Wanted(condition string) (bool, error) {
	if condition == "" {
		return true, nil
	}
	expression, ok := s.template.Conditions[condition]
	if !ok {
		return false, fmt.Errorf("template: there is no condition %s", condition)
	}
	value, err := s.Resolve(expression)
	if err != nil {
		return false, fmt.Errorf("template: condition %s: %w", condition, err)
	}
	holds, ok := value.(bool)
	if !ok {
		return false, fmt.Errorf("template: condition %s is %v, neither true nor false", condition, value)
	}
	return holds, nil
}

// Outputs returns the values that the stack tells its users.
func (s *Scope) Outputs() (map[string]string, error) {
	out := map[string]string{}
	for name, output := range s.template.Outputs {
		wanted, err := s.Wanted(output.Condition)
		if err != nil {
			return nil, err
		}
		if !wanted {
			continue
		}
		value, err := s.text(output.Value)
		if err != nil {
			return nil, fmt.Errorf("template: output %s: %w", name, err)
		}
		out[name] = value
	}
	return out, nil
}

// ref returns what a resource, a parameter or a pseudo parameter is known by.
func (s *Scope) ref(name string) (any, error) {
	if name == "AWS::NoValue" {
		return noValue{}, nil
	}
	if made, ok := s.made[name]; ok {
		return made.Ref, nil
	}
	if value, ok := s.pseudo[name]; ok {
		return value, nil
	}
	if parameter, ok := s.template.Parameters[name]; ok && parameter.Default != nil {
		return parameter.Default, nil
	}
	return nil, fmt.Errorf("nothing is known by the name %s", name)
}

func (s *Scope) attribute(id, name string) (string, error) {
	made, ok := s.made[id]
	if !ok {
		return "", fmt.Errorf("%s was not made", id)
	}
	value, ok := made.Attributes[name]
	if !ok {
		return "", fmt.Errorf("%s, a %s, has no attribute %s here", id, s.template.Resources[id].Type, name)
	}
	return value, nil
}

// text resolves a value that must be a scalar.
func (s *Scope) text(value any) (string, error) {
	resolved, err := s.Resolve(value)
	if err != nil {
		return "", err
	}
	switch resolved.(type) {
	case map[string]any, []any, noValue, nil:
		return "", fmt.Errorf("a text is expected, not %v", resolved)
	}
	return fmt.Sprint(resolved), nil
}

// list resolves a value that must be a list.
func (s *Scope) list(value any) ([]any, error) {
	resolved, err := s.Resolve(value)
	if err != nil {
		return nil, err
	}
	list, ok := resolved.([]any)
	if !ok {
		return nil, fmt.Errorf("a list is expected, not %v", resolved)
	}
	return list, nil
}

// resourceOf returns the resource of "Resource.Attribute".
func resourceOf(name string) string {
	id, _, _ := strings.Cut(name, ".")
	return id
}
