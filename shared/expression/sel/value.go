package sel

import "github.com/segue-workflows/segue/shared/expression/sel/joda"

// kind is the type of a value.
type kind string

const (
	kindNull      kind = "NULL"
	kindVoid      kind = "VOID"
	kindString    kind = "STRING"
	kindLong      kind = "LONG"
	kindDouble    kind = "DOUBLE"
	kindBoolean   kind = "BOOLEAN"
	kindStrings   kind = "STRING_ARRAY"
	kindLongs     kind = "LONG_ARRAY"
	kindDoubles   kind = "DOUBLE_ARRAY"
	kindBooleans  kind = "BOOLEAN_ARRAY"
	kindMap       kind = "MAP"
	kindDateTime  kind = "DATETIME"
	kindZone      kind = "DATETIME_ZONE"
	kindFormatter kind = "DATETIME_FORMATTER"
	kindProperty  kind = "DATETIME_PROPERTY"
	kindDays      kind = "DATETIME_DAYS"
	kindUUID      kind = "UUID"
	kindOther     kind = "CLASS"
)

// Values are nil, string, int64, float64, bool, the types below, and those of joda: DateTime, *Zone
// and *Formatter.
type (
	// array has elements of one kind; strings may be nil.
	array struct {
		element kind
		items   []any
	}
	// mapping keeps the order in which keys were put, which is the order in which it prints.
	mapping struct {
		keys    []string
		entries map[string]*box
	}
	// property is a field of a time.
	property struct {
		time  joda.DateTime
		field joda.Field
	}
	dayCount int64
	uuid     string
	// class is the name of a class in the place of a value.
	class string
	// allParams is the name params in the place of a value.
	allParams struct{}
	// void is the value of what has none.
	void struct{}
)

// box holds the value of a variable or of a map entry. Its kind never changes, and a nil value is
// the null of that kind.
type box struct {
	kind  kind
	value any
}

// arrays maps the kinds of elements to those of arrays.
var arrays = map[kind]kind{
	kindString: kindStrings, kindLong: kindLongs, kindDouble: kindDoubles, kindBoolean: kindBooleans,
}

func kindOf(v any) kind {
	switch v := v.(type) {
	case nil:
		return kindNull
	case void:
		return kindVoid
	case string:
		return kindString
	case int64:
		return kindLong
	case float64:
		return kindDouble
	case bool:
		return kindBoolean
	case *array:
		return arrays[v.element]
	case *mapping:
		return kindMap
	case joda.DateTime:
		return kindDateTime
	case *joda.Zone:
		return kindZone
	case *joda.Formatter:
		return kindFormatter
	case property:
		return kindProperty
	case dayCount:
		return kindDays
	case uuid:
		return kindUUID
	}
	return kindOther
}

// zero returns what a variable or an element of the kind holds before it is assigned.
func (k kind) zero() any {
	switch k {
	case kindLong:
		return int64(0)
	case kindDouble:
		return 0.0
	case kindBoolean:
		return false
	}
	for element, k2 := range arrays {
		if k == k2 {
			return &array{element: element}
		}
	}
	return nil
}

func newMapping() *mapping { return &mapping{entries: map[string]*box{}} }

// put stores the box and returns the one it replaces.
func (m *mapping) put(key string, b *box) *box {
	old := m.entries[key]
	if old == nil {
		m.keys = append(m.keys, key)
	}
	m.entries[key] = b
	return old
}
