package ast

// blockStatement parses a declaration or a statement.
func (p *parser) blockStatement() (Stmt, error) {
	if !p.atDeclaration() {
		return p.statement()
	}
	d, err := p.declaration()
	if err != nil {
		return nil, err
	}
	return d, p.expect(";")
}

// atDeclaration looks ahead: a type is a primitive, or a name that another name follows.
func (p *parser) atDeclaration() bool {
	t := p.token()
	if t.kind == keyword {
		return primitives[t.text]
	}
	if t.kind != identifier {
		return false
	}
	if p.ahead(1).word("[") && p.ahead(2).word("]") {
		return true
	}
	return p.ahead(1).kind == identifier
}

func (p *parser) declaration() (*Declare, error) {
	d := &Declare{Pos: p.token().Pos}
	var err error
	if d.Type, err = p.typeName(true); err != nil {
		return nil, err
	}
	for {
		name, err := p.name()
		if err != nil {
			return nil, err
		}
		v := Variable{Pos: name.Pos, Name: name.text}
		if p.skip("=") {
			if v.Value, err = p.expression(); err != nil {
				return nil, err
			}
		}
		d.Variables = append(d.Variables, v)
		if !p.skip(",") {
			return d, nil
		}
	}
}

func (p *parser) statement() (Stmt, error) {
	if err := p.enter(); err != nil {
		return nil, err
	}
	defer p.leave()
	pos := p.token().Pos
	switch {
	case p.skip("{"):
		return p.block(pos)
	case p.skip("if"):
		return p.ifStatement(pos)
	case p.skip("while"):
		cond, err := p.condition()
		if err != nil {
			return nil, err
		}
		body, err := p.statement()
		return &While{Pos: pos, Cond: cond, Body: body}, err
	case p.skip("for"):
		return p.forStatement(pos)
	case p.skip("break"):
		return &Break{pos}, p.expect(";")
	case p.skip("continue"):
		return &Continue{pos}, p.expect(";")
	case p.skip("return"):
		x, err := p.expressionThen(";")
		return &Return{Pos: pos, X: x}, err
	case p.skip("throw"):
		x, err := p.expressionThen(";")
		return &Throw{Pos: pos, X: x}, err
	}
	x, err := p.expressionThen(";")
	return &Evaluate{Pos: pos, X: x}, err
}

func (p *parser) block(pos Pos) (Stmt, error) {
	b := &Block{Pos: pos}
	for !p.skip("}") {
		s, err := p.blockStatement()
		if err != nil {
			return nil, err
		}
		b.List = append(b.List, s)
	}
	return b, nil
}

// condition parses an expression in parentheses.
func (p *parser) condition() (Expr, error) {
	if err := p.expect("("); err != nil {
		return nil, err
	}
	return p.expressionThen(")")
}

func (p *parser) ifStatement(pos Pos) (Stmt, error) {
	s := &If{Pos: pos}
	var err error
	if s.Cond, err = p.condition(); err != nil {
		return nil, err
	}
	if s.Then, err = p.statement(); err != nil {
		return nil, err
	}
	if p.skip("else") {
		s.Else, err = p.statement()
	}
	return s, err
}

func (p *parser) forStatement(pos Pos) (Stmt, error) {
	s := &For{Pos: pos}
	err := p.expect("(")
	if err != nil {
		return nil, err
	}
	if !p.is(";") {
		if s.Init, err = p.forInit(); err != nil {
			return nil, err
		}
	}
	if err = p.expect(";"); err != nil {
		return nil, err
	}
	if !p.is(";") {
		if s.Cond, err = p.expression(); err != nil {
			return nil, err
		}
	}
	if err = p.expect(";"); err != nil {
		return nil, err
	}
	if !p.is(")") {
		if s.Update, err = p.expression(); err != nil {
			return nil, err
		}
	}
	if err = p.expect(")"); err != nil {
		return nil, err
	}
	s.Body, err = p.statement()
	return s, err
}

func (p *parser) forInit() (Stmt, error) {
	pos := p.token().Pos
	if p.atDeclaration() {
		return p.declaration()
	}
	x, err := p.expression()
	return &Evaluate{Pos: pos, X: x}, err
}
