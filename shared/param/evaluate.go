package param

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/expression"
	"github.com/segue-workflows/segue/shared/secret"
	"github.com/segue-workflows/segue/shared/workflow"
)

// evaluator evaluates one set of params, each after those that it refers to. Workflow and step differ only
// in how they find a name and which functions they offer.
type evaluator struct {
	ctx     context.Context
	params  *workflow.Params // owned: results are written into it
	active  map[*workflow.Param]bool
	now     time.Time
	runtime Runtime
	find    lookup
	call    func(name string, args []any) (any, error)
}

// all evaluates every param in the order of definition.
func (e *evaluator) all() error {
	for name, p := range e.params.All() {
		if err := e.one(name, p); err != nil {
			return err
		}
	}
	return checkLength(e.params)
}

// one evaluates a param once. Being asked for a param while evaluating it is a cycle.
func (e *evaluator) one(name string, p *workflow.Param) error {
	if p.Evaluated {
		return nil
	}
	if e.active[p] {
		return invalidf("param %q refers to itself, directly or through others (cyclic reference)", name)
	}
	e.active[p] = true
	defer delete(e.active, p)
	value, note, err := e.value(p, e.find)
	if err != nil {
		return within(name, err)
	}
	p.Evaluated, p.Result, p.EvaluatedAt = true, value, workflow.Millis(e.now)
	if note.level != "" {
		p.SetMeta(note.level, note.text)
	}
	return e.validate(name, p)
}

// traced is an error that already names the param where it arose.
type traced struct {
	name  string
	cause error
}

func (t *traced) Error() string {
	return "param " + strconv.Quote(t.name) + ": " + workflow.TextOf(t.cause)
}

func (t *traced) Unwrap() error { return t.cause }

// within names the param of an error once: in a chain of params it is the one where the error arose.
func within(name string, err error) error {
	if known := (*traced)(nil); errors.As(err, &known) {
		return err
	}
	return workflow.Errorf(workflow.CodeOf(err), "%w", &traced{name, err})
}

func (e *evaluator) value(p *workflow.Param, find lookup) (any, remark, error) {
	if p.HasExpr {
		value, err := e.run(p.Expression, find)
		if err != nil {
			return nil, remark{}, err
		}
		return castResult(p.Type, value)
	}
	value, err := e.literal(p, find)
	return value, remark{}, err
}

func (e *evaluator) run(text string, find lookup) (any, error) {
	program, err := expression.Compile(text, expression.Options{})
	if err != nil {
		return nil, err
	}
	return program.Eval(e.ctx, expression.Env{
		Lookup: func(name string) (any, bool, error) {
			value, ok, err := find(name)
			if fields, isMap := value.(map[string]string); isMap {
				value, _ = expression.Data(fields)
			}
			return value, ok, err
		},
		Call: e.call, Now: e.now, Random: e.runtime.Random, UUID: e.runtime.UUID, Compat: e.runtime.Compat,
	})
}

func (e *evaluator) literal(p *workflow.Param, find lookup) (any, error) {
	switch v := p.Value.(type) {
	case string:
		return fill(v, find)
	case []string:
		out := make([]string, len(v))
		for i, text := range v {
			filled, err := fill(text, find)
			if err != nil {
				return nil, err
			}
			out[i] = filled
		}
		return out, nil
	case map[string]string:
		return interpolateMap(v, find)
	case *workflow.Params:
		return e.nested(v, find)
	case nil:
		return nil, invalidf("it has no value and no expression")
	}
	return workflow.ResultOf(p.Value), nil
}

// fill evaluates the literal of a param. References to secrets stay in it, told from all else by its dollars.
func fill(text string, find lookup) (string, error) {
	between := func(text string) (string, error) { return interpolate(text, find) }
	if quoted, held, err := secret.Quote(text, between); held || err != nil {
		return quoted, err
	}
	return interpolate(text, find)
}

func interpolateMap(texts map[string]string, find lookup) (any, error) {
	out := make(map[string]string, len(texts))
	for _, key := range sortedKeys(texts) {
		name, err := interpolate(key, find)
		if err != nil {
			return nil, err
		}
		if out[name], err = fill(texts[key], find); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// nested evaluates the entries of a MAP. They see the outer params, and each other where no outer param has
// the name; so that {"date": {"expression": "date"}} passes the outer date on.
func (e *evaluator) nested(entries *workflow.Params, outer lookup) (any, error) {
	out := make(map[string]any, entries.Len())
	active := map[string]bool{}
	var find lookup
	entry := func(name string) (any, error) {
		if value, ok := out[name]; ok {
			return value, nil
		}
		p, _ := entries.Get(name)
		if active[name] {
			return nil, invalidf("entry %q refers to itself, directly or through others (cyclic reference)", name)
		}
		active[name] = true
		value, _, err := e.value(p, find)
		if err != nil {
			return nil, err
		}
		out[name], err = expression.Data(value)
		return out[name], err
	}
	find = func(name string) (any, bool, error) {
		value, ok, err := outer(name)
		if ok || !entries.Has(name) {
			return value, ok, err
		}
		value, err = entry(name)
		return value, err == nil, err
	}
	for name := range entries.All() {
		if _, err := entry(name); err != nil {
			return nil, invalidf("entry %q: %w", name, err)
		}
	}
	return out, nil
}

// annotation tells whether a validator is one for other tools, such as @NotEmpty, and not an expression.
func annotation(validator string) bool { return strings.HasPrefix(validator, "@") }

// validate runs the validator where the deployment wants it.
func (e *evaluator) validate(name string, p *workflow.Param) error {
	if !e.runtime.Validators || p.Validator == "" || annotation(p.Validator) {
		return nil
	}
	value, err := e.run(p.Validator, e.find)
	if err != nil {
		return within(name, err)
	}
	if value != true {
		return invalidf("param %q does not meet its validator", name)
	}
	return nil
}
