package expression

import (
	"context"
	"errors"
	"strings"

	"github.com/expr-lang/expr"
	"github.com/expr-lang/expr/file"
	"github.com/expr-lang/expr/vm"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Limits of one evaluation in expr. Rounds of a predicate are its only loop.
const (
	maxNodes  = 5_000
	maxItems  = 1_000_000  // list items made, as expr counts them
	maxText   = 1_000_000  // bytes of one text made
	maxRounds = 1_000_000  // of predicates
	maxBytes  = 64_000_000 // that rounds yield, roughly
	checkEach = 1<<4 - 1   // rounds between two looks at the context
)

// runName is where the environment holds the evaluation; no text can spell it.
const runName = "\x00run"

// evaluation is the state of one run, for the functions that need more than their arguments.
type evaluation struct {
	ctx    context.Context
	env    Env
	rounds int
	bytes  int
}

// round counts a round of a predicate and passes its value through.
func (e *evaluation) round(value any) (any, error) {
	e.rounds++
	e.bytes += footprint(value)
	if e.rounds > maxRounds {
		return nil, invalidf("the expression takes more than %d rounds", maxRounds)
	}
	if e.bytes > maxBytes {
		return nil, invalidf("the expression makes too many values")
	}
	if e.rounds&checkEach == 0 && e.ctx.Err() != nil {
		return nil, outOfTime()
	}
	return value, nil
}

// footprint is roughly what a value takes that a round made; what is inside was counted when it was made.
func footprint(value any) int {
	switch v := value.(type) {
	case string:
		return len(v)
	case []any:
		return 16 * len(v)
	case []string:
		return 16 * len(v)
	case []int:
		return 8 * len(v)
	}
	return 0
}

func compileExpr(text string) (*Program, error) {
	patch := &patcher{text: text}
	options := append([]expr.Option{
		expr.Env(map[string]any{}), expr.AllowUndefinedVariables(),
		expr.DisableAllBuiltins(), expr.Optimize(false), expr.MaxNodes(maxNodes), expr.Patch(patch),
	}, builtins...)
	program, err := expr.Compile(text, options...)
	if fault := patch.check(); fault != nil {
		return nil, fault
	}
	if err != nil {
		return nil, exprFault(text, err)
	}
	refs := patch.refs()
	run := func(ctx context.Context, env Env) (any, error) {
		return runExpr(&evaluation{ctx: ctx, env: env}, text, program, refs)
	}
	return &Program{language: Expr, refs: refs, run: run}, nil
}

func runExpr(e *evaluation, text string, program *vm.Program, refs []string) (any, error) {
	world := make(map[string]any, len(refs)+1)
	world[runName] = e
	values, err := e.env.values(text, refs)
	if err != nil {
		return nil, err
	}
	for i, name := range refs {
		world[name] = values[i]
	}
	machine := vm.VM{MemoryBudget: maxItems}
	value, err := machine.Run(program, world)
	if err != nil {
		return nil, runFault(text, err)
	}
	if value, err = Data(value); err != nil {
		return nil, faultAt(text, workflow.TextOf(err), 0)
	}
	return value, nil
}

// exprFault tells of a compile error in our form.
func exprFault(text string, err error) error {
	var place *file.Error
	if !errors.As(err, &place) {
		return faultAt(text, err.Error(), 0)
	}
	return faultAt(text, place.Message, byteOffset(text, place.From))
}

// runFault tells of a run-time error. The texts of expr itself may quote values, and values never go into
// errors, so only its kinds are kept.
func runFault(text string, err error) error {
	var place *file.Error
	if !errors.As(err, &place) {
		return faultAt(text, "the evaluation failed", 0)
	}
	offset := byteOffset(text, place.From)
	var own *workflow.Error
	if errors.As(place.Prev, &own) {
		if own.Code != workflow.CodeInvalid || faultOf(own) != nil {
			return own
		}
		return faultAt(text, own.Text, offset)
	}
	for _, kind := range exprKinds {
		if strings.HasPrefix(place.Message, kind.prefix) {
			return faultAt(text, kind.message, offset)
		}
	}
	return faultAt(text, "this does not work with a value of that type", offset)
}

// exprKinds are the beginnings of expr's run-time texts with ours.
var exprKinds = []struct{ prefix, message string }{
	{"memory budget exceeded", "the expression makes too many values"},
	{"index out of range", "there is no such index"},
	{"reflect: slice index out of range", "there is no such index"},
	{"cannot fetch", "there is no such entry"},
}

// byteOffset turns expr's count of characters into bytes.
func byteOffset(text string, characters int) int {
	for offset := range text {
		if characters == 0 {
			return offset
		}
		characters--
	}
	return len(text)
}
