package document

import (
	"maps"
	"slices"
)

// Shape says how an object is read into a T: one function for each field it may have.
type Shape[T any] struct {
	What     string // for messages: "a step"
	Fields   map[string]func(*T, *Value)
	Required []string
	Extra    func(target *T, key string, value *Value) // reads fields that are not listed; nil refuses them
	Refused  map[string]string                         // fields that have a reason of their own to be refused
}

// Read reads the object into target. Null fields count as absent. It tells whether v is an object.
func (s *Shape[T]) Read(v *Value, target *T) bool {
	if !v.Is(Object) {
		return false
	}
	for field, value := range v.Map() {
		read, known := s.Fields[field.Key]
		reason, refused := s.Refused[field.Key]
		switch {
		case known:
			read(target, value)
		case refused:
			value.FaultAt(field.Position, "%s", reason)
		case s.Extra != nil:
			s.Extra(target, field.Key, value)
		default:
			known := slices.Sorted(maps.Keys(s.Fields))
			value.FaultAt(field.Position, "%s has no field %s%s", s.What, quoted(field.Key), value.Suggest(field.Key, known))
		}
	}
	for _, key := range s.Required {
		if v.Child(key) == nil {
			v.Fault("%s needs the field %q%s", s.What, key, s.misspelt(v, key))
		}
	}
	return true
}

// misspelt helps where unknown fields are allowed, and a required one may hide among them.
func (s *Shape[T]) misspelt(v *Value, want string) string {
	if s.Extra == nil {
		return ""
	}
	for field := range v.Map() {
		if s.Fields[field.Key] == nil && Nearest(field.Key, []string{want}) != "" {
			return "; is it " + quoted(field.Key) + "?"
		}
	}
	return ""
}
