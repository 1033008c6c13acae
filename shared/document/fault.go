package document

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Fault is one thing that is wrong with a document.
type Fault struct {
	Path string // such as $.workflow.steps[3].step.id; "" for faults of syntax
	Position
	Text string // what is wrong, and what would be right
}

// String returns the fault in one line.
func (f Fault) String() string {
	if f.Path == "" {
		return fmt.Sprintf("line %d, column %d: %s", f.Line, f.Column, f.Text)
	}
	return fmt.Sprintf("line %d, column %d: %s: %s", f.Line, f.Column, f.Path, f.Text)
}

// Invalid is the cause inside the workflow.Error of a refused document; errors.As finds it.
type Invalid struct{ Faults []Fault }

// Error returns the first fault, and how many more there are.
func (e *Invalid) Error() string {
	if len(e.Faults) == 1 {
		return e.Faults[0].String()
	}
	return fmt.Sprintf("%s (and %d more)", e.Faults[0], len(e.Faults)-1)
}

// MaxFaults is how many faults a document may have before reading gives up on collecting more.
const MaxFaults = 50

// Faults collects what is wrong. The zero value is ready for use.
type Faults struct{ list []Fault }

// Add records a fault. Those above MaxFaults are dropped.
func (f *Faults) Add(fault Fault) {
	if !f.Full() {
		f.list = append(f.list, fault)
	}
}

// Full tells whether further faults are dropped, so that nobody works out what to say about them.
func (f *Faults) Full() bool { return len(f.list) >= MaxFaults }

// Len returns the number of faults so far.
func (f *Faults) Len() int { return len(f.list) }

// Err returns nil, or one workflow.Error of CodeInvalid that lists all faults in the order of the text.
func (f *Faults) Err() error {
	if len(f.list) == 0 {
		return nil
	}
	slices.SortStableFunc(f.list, func(a, b Fault) int {
		return cmp.Or(cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	invalid := &Invalid{Faults: f.list}
	err := &workflow.Error{Code: workflow.CodeInvalid, Text: invalid.Error(), Cause: invalid}
	for _, fault := range f.list {
		err.Detail = append(err.Detail, fault.String())
	}
	return err
}

// syntaxError is the error of a text that is no document at all: one fault, and the line with a caret below.
func syntaxError(text []byte, at Position, format string, args ...any) error {
	faults := Faults{list: []Fault{{Position: at, Text: fmt.Sprintf(format, args...)}}}
	err := faults.Err().(*workflow.Error)
	if snippet := Snippet(text, at); snippet != "" {
		err.Detail = append(err.Detail, strings.Split(snippet, "\n")...)
	}
	return err
}

// snippetWidth is how many characters a snippet shows to each side of its caret.
const snippetWidth = 38

// Snippet returns the line of text at the position with a caret below the column, cut to a readable width. It
// returns "" when there is nothing to show.
func Snippet(text []byte, at Position) string {
	line := text
	for n := 1; n < at.Line; n++ {
		end := slices.Index(line, '\n')
		if end < 0 {
			return ""
		}
		line = line[end+1:]
	}
	if end := slices.Index(line, '\n'); end >= 0 {
		line = line[:end]
	}
	line, column := window(line, at.Column-1)
	shown := strings.Map(printable, string(line))
	if strings.TrimSpace(shown) == "" {
		return ""
	}
	return shown + "\n" + strings.Repeat(" ", column) + "^"
}

// window cuts the line around the column, which it returns relative to the cut.
func window(line []byte, column int) ([]byte, int) {
	start := 0
	for skip := column - snippetWidth; skip > 0 && start < len(line); skip-- {
		_, size := utf8.DecodeRune(line[start:])
		start, column = start+size, column-1
	}
	end := start
	for n := 0; n < 2*snippetWidth && end < len(line); n++ {
		_, size := utf8.DecodeRune(line[end:])
		end += size
	}
	return line[start:end], max(column, 0)
}

func printable(r rune) rune {
	if r < ' ' || r == utf8.RuneError {
		return ' '
	}
	return r
}
