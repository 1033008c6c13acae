package document

import (
	"bytes"
	"strconv"
	"unicode/utf16"
)

// str reads a string; the scanner stands at its opening quote.
func (s *scanner) str() string {
	s.at++
	if end := bytes.IndexAny(s.text[s.at:], "\"\\\n"); end >= 0 && s.text[s.at+end] == '"' && plain(s.text[s.at:s.at+end]) {
		text := string(s.text[s.at : s.at+end])
		s.at += end + 1
		return text
	}
	var out []byte
	for s.err == nil {
		switch c := s.next(); {
		case s.at >= len(s.text):
			s.fail("the text ends inside a string")
		case c == '"':
			s.at++
			return string(out)
		case c == '\\':
			out = s.escape(out)
		case c < ' ':
			s.fail("found a line break or control character inside a string; write it as an escape such as \\n")
		default:
			out = append(out, c)
			s.at++
		}
	}
	return ""
}

func plain(text []byte) bool {
	for _, c := range text {
		if c < ' ' {
			return false
		}
	}
	return true
}

var escapes = map[byte]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (s *scanner) escape(out []byte) []byte {
	if s.at+1 >= len(s.text) {
		s.fail("the text ends inside a string")
		return out
	}
	c := s.text[s.at+1]
	if c == 'u' {
		return s.unicode(out)
	}
	plain, ok := escapes[c]
	if !ok {
		s.fail("found an unknown escape in a string")
		return out
	}
	s.at += 2
	return append(out, plain)
}

// unicode reads \uXXXX, and the second half of a surrogate pair when it stands right behind.
func (s *scanner) unicode(out []byte) []byte {
	r, ok := s.hex(s.at)
	if !ok {
		s.fail("found \\u without four hexadecimal digits")
		return out
	}
	size := 6
	if utf16.IsSurrogate(r) {
		second, _ := s.hex(s.at + 6)
		if r = utf16.DecodeRune(r, second); r == '�' {
			s.fail("found half of a surrogate pair")
			return out
		}
		size = 12
	}
	if r == 0 {
		s.fail("found an escaped NUL character; no text may hold one")
	}
	s.at += size
	return append(out, string(r)...)
}

func (s *scanner) hex(at int) (rune, bool) {
	if at+6 > len(s.text) || s.text[at] != '\\' || s.text[at+1] != 'u' {
		return 0, false
	}
	n, err := strconv.ParseUint(string(s.text[at+2:at+6]), 16, 32)
	return rune(n), err == nil
}

// number reads a number and keeps it as it is written.
func (s *scanner) number() string {
	start := s.at
	for s.at < len(s.text) && bytes.IndexByte([]byte("+-.eE0123456789"), s.text[s.at]) >= 0 {
		s.at++
	}
	text := string(s.text[start:s.at])
	problem := numberProblem(text)
	if problem != "" {
		s.at = start
		s.fail("%s", problem)
	}
	return text
}

// numberProblem says why the text is no JSON number, or "".
func numberProblem(text string) string {
	if len(text) > MaxNumber {
		return "found a number of more than " + strconv.Itoa(MaxNumber) + " characters"
	}
	rest := text
	if rest != "" && rest[0] == '-' {
		rest = rest[1:]
	}
	whole, rest := digits(rest)
	if len(whole) > 1 && whole[0] == '0' {
		return "found a number that begins with 0; write it without, or as a string"
	}
	good := whole != ""
	if rest != "" && rest[0] == '.' {
		var fraction string
		fraction, rest = digits(rest[1:])
		good = good && fraction != ""
	}
	if rest != "" && (rest[0] == 'e' || rest[0] == 'E') {
		rest = rest[1:]
		if rest != "" && (rest[0] == '+' || rest[0] == '-') {
			rest = rest[1:]
		}
		var exponent string
		exponent, rest = digits(rest)
		good = good && exponent != ""
	}
	if !good || rest != "" {
		return "found a number that is not well formed"
	}
	return ""
}

// digits splits the text after its leading digits.
func digits(text string) (lead, rest string) {
	n := 0
	for n < len(text) && text[n] >= '0' && text[n] <= '9' {
		n++
	}
	return text[:n], text[n:]
}
