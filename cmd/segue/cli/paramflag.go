package cli

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"github.com/segue-workflows/segue/shared/workflow"
)

// runParams reads the --param flags. A param that the definition declares gets its type from there, any
// other one the type that its text looks like.
func runParams(flags []string, declared *workflow.Params) (*workflow.Params, error) {
	out := &workflow.Params{}
	for _, flag := range flags {
		name, text, ok := strings.Cut(flag, "=")
		if !ok || name == "" {
			return nil, usageError{fmt.Sprintf("--param %s: want name=value", flag)}
		}
		known, _ := declared.Get(name)
		p, err := readParam(text, known)
		if err != nil {
			return nil, usageError{fmt.Sprintf("--param %s: %v", name, err)}
		}
		out.Set(name, p)
	}
	return out, nil
}

func readParam(text string, declared *workflow.Param) (*workflow.Param, error) {
	if declared == nil || declared.Type == "" {
		return inferred(text)
	}
	p, err := typed(text, declared.Type)
	if err != nil {
		return nil, fmt.Errorf("the workflow declares a %s, %s", declared.Type, wanted[declared.Type])
	}
	return p, nil
}

// wanted says what texts a type takes.
var wanted = map[workflow.ParamType]string{
	workflow.Long:         "write an integer",
	workflow.Double:       "write a number",
	workflow.Boolean:      "write true or false",
	workflow.StringMap:    `write JSON such as {"key":"text"}`,
	workflow.StringArray:  `write JSON such as ["a","b"]`,
	workflow.LongArray:    "write JSON such as [1,2]",
	workflow.DoubleArray:  "write JSON such as [1.5,2]",
	workflow.BooleanArray: "write JSON such as [true,false]",
	workflow.Map:          `write JSON such as {"name":1}`,
}

// typed reads a text as a literal of the type.
func typed(text string, t workflow.ParamType) (*workflow.Param, error) {
	if t == workflow.String {
		return workflow.Literal(text), nil
	}
	value, err := workflow.DecodeAny([]byte(text))
	if err != nil {
		return nil, err
	}
	if object, ok := value.(*workflow.Ordered[any]); ok && t == workflow.Map {
		return nested(object)
	}
	literal, err := workflow.ValueOf(t, value)
	if err != nil {
		return nil, err
	}
	return &workflow.Param{Type: t, Value: literal}, nil
}

// inferred reads a text as what it looks like: true and false, numbers, JSON lists and objects, else a string.
func inferred(text string) (*workflow.Param, error) {
	begins := strings.TrimSpace(text)
	if strings.HasPrefix(begins, "[") || strings.HasPrefix(begins, "{") {
		value, err := workflow.DecodeAny([]byte(text))
		if err != nil {
			return nil, fmt.Errorf("it begins like JSON and is none")
		}
		return ofJSON(value)
	}
	switch {
	case text == "true" || text == "false":
		return workflow.Literal(text == "true"), nil
	case isInteger(text):
		return typed(text, workflow.Long)
	case isNumber(text):
		return typed(text, workflow.Double)
	}
	return workflow.Literal(text), nil
}

func isInteger(text string) bool {
	_, err := strconv.ParseInt(text, 10, 64)
	return err == nil && json.Valid([]byte(text)) // 007 is a name, not a number
}

func isNumber(text string) bool {
	_, err := strconv.ParseFloat(text, 64)
	return err == nil && json.Valid([]byte(text))
}

// arrays are the list types in the order in which a list is tried.
var arrays = []workflow.ParamType{workflow.LongArray, workflow.DoubleArray, workflow.BooleanArray, workflow.StringArray}

// ofJSON makes a param of a decoded JSON value.
func ofJSON(value any) (*workflow.Param, error) {
	switch v := value.(type) {
	case string:
		return workflow.Literal(v), nil
	case bool:
		return workflow.Literal(v), nil
	case json.Number:
		return inferred(v.String())
	case []any:
		if len(v) == 0 {
			return workflow.Literal([]string{}), nil
		}
		for _, t := range arrays {
			if literal, err := workflow.ValueOf(t, v); err == nil {
				return &workflow.Param{Type: t, Value: literal}, nil
			}
		}
		return nil, fmt.Errorf("a list holds values of one type: strings, numbers, or true and false")
	case *workflow.Ordered[any]:
		if literal, err := workflow.ValueOf(workflow.StringMap, v); err == nil {
			return &workflow.Param{Type: workflow.StringMap, Value: literal}, nil
		}
		return nested(v)
	}
	return nil, fmt.Errorf("null is no value of a param")
}

// nested makes a MAP, whose entries are params themselves.
func nested(object *workflow.Ordered[any]) (*workflow.Param, error) {
	entries := &workflow.Params{}
	for name, value := range object.All() {
		p, err := ofJSON(value)
		if err != nil {
			return nil, err
		}
		entries.Set(name, p)
	}
	return workflow.Literal(entries), nil
}
