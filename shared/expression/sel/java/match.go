package java

import (
	"io"
	"unicode/utf8"
)

// matchLimit bounds the group positions that one search may return.
const matchLimit = 1 << 18

// most is the number of matches that matchLimit allows.
func (p *Pattern) most() int { return matchLimit / (p.search.NumSubexp() + 1) }

// matches returns the groups of at most n matches. Like Java, and unlike Go's FindAll, it also finds
// the empty match that touches the end of the match before it.
//
// One search is linear in the text, but a search may read to the end of the text and then match near
// its start, or nothing: then all of them together are quadratic. Hence each search runs over a
// reader that pays for what is read.
func (p *Pattern) matches(text string, n int, work Work) ([][]int, error) {
	if p.plain {
		if err := work(p.states * (len(text) + 1)); err != nil {
			return nil, err
		}
		return p.search.FindAllStringSubmatchIndex(text, n), nil
	}
	var found [][]int
	for from := 0; from <= len(text) && len(found) < n; {
		m, err := p.find(text, from, work)
		if m == nil || err != nil {
			return found, err
		}
		found = append(found, m)
		if from = m[1]; m[0] == m[1] { // behind an empty match, the search goes on one character later
			_, width := utf8.DecodeRuneInString(text[from:])
			from += max(width, 1)
		}
	}
	return found, nil
}

// find returns the first match at or behind from, or nil.
func (p *Pattern) find(text string, from int, work Work) ([]int, error) {
	r := &meter{text: text, price: p.states + stepsPerRune, work: work}
	if from == 0 {
		m := p.search.FindReaderSubmatchIndex(r)
		return m, r.settle()
	}
	_, width := utf8.DecodeLastRuneInString(text[:from])
	start := from - width
	r.text = text[start:]
	m := p.again.FindReaderSubmatchIndex(r)
	if err := r.settle(); m == nil || err != nil {
		return nil, err
	}
	m = m[2:] // the first pair is the whole, with what was skipped
	for i := range m {
		if m[i] >= 0 {
			m[i] += start
		}
	}
	return m, nil
}

// What a search costs beside its states.
const (
	stepsPerRune   = 4
	stepsPerSearch = 64
	runesPerLeave  = 256 // between two questions for leave
)

// meter reads a text and pays for each character.
type meter struct {
	text  string
	read  int // characters since the last payment
	price int // of a character
	work  Work
	err   error
}

// ReadRune returns the next character, or the end of the text when the work is refused.
func (m *meter) ReadRune() (rune, int, error) {
	if m.read == runesPerLeave {
		m.pay(0)
	}
	if m.text == "" || m.err != nil {
		return 0, 0, io.EOF
	}
	c, width := utf8.DecodeRuneInString(m.text)
	m.text = m.text[width:]
	m.read++
	return c, width, nil
}

func (m *meter) pay(extra int) {
	if m.err == nil {
		m.err = m.work(m.read*m.price + extra)
	}
	m.read = 0
}

// settle pays for the rest of a search.
func (m *meter) settle() error {
	m.pay(stepsPerSearch)
	return m.err
}
