package ast

import (
	"errors"
	"strconv"
	"strings"
)

// number consumes an integer or a floating literal. The longest form wins, as in Java: in 5.x the
// number is "5.".
func (l *lexer) number() (token, error) {
	t := token{Pos: l.pos}
	if n, ok := l.floating(); ok {
		t.kind, t.text = doubleLiteral, l.take(n)
		digits := strings.TrimRight(t.text, "fFdD")
		value, err := strconv.ParseFloat(digits, 64)
		if err != nil && !errors.Is(err, strconv.ErrRange) { // out of range is Infinity
			return token{}, l.fail(t.Pos, "malformed number")
		}
		t.value = value
		return t, nil
	}
	return l.integer(t)
}

// floating measures a floating literal: digits with a point, an exponent or a suffix.
func (l *lexer) floating() (length int, ok bool) {
	n := l.run(0, digit)
	if l.peek(n) == '.' {
		n++
		n += l.run(n, digit)
		ok = true
	}
	if c := l.peek(n); c == 'e' || c == 'E' {
		signed := n + 1
		if c := l.peek(signed); c == '+' || c == '-' {
			signed++
		}
		if digits := l.run(signed, digit); digits > 0 {
			n, ok = signed+digits, true
		}
	}
	if c := l.peek(n); c != eof && strings.ContainsRune("fFdD", c) {
		n, ok = n+1, true
	}
	return n, ok
}

func (l *lexer) integer(t token) (token, error) {
	if c := l.peek(1); l.peek(0) == '0' && (c == 'x' || c == 'X') {
		return token{}, &Error{Pos: t.Pos, Message: "hexadecimal numbers are not supported", Final: true}
	}
	t.kind = longLiteral
	if l.peek(0) == '0' { // a leading zero admits octal digits only, and yet the value is decimal
		t.text = l.take(l.run(0, func(c rune) bool { return '0' <= c && c <= '7' }))
	} else {
		t.text = l.take(l.run(0, digit))
	}
	if c := l.peek(0); c == 'l' || c == 'L' {
		l.take(1)
	}
	value, err := strconv.ParseInt(t.text, 10, 64)
	if err != nil {
		return token{}, l.fail(t.Pos, "the number does not fit into 64 bits")
	}
	t.value = value
	return t, nil
}

// escapes are the characters that may follow a backslash. Octal escapes are not supported.
var escapes = map[rune]rune{
	'b': '\b', 'n': '\n', 't': '\t', 'f': '\f', 'r': '\r', '\\': '\\', '"': '"', '\'': '\'',
}

// quoted consumes a string in either kind of quotes.
func (l *lexer) quoted(quote rune) (token, error) {
	t := token{Pos: l.pos, kind: stringLiteral}
	l.take(1)
	var b strings.Builder
	for {
		switch c := l.peek(0); c {
		case eof, '\n', '\r':
			return token{}, l.fail(t.Pos, "the string does not end on its line")
		case quote:
			l.take(1)
			t.value = b.String()
			return t, nil
		case '\\':
			escaped, ok := escapes[l.peek(1)]
			if !ok {
				return token{}, l.fail(l.pos, `a string may escape only b n t f r \ " and '`)
			}
			b.WriteRune(escaped)
			l.take(2)
		default:
			b.WriteRune(c)
			l.take(1)
		}
	}
}
