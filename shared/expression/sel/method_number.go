package sel

import (
	"math"
	"strings"

	"github.com/segue-workflows/segue/shared/expression/sel/java"
)

var longConstructors = map[int]method{1: func(c *call) (any, error) { return c.number(0), nil }}

var longMethods = methods{
	{"toString", 0}:  func(c *call) (any, error) { return java.Text(c.integer()), nil },
	{"toString", 1}:  func(c *call) (any, error) { return java.Text(c.long(0)), nil },
	{"valueOf", 1}:   func(c *call) (any, error) { return c.number(0), nil },
	{"parseLong", 1}: func(c *call) (any, error) { return java.ParseLong(c.str(0)) },
	{"intValue", 0}:  (*call).intValue,
}

func (c *call) integer() int64 { return self[int64](c, kindLong) }

// intValue refuses what does not fit, where Java would cut bits off.
func (c *call) intValue() (any, error) {
	if n := c.integer(); n < math.MinInt32 || n > math.MaxInt32 {
		return nil, failed("the number does not fit into 32 bits")
	}
	return c.integer(), nil
}

var doubleConstructors = map[int]method{1: (*call).double}

var doubleMethods = methods{
	{"toString", 0}:    func(c *call) (any, error) { return java.FormatDouble(c.decimal()), nil },
	{"toString", 1}:    func(c *call) (any, error) { return java.FormatDouble(arg[float64](c, 0, kindDouble)), nil },
	{"valueOf", 1}:     (*call).double,
	{"parseDouble", 1}: func(c *call) (any, error) { return java.ParseDouble(c.str(0)) },
	{"intValue", 0}: func(c *call) (any, error) {
		return java.Truncate(c.decimal(), math.MinInt32, math.MaxInt32), nil
	},
	{"longValue", 0}: func(c *call) (any, error) {
		return java.Truncate(c.decimal(), math.MinInt64, math.MaxInt64), nil
	},
}

func (c *call) decimal() float64 { return self[float64](c, kindDouble) }

// double converts an argument that is a DOUBLE or a STRING. A LONG is refused, as in the reference.
func (c *call) double() (any, error) {
	if s, ok := c.args[0].(string); ok {
		return java.ParseDouble(s)
	}
	return arg[float64](c, 0, kindDouble), nil
}

var booleanConstructors = map[int]method{1: func(c *call) (any, error) {
	if s, ok := c.args[0].(string); ok {
		return strings.EqualFold(s, "true"), nil
	}
	return arg[bool](c, 0, kindBoolean), nil
}}
