package definition

import (
	"strconv"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Ranges of literal durations.
const (
	maxTimeout = 120 * 24 * time.Hour
	minBackoff = time.Second
	maxBackoff = 24 * time.Hour
)

// parsable reads an integer or a text; check, when it is not nil, looks at those that no param can change.
func parsable(v *document.Value, check func(text string)) *workflow.ParsableLong {
	p := &workflow.ParsableLong{}
	switch v.Kind {
	case document.Number:
		n, err := strconv.ParseInt(v.Text, 10, 64)
		if err != nil || n < 0 {
			v.Fault("found a number that is no integer from 0 up")
			return p
		}
		p.Number = n
	case document.String:
		p.Text, p.IsText = v.Text, true
		refuseSecrets(v)
		if strings.TrimSpace(p.Text) == "" {
			v.Fault("the text is blank")
			return p
		}
	default:
		v.Fault("found %s, want an integer, or a string that becomes one", v.Describe())
		return p
	}
	if check != nil && p.Literal() {
		check(p.String())
	}
	return p
}

// duration reads seconds or a text with units, within a range when it is literal.
func duration(v *document.Value, low, high time.Duration) *workflow.ParsableLong {
	return parsable(v, func(text string) {
		d, err := workflow.ParseDuration(text)
		switch {
		case err != nil:
			v.Fault("found %s: %s", document.Quoted(text), workflow.TextOf(err))
		case d < low || d > high:
			v.Fault("found %s, want a duration from %s to %s", document.Quoted(text), show(low), show(high))
		}
	})
}

// timeout reads the time-out of a workflow or a step.
func timeout(v *document.Value) *workflow.ParsableLong {
	return duration(v, time.Millisecond, maxTimeout)
}

func show(d time.Duration) string {
	switch day := 24 * time.Hour; {
	case d%day == 0 && d > day:
		return strconv.FormatInt(int64(d/day), 10) + " days"
	case d == day:
		return "1 day"
	}
	return d.String()
}

// whole reads an integer within a range when it is literal.
func whole(v *document.Value, low, high int64) *workflow.ParsableLong {
	return parsable(v, func(text string) {
		n, err := strconv.ParseInt(strings.TrimSpace(text), 10, 64)
		if err != nil || n < low || n > high {
			v.Fault("found %s, want an integer from %d to %d", document.Quoted(text), low, high)
		}
	})
}

func retryPolicy(v *document.Value) *workflow.RetryPolicy {
	var policy workflow.RetryPolicy
	retryShape.Read(v, &policy)
	return &policy
}

var retryShape = &document.Shape[workflow.RetryPolicy]{
	What: "a retry policy",
	Fields: map[string]func(*workflow.RetryPolicy, *document.Value){
		"error_retry_limit": func(r *workflow.RetryPolicy, v *document.Value) { r.ErrorRetryLimit = whole(v, 0, workflow.MaxRetries) },
		"platform_retry_limit": func(r *workflow.RetryPolicy, v *document.Value) {
			r.PlatformRetryLimit = whole(v, 0, workflow.MaxRetries)
		},
		"timeout_retry_limit": func(r *workflow.RetryPolicy, v *document.Value) {
			r.TimeoutRetryLimit = whole(v, 0, workflow.MaxRetries)
		},
		"backoff": func(r *workflow.RetryPolicy, v *document.Value) { r.Backoff = backoff(v) },
	},
}

func backoff(v *document.Value) *workflow.Backoff {
	b := &workflow.Backoff{}
	if !v.Is(document.Object) {
		return b
	}
	kind := workflow.ExponentialBackoff
	if t := v.Child("type"); t != nil {
		if kind = t.Enum(workflow.ExponentialBackoff, workflow.FixedBackoff); kind == "" {
			return b
		}
	}
	backoffShapes[kind].Read(v, b)
	b.Type = kind
	return b
}

type backoffFields = map[string]func(*workflow.Backoff, *document.Value)

var fixedFields = backoffFields{
	"type":                           func(*workflow.Backoff, *document.Value) {},
	"jitter":                         func(b *workflow.Backoff, v *document.Value) { b.Jitter = v.Enum(workflow.FullJitter) },
	"error_retry_backoff_in_secs":    func(b *workflow.Backoff, v *document.Value) { b.ErrorBackoff = duration(v, minBackoff, maxBackoff) },
	"platform_retry_backoff_in_secs": func(b *workflow.Backoff, v *document.Value) { b.PlatformBackoff = duration(v, minBackoff, maxBackoff) },
	"timeout_retry_backoff_in_secs":  func(b *workflow.Backoff, v *document.Value) { b.TimeoutBackoff = duration(v, minBackoff, maxBackoff) },
}

// maxExponent is where every base exceeds every cap after one retry.
const maxExponent = 86_400

var exponentialFields = backoffFields{
	"type":                           fixedFields["type"],
	"jitter":                         fixedFields["jitter"],
	"error_retry_backoff_in_secs":    fixedFields["error_retry_backoff_in_secs"],
	"platform_retry_backoff_in_secs": fixedFields["platform_retry_backoff_in_secs"],
	"timeout_retry_backoff_in_secs":  fixedFields["timeout_retry_backoff_in_secs"],
	"error_retry_exponent":           func(b *workflow.Backoff, v *document.Value) { b.ErrorExponent = whole(v, 1, maxExponent) },
	"platform_retry_exponent":        func(b *workflow.Backoff, v *document.Value) { b.PlatformExponent = whole(v, 1, maxExponent) },
	"timeout_retry_exponent":         func(b *workflow.Backoff, v *document.Value) { b.TimeoutExponent = whole(v, 1, maxExponent) },
	"error_retry_limit_in_secs":      func(b *workflow.Backoff, v *document.Value) { b.ErrorLimit = duration(v, minBackoff, maxBackoff) },
	"platform_retry_limit_in_secs":   func(b *workflow.Backoff, v *document.Value) { b.PlatformLimit = duration(v, minBackoff, maxBackoff) },
	"timeout_retry_limit_in_secs":    func(b *workflow.Backoff, v *document.Value) { b.TimeoutLimit = duration(v, minBackoff, maxBackoff) },
}

var backoffShapes = map[string]*document.Shape[workflow.Backoff]{
	workflow.FixedBackoff:       {What: "a fixed backoff", Fields: fixedFields},
	workflow.ExponentialBackoff: {What: "an exponential backoff", Fields: exponentialFields},
}
