package sel

import "github.com/segue-workflows/segue/shared/expression/sel/ast"

// flow says how a statement ended.
type flow int

const (
	onward flow = iota
	broken
	continued
	returned
)

func (r *run) statements(list []ast.Stmt) (flow, error) {
	r.value = void{}
	for _, s := range list {
		if f, err := r.statement(s); f != onward || err != nil {
			return f, err
		}
	}
	return onward, nil
}

// statement runs one statement and leaves in r.value what the program would be worth if it ended
// here.
func (r *run) statement(s ast.Stmt) (flow, error) {
	if err := r.spend(1); err != nil {
		return onward, located(err, s.Position(), r.program.text)
	}
	f, err := onward, error(nil)
	switch s := s.(type) {
	case *ast.Block:
		return r.statements(s.List)
	case *ast.Evaluate:
		r.value, err = r.eval(s.X)
		return onward, err
	case *ast.Return:
		r.value, err = r.eval(s.X)
		return returned, err
	case *ast.Declare:
		err = r.declare(s)
	case *ast.If:
		f, err = r.choose(s)
	case *ast.While:
		f, err = r.loop(s.Position(), s.Cond, nil, s.Body)
	case *ast.For:
		if s.Init != nil {
			if _, err := r.statement(s.Init); err != nil {
				return onward, err
			}
		}
		f, err = r.loop(s.Position(), s.Cond, s.Update, s.Body)
	case *ast.Break:
		f = broken
	case *ast.Continue:
		f = continued
	case *ast.Throw:
		err = r.throw(s)
	}
	if f != returned {
		r.value = void{}
	}
	return f, err
}

// truth evaluates a condition.
func (r *run) truth(e ast.Expr) (bool, error) {
	v, err := r.eval(e)
	if err != nil {
		return false, err
	}
	b, ok := v.(bool)
	if !ok {
		return false, r.fail(e, "a condition must be a BOOLEAN, not a "+string(kindOf(v)))
	}
	return b, nil
}

func (r *run) choose(s *ast.If) (flow, error) {
	yes, err := r.truth(s.Cond)
	switch {
	case err != nil:
		return onward, err
	case yes:
		return r.statement(s.Then)
	case s.Else != nil:
		return r.statement(s.Else)
	}
	return onward, nil
}

// loop repeats the body. The limit counts completed iterations: one that leaves the loop is free.
func (r *run) loop(pos ast.Pos, cond, update ast.Expr, body ast.Stmt) (flow, error) {
	for iterations := 1; ; iterations++ {
		if cond != nil {
			if yes, err := r.truth(cond); !yes || err != nil {
				return onward, err
			}
		}
		switch f, err := r.statement(body); {
		case err != nil:
			return onward, err
		case f == broken:
			return onward, nil
		case f == returned:
			return returned, nil
		}
		if update != nil {
			if _, err := r.eval(update); err != nil {
				return onward, err
			}
		}
		if iterations >= r.limits.Loop {
			return onward, located(exceeded("loop iterations"), pos, r.program.text)
		}
	}
}

func (r *run) throw(s *ast.Throw) error {
	v, err := r.eval(s.X)
	if err != nil {
		return err
	}
	text, ok := v.(string)
	if !ok {
		return r.fail(s, "only a STRING can be thrown, not a "+string(kindOf(v)))
	}
	return located(&Error{Kind: Thrown, Message: text}, s.Pos, r.program.text)
}

// fail returns an error at the node.
func (r *run) fail(n ast.Node, message string) error {
	return located(failed(message), n.Position(), r.program.text)
}
