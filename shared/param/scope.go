package param

import (
	"context"
	"strconv"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/expression"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Condition evaluates a boolean expression in the scope of a completed step.
// It returns CodeInvalid when it fails or yields anything else.
func Condition(ctx context.Context, text string, scope Scope) (bool, error) {
	if text == "true" {
		return true, nil // by far the most frequent condition
	}
	value, err := Evaluate(ctx, text, scope)
	if err != nil {
		return false, err
	}
	holds, ok := value.(bool)
	if !ok {
		return false, invalidf("a condition must be BOOLEAN, not %s", expression.TypeOf(value))
	}
	return holds, nil
}

// Evaluate evaluates any expression in the scope of a step whose params are evaluated.
// It returns CodeInvalid when it fails.
func Evaluate(ctx context.Context, text string, scope Scope) (any, error) {
	s := settled(ctx, scope)
	return s.run(text, s.find)
}

// Values evaluates params that belong to a step without being its own, such as those of signals that it
// announces or waits for. The definitions stay as they are. It returns CodeInvalid when one fails.
func Values(ctx context.Context, params *workflow.Params, scope Scope) (*workflow.Params, error) {
	s, out := settled(ctx, scope), workflow.CloneParams(params)
	for name, p := range out.All() {
		value, note, err := s.value(p, s.find)
		if err != nil {
			return nil, within(name, err)
		}
		p.Evaluated, p.Result, p.EvaluatedAt = true, value, workflow.Millis(scope.Now)
		if note.level != "" {
			p.SetMeta(note.level, note.text)
		}
	}
	return out, checkLength(out)
}

// Text interpolates the params of scope into text. It returns CodeInvalid for an unknown name.
func Text(ctx context.Context, text string, scope Scope) (string, error) {
	if !strings.Contains(text, "$") {
		return text, nil
	}
	return interpolate(text, settled(ctx, scope).find)
}

// settled prepares a scope that is only read: should a param not be evaluated yet, a copy of it is.
func settled(ctx context.Context, scope Scope) *stepScope {
	for _, p := range scope.Params.All() {
		if !p.Evaluated {
			scope.Params = workflow.CloneParams(scope.Params)
			break
		}
	}
	return newStepScope(ctx, scope)
}

// ofWorkflow is the scope in which only the params of the workflow are visible.
func ofWorkflow(scope Scope) Scope {
	scope.Identity.Step, scope.Params, scope.Upstream = "", nil, nil
	return scope
}

// Long reads a number, after interpolation of the workflow's params. It returns CodeInvalid if it is none.
func Long(ctx context.Context, value *workflow.ParsableLong, scope Scope) (int64, error) {
	if !value.IsText {
		return value.Number, nil
	}
	text, err := Text(ctx, value.Text, ofWorkflow(scope))
	if err != nil {
		return 0, err
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 0 {
		return 0, invalidf("%q is not a number of 0 or more", value.Text)
	}
	return n, nil
}

// Duration reads a duration, after interpolation of the workflow's params; a plain number is seconds.
// It returns CodeInvalid if it is none.
func Duration(ctx context.Context, value *workflow.ParsableLong, scope Scope) (time.Duration, error) {
	text, err := Text(ctx, value.String(), ofWorkflow(scope))
	if err != nil {
		return 0, err
	}
	if scope.Runtime.Compat {
		return workflow.ParseLooseDuration(text)
	}
	return workflow.ParseDuration(text)
}
