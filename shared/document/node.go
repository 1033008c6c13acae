package document

import (
	"encoding/json"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Kind is the type of a node.
type Kind uint8

// The kinds, which are those of JSON.
const (
	Null Kind = iota
	Bool
	Number
	String
	Array
	Object
)

// String returns how messages call a node of the kind.
func (k Kind) String() string {
	return [...]string{"null", "a boolean", "a number", "a string", "a list", "an object"}[k]
}

// Position is a place in a text; both numbers count from 1, columns in characters.
type Position struct{ Line, Column int }

// Node is one value of a document. Null fields of objects are kept: readers treat them as absent.
type Node struct {
	Kind   Kind
	Text   string  // of String; of Number as it was written; "true" or "false"
	Items  []*Node // of Array
	Fields []Field // of Object, in order, keys unique
	Position
}

// Field is a key of an object with its value.
type Field struct {
	Key   string
	Value *Node
	Position
}

// Get returns the value at key, or nil.
func (n *Node) Get(key string) *Node {
	for i := range n.Fields {
		if n.Fields[i].Key == key {
			return n.Fields[i].Value
		}
	}
	return nil
}

// Any returns the value as workflow.DecodeAny would: nil, string, json.Number, bool, []any or an ordered map.
func (n *Node) Any() any {
	switch n.Kind {
	case Bool:
		return n.Text == "true"
	case Number:
		return json.Number(n.Text)
	case String:
		return n.Text
	case Array:
		items := make([]any, len(n.Items))
		for i, item := range n.Items {
			items[i] = item.Any()
		}
		return items
	case Object:
		object := &workflow.Ordered[any]{}
		for _, field := range n.Fields {
			object.Set(field.Key, field.Value.Any())
		}
		return object
	}
	return nil
}

// Limits of a document.
const (
	MaxDepth  = 100     // of nesting
	MaxNodes  = 200_000 // also bounds what aliases may unfold to
	MaxNumber = 400     // characters of one number
)
