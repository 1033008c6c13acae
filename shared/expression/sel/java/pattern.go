package java

import (
	"errors"
	"regexp"
	"regexp/syntax"
	"strings"
)

// patternLimit bounds the text of a pattern and the number of steps it compiles to.
const patternLimit = 4096

// Pattern is a compiled Java regular expression.
type Pattern struct {
	search *regexp.Regexp
	// again finds, in a text that begins one character before, the next match as its first group. The
	// character is there for what looks back: ^ and \b.
	again *regexp.Regexp
	// plain is true when a search never reads on behind its match and never matches nothing, so that
	// all matches together cost one pass over the text.
	plain  bool
	states int
}

// Work is asked for leave to do so many steps; its error ends the work.
type Work func(steps int) error

// Compile translates a Java regular expression. ErrTooLarge means that it would need too much memory.
func Compile(pattern string) (*Pattern, error) {
	if len(pattern) > patternLimit {
		return nil, ErrTooLarge
	}
	text, err := translate(pattern)
	if err != nil {
		return nil, err
	}
	tree, err := syntax.Parse(text, syntax.Perl)
	if err != nil {
		return nil, refused(err)
	}
	if size(tree, true) > patternLimit {
		return nil, ErrTooLarge
	}
	p := &Pattern{plain: plain(tree), states: size(tree, false)}
	if p.search, err = regexp.Compile(text); err != nil {
		return nil, refused(err)
	}
	if !p.plain {
		p.again, err = regexp.Compile(`\A(?s:.)(?s:.*?)(` + text + `)`)
	}
	return p, err
}

// refused tells a pattern that is too large from one that is wrong. The engine's own text would quote
// the pattern.
func refused(err error) error {
	if e := (*syntax.Error)(nil); errors.As(err, &e) {
		switch e.Code {
		case syntax.ErrInvalidRepeatSize, syntax.ErrLarge, syntax.ErrNestingDepth:
			return ErrTooLarge
		}
	}
	return errors.New("the regular expression is malformed or not supported")
}

// Size returns the number of states, which is what compiling cost.
func (p *Pattern) Size() int { return p.states }

// size estimates the states of the compiled program, or, with ranges, the memory they take.
// Repetitions multiply, which is why it is counted before anything is compiled.
func size(tree *syntax.Regexp, ranges bool) int {
	n := 1
	if ranges || tree.Op == syntax.OpLiteral {
		n += len(tree.Rune) / 2
	}
	for _, sub := range tree.Sub {
		n += size(sub, ranges)
	}
	if tree.Op == syntax.OpRepeat {
		n *= max(tree.Min, tree.Max, 1)
	}
	return min(n, 1<<30)
}

// plain tells whether the pattern is a sequence of characters and classes.
func plain(tree *syntax.Regexp) bool {
	switch tree.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return true
	case syntax.OpConcat, syntax.OpCapture:
		for _, sub := range tree.Sub {
			if !plain(sub) {
				return false
			}
		}
		return true
	}
	return false
}

// Split does what String.split does: a positive limit bounds the pieces, zero drops the empty ones
// at the end. At most pieces pieces are made, or ErrTooLarge.
func (p *Pattern) Split(text string, limit int64, pieces int, work Work) ([]string, error) {
	most := min(pieces, p.most()) + 1
	if limit > 0 {
		most = int(min(int64(most), limit))
	}
	found, err := p.matches(text, most, work)
	if err != nil {
		return nil, err
	}
	var list []string
	start := 0
	for _, m := range found {
		if limit > 0 && int64(len(list)) == limit-1 {
			break
		}
		if m[1] == 0 { // a match of nothing at the very start splits nothing off
			continue
		}
		if len(list) == pieces {
			return nil, ErrTooLarge
		}
		list = append(list, text[start:m[0]])
		start = m[1]
	}
	if list == nil {
		return []string{text}, nil
	}
	list = append(list, text[start:])
	for limit == 0 && len(list) > 0 && list[len(list)-1] == "" {
		list = list[:len(list)-1]
	}
	return list, nil
}

// ReplaceAll does what String.replaceAll does. The result may have at most limit bytes.
func (p *Pattern) ReplaceAll(text, replacement string, limit int, work Work) (string, error) {
	found, err := p.matches(text, p.most()+1, work)
	if err != nil {
		return "", err
	}
	if len(found) > p.most() {
		return "", ErrTooLarge
	}
	e := &expansion{pattern: p, replacement: replacement, text: text, limit: limit}
	start := 0
	for _, m := range found {
		e.out.WriteString(text[start:m[0]])
		start = m[1]
		if err := e.expand(m); err != nil {
			return "", err
		}
	}
	e.out.WriteString(text[start:])
	return bounded(e.out.String(), limit)
}

// expansion is the result of ReplaceAll as it grows.
type expansion struct {
	pattern           *Pattern
	replacement, text string
	out               strings.Builder
	limit             int
}

// expand writes the replacement with the groups of the match in the place of $n and ${name}; a
// backslash takes the character behind it as it is.
func (e *expansion) expand(m []int) error {
	for i := 0; i < len(e.replacement); i++ {
		switch c := e.replacement[i]; c {
		case '\\':
			if i++; i == len(e.replacement) {
				return errors.New("the replacement ends with a backslash")
			}
			e.out.WriteByte(e.replacement[i])
		case '$':
			group, length := e.pattern.reference(e.replacement[i+1:])
			if group < 0 {
				return errors.New("the replacement refers to a group that does not exist")
			}
			i += length
			if m[2*group] >= 0 {
				e.out.WriteString(e.text[m[2*group]:m[2*group+1]])
			}
		default:
			e.out.WriteByte(c)
		}
		if e.out.Len() > e.limit {
			return ErrTooLarge
		}
	}
	return nil
}

// reference reads what follows a dollar: {name}, or the longest number that is a group.
func (p *Pattern) reference(text string) (group, length int) {
	if name, ok := strings.CutPrefix(text, "{"); ok {
		name, _, ok = strings.Cut(name, "}")
		if !ok || name == "" {
			return -1, 0
		}
		return p.search.SubexpIndex(name), len(name) + 2
	}
	group = -1
	for length < len(text) && '0' <= text[length] && text[length] <= '9' {
		next := max(group, 0)*10 + int(text[length]-'0')
		if next > p.search.NumSubexp() {
			break
		}
		group = next
		length++
	}
	return group, length
}
