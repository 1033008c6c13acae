package sel

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/shared/expression/sel/ast"
	"github.com/segue-workflows/segue/shared/expression/sel/java"
	"github.com/segue-workflows/segue/shared/expression/sel/joda"
)

// Env is everything that a program can reach. A nil function is absent: what needs it fails.
type Env struct {
	// Lookup returns the value of a param: nil, string, int64, float64, bool, a slice of these, or a
	// map with string keys. It is asked for the names of Refs, each at most once.
	Lookup func(name string) (any, bool)
	// Params answers the calls on params; params["x"] and params.x are get("x"). Without it, get and
	// containsKey ask Lookup, and other calls fail.
	Params func(method string, args []any) (any, error)
	// Extend answers the calls on Util that are not built in.
	Extend func(function string, args []any) (any, error)

	Now    func() time.Time
	Random func() float64
	UUID   func() string

	// Compat evaluates both sides of && and || always, and lets variables, map entries and literals
	// share one value, as the reference does. See the package comment.
	Compat bool
}

// run is one evaluation.
type run struct {
	ctx      context.Context
	program  *Program
	env      Env
	limits   Limits
	vars     map[string]*box
	literals map[*ast.Literal]*box // what literals share with variables, in Compat
	patterns map[string]*java.Pattern
	zones    map[string]*joda.Zone
	value    any // of the last statement
	visits   int
	checked  int // visits at the last look at the context
	depth    int
	memory   int
}

// Eval runs the program and returns its value: a string, int64, float64, bool, []string, []int64,
// []float64, []bool or map[string]any. It fails with an *Error of kind Failed, Thrown, Result or Limit;
// its code is invalid, or internal when the time is over, or that of the callback that failed.
func (p *Program) Eval(ctx context.Context, env Env) (any, error) {
	ctx, cancel := context.WithTimeout(ctx, p.limits.Time)
	defer cancel()
	r := &run{ctx: ctx, program: p, env: env, limits: p.limits, vars: map[string]*box{}, value: void{}}
	if err := r.alive(); err != nil {
		return nil, located(err, ast.Pos{}, p.text)
	}
	if _, err := r.statements(p.list); err != nil {
		return nil, located(err, ast.Pos{}, p.text)
	}
	value, err := r.release(r.value)
	if err != nil {
		return nil, located(err, ast.Pos{}, p.text)
	}
	return value, nil
}

// visitsPerByte and others say what a step is worth.
const (
	bytesPerVisit    = 64   // of text that is copied or compared
	statesPerVisit   = 4    // of a regular expression that runs
	visitsPerState   = 8    // of one that is compiled
	visitsPerContext = 1024 // between two looks at the context
)

// spend counts steps and looks at the context now and then.
func (r *run) spend(visits int) error {
	r.visits += visits
	if r.visits > r.limits.Visits {
		return exceeded("visits")
	}
	if r.visits-r.checked < visitsPerContext {
		return nil
	}
	r.checked = r.visits
	return r.alive()
}

// alive fails when the context has ended.
func (r *run) alive() error {
	if err := r.ctx.Err(); err != nil {
		return &Error{Kind: Limit, Message: "the program exceeds its time", Cause: err}
	}
	return nil
}

// enter and leave count the operands that wait.
func (r *run) enter() error {
	if r.depth++; r.depth > r.limits.Stack {
		return exceeded("stack")
	}
	return nil
}

func (r *run) leave() { r.depth-- }

// hold counts memory that a variable, an array or a map keeps, or no longer keeps.
func (r *run) hold(bytes int) error {
	if r.memory += bytes; r.memory > r.limits.Memory {
		return exceeded("memory")
	}
	return nil
}

// mapSize is what an empty map takes.
const mapSize = 256

// sizeOf estimates what a value takes. Arrays and maps count when they are made.
func sizeOf(v any) int {
	if s, ok := v.(string); ok {
		return 32 + 2*len(s)
	}
	return 32
}

func (r *run) holdArray(a *array) error {
	size := 32
	for _, item := range a.items {
		size += sizeOf(item)
	}
	if err := r.spend(len(a.items) / 8); err != nil {
		return err
	}
	return r.hold(size)
}

// textLimit is the longest text, in bytes, that an evaluation may make.
func (r *run) textLimit() int { return (r.limits.Memory - r.memory) / 2 }

// made counts the work of making a text, and refuses it when it is too long.
func (r *run) made(text string) (any, error) {
	if len(text) > r.textLimit() {
		return nil, exceeded("memory")
	}
	return text, r.spend(len(text) / bytesPerVisit)
}
