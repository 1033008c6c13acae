package sel

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/segue-workflows/segue/shared/expression/sel/ast"
	"github.com/segue-workflows/segue/shared/expression/sel/java"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Kind classifies the failures of a program.
type Kind int

// The kinds of failure.
const (
	Syntax Kind = iota + 1 // the text is not a program
	Failed                 // an operation does not fit its operands, or a callback failed
	Thrown                 // the program threw; Message is its text
	Result                 // the value of the program is not a value of a param
	Limit                  // the program exceeds a limit, or its context ended
)

// Error is the one error of this package. Except for Thrown, the message never contains a value.
type Error struct {
	Kind    Kind
	Message string
	ast.Pos        // where; the zero place when it is the program as a whole
	Cause   error  // the error of a callback or of the context, if there is one
	text    string // of the program
}

func (e *Error) Error() string {
	if e.Line == 0 {
		return e.Message
	}
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}

// Unwrap returns the error as the rest of Segue sees it: invalid, except that the end of the time is
// internal and that a callback's own code is kept. The cause is behind it.
func (e *Error) Unwrap() error {
	code := workflow.CodeInvalid
	if own := (*workflow.Error)(nil); errors.As(e.Cause, &own) {
		code = own.Code
	} else if errors.Is(e.Cause, context.DeadlineExceeded) || errors.Is(e.Cause, context.Canceled) {
		code = workflow.CodeInternal
	}
	return &workflow.Error{Code: code, Text: e.Error(), Cause: e.Cause}
}

// Snippet returns the line of the error with a caret below its column, or "" when there is no place.
func (e *Error) Snippet() string {
	lines := strings.Split(e.text, "\n")
	if e.Line < 1 || e.Line > len(lines) {
		return ""
	}
	line := strings.ReplaceAll(strings.TrimRight(lines[e.Line-1], "\r"), "\t", " ")
	return line + "\n" + strings.Repeat(" ", max(e.Column-1, 0)) + "^"
}

// exceeded returns the error of a limit.
func exceeded(what string) error {
	return &Error{Kind: Limit, Message: "the program exceeds its " + what}
}

func failed(message string) error { return &Error{Kind: Failed, Message: message} }

// located returns err as an Error of the program, at the place unless it has one.
func located(err error, pos ast.Pos, text string) error {
	e := (*Error)(nil)
	switch direct, ok := err.(*Error); {
	case ok:
		e = direct
	case errors.Is(err, java.ErrTooLarge):
		e = &Error{Kind: Limit, Message: "the program exceeds its memory", Cause: err}
	default:
		e = &Error{Kind: Failed, Message: err.Error(), Cause: err}
	}
	if e.Line == 0 {
		e.Pos, e.text = pos, text
	}
	return e
}
