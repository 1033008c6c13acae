package java

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
)

// translator rewrites a Java regular expression for Go's engine. What both read alike is copied; what
// Java reads differently is spelled out; what Go cannot do is refused by name.
type translator struct {
	in  string
	pos int
	out strings.Builder
	dot string // what a point matches: Java excludes more line breaks than Go
}

func unsupported(what string) error {
	return errors.New("the regular expression uses " + what + ", which is not supported")
}

var (
	flagGroup  = regexp.MustCompile(`^\(\?[a-zA-Z-]+[:)]`)
	quantifier = regexp.MustCompile(`^\{[0-9]+(,[0-9]*)?\}`)
	property   = regexp.MustCompile(`^[pP](\{\^?[A-Za-z_]+\}|[A-Z])`)
)

func translate(pattern string) (string, error) {
	t := &translator{in: pattern, dot: `[^\n\r\x{85}\x{2028}\x{2029}]`}
	for t.pos < len(t.in) {
		if err := t.item(); err != nil {
			return "", err
		}
	}
	return t.out.String(), nil
}

func (t *translator) rest() string { return t.in[t.pos:] }

func (t *translator) copy(n int) {
	t.out.WriteString(t.in[t.pos : t.pos+n])
	t.pos += n
}

// emit writes a translation of the next n bytes.
func (t *translator) emit(n int, text string) {
	t.out.WriteString(text)
	t.pos += n
}

// item translates one element outside of a class.
func (t *translator) item() error {
	switch t.in[t.pos] {
	case '\\':
		return t.escape(false)
	case '[':
		return t.class()
	case '.':
		t.emit(1, t.dot)
	case '(':
		return t.group()
	case '*', '+', '?':
		t.copy(1)
		return t.afterQuantifier()
	case '{':
		q := quantifier.FindString(t.rest())
		if q == "" {
			return errors.New("the regular expression has a { that is not a repetition; escape it")
		}
		t.copy(len(q))
		return t.afterQuantifier()
	default:
		t.copy(1)
	}
	return nil
}

func (t *translator) afterQuantifier() error {
	if strings.HasPrefix(t.rest(), "+") {
		return unsupported("a possessive quantifier")
	}
	if strings.HasPrefix(t.rest(), "?") {
		t.copy(1)
	}
	return nil
}

func (t *translator) group() error {
	for _, refused := range [...]struct{ prefix, name string }{
		{"(?=", "look ahead"}, {"(?!", "look ahead"}, {"(?<=", "look behind"}, {"(?<!", "look behind"},
		{"(?>", "an atomic group"},
	} {
		if strings.HasPrefix(t.rest(), refused.prefix) {
			return unsupported(refused.name)
		}
	}
	if flags := flagGroup.FindString(t.rest()); flags != "" {
		if strings.ContainsAny(flags, "Uuxd") {
			return unsupported("a flag other than i, m and s")
		}
		if on, _, _ := strings.Cut(flags, "-"); strings.Contains(on, "s") {
			t.dot = "."
		}
	}
	t.copy(1)
	if strings.HasPrefix(t.rest(), "?") {
		t.copy(1)
	}
	return nil
}

// class translates [...]; inside, Java has nested classes and intersections, Go has not.
func (t *translator) class() error {
	t.copy(1)
	if strings.HasPrefix(t.rest(), "^") {
		t.copy(1)
	}
	for first := true; t.pos < len(t.in); first = false {
		switch c := t.in[t.pos]; {
		case c == ']' && !first:
			t.copy(1)
			return nil
		case c == '[':
			return unsupported("a class inside of a class")
		case strings.HasPrefix(t.rest(), "&&"):
			return unsupported("an intersection of classes")
		case c == '\\':
			if err := t.escape(true); err != nil {
				return err
			}
		default:
			t.copy(1)
		}
	}
	return errors.New("the regular expression has a class that does not end")
}

const horizontal = ` \t\x{A0}\x{1680}\x{180e}\x{2000}-\x{200a}\x{202f}\x{205f}\x{3000}`

// escape translates a backslash and what belongs to it.
func (t *translator) escape(inClass bool) error {
	if t.pos+1 == len(t.in) {
		return errors.New("the regular expression ends with a backslash")
	}
	class := func(set string) {
		if !inClass {
			set = "[" + set + "]"
		}
		t.emit(2, set)
	}
	switch c := t.in[t.pos+1]; c {
	case 's':
		class(`\t\n\x0B\f\r `)
	case 'h':
		class(horizontal)
	case 'v':
		class(`\n\x0B\f\r\x{85}\x{2028}\x{2029}`)
	case 'S':
		if inClass {
			t.copy(2)
		} else {
			t.emit(2, `[^\t\n\x0B\f\r ]`)
		}
	case 'R':
		t.emit(2, `(?:\r\n|[\n\x0B\f\r\x{85}\x{2028}\x{2029}])`)
	case 'e':
		t.emit(2, `\x1B`)
	case 'u':
		return t.unicode()
	case '0':
		return t.octal()
	case 'p', 'P':
		return t.property(inClass)
	case 'Q':
		t.quoted()
	case 'G', 'Z', 'X', 'k', 'c', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return unsupported(`\` + string(rune(c)))
	default:
		t.copy(2)
	}
	return nil
}

// quoted translates \Q...\E, which Go reads only outside of classes.
func (t *translator) quoted() {
	text, _, ended := strings.Cut(t.in[t.pos+2:], `\E`)
	length := 2 + len(text)
	if ended {
		length += 2
	}
	t.emit(length, strings.ReplaceAll(regexp.QuoteMeta(text), "-", `\-`))
}

func (t *translator) unicode() error {
	var unit rune
	if len(t.rest()) < 6 {
		return errors.New("the regular expression has a malformed escape")
	}
	if _, err := fmt.Sscanf(t.rest()[2:6], "%04x", &unit); err != nil {
		return errors.New("the regular expression has a malformed escape")
	}
	t.emit(6, fmt.Sprintf(`\x{%x}`, unit))
	return nil
}

func (t *translator) octal() error {
	n, digits := 0, 0
	for digits < 3 && t.pos+2+digits < len(t.in) {
		d := t.in[t.pos+2+digits]
		if d < '0' || d > '7' || n*8+int(d-'0') > 0377 {
			break
		}
		n = n*8 + int(d-'0')
		digits++
	}
	if digits == 0 {
		return errors.New("the regular expression has a malformed escape")
	}
	t.emit(2+digits, fmt.Sprintf(`\x{%x}`, n))
	return nil
}

// posix maps Java's names of ASCII properties to Go's.
var posix = map[string]string{
	"Lower": "lower", "Upper": "upper", "ASCII": "ascii", "Alpha": "alpha", "Digit": "digit",
	"Alnum": "alnum", "Punct": "punct", "Graph": "graph", "Print": "print", "Blank": "blank",
	"Cntrl": "cntrl", "XDigit": "xdigit", "Space": "space",
}

func (t *translator) property(inClass bool) error {
	p := property.FindString(t.in[t.pos+1:])
	if p == "" {
		return unsupported("this property")
	}
	name := strings.Trim(p[1:], "{}")
	not := ""
	if p[0] == 'P' {
		not = "^"
	}
	if class, ok := posix[name]; ok {
		text := "[:" + not + class + ":]"
		if inClass {
			t.emit(1+len(p), text)
		} else {
			t.emit(1+len(p), "["+text+"]")
		}
		return nil
	}
	name = strings.TrimPrefix(name, "Is")
	if name == "Alphabetic" {
		name = "L"
	}
	t.emit(1+len(p), `\`+p[:1]+"{"+name+"}")
	return nil
}
