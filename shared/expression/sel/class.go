package sel

import (
	"github.com/segue-workflows/segue/shared/expression/sel/ast"
	"github.com/segue-workflows/segue/shared/expression/sel/joda"
)

// classType describes a class: the kind of its objects, its methods, and its constructors by the
// number of arguments.
type classType struct {
	kind    kind
	methods methods
	make    map[int]method
}

// classes are all classes by name. No other name is one, and there is no way to add one.
var classes map[string]*classType

// The methods of a class reach Eval's helpers, which look classes up: hence init.
func init() {
	long := &classType{kindLong, longMethods, longConstructors}
	double := &classType{kindDouble, doubleMethods, doubleConstructors}
	dict := &classType{kindMap, mapMethods, mapConstructors}
	system := &classType{kindOther, systemMethods, nil}
	formatter := &classType{kindFormatter, formatterMethods, nil}
	field := &classType{kindProperty, propertyMethods, nil}
	classes = map[string]*classType{
		"String":  {kindString, stringMethods, stringConstructors},
		"Integer": long, "Long": long, "Float": double, "Double": double,
		"Boolean": {kindBoolean, nil, booleanConstructors},
		"Map":     dict, "HashMap": dict, "LinkedHashMap": dict,
		"Math":   {kindOther, mathMethods, nil},
		"UUID":   {kindUUID, uuidMethods, nil},
		"System": system, "Arrays": system, "DateTimeConstants": system,
		"DateTime":       {kindDateTime, dateMethods, dateConstructors},
		"DateTimeZone":   {kindZone, zoneMethods, nil},
		"DateTimeFormat": formatter, "DateTimeFormatter": formatter,
		"Property": field, "DateTimeProperty": field,
		"Days": {kindDays, daysMethods, nil},
		"Util": {kindOther, utilMethods, nil},
	}
}

// primitives are the types that are keywords.
var primitives = map[string]kind{
	"boolean": kindBoolean, "int": kindLong, "long": kindLong, "float": kindDouble, "double": kindDouble,
}

// kindNamed returns the kind of a variable that is declared with the type.
func kindNamed(t ast.Type) (kind, error) {
	k := primitives[t.Name]
	if c := classes[t.Name]; c != nil && c.kind != kindOther {
		k = c.kind
	}
	if k == "" {
		return "", failed("the type " + t.Name + " is not known")
	}
	if !t.Array {
		return k, nil
	}
	if arrays[k] == "" {
		return "", failed("there are no arrays of the type " + t.Name)
	}
	return arrays[k], nil
}

// methodsOf returns the methods that can be called on a value. Static and other methods share a
// table: the reference finds the one through the other, too.
func methodsOf(v any) methods {
	if name, ok := v.(class); ok {
		return classes[string(name)].methods
	}
	switch kindOf(v) {
	case kindString:
		return stringMethods
	case kindLong:
		return longMethods
	case kindDouble:
		return doubleMethods
	case kindMap:
		return mapMethods
	case kindDateTime:
		return dateMethods
	case kindZone:
		return zoneMethods
	case kindFormatter:
		return formatterMethods
	case kindProperty:
		return propertyMethods
	case kindDays:
		return daysMethods
	case kindUUID:
		return uuidMethods
	}
	return nil
}

// kindName names the kind of a value in messages.
func kindName(v any) string {
	if name, ok := v.(class); ok {
		return "class " + string(name)
	}
	return string(kindOf(v))
}

// construct calls a constructor.
func (r *run) construct(e *ast.New) (any, error) {
	args, err := r.evalAll(e.Args)
	if err != nil {
		return nil, err
	}
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer r.leave()
	if c := classes[e.Type.Name]; c != nil {
		if m := c.make[len(args)]; m != nil {
			call := &call{run: r, name: "new " + e.Type.Name, args: args}
			return call.apply(methods{signature{call.name, len(args)}: m})
		}
	}
	return nil, failed(e.Type.Name + " has no constructor with these arguments")
}

// field returns a field of a value. There are four.
func (r *run) field(x any, name string) (any, error) {
	switch x := x.(type) {
	case *array:
		if name == "length" {
			return int64(len(x.items)), nil
		}
	case allParams:
		return r.param("get", []any{name})
	case class:
		switch {
		case x == "DateTimeZone" && name == "UTC":
			return joda.UTC, nil
		case name == "SUNDAY" && (x == "DateTimeConstants" || x == "System" || x == "Arrays"):
			return int64(7), nil
		}
	case *joda.Zone:
		if name == "UTC" {
			return joda.UTC, nil
		}
	}
	return nil, failed("a " + kindName(x) + " has no field " + name)
}
