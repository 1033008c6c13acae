package dsl

import (
	"regexp"
	"slices"
	"strings"

	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

// paramKey is [!]name[<type>][(mode)].
var paramKey = regexp.MustCompile(`^(!?)\s*([^!<>()]*[^!<>()\s])\s*(?:<\s*([a-zA-Z]+(?:\s*<\s*[a-zA-Z]+\s*>)?)\s*>)?\s*(?:\(\s*([a-zA-Z_]+)\s*\))?$`)

var paramTypes = map[string]workflow.ParamType{
	"string": workflow.String, "long": workflow.Long, "double": workflow.Double, "boolean": workflow.Boolean,
	"map": workflow.StringMap, "pmap": workflow.Map,
	"array<string>": workflow.StringArray, "array<long>": workflow.LongArray,
	"array<double>": workflow.DoubleArray, "array<boolean>": workflow.BooleanArray,
}

var typeNames = []string{"string", "long", "double", "boolean", "array<string>", "array<long>", "array<double>",
	"array<boolean>", "map", "pmap"}

// addParams translates fields of the language into param definitions.
func addParams(params *document.Node, v *document.Value, own []string) {
	taken := map[string]bool{}
	for _, field := range v.Fields {
		if slices.Contains(own, field.Key) {
			continue
		}
		value := &document.Value{Node: field.Value, Path: v.Path.Key(field.Key), Faults: v.Faults}
		name, param := param(field, value)
		if param == nil {
			continue
		}
		if taken[name] {
			value.FaultAt(field.Position, "the param %s is given twice", document.Quoted(name))
			continue
		}
		taken[name] = true
		params.Fields = append(params.Fields, document.Field{Key: name, Value: param, Position: field.Position})
	}
}

// param translates one field. It returns nil when the key cannot be understood.
func param(field document.Field, v *document.Value) (string, *document.Node) {
	parts := paramKey.FindStringSubmatch(strings.TrimSpace(field.Key))
	if parts == nil {
		v.FaultAt(field.Position, "%s is no param; want name, name<type> or name<type>(mode), with ! before an expression", document.Quoted(field.Key))
		return "", nil
	}
	stated, ok := statedType(parts[3], field, v)
	if !ok {
		return "", nil
	}
	param := object(field.Position)
	read := literal
	if parts[1] == "!" {
		read = expression
	}
	if !read(param, stated, v) {
		return "", nil
	}
	if parts[4] != "" {
		set(param, "mode", text(field.Position, parts[4]))
	}
	return parts[2], param
}

// statedType reads the type in a key; "" is none.
func statedType(name string, field document.Field, v *document.Value) (workflow.ParamType, bool) {
	if name == "" {
		return "", true
	}
	name = strings.ToLower(strings.Join(strings.Fields(name), ""))
	stated, known := paramTypes[name]
	if !known {
		v.FaultAt(field.Position, "there is no param type %s%s", document.Quoted(name), v.Suggest(name, typeNames))
	}
	return stated, known
}

// expression fills the definition from an expression text. It tells whether it could.
func expression(param *document.Node, stated workflow.ParamType, v *document.Value) bool {
	if stated == "" {
		stated = workflow.String
	}
	set(param, "type", text(v.Position, string(stated)))
	switch v.Kind {
	case document.String, document.Number, document.Bool:
		set(param, "expression", text(v.Position, v.Text))
		return true
	}
	v.Fault("found %s, want an expression", v.Describe())
	return false
}

// literal fills the definition from a value. It tells whether it could.
func literal(param *document.Node, stated workflow.ParamType, v *document.Value) bool {
	if v.Kind == document.Null {
		if stated == "" {
			v.Fault("found no value, want one, or a type in the key: name<type>")
			return false
		}
		set(param, "type", text(v.Position, string(stated)))
		return true
	}
	implied, ok := impliedType(v)
	if !ok {
		return false
	}
	if stated == "" {
		stated = implied
	}
	if stated != implied && !fits(stated, implied, v.Node) {
		v.Fault("found %s, which is of type %s, and the key says %s", v.Describe(), implied, stated)
		return false
	}
	set(param, "type", text(v.Position, string(stated)))
	if stated != workflow.Map {
		set(param, "value", v.Node)
		return true
	}
	nested := object(v.Position)
	addParams(nested, v, nil)
	set(param, "value", nested)
	return true
}

// fits tells whether a value may have the stated type although its own look implies another.
func fits(stated, implied workflow.ParamType, value *document.Node) bool {
	switch {
	case value.Kind == document.Array && len(value.Items) == 0:
		return strings.HasSuffix(string(stated), "_ARRAY")
	case value.Kind == document.Object && len(value.Fields) == 0:
		return stated == workflow.StringMap
	}
	return stated == workflow.Map && implied == workflow.StringMap ||
		stated == workflow.Double && implied == workflow.Long ||
		stated == workflow.DoubleArray && implied == workflow.LongArray
}

// impliedType returns the type that a value has by its look.
func impliedType(v *document.Value) (workflow.ParamType, bool) {
	switch v.Kind {
	case document.String:
		return workflow.String, true
	case document.Bool:
		return workflow.Boolean, true
	case document.Number:
		if strings.ContainsAny(v.Text, ".eE") {
			return workflow.Double, true
		}
		return workflow.Long, true
	case document.Array:
		return arrayType(v)
	}
	if len(v.Fields) == 0 || slices.ContainsFunc(v.Fields, func(f document.Field) bool { return f.Value.Kind != document.String }) {
		return workflow.Map, true
	}
	return workflow.StringMap, true
}

func arrayType(v *document.Value) (workflow.ParamType, bool) {
	if len(v.Items) == 0 {
		return workflow.StringArray, true
	}
	for _, item := range v.List() {
		first, scalar := impliedType(item)
		if !scalar || item.Kind == document.Array || item.Kind == document.Object || item.Kind == document.Null {
			item.Fault("found %s in a list, want a string, a number or a boolean", item.Describe())
			return "", false
		}
		if first == workflow.Long && slices.ContainsFunc(v.Items, func(n *document.Node) bool { return strings.ContainsAny(n.Text, ".eE") && n.Kind == document.Number }) {
			return workflow.DoubleArray, true
		}
		return first + "_ARRAY", true
	}
	return "", false
}
