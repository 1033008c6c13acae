package sel

import (
	"math"

	"github.com/segue-workflows/segue/shared/expression/sel/ast"
)

var mapConstructors = map[int]method{0: func(c *call) (any, error) { return newMapping(), c.run.hold(mapSize) }}

// The method put is not here: it wants its value in a box, see run.put.
var mapMethods = methods{
	{"size", 0}:         func(c *call) (any, error) { return int64(len(c.entries())), nil },
	{"get", 1}:          func(c *call) (any, error) { return c.entry(nil), nil },
	{"getOrDefault", 2}: func(c *call) (any, error) { return c.entry(c.args[1]), nil },
	{"containsKey", 1}: func(c *call) (any, error) {
		_, ok := c.entries()[c.str(0)]
		return ok, nil
	},
}

func (c *call) entries() map[string]*box {
	if m := self[*mapping](c, kindMap); m != nil {
		return m.entries
	}
	return nil
}

// entry returns the box of an entry, so that Compat can share it, or else the other value.
func (c *call) entry(absent any) any {
	if b := c.entries()[c.str(0)]; b != nil {
		return b
	}
	return absent
}

// put stores a value in a map and returns the one it replaces.
func (r *run) put(m *mapping, args []ast.Expr) (any, error) {
	key, err := r.eval(args[0])
	if err != nil {
		return nil, err
	}
	name, ok := key.(string)
	if !ok {
		return nil, failed("the key of a map must be a STRING, not a " + kindName(key))
	}
	b, err := r.alias(args[1])
	if err != nil {
		return nil, err
	}
	if b.kind == kindVoid || b.kind == kindOther {
		return nil, failed("a map cannot hold a " + string(b.kind))
	}
	if err := r.hold(sizeOf(name) + sizeOf(b.value)); err != nil {
		return nil, err
	}
	old := m.put(name, b)
	if old == nil {
		return nil, nil
	}
	return old, r.hold(-sizeOf(name) - sizeOf(old.value))
}

var mathMethods = methods{
	{"min", 2}:    func(c *call) (any, error) { return min(c.long(0), c.long(1)), nil },
	{"max", 2}:    func(c *call) (any, error) { return max(c.long(0), c.long(1)), nil },
	{"pow", 2}:    (*call).power,
	{"random", 0}: (*call).random,
}

func (c *call) power() (any, error) {
	x, err := double("pow", c.args[0])
	if err != nil {
		return nil, err
	}
	y, err := double("pow", c.args[1])
	if err != nil {
		return nil, err
	}
	if math.IsNaN(y) || math.Abs(x) == 1 && math.IsInf(y, 0) { // unlike C, Java has no value for these
		return math.NaN(), nil
	}
	return math.Pow(x, y), nil
}

func (c *call) random() (any, error) {
	if c.run.env.Random == nil {
		return nil, failed("there is no source of random numbers here")
	}
	return c.run.env.Random(), nil
}

var uuidMethods = methods{
	{"randomUUID", 0}: func(c *call) (any, error) {
		if c.run.env.UUID == nil {
			return nil, failed("there is no source of UUIDs here")
		}
		return uuid(c.run.env.UUID()), nil
	},
	{"toString", 0}: func(c *call) (any, error) { return string(self[uuid](c, kindUUID)), nil },
}

// systemMethods belong to System, Arrays and DateTimeConstants, which the reference does not tell
// apart.
var systemMethods = methods{
	{"currentTimeMillis", 0}: func(c *call) (any, error) { return c.run.now() },
	{"asList", 1}:            func(c *call) (any, error) { return c.args[0], nil },
}

// now returns the time in milliseconds.
func (r *run) now() (int64, error) {
	if r.env.Now == nil {
		return 0, failed("there is no clock here")
	}
	return r.env.Now().UnixMilli(), nil
}
