package expression

import (
	"context"
	"errors"
	"fmt"
	"time"
)

// Languages of a program.
const (
	SEL  = "sel"
	Expr = "expr"
)

// MaxLength is the length from which a text is refused, in bytes.
const MaxLength = 10_000

// Options says how to read a text.
type Options struct {
	Language string // SEL or Expr to insist on one; "" to let the grammars decide
}

// Env is what one evaluation may see. Nil functions stand for an empty world.
type Env struct {
	Lookup func(name string) (value any, found bool, err error) // a param by name
	Call   func(name string, args []any) (any, error)           // a function of params: get, getFromStep, …
	Now    time.Time                                            // the run's own time
	Random func() float64                                       // nil: the language has no random numbers
	UUID   func() string                                        // nil: the language has no random ids
	Compat bool                                                 // do as Maestro does where Segue fixed a quirk of SEL
}

// Program is a compiled text. It is immutable and safe for concurrent use.
type Program struct {
	language string
	refs     []string
	run      func(ctx context.Context, env Env) (any, error)
}

// Compile reads text in the language whose grammar accepts it. Programs are cached by text.
// It returns CodeInvalid with line, column and a caret under the place.
func Compile(text string, opts Options) (*Program, error) {
	return cached(cacheKey{text, opts.Language}, func() (*Program, error) { return compile(text, opts) })
}

func compile(text string, opts Options) (*Program, error) {
	if len(text) >= MaxLength {
		return nil, invalidf("the expression is %d bytes long; it must be shorter than %d", len(text), MaxLength)
	}
	switch opts.Language {
	case SEL:
		return compileSEL(text)
	case Expr:
		return compileExpr(text)
	}
	program, selErr := compileSEL(text)
	if selErr == nil {
		return program, nil
	}
	if !errors.As(selErr, &refusal{}) {
		return nil, selErr // the grammar accepts it, a limit does not
	}
	program, exprErr := compileExpr(text)
	if exprErr == nil {
		return program, nil
	}
	return nil, further(selErr, exprErr)
}

// Refs returns the names that the program reads, in order of first use; "params" means all of them.
func (p *Program) Refs() []string { return p.refs }

// Language returns SEL or Expr.
func (p *Program) Language() string { return p.language }

// Eval runs the program. The result is a string, int64, float64, bool, []string, []int64, []float64,
// []bool or map[string]any. It returns CodeInvalid when the program fails, CodeUnavailable when ctx ends, and
// errors of Lookup and Call with their own code.
func (p *Program) Eval(ctx context.Context, env Env) (any, error) {
	if env.Lookup == nil {
		env.Lookup = func(string) (any, bool, error) { return nil, false, nil }
	}
	if env.Call == nil {
		env.Call = func(name string, _ []any) (any, error) {
			return nil, invalidf("params.%s is not available here", name)
		}
	}
	return p.run(ctx, env)
}

// values looks up what a program reads, before it runs: a param counts as read wherever its name stands.
func (e Env) values(text string, refs []string) ([]any, error) {
	values := make([]any, len(refs))
	for i, name := range refs {
		if name == allParams {
			continue
		}
		value, found, err := e.Lookup(name)
		if err != nil {
			return nil, err
		}
		if !found {
			return nil, faultAt(text, fmt.Sprintf("there is no param %q", name), placeOf(text, name))
		}
		values[i] = value
	}
	return values, nil
}
