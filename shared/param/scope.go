package param

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Condition evaluates a boolean expression in the scope of a completed step.
// It returns CodeInvalid when it fails or yields anything else.
func Condition(ctx context.Context, text string, scope Scope) (bool, error) {
	return false, workflow.Errorf(workflow.CodeInternal, "not ready")
}

// Text interpolates the params of scope into text. It returns CodeInvalid for an unknown name.
func Text(ctx context.Context, text string, scope Scope) (string, error) {
	return "", workflow.Errorf(workflow.CodeInternal, "not ready")
}

// Long reads a number, after interpolation of the workflow's params. It returns CodeInvalid if it is none.
func Long(ctx context.Context, value *workflow.ParsableLong, scope Scope) (int64, error) {
	return 0, workflow.Errorf(workflow.CodeInternal, "not ready")
}

// Duration reads a duration, after interpolation of the workflow's params; a plain number is seconds.
// It returns CodeInvalid if it is none.
func Duration(ctx context.Context, value *workflow.ParsableLong, scope Scope) (time.Duration, error) {
	return 0, workflow.Errorf(workflow.CodeInternal, "not ready")
}

// Cause is why an attempt failed; each has its own retry counter.
type Cause string

const (
	CauseError    Cause = "error"    // the user's code
	CausePlatform Cause = "platform" // ours, or the cloud's
	CauseTimeout  Cause = "timeout"
)

// RetryLimits is a retry policy with every default filled in.
type RetryLimits struct {
	Error, Platform, Timeout int64
	delays                   map[Cause]growth
}

type growth struct{ base, factor, limit int64 }

// Delay returns how long to wait before the next attempt, after so many retries of that cause.
func (l RetryLimits) Delay(cause Cause, retriesSoFar int64) time.Duration { return 0 }

// Retry reads a policy; nil is the default one. When the policy cannot be read it returns the defaults and
// the reason, which is a warning.
func Retry(ctx context.Context, policy *workflow.RetryPolicy, scope Scope) (RetryLimits, error) {
	return RetryLimits{}, nil
}

// Alerting returns a copy with interpolated emails and a computed target completion time. What fails stays
// as it was, because alerting never stops a run.
func Alerting(ctx context.Context, alerting *workflow.Alerting, scope Scope, now time.Time) *workflow.Alerting {
	return alerting
}
