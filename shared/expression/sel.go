package expression

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/expression/sel"
	"github.com/segue-workflows/segue/shared/expression/sel/ast"
	"github.com/segue-workflows/segue/shared/workflow"
)

// refusal is a text that SEL's grammar does not accept, so that it may be expr.
type refusal struct{ error }

func (r refusal) Unwrap() error { return r.error }

func compileSEL(text string) (*Program, error) {
	program, err := sel.Compile(text, sel.Limits{})
	if err != nil {
		fault := selFault(text, err)
		if e := (*sel.Error)(nil); errors.As(err, &e) && e.Kind == sel.Syntax {
			return nil, refusal{fault}
		}
		return nil, fault
	}
	if word, pos := foreignType(program); word != "" {
		return nil, refusal{faultAt(text, "there is no type "+word, selOffset(text, pos))}
	}
	refs := program.Refs()
	run := func(ctx context.Context, env Env) (any, error) { return runSEL(ctx, text, program, refs, env) }
	return &Program{language: SEL, refs: refs, run: run}, nil
}

// selTypes are the names that may begin a declaration.
var selTypes = []string{
	"boolean", "int", "long", "float", "double", "String", "Integer", "Long", "Float", "Double", "Boolean",
	"Map", "HashMap", "LinkedHashMap", "DateTime", "DateTimeZone", "DateTimeFormatter", "DateTimeFormat",
	"Property", "Days", "UUID",
}

// foreignType finds a first statement such as "let x = 1" or "not x", which SEL's grammar alone would take for
// the declaration of a variable of type let.
func foreignType(program *sel.Program) (string, ast.Pos) {
	if list := program.Statements(); len(list) > 0 {
		if d, ok := list[0].(*ast.Declare); ok && !slices.Contains(selTypes, d.Type.Name) {
			return d.Type.Name, d.Pos
		}
	}
	return "", ast.Pos{}
}

func runSEL(ctx context.Context, text string, program *sel.Program, refs []string, env Env) (any, error) {
	values, err := env.values(text, refs)
	if err != nil {
		return nil, err
	}
	value, err := program.Eval(ctx, sel.Env{
		Lookup: func(name string) (any, bool) {
			i := slices.Index(refs, name)
			return values[i], true
		},
		Params: env.Call, Extend: extendUtil,
		Now: func() time.Time { return env.Now }, Random: env.Random, UUID: env.UUID, Compat: env.Compat,
	})
	if err != nil {
		if ctx.Err() != nil {
			return nil, outOfTime()
		}
		return nil, selFault(text, err)
	}
	return value, nil
}

// extendUtil adds the functions of Util that deployments of Maestro register.
func extendUtil(name string, args []any) (any, error) {
	if name == "toJson" && len(args) == 1 {
		return asJSON(args[0])
	}
	return nil, invalidf("Util has no function %s with %d arguments", name, len(args))
}

// selFault gives errors of SEL the form of this package; errors of callbacks keep their own code.
func selFault(text string, err error) error {
	var e *sel.Error
	if !errors.As(err, &e) {
		return err
	}
	if own := (*workflow.Error)(nil); errors.As(e.Cause, &own) && own.Code != workflow.CodeInvalid {
		return own
	}
	return faultAt(text, e.Message, selOffset(text, e.Pos))
}

// selOffset turns a place into bytes.
func selOffset(text string, pos ast.Pos) int {
	offset := 0
	for line := 1; line < pos.Line; line++ {
		next := strings.IndexByte(text[offset:], '\n')
		if next < 0 {
			return len(text)
		}
		offset += next + 1
	}
	return offset + byteOffset(text[offset:], max(pos.Column-1, 0))
}
