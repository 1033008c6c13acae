package param

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Cause is why an attempt failed; each has its own retry counter.
type Cause string

const (
	CauseError    Cause = "error"    // the user's code
	CausePlatform Cause = "platform" // ours, or the cloud's
	CauseTimeout  Cause = "timeout"
)

// RetryLimits is a retry policy with every default filled in.
type RetryLimits struct {
	Error, Platform, Timeout int64 // retries, not attempts

	FullJitter bool // a delay is anything from nothing up to what the backoff says

	kind   string
	growth map[Cause]growth
}

// growth is how the delay of one cause grows; factor 1 is a fixed delay.
type growth struct {
	base   time.Duration
	factor int64
	limit  time.Duration
}

// maxBackoff bounds every delay, as the check at push does.
const maxBackoff = 24 * time.Hour

func defaultRetry(kind string) RetryLimits {
	out := RetryLimits{Error: 2, Platform: 10, Timeout: 0, kind: kind, growth: map[Cause]growth{
		CauseError:    {time.Minute, 2, 10 * time.Minute},
		CausePlatform: {time.Minute, 2, time.Hour},
		CauseTimeout:  {time.Minute, 2, time.Hour},
	}}
	if kind == workflow.FixedBackoff {
		for cause := range out.growth {
			out.growth[cause] = growth{time.Minute, 1, maxBackoff}
		}
	}
	return out
}

// Kind returns the type of the backoff.
func (l RetryLimits) Kind() string { return l.kind }

// Limit returns how many retries the cause allows.
func (l RetryLimits) Limit(cause Cause) int64 {
	switch cause {
	case CausePlatform:
		return l.Platform
	case CauseTimeout:
		return l.Timeout
	}
	return l.Error
}

// Jittered returns a delay of the attempt that the seed names: where the policy wants full jitter, a part of it that the
// seed decides, so that whoever decides again decides the same, and attempts that failed together do not come again
// together.
func (l RetryLimits) Jittered(delay time.Duration, seed string) time.Duration {
	if !l.FullJitter {
		return delay
	}
	sum := sha256.Sum256([]byte(seed))
	return time.Duration(binary.BigEndian.Uint64(sum[:8]) % uint64(delay+1))
}

// Delay returns how long to wait before the next attempt, after so many retries of that cause.
func (l RetryLimits) Delay(cause Cause, retriesSoFar int64) time.Duration {
	g := l.growth[cause]
	delay := g.base
	for range min(retriesSoFar, workflow.MaxRetries) {
		if g.factor <= 1 || delay >= g.limit {
			break
		}
		if delay > g.limit/time.Duration(g.factor) {
			return g.limit
		}
		delay *= time.Duration(g.factor)
	}
	return min(delay, g.limit)
}

// Retry reads a policy; nil is the default one. When the policy cannot be read it returns the defaults and
// the reason, which is a warning.
func Retry(ctx context.Context, policy *workflow.RetryPolicy, scope Scope) (RetryLimits, error) {
	if policy == nil {
		return defaultRetry(workflow.ExponentialBackoff), nil
	}
	kind := workflow.ExponentialBackoff
	if policy.Backoff != nil && policy.Backoff.Type != "" {
		kind = policy.Backoff.Type
	}
	out := defaultRetry(kind)
	r := &retryReader{ctx: ctx, scope: scope}
	r.limit(&out.Error, policy.ErrorRetryLimit)
	r.limit(&out.Platform, policy.PlatformRetryLimit)
	r.limit(&out.Timeout, policy.TimeoutRetryLimit)
	if b := policy.Backoff; b != nil {
		out.FullJitter = b.Jitter == workflow.FullJitter
		r.backoff(&out, CauseError, b.ErrorBackoff, b.ErrorExponent, b.ErrorLimit)
		r.backoff(&out, CausePlatform, b.PlatformBackoff, b.PlatformExponent, b.PlatformLimit)
		r.backoff(&out, CauseTimeout, b.TimeoutBackoff, b.TimeoutExponent, b.TimeoutLimit)
	}
	if r.err != nil {
		return defaultRetry(workflow.ExponentialBackoff), r.err
	}
	return out, nil
}

// retryReader reads fields until the first that cannot be read.
type retryReader struct {
	ctx   context.Context
	scope Scope
	err   error
}

func (r *retryReader) number(value *workflow.ParsableLong, least, most int64) int64 {
	n, err := Long(r.ctx, value, r.scope)
	if err == nil && (n < least || n > most) {
		err = invalidf("retry policy: %d is not between %d and %d", n, least, most)
	}
	r.err = err
	return n
}

func (r *retryReader) limit(out *int64, value *workflow.ParsableLong) {
	if value != nil && r.err == nil {
		*out = r.number(value, 0, workflow.MaxRetries)
	}
}

func (r *retryReader) delay(out *time.Duration, value *workflow.ParsableLong) {
	if value == nil || r.err != nil {
		return
	}
	*out, r.err = Duration(r.ctx, value, r.scope)
	if r.err == nil && (*out < time.Second || *out > maxBackoff) {
		r.err = invalidf("retry policy: a backoff is between 1 second and 1 day")
	}
}

func (r *retryReader) backoff(out *RetryLimits, cause Cause, base, factor, limit *workflow.ParsableLong) {
	g := out.growth[cause]
	r.delay(&g.base, base)
	if out.kind == workflow.FixedBackoff {
		out.growth[cause] = g
		return
	}
	if factor != nil && r.err == nil {
		g.factor = r.number(factor, 1, workflow.MaxRetries)
	}
	r.delay(&g.limit, limit)
	out.growth[cause] = g
}
