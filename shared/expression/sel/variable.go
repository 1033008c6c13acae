package sel

import "github.com/segue-workflows/segue/shared/expression/sel/ast"

// variable returns the box of a local, or of a param that the program reads. It is nil when there is
// neither.
func (r *run) variable(name string) (*box, error) {
	b := r.vars[name]
	if b != nil || name == "params" || !r.program.reads[name] || r.env.Lookup == nil {
		return b, nil
	}
	v, ok := r.env.Lookup(name)
	if !ok || v == nil {
		return nil, nil
	}
	value, err := r.admit(v)
	if err != nil {
		return nil, err
	}
	b = &box{kindOf(value), value}
	r.vars[name] = b
	return b, nil
}

// declare binds each name to a new box, or, in Compat, to the box of its initialiser.
func (r *run) declare(s *ast.Declare) error {
	k, err := kindNamed(s.Type)
	if err != nil {
		return located(err, s.Pos, r.program.text)
	}
	for _, v := range s.Variables {
		b := &box{k, k.zero()}
		if v.Value != nil {
			if b, err = r.alias(v.Value); err != nil {
				return err
			}
			if b.kind != k {
				return r.fail(v, "a "+string(b.kind)+" cannot initialise a variable of the type "+string(k))
			}
		}
		var old any
		if before := r.vars[v.Name]; before != nil {
			old = before.value
		}
		if err := r.hold(sizeOf(b.value) - sizeOf(old)); err != nil {
			return located(err, v.Pos, r.program.text)
		}
		r.vars[v.Name] = b
	}
	return nil
}

// alias returns the box that an initialiser or the value of Map.put stands for. In Compat, that is
// the box of the variable, of the literal, or of the map entry itself; else it is a new one. The
// difference shows with scalars only, because arrays and maps are shared in either case.
func (r *run) alias(e ast.Expr) (*box, error) {
	if name, ok := e.(*ast.Name); ok {
		b, err := r.variable(name.Name)
		if err != nil {
			return nil, located(err, name.Pos, r.program.text)
		}
		if b != nil && !r.env.Compat {
			b = &box{b.kind, b.value}
		}
		if b != nil {
			return b, r.spendAt(e)
		}
	}
	if r.env.Compat {
		switch e := e.(type) {
		case *ast.Literal:
			return r.literal(e), r.spendAt(e)
		case *ast.Conditional:
			yes, err := r.truth(e.Cond)
			if err != nil {
				return nil, err
			}
			if yes {
				return r.alias(e.Then)
			}
			return r.alias(e.Else)
		case *ast.Assign:
			if name, ok := e.Target.(*ast.Name); ok {
				_, err := r.eval(e)
				return r.vars[name.Name], err
			}
		}
	}
	v, err := r.operand(e)
	if err != nil {
		return nil, err
	}
	if entry, ok := v.(*box); ok {
		if r.env.Compat {
			return entry, nil
		}
		return &box{entry.kind, entry.value}, nil
	}
	return &box{kindOf(v), v}, nil
}

func (r *run) spendAt(n ast.Node) error {
	if err := r.spend(1); err != nil {
		return located(err, n.Position(), r.program.text)
	}
	return nil
}

// literal returns the one box of a literal.
func (r *run) literal(e *ast.Literal) *box {
	b := r.literals[e]
	if b == nil {
		if r.literals == nil {
			r.literals = map[*ast.Literal]*box{}
		}
		b = &box{kindOf(e.Value), e.Value}
		r.literals[e] = b
	}
	return b
}

// assign stores in a variable or in an element of an array. A new variable has the kind of its value.
func (r *run) assign(e *ast.Assign) (any, error) {
	if index, ok := e.Target.(*ast.Index); ok {
		return r.assignElement(e, index)
	}
	name := e.Target.(*ast.Name).Name
	v, err := r.eval(e.Value)
	if err != nil {
		return nil, err
	}
	b, err := r.variable(name)
	if err != nil {
		return nil, err
	}
	if b == nil {
		if k := kindOf(v); e.Op != "=" || k == kindNull || k == kindVoid || k == kindOther {
			return nil, failed("the operator " + e.Op + " does not make a variable of a " + string(k))
		}
		r.vars[name] = &box{kindOf(v), v}
		return v, r.hold(32 + sizeOf(v))
	}
	err = r.store(b, e.Op, v)
	return b.value, err
}

func (r *run) assignElement(e *ast.Assign, target *ast.Index) (any, error) {
	list, err := r.eval(target.X)
	if err != nil {
		return nil, err
	}
	position, err := r.eval(target.Index)
	if err != nil {
		return nil, err
	}
	v, err := r.eval(e.Value)
	if err != nil {
		return nil, err
	}
	a, i, err := element(list, position)
	if err != nil {
		return nil, err
	}
	b := &box{a.element, a.items[i]}
	if err := r.store(b, e.Op, v); err != nil {
		return nil, err
	}
	a.items[i] = b.value
	return b.value, nil
}

// element checks an index.
func element(list, position any) (*array, int64, error) {
	a, isArray := list.(*array)
	i, isLong := position.(int64)
	switch {
	case !isArray:
		return nil, 0, failed("a " + string(kindOf(list)) + " has no elements")
	case !isLong:
		return nil, 0, failed("an index must be a LONG, not a " + string(kindOf(position)))
	case i < 0 || i >= int64(len(a.items)):
		return nil, 0, failed("the index is out of range")
	}
	return a, i, nil
}

// store applies an assignment operator to a box. There is no conversion: a LONG is not a DOUBLE.
func (r *run) store(b *box, op string, v any) error {
	old := b.value
	switch {
	case op == "=" && kindOf(v) == b.kind:
		b.value = v
	case op == "+=" && b.kind == kindString:
		sum, err := r.concat(b.value, v)
		if err != nil {
			return err
		}
		b.value = sum
	case op != "=" && kindOf(v) == b.kind && (b.kind == kindLong || b.kind == kindDouble):
		result, err := arithmetic(op[:1], b.value, v)
		if err != nil {
			return err
		}
		b.value = result
	default:
		return failed("the operator " + op + " does not take a " + string(kindOf(v)) +
			" where a " + string(b.kind) + " is")
	}
	return r.hold(sizeOf(b.value) - sizeOf(old))
}
