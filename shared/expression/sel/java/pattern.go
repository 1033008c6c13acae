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
	// empty matches at the start of a text what search may match between two characters. It is nil
	// when the pattern cannot match nothing, or when what it matches depends on the text before.
	empty *regexp.Regexp
	size  int
}

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
	p := &Pattern{size: steps(tree)}
	if p.size > patternLimit {
		return nil, ErrTooLarge
	}
	if p.search, err = regexp.Compile(text); err != nil {
		return nil, refused(err)
	}
	if p.search.MatchString("") && !contextual(tree) {
		p.empty, err = regexp.Compile(`\A(?:` + text + `)`)
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

// Cost estimates the steps of one pass over the text.
func (p *Pattern) Cost(text string) int { return p.size * (len(text) + 1) }

// steps estimates the size of the compiled program. Repetitions multiply, which is why it is counted
// before anything is compiled.
func steps(tree *syntax.Regexp) int {
	n := 1 + len(tree.Rune)/2
	for _, sub := range tree.Sub {
		n += steps(sub)
	}
	if tree.Op == syntax.OpRepeat {
		n *= max(tree.Min, tree.Max, 1)
	}
	return min(n, 1<<30)
}

// contextual tells whether the tree looks at what stands before a match.
func contextual(tree *syntax.Regexp) bool {
	switch tree.Op {
	case syntax.OpBeginLine, syntax.OpBeginText, syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return true
	}
	for _, sub := range tree.Sub {
		if contextual(sub) {
			return true
		}
	}
	return false
}

// matchLimit bounds the group positions that one search may return.
const matchLimit = 1 << 18

// matches returns the groups of at most n matches. Unlike Go, Java also finds the empty match that
// touches the end of the match before it.
func (p *Pattern) matches(text string, n int) [][]int {
	found := p.search.FindAllStringSubmatchIndex(text, n)
	if p.empty == nil {
		return found
	}
	all := make([][]int, 0, len(found)*2)
	for i, m := range found {
		all = append(all, m)
		end := m[1]
		if m[0] == end || i+1 < len(found) && found[i+1][0] == end {
			continue
		}
		if touching := p.empty.FindStringSubmatchIndex(text[end:]); touching != nil && touching[1] == 0 {
			for k := range touching {
				if touching[k] >= 0 {
					touching[k] += end
				}
			}
			all = append(all, touching)
		}
	}
	return all
}

// Split does what String.split does: a positive limit bounds the pieces, zero drops the empty ones
// at the end. At most pieces pieces are made, or ErrTooLarge.
func (p *Pattern) Split(text string, limit int64, pieces int) ([]string, error) {
	var list []string
	start := 0
	for _, m := range p.matches(text, min(pieces, matchLimit/(p.search.NumSubexp()+1))+1) {
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
func (p *Pattern) ReplaceAll(text, replacement string, limit int) (string, error) {
	most := matchLimit / (p.search.NumSubexp() + 1)
	found := p.matches(text, most+1)
	if len(found) > most {
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
