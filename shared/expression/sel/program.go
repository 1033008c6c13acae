package sel

import (
	"errors"
	"strings"

	"github.com/segue-workflows/segue/shared/expression/sel/ast"
	"github.com/segue-workflows/segue/shared/expression/sel/java"
)

// Program is a compiled text. It never changes and may be evaluated by many goroutines at once.
type Program struct {
	text   string
	list   []ast.Stmt
	limits Limits
	refs   []string
	reads  map[string]bool // the refs as a set
}

// Compile parses a program or a bare expression. It fails with an *Error of kind Syntax or Limit,
// whose code is invalid.
func Compile(text string, limits Limits) (*Program, error) {
	limits = limits.filled()
	if len(text) >= limits.Length && java.Length(text) >= limits.Length {
		return nil, exceeded("length")
	}
	text = terminated(text)
	list, err := ast.Parse(text, limits.Stack*nesting)
	if err != nil {
		e := &Error{Kind: Syntax, Message: err.Error(), text: text}
		if syntax := (*ast.Error)(nil); errors.As(err, &syntax) {
			e.Message, e.Pos = syntax.Message, syntax.Pos
			switch {
			case syntax.Deep:
				e.Kind = Limit
			case syntax.Final:
				e.Kind = Failed
			}
		}
		return nil, e
	}
	p := &Program{text: text, list: list, limits: limits, reads: map[string]bool{}}
	collector := &references{program: p, local: map[string]bool{}}
	collector.statements(list)
	return p, nil
}

// terminated appends the semicolon that a bare expression may lack. A text that ends a block needs
// none, except that {"... can only be the start of an expression.
func terminated(text string) string {
	trimmed := strings.TrimSpace(text)
	block := strings.HasSuffix(trimmed, "}") && !strings.HasPrefix(trimmed, `{"`)
	if block || strings.HasSuffix(trimmed, ";") {
		return text
	}
	return text + ";"
}

// Refs returns the names that the program reads from its params, in the order of their first use:
// those that it neither declares nor assigns before, class names excepted. The name params stands
// for all params.
func (p *Program) Refs() []string { return append([]string(nil), p.refs...) }

// Statements returns the tree. Callers must not change it.
func (p *Program) Statements() []ast.Stmt { return p.list }

// Expression returns the expression of a program that consists of one expression statement.
func (p *Program) Expression() (ast.Expr, bool) {
	if len(p.list) != 1 {
		return nil, false
	}
	s, ok := p.list[0].(*ast.Evaluate)
	if !ok {
		return nil, false
	}
	return s.X, true
}
