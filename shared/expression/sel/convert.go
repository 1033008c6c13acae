package sel

import (
	"maps"
	"slices"
)

// admit turns a value of the caller into one of the evaluation. Arrays and maps are copied, so that
// a program can change its own copy only.
func (r *run) admit(v any) (any, error) {
	switch v := v.(type) {
	case nil, string, int64, float64, bool:
		return v, nil
	case int:
		return int64(v), nil
	case []string:
		return newArrayOf(r, kindString, v)
	case []int64:
		return newArrayOf(r, kindLong, v)
	case []float64:
		return newArrayOf(r, kindDouble, v)
	case []bool:
		return newArrayOf(r, kindBoolean, v)
	case map[string]string:
		return admitMap(r, v)
	case map[string]any:
		return admitMap(r, v)
	case []any:
		return r.admitList(v)
	}
	return nil, failed("a param has a type that expressions do not know")
}

func newArrayOf[T any](r *run, element kind, list []T) (*array, error) {
	a := &array{element: element, items: make([]any, len(list))}
	for i, item := range list {
		a.items[i] = item
	}
	return a, r.holdArray(a)
}

func admitMap[T any](r *run, v map[string]T) (*mapping, error) {
	m := newMapping()
	if err := r.hold(mapSize); err != nil {
		return nil, err
	}
	for _, key := range slices.Sorted(maps.Keys(v)) {
		value, err := r.admit(v[key])
		if err != nil {
			return nil, err
		}
		if err := r.hold(sizeOf(key) + sizeOf(value)); err != nil {
			return nil, err
		}
		m.put(key, &box{kindOf(value), value})
	}
	return m, nil
}

// admitList takes a list of scalars of one kind, as JSON decodes them.
func (r *run) admitList(list []any) (*array, error) {
	a := &array{element: kindString, items: make([]any, len(list))}
	for i, item := range list {
		v, err := r.admit(item)
		if err != nil {
			return nil, err
		}
		if i == 0 && v != nil {
			a.element = kindOf(v)
		}
		if arrays[a.element] == "" || v != nil && kindOf(v) != a.element {
			return nil, failed("a param is an array of mixed values")
		}
		a.items[i] = v
	}
	return a, r.holdArray(a)
}

// release turns the value of a program into one of the caller. It counts what it makes, because maps
// may share maps and even contain themselves.
func (r *run) release(v any) (any, error) {
	if err := r.spend(1); err != nil {
		return nil, err
	}
	switch v := v.(type) {
	case string, int64, float64, bool:
		return v, nil
	case *array:
		return v.release(), r.hold(sizeOf(v) * len(v.items))
	case *mapping:
		if err := r.enter(); err != nil {
			return nil, err
		}
		defer r.leave()
		if err := r.hold(mapSize); err != nil {
			return nil, err
		}
		out := make(map[string]any, len(v.keys))
		for _, key := range v.keys {
			item, err := r.release(v.entries[key].value)
			if err != nil {
				return nil, err
			}
			out[key] = item
			if err := r.hold(sizeOf(key)); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return nil, &Error{Kind: Result, Message: "the value of the program is of the type " +
		string(kindOf(v)) + ", which no param has"}
}

// release returns the elements as a typed slice, in which a null is the zero value.
func (a *array) release() any {
	switch a.element {
	case kindLong:
		return typed[int64](a.items)
	case kindDouble:
		return typed[float64](a.items)
	case kindBoolean:
		return typed[bool](a.items)
	}
	return typed[string](a.items)
}

func typed[T any](items []any) []T {
	list := make([]T, len(items))
	for i, item := range items {
		list[i], _ = item.(T)
	}
	return list
}

// plain turns a value into what callbacks and String.format take: data as it is, else its text.
func (r *run) plain(v any) (any, error) {
	switch v.(type) {
	case nil, string, int64, float64, bool:
		return v, nil
	}
	text, err := r.text(v)
	return printed(text), err
}

// printed is a text that is not a string to String.format.
type printed string

func (p printed) String() string { return string(p) }
