package document

import (
	"bytes"
	"unicode/utf8"
)

// ParseJSON reads a JSON text. It returns CodeInvalid, with the place, for a text that is not one.
func ParseJSON(text []byte) (*Node, error) {
	if err := checkText(text); err != nil {
		return nil, err
	}
	s := &scanner{text: text, place: Position{1, 1}}
	s.skipBlanks()
	root := s.value(0)
	if s.skipBlanks(); s.err == nil && s.at < len(text) {
		s.fail("found more text after the end of the document")
	}
	if s.err != nil {
		return nil, s.err
	}
	return root, nil
}

// checkText refuses what no document may hold, in either format.
func checkText(text []byte) error {
	if at := bytes.IndexByte(text, 0); at >= 0 {
		return syntaxError(text, positionOf(text, at), "found a NUL character; a document is plain text")
	}
	if utf8.Valid(text) {
		return nil
	}
	at := 0
	for {
		r, size := utf8.DecodeRune(text[at:])
		if r == utf8.RuneError && size <= 1 {
			return syntaxError(text, positionOf(text, at), "found a byte that is not UTF-8")
		}
		at += size
	}
}

func positionOf(text []byte, offset int) Position {
	start := bytes.LastIndexByte(text[:offset], '\n') + 1
	return Position{bytes.Count(text[:offset], []byte{'\n'}) + 1, utf8.RuneCount(text[start:offset]) + 1}
}

// scanner reads JSON. After the first error every method returns at once, so callers need not check each step.
type scanner struct {
	text  []byte
	at    int
	known int      // the offset that place belongs to
	place Position // advanced on demand, so that one long line stays linear
	err   error
	nodes int
}

func (s *scanner) fail(format string, args ...any) {
	if s.err == nil {
		s.err = syntaxError(s.text, s.position(), format, args...)
		s.at = len(s.text)
	}
}

// position returns the place of the current offset; offsets only grow.
func (s *scanner) position() Position {
	passed := s.text[s.known:s.at]
	if lines := bytes.Count(passed, []byte{'\n'}); lines > 0 {
		s.place.Line += lines
		s.place.Column = 1
		passed = passed[bytes.LastIndexByte(passed, '\n')+1:]
	}
	s.place.Column += utf8.RuneCount(passed)
	s.known = s.at
	return s.place
}

func (s *scanner) skipBlanks() {
	for s.at < len(s.text) {
		switch s.text[s.at] {
		case ' ', '\t', '\n', '\r':
			s.at++
		default:
			return
		}
	}
}

// next returns the next byte without taking it, 0 at the end.
func (s *scanner) next() byte {
	if s.at < len(s.text) {
		return s.text[s.at]
	}
	return 0
}

// found says what stands here, for messages.
func (s *scanner) found() string {
	if s.at >= len(s.text) {
		return "the end of the text"
	}
	r, _ := utf8.DecodeRune(s.text[s.at:])
	return `"` + string(r) + `"`
}

func (s *scanner) value(depth int) *Node {
	node := &Node{Position: s.position()}
	if s.nodes++; s.nodes > MaxNodes {
		s.fail("the document has more than %d values", MaxNodes)
	}
	if depth >= MaxDepth {
		s.fail("the document is nested deeper than %d levels", MaxDepth)
	}
	switch c := s.next(); {
	case s.err != nil:
	case c == '{':
		s.object(node, depth)
	case c == '[':
		s.array(node, depth)
	case c == '"':
		node.Kind, node.Text = String, s.str()
	case c == '-' || c >= '0' && c <= '9':
		node.Kind, node.Text = Number, s.number()
	default:
		s.word(node)
	}
	return node
}

func (s *scanner) word(node *Node) {
	for _, word := range []string{"true", "false", "null"} {
		if bytes.HasPrefix(s.text[s.at:], []byte(word)) {
			if word != "null" {
				node.Kind, node.Text = Bool, word
			}
			s.at += len(word)
			return
		}
	}
	s.fail("found %s, want a value", s.found())
}

func (s *scanner) object(node *Node, depth int) {
	node.Kind = Object
	seen := map[string]bool{}
	s.members('}', func() {
		if s.next() != '"' {
			s.fail(`found %s, want a key in double quotes or "}"`, s.found())
			return
		}
		field := Field{Position: s.position()}
		field.Key = s.str()
		if s.err == nil && seen[field.Key] {
			s.err = syntaxError(s.text, field.Position, "the key %q is given twice", field.Key)
		}
		seen[field.Key] = true
		if s.skipBlanks(); s.err == nil && s.next() != ':' {
			s.fail(`found %s, want ":" after the key`, s.found())
			return
		}
		s.at++
		s.skipBlanks()
		if s.err == nil {
			field.Value = s.value(depth + 1)
			node.Fields = append(node.Fields, field)
		}
	})
}

func (s *scanner) array(node *Node, depth int) {
	node.Kind = Array
	s.members(']', func() { node.Items = append(node.Items, s.value(depth+1)) })
}

// members reads what stands between the bracket here and its closing one.
func (s *scanner) members(end byte, one func()) {
	s.at++
	if s.skipBlanks(); s.next() == end {
		s.at++
		return
	}
	for s.err == nil {
		one()
		s.skipBlanks()
		switch {
		case s.err != nil:
			return
		case s.next() == end:
			s.at++
			return
		case s.next() != ',':
			s.fail(`found %s, want "," or "%c"`, s.found(), end)
			return
		}
		s.at++
		if s.skipBlanks(); s.next() == end {
			s.fail(`found "%c" after a comma, want one more value`, end)
		}
	}
}
