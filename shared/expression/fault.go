package expression

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Fault is a failure with its place in the text. It is the cause of the errors of this package.
type Fault struct {
	Text    string // the whole expression
	Message string
	Offset  int // in bytes
}

// Error shows the message, line and column, and the line with a caret under the place.
func (f *Fault) Error() string {
	line, column := f.Position()
	text := strings.Split(f.Text, "\n")[line-1]
	pad := strings.Repeat(" ", column-1)
	return fmt.Sprintf("%s (line %d, column %d)\n  %s\n  %s^", f.Message, line, column, strings.ReplaceAll(text, "\t", " "), pad)
}

// Position returns line and column, from 1; columns count characters.
func (f *Fault) Position() (line, column int) {
	before := f.Text[:min(max(f.Offset, 0), len(f.Text))]
	start := strings.LastIndexByte(before, '\n') + 1
	return strings.Count(before, "\n") + 1, utf8.RuneCountInString(before[start:]) + 1
}

func invalidf(format string, args ...any) error {
	return workflow.Errorf(workflow.CodeInvalid, format, args...)
}

func faultAt(text, message string, offset int) error {
	return workflow.Errorf(workflow.CodeInvalid, "%w", &Fault{Text: text, Message: message, Offset: offset})
}

// outOfTime says that the context ended: another delivery may have more time.
func outOfTime() error {
	return workflow.Errorf(workflow.CodeUnavailable, "the evaluation was given up before it ended")
}

// faultOf finds the place in an error; nil when it has none.
func faultOf(err error) *Fault {
	var fault *Fault
	errors.As(err, &fault)
	return fault
}

// further returns the error of the parser that got further into the text; it is the one that understood more.
func further(first, second error) error {
	a, b := faultOf(first), faultOf(second)
	if a == nil || b != nil && b.Offset > a.Offset {
		return second
	}
	return first
}

// placeOf finds a name in a text, outside of quotes.
func placeOf(text, name string) int {
	quote := byte(0)
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case quote != 0 && c == '\\':
			i++
		case quote != 0:
			if c == quote {
				quote = 0
			}
		case c == '"' || c == '\'' || c == '`':
			quote = c
		case wordByte(c):
			end := i
			for end < len(text) && wordByte(text[end]) {
				end++
			}
			if text[i:end] == name {
				return i
			}
			i = end - 1
		}
	}
	return 0
}

func wordByte(c byte) bool {
	return c == '_' || c == '$' || c >= 0x80 || '0' <= c && c <= '9' || 'a' <= c|0x20 && c|0x20 <= 'z'
}
