package sel

import "github.com/segue-workflows/segue/shared/expression/sel/ast"

// references collects the names that a program reads, in the order of the text and blind to
// branches: whatever is declared or assigned earlier in the text is a local.
type references struct {
	program *Program
	local   map[string]bool
}

func (r *references) read(name string) {
	if r.local[name] || classes[name] != nil || r.program.reads[name] {
		return
	}
	r.program.reads[name] = true
	r.program.refs = append(r.program.refs, name)
}

// write makes the name a local, unless it has been read before.
func (r *references) write(name string) {
	if !r.program.reads[name] {
		r.local[name] = true
	}
}

func (r *references) statements(list []ast.Stmt) {
	for _, s := range list {
		r.statement(s)
	}
}

func (r *references) statement(s ast.Stmt) {
	switch s := s.(type) {
	case *ast.Block:
		r.statements(s.List)
	case *ast.Declare:
		for _, v := range s.Variables {
			r.write(v.Name)
			r.expressions(v.Value)
		}
	case *ast.Evaluate:
		r.expressions(s.X)
	case *ast.If:
		r.expressions(s.Cond)
		r.statement(s.Then)
		r.statement(s.Else)
	case *ast.While:
		r.expressions(s.Cond)
		r.statement(s.Body)
	case *ast.For:
		r.statement(s.Init)
		r.expressions(s.Cond, s.Update)
		r.statement(s.Body)
	case *ast.Return:
		r.expressions(s.X)
	case *ast.Throw:
		r.expressions(s.X)
	}
}

func (r *references) expressions(list ...ast.Expr) {
	for _, e := range list {
		r.expression(e)
	}
}

func (r *references) expression(e ast.Expr) {
	switch e := e.(type) {
	case *ast.Name:
		r.read(e.Name)
	case *ast.Unary:
		r.expression(e.X)
	case *ast.Binary:
		r.expressions(e.X, e.Y)
	case *ast.Conditional:
		r.expressions(e.Cond, e.Then, e.Else)
	case *ast.Index:
		r.expressions(e.X, e.Index)
	case *ast.Field:
		r.expression(e.X)
	case *ast.Call:
		r.expression(e.X)
		r.expressions(e.Args...)
	case *ast.New:
		r.expressions(e.Args...)
	case *ast.NewArray:
		r.expression(e.Length)
		r.expressions(e.Elements...)
	case *ast.Assign:
		if name, ok := e.Target.(*ast.Name); ok {
			r.write(name.Name)
		} else {
			r.expression(e.Target)
		}
		r.expression(e.Value)
	}
}
