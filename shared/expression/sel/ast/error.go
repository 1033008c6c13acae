package ast

import "fmt"

// Error says why a text is not a program.
type Error struct {
	Pos
	Message string
	Final   bool // the text is this language's, and wrong in it: no other language may take it
	Deep    bool // the text may be fine, but it nests deeper than the caller allows
}

func (e *Error) Error() string {
	return fmt.Sprintf("line %d, column %d: %s", e.Line, e.Column, e.Message)
}
