package sel

import (
	"math"

	"github.com/segue-workflows/segue/shared/expression/sel/ast"
	"github.com/segue-workflows/segue/shared/expression/sel/java"
	"github.com/segue-workflows/segue/shared/expression/sel/joda"
)

// signature names a method: it is found by its name and the number of its arguments alone.
type signature struct {
	name  string
	arity int
}

// anyArity is the arity of a method that takes any number of arguments.
const anyArity = -1

// method is a built-in method. An argument of a wrong kind makes the call fail after it returns, so
// it only has to be harmless with the zero values that it then gets.
type method func(c *call) (any, error)

type methods map[signature]method

// call is what a method can ask for.
type call struct {
	run  *run
	self any // the receiver; a class when the method is called on its name
	name string
	args []any
	err  error
}

// call evaluates a method call: first the receiver, then the arguments from left to right.
func (r *run) call(e *ast.Call) (any, error) {
	self, err := r.eval(e.X)
	if err != nil {
		return nil, err
	}
	if m, ok := self.(*mapping); ok && e.Name == "put" && len(e.Args) == 2 {
		return r.put(m, e.Args)
	}
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer r.leave()
	args, err := r.evalAll(e.Args)
	if err != nil {
		return nil, err
	}
	if _, ok := self.(allParams); ok {
		return r.param(e.Name, args)
	}
	c := &call{run: r, self: self, name: e.Name, args: args}
	return c.apply(methodsOf(self))
}

func (r *run) evalAll(list []ast.Expr) ([]any, error) {
	values := make([]any, len(list))
	for i, e := range list {
		var err error
		if values[i], err = r.eval(e); err != nil {
			return nil, err
		}
	}
	return values, nil
}

// apply looks the method up and calls it.
func (c *call) apply(table methods) (any, error) {
	m := table[signature{c.name, len(c.args)}]
	if m == nil {
		m = table[signature{c.name, anyArity}]
	}
	if m == nil {
		if c.self == class("Util") {
			return c.run.extension(c.name, c.args)
		}
		return nil, failed("a " + kindName(c.self) + " has no method " + c.name + " with these arguments")
	}
	if err := c.work(); err != nil {
		return nil, err
	}
	v, err := m(c)
	if c.err != nil {
		return nil, c.err
	}
	if err != nil {
		return nil, err
	}
	if s, ok := v.(string); ok {
		return c.run.made(s)
	}
	return v, nil
}

// work counts the texts that the method is going to read.
func (c *call) work() error {
	bytes := 0
	if s, ok := c.self.(string); ok {
		bytes = len(s)
	}
	for _, a := range c.args {
		if s, ok := a.(string); ok {
			bytes += len(s)
		}
	}
	return c.run.spend(bytes / bytesPerVisit)
}

func (c *call) mismatch(want kind, got any) {
	if c.err == nil {
		c.err = failed("the method " + c.name + " wants a " + string(want) + ", not a " + kindName(got))
	}
}

// arg returns an argument of the Go type that a kind has.
func arg[T any](c *call, i int, want kind) T {
	v, ok := c.args[i].(T)
	if !ok {
		c.mismatch(want, c.args[i])
	}
	return v
}

func self[T any](c *call, want kind) T {
	v, ok := c.self.(T)
	if !ok {
		c.mismatch(want, c.self)
	}
	return v
}

func (c *call) str(i int) string { return arg[string](c, i, kindString) }
func (c *call) long(i int) int64 { return arg[int64](c, i, kindLong) }

func (c *call) date(i int) joda.DateTime {
	t := arg[joda.DateTime](c, i, kindDateTime)
	if t.Zone == nil {
		t.Zone = joda.UTC
	}
	return t
}

func (c *call) zone(i int) *joda.Zone {
	z := arg[*joda.Zone](c, i, kindZone)
	if z == nil {
		z = joda.UTC
	}
	return z
}

// int returns a LONG argument that must fit into 32 bits.
func (c *call) int(i int) int64 {
	n := c.long(i)
	if n < math.MinInt32 || n > math.MaxInt32 {
		if c.err == nil {
			c.err = failed("the method " + c.name + " wants a number of 32 bits")
		}
		return 0
	}
	return n
}

// number returns an argument that is a LONG, or a STRING of digits.
func (c *call) number(i int) int64 {
	s, ok := c.args[i].(string)
	if !ok {
		return c.long(i)
	}
	n, err := java.ParseLong(s)
	if err != nil && c.err == nil {
		c.err = err
	}
	return n
}

// digits returns an argument that is a LONG or a STRING, as a text.
func (c *call) digits(i int) string {
	if s, ok := c.args[i].(string); ok {
		return s
	}
	return java.Text(c.long(i))
}

// param answers a call on params.
func (r *run) param(method string, args []any) (any, error) {
	if r.env.Params != nil {
		return r.callback(r.env.Params, method, args)
	}
	var name string
	if len(args) == 1 {
		name, _ = args[0].(string)
	}
	if r.env.Lookup == nil || name == "" || method != "get" && method != "containsKey" {
		return nil, failed("params has no method " + method + " with these arguments")
	}
	v, ok := r.env.Lookup(name)
	if method == "containsKey" {
		return ok, nil
	}
	return r.admit(v)
}

// extension answers a call on Util that is not built in.
func (r *run) extension(function string, args []any) (any, error) {
	if r.env.Extend == nil {
		return nil, failed("Util has no method " + function + " with these arguments")
	}
	return r.callback(r.env.Extend, function, args)
}

// callback calls a function of the Env with values of the caller's types.
func (r *run) callback(f func(string, []any) (any, error), name string, args []any) (any, error) {
	out := make([]any, len(args))
	for i, a := range args {
		if a == nil {
			continue
		}
		var err error
		if out[i], err = r.release(a); err != nil {
			return nil, err
		}
	}
	v, err := f(name, out)
	if err != nil {
		return nil, &Error{Kind: Failed, Message: name + ": " + err.Error(), Cause: err}
	}
	return r.admit(v)
}
