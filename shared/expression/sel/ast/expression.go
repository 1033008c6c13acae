package ast

// expression parses an assignment or a conditional expression.
func (p *parser) expression() (Expr, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	first := p.token()
	x, err := p.conditional()
	if err != nil {
		return nil, err
	}
	op := p.token()
	if op.kind != operator || !assignments[op.text] || first.kind != identifier || !assignable(x) {
		return x, nil
	}
	p.next++
	value, err := p.expression()
	return &Assign{Pos: op.Pos, Target: x, Op: op.text, Value: value}, err
}

// expressionThen parses an expression and the word behind it.
func (p *parser) expressionThen(text string) (Expr, error) {
	x, err := p.expression()
	if err != nil {
		return nil, err
	}
	return x, p.expect(text)
}

// assignable tells whether x may stand left of an assignment: a name, or an element of a name.
func assignable(x Expr) bool {
	if i, ok := x.(*Index); ok {
		x = i.X
	}
	_, ok := x.(*Name)
	return ok
}

func (p *parser) conditional() (Expr, error) {
	cond, err := p.binary(0)
	if err != nil || !p.is("?") {
		return cond, err
	}
	c := &Conditional{Pos: p.token().Pos, Cond: cond}
	p.next++
	if c.Then, err = p.expressionThen(":"); err != nil {
		return nil, err
	}
	c.Else, err = p.expression()
	return c, err
}

// precedence lists the binary operators, the loosest first. Those of a row associate to the left.
var precedence = []map[string]bool{
	set("||"), set("&&"), set("==", "!="), set("<", ">", "<=", ">="), set("+", "-"), set("*", "/", "%"),
}

func (p *parser) binary(level int) (Expr, error) {
	if level == len(precedence) {
		return p.unary()
	}
	x, err := p.binary(level + 1)
	for err == nil {
		op := p.token()
		if op.kind != operator || !precedence[level][op.text] {
			break
		}
		p.next++
		var y Expr
		y, err = p.binary(level + 1)
		x = &Binary{Pos: op.Pos, Op: op.text, X: x, Y: y}
	}
	return x, err
}

func (p *parser) unary() (Expr, error) {
	op := p.token()
	if !op.word("-") && !op.word("+") && !op.word("!") {
		return p.primary()
	}
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	p.next++
	x, err := p.unary()
	return &Unary{Pos: op.Pos, Op: op.text, X: x}, err
}

func (p *parser) primary() (Expr, error) {
	x, err := p.prefix()
	for err == nil {
		pos := p.token().Pos
		switch {
		case p.skip("["):
			var index Expr
			index, err = p.expressionThen("]")
			x = &Index{Pos: pos, X: x, Index: index}
		case p.skip("."):
			x, err = p.member(x)
		default:
			return x, nil
		}
	}
	return nil, err
}

// member parses what follows a point: a field or a call.
func (p *parser) member(x Expr) (Expr, error) {
	name, err := p.name()
	if err != nil {
		return nil, err
	}
	if !p.skip("(") {
		return &Field{Pos: name.Pos, X: x, Name: name.text}, nil
	}
	args, err := p.arguments()
	return &Call{Pos: name.Pos, X: x, Name: name.text, Args: args}, err
}

// arguments parses a list behind its opening parenthesis.
func (p *parser) arguments() ([]Expr, error) {
	if p.skip(")") {
		return nil, nil
	}
	var args []Expr
	for {
		x, err := p.expression()
		if err != nil {
			return nil, err
		}
		args = append(args, x)
		if !p.skip(",") {
			return args, p.expect(")")
		}
	}
}

func (p *parser) prefix() (Expr, error) {
	t := p.token()
	switch {
	case t.kind == stringLiteral || t.kind == longLiteral || t.kind == doubleLiteral:
		p.next++
		return &Literal{Pos: t.Pos, Value: t.value}, nil
	case t.kind == identifier:
		p.next++
		return &Name{Pos: t.Pos, Name: t.text}, nil
	case p.skip("null"):
		return &Literal{Pos: t.Pos}, nil
	case p.skip("true"):
		return &Literal{Pos: t.Pos, Value: true}, nil
	case p.skip("false"):
		return &Literal{Pos: t.Pos, Value: false}, nil
	case p.skip("("):
		return p.expressionThen(")")
	case p.skip("new"):
		return p.allocation(t.Pos)
	}
	return nil, p.expected("an expression")
}

// allocation parses what follows new.
func (p *parser) allocation(pos Pos) (Expr, error) {
	t, err := p.typeName(false)
	if err != nil {
		return nil, err
	}
	if p.skip("(") {
		args, err := p.arguments()
		return &New{Pos: pos, Type: t, Args: args}, err
	}
	if err := p.expect("["); err != nil {
		return nil, err
	}
	if !p.skip("]") {
		length, err := p.expressionThen("]")
		return &NewArray{Pos: pos, Type: t, Length: length}, err
	}
	elements, err := p.elements()
	return &NewArray{Pos: pos, Type: t, Elements: elements}, err
}

// elements parses the list of an array in braces; a comma may end it.
func (p *parser) elements() ([]Expr, error) {
	if err := p.expect("{"); err != nil {
		return nil, err
	}
	if p.skip(",") {
		return nil, p.expect("}")
	}
	var list []Expr
	for !p.skip("}") {
		x, err := p.expression()
		if err != nil {
			return nil, err
		}
		list = append(list, x)
		if !p.skip(",") {
			return list, p.expect("}")
		}
	}
	return list, nil
}
