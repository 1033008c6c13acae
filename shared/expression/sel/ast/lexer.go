package ast

import (
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
)

// eof stands for the character behind the last one.
const eof rune = -1

// lexer cuts a text into tokens.
type lexer struct {
	text []rune
	next int // index of the next character
	pos  Pos // place of the next character
}

// tokenize returns all tokens of the text, an end token included.
func tokenize(text string) ([]token, error) {
	runes, err := decodeEscapes([]rune(text))
	if err != nil {
		return nil, err
	}
	l := &lexer{text: runes, pos: Pos{1, 1}}
	tokens := make([]token, 0, len(runes)/4+2)
	for {
		if err := l.skipBlanks(); err != nil {
			return nil, err
		}
		t, err := l.token()
		if err != nil {
			return nil, err
		}
		tokens = append(tokens, t)
		if t.kind == end {
			return tokens, nil
		}
	}
}

// decodeEscapes replaces \uXXXX everywhere, as Java does before it looks at anything else. A
// backslash that is itself escaped starts no escape.
func decodeEscapes(text []rune) ([]rune, error) {
	if !strings.Contains(string(text), `\u`) {
		return text, nil
	}
	var out []rune
	pos := Pos{1, 1}
	for i := 0; i < len(text); i++ {
		c := text[i]
		switch {
		case c != '\\' || i+1 == len(text):
		case text[i+1] == '\\':
			out = append(out, c)
			i++
		case text[i+1] == 'u':
			for i++; i < len(text) && text[i] == 'u'; i++ {
			}
			if i+4 > len(text) {
				return nil, &Error{Pos: pos, Message: `a \u escape needs four hexadecimal digits`}
			}
			unit, err := strconv.ParseUint(string(text[i:i+4]), 16, 16)
			if err != nil {
				return nil, &Error{Pos: pos, Message: `a \u escape needs four hexadecimal digits`}
			}
			c, i = rune(unit), i+3
			if n := len(out); n > 0 && utf16.IsSurrogate(out[n-1]) && utf16.IsSurrogate(c) {
				c, out = utf16.DecodeRune(out[n-1], c), out[:n-1]
			}
		}
		out = append(out, c)
		if c == '\n' {
			pos = Pos{pos.Line + 1, 0}
		}
		pos.Column++
	}
	return out, nil
}

func (l *lexer) fail(pos Pos, message string) error { return &Error{Pos: pos, Message: message} }

// peek returns the character at the distance from the next one.
func (l *lexer) peek(distance int) rune {
	if l.next+distance >= len(l.text) {
		return eof
	}
	return l.text[l.next+distance]
}

// take consumes n characters and returns them.
func (l *lexer) take(n int) string {
	taken := l.text[l.next : l.next+n]
	l.next += n
	for _, c := range taken {
		l.pos.Column++
		if c == '\n' {
			l.pos = Pos{l.pos.Line + 1, 1}
		}
	}
	return string(taken)
}

// run counts how many characters from the distance on satisfy the condition.
func (l *lexer) run(distance int, ok func(rune) bool) int {
	n := 0
	for c := l.peek(distance); c != eof && ok(c); c = l.peek(distance + n) {
		n++
	}
	return n
}

// skipBlanks consumes white space and comments.
func (l *lexer) skipBlanks() error {
	for {
		switch c := l.peek(0); {
		case c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f':
			l.take(1)
		case c == '/' && l.peek(1) == '/':
			l.take(l.run(0, func(c rune) bool { return c != '\n' && c != '\r' }))
		case c == '/' && l.peek(1) == '*':
			pos := l.pos
			l.take(2)
			for l.peek(0) != '*' || l.peek(1) != '/' {
				if l.peek(0) == eof {
					return l.fail(pos, "the comment does not end")
				}
				l.take(1)
			}
			l.take(2)
		default:
			return nil
		}
	}
}

// token consumes the next token.
func (l *lexer) token() (token, error) {
	switch c := l.peek(0); {
	case c == eof:
		return token{Pos: l.pos, kind: end}, nil
	case letter(c):
		return l.word(), nil
	case digit(c), c == '.' && digit(l.peek(1)):
		return l.number()
	case c == '"' || c == '\'':
		return l.quoted(c)
	}
	return l.operator()
}

func (l *lexer) word() token {
	t := token{Pos: l.pos, kind: identifier}
	t.text = l.take(l.run(0, func(c rune) bool { return letter(c) || unicode.IsDigit(c) }))
	if keywords[t.text] {
		t.kind = keyword
	}
	return t
}

// operators are tried longest first.
var operators = []string{
	"&&", "||", "==", "!=", "<=", ">=", "+=", "-=", "*=", "/=", "%=", "++", "--", "<<", ">>",
	"+", "-", "*", "/", "%", "<", ">", "=", "!", "?", ":", ";", ",", ".", "(", ")", "[", "]", "{", "}",
}

func (l *lexer) operator() (token, error) {
	pos := l.pos
	for _, op := range operators {
		if l.peek(0) == rune(op[0]) && (len(op) == 1 || l.peek(1) == rune(op[1])) {
			return token{Pos: pos, kind: operator, text: l.take(len(op))}, nil
		}
	}
	return token{}, l.fail(pos, "the character "+strconv.QuoteRune(l.peek(0))+" has no meaning here")
}

func letter(c rune) bool { return c == '_' || c == '$' || unicode.IsLetter(c) }
func digit(c rune) bool  { return '0' <= c && c <= '9' }
