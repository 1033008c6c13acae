package java

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Format does what String.format does. Arguments are nil, string, int64, float64, bool or a
// fmt.Stringer; the result may have at most limit bytes. The conversions t (dates) are refused.
func Format(format string, args []any, limit int) (string, error) {
	var b strings.Builder
	next, last := 0, -1
	for {
		i := strings.IndexByte(format, '%')
		if i < 0 {
			b.WriteString(format)
			return bounded(b.String(), limit)
		}
		b.WriteString(format[:i])
		d, length, err := parseDirective(format[i:])
		if err != nil {
			return "", err
		}
		format = format[i+length:]
		if max(d.width, d.precision) > limit-b.Len() {
			return "", ErrTooLarge
		}
		var arg any
		if d.verb != 'n' && d.verb != '%' {
			switch {
			case d.has('<'):
			case d.index > 0:
				last = d.index - 1
			default:
				last = next
				next++
			}
			if last < 0 || last >= len(args) {
				return "", errors.New("the format has more directives than arguments")
			}
			arg = args[last]
		}
		text, err := d.apply(arg)
		if err != nil {
			return "", err
		}
		if b.WriteString(text); b.Len() > limit {
			return "", ErrTooLarge
		}
	}
}

func bounded(text string, limit int) (string, error) {
	if len(text) > limit {
		return "", ErrTooLarge
	}
	return text, nil
}

// directive is one %[index$][flags][width][.precision]verb. Absent numbers are -1.
type directive struct {
	index, width, precision int
	flags                   string
	verb                    byte // in lower case
	upper                   bool
}

func (d directive) has(flag byte) bool { return strings.IndexByte(d.flags, flag) >= 0 }

// parseDirective reads the directive at the start of the text and returns its length.
func parseDirective(text string) (directive, int, error) {
	d := directive{index: -1, width: -1, precision: -1}
	malformed := errors.New("the format has a malformed directive")
	i := 1
	number := func() int {
		start := i
		for i < len(text) && '0' <= text[i] && text[i] <= '9' {
			i++
		}
		n, err := strconv.ParseInt(text[start:i], 10, 32)
		if err != nil {
			return -1
		}
		return int(n)
	}
	if n := number(); n > 0 && i < len(text) && text[i] == '$' {
		d.index = n
		i++
	} else {
		i = 1
	}
	for ; i < len(text) && strings.IndexByte("-#+ 0,(<", text[i]) >= 0; i++ {
		if d.has(text[i]) {
			return d, 0, errors.New("the format repeats a flag")
		}
		d.flags += text[i : i+1]
	}
	if i < len(text) && '1' <= text[i] && text[i] <= '9' {
		if d.width = number(); d.width < 0 {
			return d, 0, malformed
		}
	}
	if i < len(text) && text[i] == '.' {
		i++
		if d.precision = number(); d.precision < 0 {
			return d, 0, malformed
		}
	}
	if i == len(text) {
		return d, 0, malformed
	}
	d.verb = text[i]
	if strings.IndexByte("SBHXEGAC", d.verb) >= 0 {
		d.verb, d.upper = d.verb+'a'-'A', true
	}
	return d, i + 1, d.check()
}

// allowed lists for each verb the flags it takes.
var allowed = map[byte]string{
	's': "-<", 'b': "-<", 'h': "-<", 'c': "-<", 'd': "-+ 0,(<", 'o': "-#0<", 'x': "-#0<",
	'f': "-#+ 0,(<", 'e': "-#+ 0(<", 'g': "-+ 0,(<", 'a': "-#+ 0<", '%': "-", 'n': "",
}

// check refuses what Java refuses: flags and numbers without a meaning.
func (d directive) check() error {
	flags, known := allowed[d.verb]
	if !known {
		return errors.New("the format has an unknown or unsupported conversion")
	}
	for i := range len(d.flags) {
		if strings.IndexByte(flags, d.flags[i]) < 0 {
			return errors.New("the format has a flag that does not fit its conversion")
		}
	}
	if d.has('-') && d.has('0') || d.has('+') && d.has(' ') {
		return errors.New("the format has flags that exclude each other")
	}
	if d.width < 0 && (d.has('-') || d.has('0')) || d.verb == 'n' && d.width >= 0 {
		return errors.New("the format has a wrong or missing width")
	}
	if d.precision >= 0 && strings.IndexByte("doxc%n", d.verb) >= 0 {
		return errors.New("the format has a precision that does not fit its conversion")
	}
	return nil
}

// apply formats one argument.
func (d directive) apply(arg any) (string, error) {
	switch d.verb {
	case 'n':
		return "\n", nil
	case '%':
		return d.pad("%"), nil
	case 's':
		return d.text(Text(arg)), nil
	case 'b':
		truth, isBool := arg.(bool)
		return d.text(strconv.FormatBool(arg != nil && (truth || !isBool))), nil
	}
	if arg == nil {
		return d.text("null"), nil
	}
	switch v := arg.(type) {
	case int64:
		switch d.verb {
		case 'd':
			return d.long(v), nil
		case 'x', 'o':
			return d.unsigned(uint64(v)), nil
		}
	case float64:
		if strings.IndexByte("fega", d.verb) >= 0 {
			return d.double(v), nil
		}
	}
	if d.verb == 'h' {
		return d.text(strconv.FormatUint(uint64(uint32(hash(arg))), 16)), nil
	}
	return "", errors.New("the format has a conversion that does not fit its argument")
}

// Text returns what String.valueOf returns for an argument of Format.
func Text(arg any) string {
	switch v := arg.(type) {
	case nil:
		return "null"
	case string:
		return v
	case int64:
		return strconv.FormatInt(v, 10)
	case float64:
		return FormatDouble(v)
	}
	return fmt.Sprint(arg)
}

func hash(arg any) int32 {
	switch v := arg.(type) {
	case int64:
		return int32(v ^ int64(uint64(v)>>32))
	case float64:
		bits := math.Float64bits(v)
		return int32(bits ^ bits>>32)
	case bool:
		if v {
			return 1231
		}
		return 1237
	}
	return Hash(Text(arg))
}

// text applies precision, case and width.
func (d directive) text(s string) string {
	if d.precision >= 0 && d.precision < Length(s) {
		s, _ = Substring(s, 0, int64(d.precision))
	}
	return d.pad(s)
}

func (d directive) pad(s string) string {
	if d.upper {
		s = Upper(s)
	}
	blanks := d.width - Length(s)
	if blanks <= 0 {
		return s
	}
	if d.has('-') {
		return s + strings.Repeat(" ", blanks)
	}
	return strings.Repeat(" ", blanks) + s
}
