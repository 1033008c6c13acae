package template

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
)

// Template is what a stack is made of.
type Template struct {
	Parameters map[string]Parameter
	Mappings   map[string]map[string]map[string]any
	Conditions map[string]any
	Resources  map[string]Resource
	Outputs    map[string]Output
}

// Parameter is an input of the stack. Only its default is known here.
type Parameter struct {
	Type    string
	Default any
}

// Resource is one thing to make.
type Resource struct {
	Type       string
	Properties map[string]any
	Metadata   map[string]any
	DependsOn  Names
	Condition  string
}

// Output is a value that the stack tells its users.
type Output struct {
	Value     any
	Condition string
}

// Names is a list of names, which templates also write as a single one.
type Names []string

// UnmarshalJSON reads either form.
func (n *Names) UnmarshalJSON(data []byte) error {
	if len(data) > 0 && data[0] == '[' {
		return json.Unmarshal(data, (*[]string)(n))
	}
	var one string
	if err := json.Unmarshal(data, &one); err != nil {
		return err
	}
	*n = Names{one}
	return nil
}

// Parse reads a template in JSON. Numbers keep the digits in which they were written.
func Parse(data []byte) (*Template, error) {
	t := &Template{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(t); err != nil {
		return nil, fmt.Errorf("template: %w", err)
	}
	if len(t.Resources) == 0 {
		return nil, fmt.Errorf("template: it has no resources")
	}
	return t, nil
}

// Order returns the ids of all resources so that each comes after those that it refers to. Where that leaves a
// choice, ids are in alphabetical order. It fails for a cycle.
func (t *Template) Order() ([]string, error) {
	o := &ordering{template: t, state: map[string]progress{}}
	for _, id := range slices.Sorted(maps.Keys(t.Resources)) {
		if err := o.visit(id); err != nil {
			return nil, err
		}
	}
	return o.done, nil
}

type progress uint8

const (
	begun progress = iota + 1
	finished
)

type ordering struct {
	template *Template
	state    map[string]progress
	path     []string // from the first resource to the one that is being visited
	done     []string
}

func (o *ordering) visit(id string) error {
	switch o.state[id] {
	case finished:
		return nil
	case begun:
		return fmt.Errorf("template: these resources refer to each other: %v", append(o.path, id))
	}
	o.state[id] = begun
	o.path = append(o.path, id)
	resource := o.template.Resources[id]
	needed := map[string]bool{}
	for _, name := range resource.DependsOn {
		needed[name] = true
	}
	references(resource.Properties, needed)
	for _, name := range slices.Sorted(maps.Keys(needed)) {
		if _, ok := o.template.Resources[name]; !ok {
			continue // a parameter; what is neither is an error when it is resolved
		}
		if err := o.visit(name); err != nil {
			return err
		}
	}
	o.path = o.path[:len(o.path)-1]
	o.state[id] = finished
	o.done = append(o.done, id)
	return nil
}

// references collects the names that a value refers to.
func references(value any, into map[string]bool) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			references(element, into)
		}
	case map[string]any:
		for name, argument := range v {
			switch name {
			case "Ref":
				into[fmt.Sprint(argument)] = true
			case "Fn::GetAtt":
				if id, _, err := attribute(argument); err == nil {
					into[id] = true
				}
			case "Fn::Sub":
				text, _, _ := substitution(argument)
				for _, name := range placeholders(text) {
					into[resourceOf(name)] = true
				}
			}
			references(argument, into)
		}
	}
}
