package ast

import "fmt"

// Error says why a text is not a program.
type Error struct {
	Pos
	Message string
	Deep    bool // the text may be fine, but it nests deeper than the caller allows
}

func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}
