package expression

import (
	"context"
	"errors"
	"time"
)

// Languages of a program.
const (
	SEL  = "sel"
	Expr = "expr"
)

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
}

// Compile reads text in the language whose grammar accepts it. Programs are cached by text.
// It returns CodeInvalid with line, column and a caret under the place.
func Compile(text string, opts Options) (*Program, error) {
	return nil, errors.New("not ready")
}

// Refs returns the names that the program reads, in order of first use; "params" means all of them.
func (p *Program) Refs() []string { return p.refs }

// Language returns SEL or Expr.
func (p *Program) Language() string { return p.language }

// Eval runs the program. The result is a string, int64, float64, bool, []string, []int64, []float64,
// []bool or map[string]any. It returns CodeInvalid when the program fails and CodeTimeout when ctx ends.
func (p *Program) Eval(ctx context.Context, env Env) (any, error) {
	return nil, errors.New("not ready")
}
