package expression

import (
	"fmt"
	"strings"
)

// callUtil answers Util.name(arguments…) of expr by the same function of SEL: it runs the call as a program of
// SEL, whose params are the arguments.
func callUtil(a ...any) (any, error) {
	e, arguments := a[0].(*evaluation), a[2:]
	names := make([]string, len(arguments))
	for i := range arguments {
		names[i] = fmt.Sprintf("a%d", i)
	}
	text := fmt.Sprintf("Util.%s(%s);", a[1], strings.Join(names, ", "))
	program, err := cached(cacheKey{text, SEL}, func() (*Program, error) { return compileSEL(text) })
	if err != nil {
		return nil, err
	}
	env := e.env
	env.Lookup = func(name string) (any, bool, error) {
		for i := range names {
			if names[i] == name {
				value, err := Data(arguments[i])
				return value, true, err
			}
		}
		return nil, false, nil
	}
	value, err := program.Eval(e.ctx, env)
	if err != nil {
		if fault := faultOf(err); fault != nil {
			return nil, invalidf("Util.%s: %s", a[1], fault.Message) // the place in our own text helps nobody
		}
		return nil, err
	}
	return value, nil
}
