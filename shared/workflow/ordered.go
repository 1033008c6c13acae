package workflow

import (
	"bytes"
	"encoding/json"
	"iter"
	"slices"
)

// Ordered is a map that keeps the order in which keys were first set; JSON keeps it too.
// The zero value is an empty map, ready for use. It is not safe for concurrent writes.
type Ordered[V any] struct {
	keys   []string
	values map[string]V
}

// Len returns the number of keys.
func (m *Ordered[V]) Len() int {
	if m == nil {
		return 0
	}
	return len(m.keys)
}

// Get returns the value at key and whether there is one.
func (m *Ordered[V]) Get(key string) (V, bool) {
	if m == nil {
		var none V
		return none, false
	}
	value, ok := m.values[key]
	return value, ok
}

// Has tells whether key is set.
func (m *Ordered[V]) Has(key string) bool { _, ok := m.Get(key); return ok }

// Set puts value at key; a new key goes to the end.
func (m *Ordered[V]) Set(key string, value V) {
	if m.values == nil {
		m.values = map[string]V{}
	}
	if _, ok := m.values[key]; !ok {
		m.keys = append(m.keys, key)
	}
	m.values[key] = value
}

// Delete removes key.
func (m *Ordered[V]) Delete(key string) {
	if _, ok := m.values[key]; ok {
		delete(m.values, key)
		m.keys = slices.DeleteFunc(m.keys, func(k string) bool { return k == key })
	}
}

// Keys returns the keys in order. The caller must not change the slice.
func (m *Ordered[V]) Keys() []string {
	if m == nil {
		return nil
	}
	return m.keys
}

// All yields keys and values in order.
func (m *Ordered[V]) All() iter.Seq2[string, V] {
	return func(yield func(string, V) bool) {
		for _, key := range m.Keys() {
			if !yield(key, m.values[key]) {
				return
			}
		}
	}
}

// Clone returns a copy that shares the values.
func (m *Ordered[V]) Clone() *Ordered[V] {
	out := &Ordered[V]{}
	for key, value := range m.All() {
		out.Set(key, value)
	}
	return out
}

// IsZero tells whether the map is empty, so that `omitzero` leaves it out of JSON.
func (m *Ordered[V]) IsZero() bool { return m.Len() == 0 }

// MarshalJSON writes an object in key order.
func (m *Ordered[V]) MarshalJSON() ([]byte, error) {
	var out bytes.Buffer
	out.WriteByte('{')
	for i, key := range m.Keys() {
		if i > 0 {
			out.WriteByte(',')
		}
		name, err := json.Marshal(key)
		if err != nil {
			return nil, err
		}
		value, err := json.Marshal(m.values[key])
		if err != nil {
			return nil, err
		}
		out.Write(name)
		out.WriteByte(':')
		out.Write(value)
	}
	out.WriteByte('}')
	return out.Bytes(), nil
}

// UnmarshalJSON reads an object and keeps its order.
func (m *Ordered[V]) UnmarshalJSON(data []byte) error {
	*m = Ordered[V]{}
	decoder := json.NewDecoder(bytes.NewReader(data))
	token, err := decoder.Token()
	if err != nil || token == nil {
		return err
	}
	if token != json.Delim('{') {
		return Errorf(CodeInvalid, "want an object")
	}
	for decoder.More() {
		key, err := decoder.Token()
		if err != nil {
			return err
		}
		var value V
		if err := decoder.Decode(&value); err != nil {
			return err
		}
		m.Set(key.(string), value)
	}
	return nil
}
