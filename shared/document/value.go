package document

import (
	"fmt"
	"iter"
	"strconv"
	"strings"
)

// Value is a node on the way of being read: it knows its path, and where faults go. Reading never stops at a
// fault; a method that finds another kind than it wants records that and returns the zero value.
type Value struct {
	*Node
	Path   *Path
	Faults *Faults
}

// Root returns the value of a whole document.
func Root(node *Node, faults *Faults) *Value { return &Value{Node: node, Faults: faults} }

// Fault records what is wrong with the value, at its place.
func (v *Value) Fault(format string, args ...any) { v.FaultAt(v.Position, format, args...) }

// FaultAt records a fault of this value at another place, such as that of its key.
func (v *Value) FaultAt(at Position, format string, args ...any) {
	if !v.Faults.Full() {
		v.Faults.Add(Fault{Path: v.Path.String(), Position: at, Text: fmt.Sprintf(format, args...)})
	}
}

// Is tells whether the value has the kind, and records a fault when it has not.
func (v *Value) Is(kind Kind) bool {
	if v.Kind == kind {
		return true
	}
	v.Fault("found %s, want %s", v.Describe(), kind)
	return false
}

// Describe names the value's kind for messages; it does not quote what the user wrote.
func (v *Value) Describe() string { return v.Kind.String() }

// Str reads a string.
func (v *Value) Str() string {
	if v.Is(String) {
		return v.Text
	}
	return ""
}

// Flag reads a boolean.
func (v *Value) Flag() bool { return v.Is(Bool) && v.Text == "true" }

// Int reads an integer between low and high.
func (v *Value) Int(low, high int64) int64 {
	if !v.Is(Number) {
		return 0
	}
	n, err := strconv.ParseInt(v.Text, 10, 64)
	if err != nil {
		v.Fault("found a number that is no 64-bit integer, want an integer")
		return 0
	}
	if n < low || n > high {
		v.Fault("found %d, want an integer from %d to %d", n, low, high)
	}
	return n
}

// Enum reads one of the words, in any letter case, and returns it in its own.
func (v *Value) Enum(words ...string) string {
	if !v.Is(String) {
		return ""
	}
	for _, word := range words {
		if strings.EqualFold(word, v.Text) {
			return word
		}
	}
	if v.Faults.Full() {
		return ""
	}
	if meant := Nearest(v.Text, words); meant != "" {
		v.Fault("found %s, did you mean %q?", quoted(v.Text), meant)
		return ""
	}
	v.Fault("found %s, want one of %s", quoted(v.Text), strings.Join(words, ", "))
	return ""
}

// quoted shortens what a user wrote for messages.
func quoted(text string) string {
	const most = 60
	if runes := []rune(text); len(runes) > most {
		text = string(runes[:most]) + "…"
	}
	return strconv.Quote(text)
}

// Quoted is how messages show an id, name or word that a user wrote; it is cut when very long.
func Quoted(text string) string { return quoted(text) }

// List yields the items of a list.
func (v *Value) List() iter.Seq2[int, *Value] {
	return func(yield func(int, *Value) bool) {
		if !v.Is(Array) {
			return
		}
		for i, item := range v.Items {
			if !yield(i, &Value{item, v.Path.Index(i), v.Faults}) {
				return
			}
		}
	}
}

// Map yields the fields of an object whose keys are the user's own. Null fields count as absent.
func (v *Value) Map() iter.Seq2[Field, *Value] {
	return func(yield func(Field, *Value) bool) {
		if !v.Is(Object) {
			return
		}
		for _, field := range v.Fields {
			if field.Value.Kind != Null && !yield(field, &Value{field.Value, v.Path.Key(field.Key), v.Faults}) {
				return
			}
		}
	}
}

// Child returns the value at key of an object, or nil when there is none or it is null.
func (v *Value) Child(key string) *Value {
	node := v.Get(key)
	if node == nil || node.Kind == Null {
		return nil
	}
	return &Value{node, v.Path.Key(key), v.Faults}
}

// Strings reads a list of strings.
func (v *Value) Strings() []string {
	var out []string
	for _, item := range v.List() {
		out = append(out, item.Str())
	}
	return out
}
