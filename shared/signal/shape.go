package signal

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"slices"
)

// Shape is which params a condition looks at: those that must be equal, in order, and the one that is compared to a
// range. Signals are indexed by the shapes that somebody uses.
type Shape struct {
	Equal  []string `json:"e,omitempty"` // sorted
	Ranged string   `json:"r,omitempty"`
}

// ShapeOf returns the shape of conditions.
func ShapeOf(m Matches) Shape {
	shape := Shape{Equal: slices.Sorted(maps.Keys(m.values()))}
	if ranged, ok := m.Range(); ok {
		shape.Ranged = ranged.Param
	}
	return shape
}

// ID is a short name of the shape, the same everywhere.
func (s Shape) ID() string { return digest(s) }

// Same tells whether two shapes are one.
func (s Shape) Same(other Shape) bool {
	return s.Ranged == other.Ranged && slices.Equal(s.Equal, other.Equal)
}

// Place is where in the index of a shape a signal is, or conditions look: the digest of the equal values. ok is
// false when params lack one that the shape looks at.
func (s Shape) Place(params Params) (place string, ok bool) {
	var values []any
	for _, name := range s.Equal {
		value, found := params[name]
		if !found {
			return "", false
		}
		values = append(values, Encode(value))
	}
	if s.Ranged != "" {
		if _, found := params[s.Ranged]; !found {
			return "", false
		}
	}
	return digest(values), true
}

// PlaceOf is Place for conditions, which have the shape.
func (s Shape) PlaceOf(m Matches) string {
	var values []any
	known := m.values()
	for _, name := range s.Equal {
		values = append(values, Encode(known[name]))
	}
	return digest(values)
}

func digest(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		panic("signal: a shape does not marshal: " + err.Error())
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:12])
}
