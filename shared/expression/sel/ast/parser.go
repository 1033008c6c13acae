package ast

// Parse reads a program: imports, which mean nothing, and statements. Statements and expressions
// may nest as deep as the caller allows.
func Parse(text string, depth int) ([]Stmt, error) {
	tokens, err := tokenize(text)
	if err != nil {
		return nil, err
	}
	p := &parser{tokens: tokens, room: depth}
	for err == nil && p.is("import") {
		err = p.importName()
	}
	var list []Stmt
	for err == nil && p.token().kind != end {
		var s Stmt
		s, err = p.blockStatement()
		list = append(list, s)
	}
	if err == nil && len(list) == 0 {
		err = p.expected("a statement")
	}
	if err != nil {
		return nil, err
	}
	return list, nil
}

// parser holds the tokens and the place in them. There is one method for one rule.
type parser struct {
	tokens []token
	next   int
	room   int // how much deeper the text may nest
}

// token returns the next token, ahead the one at a distance from it.
func (p *parser) token() token { return p.tokens[p.next] }

func (p *parser) ahead(distance int) token {
	return p.tokens[min(p.next+distance, len(p.tokens)-1)]
}

// word tells whether the token is this keyword or operator.
func (t token) word(text string) bool {
	return (t.kind == operator || t.kind == keyword) && t.text == text
}

func (p *parser) is(text string) bool { return p.token().word(text) }

// skip consumes the next token if it is this keyword or operator.
func (p *parser) skip(text string) bool {
	if !p.is(text) {
		return false
	}
	p.next++
	return true
}

func (p *parser) expect(text string) error {
	if !p.skip(text) {
		return p.expected("'" + text + "'")
	}
	return nil
}

func (p *parser) expected(what string) error {
	t := p.token()
	return &Error{Pos: t.Pos, Message: "expected " + what + ", found " + t.describe()}
}

func (p *parser) name() (token, error) {
	t := p.token()
	if t.kind != identifier {
		return t, p.expected("a name")
	}
	p.next++
	return t, nil
}

// enter and leave count the nesting.
func (p *parser) enter() error {
	if p.room == 0 {
		return &Error{Pos: p.token().Pos, Message: "the text nests too deep", Deep: true}
	}
	p.room--
	return nil
}

func (p *parser) leave() { p.room++ }

func (p *parser) importName() error {
	p.next++
	p.skip("static")
	for {
		if _, err := p.name(); err != nil {
			return err
		}
		if !p.skip(".") {
			return p.expect(";")
		}
		if p.skip("*") {
			return p.expect(";")
		}
	}
}

// typeName consumes a type; array tells whether [] may follow.
func (p *parser) typeName(array bool) (Type, error) {
	t := p.token()
	if t.kind != identifier && !(t.kind == keyword && primitives[t.text]) {
		return Type{}, p.expected("a type")
	}
	p.next++
	if array && p.skip("[") {
		return Type{Name: t.text, Array: true}, p.expect("]")
	}
	return Type{Name: t.text}, nil
}
