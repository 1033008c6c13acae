package sel

import "github.com/segue-workflows/segue/shared/expression/sel/ast"

// eval returns the value of an expression.
func (r *run) eval(e ast.Expr) (any, error) {
	v, err := r.operand(e)
	if entry, ok := v.(*box); ok {
		return entry.value, err
	}
	return v, err
}

// operand is eval, except that an entry of a map comes in its box.
func (r *run) operand(e ast.Expr) (any, error) {
	err := r.spend(1)
	var v any
	if err == nil {
		v, err = r.evaluate(e)
	}
	if err != nil {
		return nil, located(err, e.Position(), r.program.text)
	}
	return v, nil
}

func (r *run) evaluate(e ast.Expr) (any, error) {
	switch e := e.(type) {
	case *ast.Literal:
		if b := r.literals[e]; b != nil {
			return b.value, nil
		}
		return e.Value, nil
	case *ast.Name:
		return r.name(e.Name)
	case *ast.Unary:
		x, err := r.eval(e.X)
		if err != nil {
			return nil, err
		}
		return unary(e.Op, x)
	case *ast.Binary:
		return r.binaryExpression(e)
	case *ast.Conditional:
		yes, err := r.truth(e.Cond)
		if err != nil {
			return nil, err
		}
		if yes {
			return r.eval(e.Then)
		}
		return r.eval(e.Else)
	case *ast.Assign:
		return r.assign(e)
	case *ast.Index:
		return r.index(e)
	case *ast.Field:
		x, err := r.eval(e.X)
		if err != nil {
			return nil, err
		}
		return r.field(x, e.Name)
	case *ast.Call:
		return r.call(e)
	case *ast.New:
		return r.construct(e)
	case *ast.NewArray:
		return r.newArray(e)
	}
	return nil, failed("the expression is not known")
}

// name returns the value of a local, a class, params, or a param, in this order. An unknown name is
// null.
func (r *run) name(name string) (any, error) {
	if b := r.vars[name]; b != nil {
		return b.value, nil
	}
	if classes[name] != nil {
		return class(name), nil
	}
	if name == "params" {
		return allParams{}, nil
	}
	b, err := r.variable(name)
	if b == nil {
		return nil, err
	}
	return b.value, err
}

// right evaluates an expression while another operand waits.
func (r *run) right(e ast.Expr) (any, error) {
	if err := r.enter(); err != nil {
		return nil, err
	}
	defer r.leave()
	return r.eval(e)
}

func (r *run) binaryExpression(e *ast.Binary) (any, error) {
	x, err := r.eval(e.X)
	if err != nil {
		return nil, err
	}
	logical := e.Op == "&&" || e.Op == "||"
	if logical && !r.env.Compat {
		left, ok := x.(bool)
		if !ok {
			return nil, unfit(e.Op, x)
		}
		if left == (e.Op == "||") {
			return left, nil
		}
	}
	y, err := r.right(e.Y)
	if err != nil {
		return nil, err
	}
	return r.binary(e.Op, x, y)
}

func (r *run) index(e *ast.Index) (any, error) {
	x, err := r.eval(e.X)
	if err != nil {
		return nil, err
	}
	position, err := r.right(e.Index)
	if err != nil {
		return nil, err
	}
	if _, ok := x.(allParams); ok {
		if _, ok := position.(string); !ok {
			return nil, failed("the name of a param must be a STRING, not a " + string(kindOf(position)))
		}
		return r.param("get", []any{position})
	}
	a, i, err := element(x, position)
	if err != nil {
		return nil, err
	}
	return a.items[i], nil
}

// newArray makes an array of zeros or of elements.
func (r *run) newArray(e *ast.NewArray) (any, error) {
	k, err := kindNamed(e.Type)
	if err != nil {
		return nil, err
	}
	if arrays[k] == "" {
		return nil, failed("there are no arrays of the type " + string(k))
	}
	a := &array{element: k}
	if e.Length == nil {
		if len(e.Elements) >= r.limits.Array {
			return nil, exceeded("array length")
		}
		for _, x := range e.Elements {
			v, err := r.right(x)
			if err != nil {
				return nil, err
			}
			if kindOf(v) != k {
				return nil, failed("a " + string(kindOf(v)) + " is no element of an array of the type " + string(k))
			}
			a.items = append(a.items, v)
		}
		return a, r.holdArray(a)
	}
	v, err := r.right(e.Length)
	if err != nil {
		return nil, err
	}
	length, ok := v.(int64)
	if !ok || length < 0 {
		return nil, failed("the length of an array must be a LONG of at least 0")
	}
	if length >= int64(r.limits.Array) {
		return nil, exceeded("array length")
	}
	a.items = make([]any, length)
	for i := range a.items {
		a.items[i] = k.zero()
	}
	return a, r.holdArray(a)
}
