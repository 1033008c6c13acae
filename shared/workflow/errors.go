package workflow

import (
	"errors"
	"fmt"
)

// Code classifies an error. The two edges (HTTP and queue) decide by it and by nothing else.
type Code string

const (
	CodeInvalid      Code = "invalid"      // can never be accepted
	CodeNotFound     Code = "not found"    // the key does not exist
	CodeConflict     Code = "conflict"     // a guard failed: the item moved on
	CodeStale        Code = "stale"        // the message speaks of the past
	CodeDenied       Code = "denied"       // credentials were refused
	CodePrecondition Code = "precondition" // the state forbids the change (run strategy change)
	CodeUnprocessed  Code = "unprocessed"  // understood, and switched off (trigger type disabled)
	CodeTimeout      Code = "timeout"      // a blocking action did not take effect in time
	CodeOverloaded   Code = "overloaded"   // a limit on waiting work is reached
	CodeUnavailable  Code = "unavailable"  // throttled, timed out, or the service is down
	CodeInternal     Code = "internal"     // a bug, or a corrupt item
)

// Error is the one error type of Segue. Two errors are the same error when their codes are equal.
type Error struct {
	Code   Code
	Op     string   // verb and key of the boundary that failed, for operators
	Text   string   // what is wrong and what would be right, for users; never a payload
	Detail []string // one line for each fault when there are several
	Cause  error
}

// Sentinels, one for each code, to be used with errors.Is.
var (
	ErrInvalid      = &Error{Code: CodeInvalid}
	ErrNotFound     = &Error{Code: CodeNotFound}
	ErrConflict     = &Error{Code: CodeConflict}
	ErrStale        = &Error{Code: CodeStale}
	ErrDenied       = &Error{Code: CodeDenied}
	ErrPrecondition = &Error{Code: CodePrecondition}
	ErrUnprocessed  = &Error{Code: CodeUnprocessed}
	ErrTimeout      = &Error{Code: CodeTimeout}
	ErrOverloaded   = &Error{Code: CodeOverloaded}
	ErrUnavailable  = &Error{Code: CodeUnavailable}
	ErrInternal     = &Error{Code: CodeInternal}
)

// Errorf returns an error of the code with a text for users. A %w verb keeps the cause.
func Errorf(code Code, format string, args ...any) *Error {
	err := fmt.Errorf(format, args...)
	return &Error{Code: code, Text: err.Error(), Cause: errors.Unwrap(err)}
}

// Wrap adds the operation to err and keeps its code. It returns nil for nil.
func Wrap(op string, err error) error {
	if err == nil {
		return nil
	}
	return &Error{Code: CodeOf(err), Op: op, Text: TextOf(err), Detail: DetailOf(err), Cause: err}
}

func (e *Error) Error() string {
	text := e.Text
	if text == "" {
		text = string(e.Code)
	}
	if e.Op == "" {
		return text
	}
	return e.Op + ": " + text
}

// Unwrap returns the wrapped cause.
func (e *Error) Unwrap() error { return e.Cause }

// Is compares codes only, so that a code which was stored and read back still matches.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Code == e.Code
}

// CodeOf returns the code of err: CodeInternal when it carries none, and "" for nil.
func CodeOf(err error) Code {
	if err == nil {
		return ""
	}
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Code
	}
	return CodeInternal
}

// TextOf returns the text that a user may read. An error without a code yields a fixed text.
func TextOf(err error) string {
	if e := (*Error)(nil); errors.As(err, &e) {
		if e.Text == "" {
			return string(e.Code)
		}
		return e.Text
	}
	return "internal error"
}

// DetailOf returns the fault lines of err, if it has any.
func DetailOf(err error) []string {
	if e := (*Error)(nil); errors.As(err, &e) {
		return e.Detail
	}
	return nil
}
