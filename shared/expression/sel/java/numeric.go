package java

import (
	"math"
	"strconv"
	"strings"
)

func (d directive) long(v int64) string {
	digits := strings.TrimPrefix(strconv.FormatInt(v, 10), "-")
	return d.signed(v < 0, digits)
}

func (d directive) unsigned(v uint64) string {
	base, prefix := 16, "0x"
	if d.verb == 'o' {
		base, prefix = 8, "0"
	}
	text := strconv.FormatUint(v, base)
	if !d.has('#') {
		prefix = ""
	}
	if d.has('0') {
		text = zeros(d.width-len(prefix)-len(text)) + text
	}
	return d.pad(prefix + text)
}

func (d directive) double(v float64) string {
	number, special := decompose(v)
	if special != "" {
		d.flags = strings.Replace(d.flags, "0", "", 1) // a word is padded with blanks
		if special == "NaN" {
			return d.pad(special)
		}
		return d.signed(number.negative, special)
	}
	precision := d.precision
	if precision < 0 {
		precision = 6
	}
	switch d.verb {
	case 'f':
		return d.signed(number.negative, d.pointed(number.fixed(precision)))
	case 'g':
		return d.signed(number.negative, general(number, max(precision, 1)))
	case 'a':
		return d.signed(number.negative, hexadecimal(math.Abs(v), d.precision))
	}
	mantissa, exponent := number.scientific(precision)
	return d.signed(number.negative, d.pointed(mantissa)+"e"+exponent)
}

// pointed adds the point that the flag # asks for.
func (d directive) pointed(digits string) string {
	if d.has('#') && !strings.Contains(digits, ".") {
		return digits + "."
	}
	return digits
}

// general chooses between the plain and the scientific form by the size of the rounded number.
func general(number decimal, precision int) string {
	rounded := number.keep(precision)
	if number.zero() || rounded.point > -4 && rounded.point <= precision {
		return number.fixed(precision - rounded.point)
	}
	mantissa, exponent := number.scientific(precision - 1)
	return mantissa + "e" + exponent
}

// hexadecimal returns the form of Double.toHexString: 0x1.8p3.
func hexadecimal(v float64, precision int) string {
	if v == 0 {
		return "0x0.0p0"
	}
	if precision == 0 {
		precision = 1
	}
	mantissa, exponent, _ := strings.Cut(strconv.FormatFloat(v, 'x', precision, 64), "p")
	if !strings.Contains(mantissa, ".") {
		mantissa += ".0"
	}
	power, _ := strconv.Atoi(exponent)
	return mantissa + "p" + strconv.Itoa(power)
}

// signed adds sign, grouping, zeros and width to the digits of a number.
func (d directive) signed(negative bool, digits string) string {
	before, after := "", ""
	switch {
	case negative && d.has('('):
		before, after = "(", ")"
	case negative:
		before = "-"
	case d.has('+'):
		before = "+"
	case d.has(' '):
		before = " "
	}
	if d.has(',') {
		digits = group(digits)
	}
	if d.has('0') {
		fill := zeros(d.width - len(before) - len(digits) - len(after))
		if hex, ok := strings.CutPrefix(digits, "0x"); ok && d.verb == 'a' {
			digits = "0x" + fill + hex
		} else {
			digits = fill + digits
		}
	}
	return d.pad(before + digits + after)
}

// group separates the thousands of the digits before the point.
func group(digits string) string {
	whole, rest := digits, ""
	if i := strings.IndexAny(digits, ".eI"); i >= 0 {
		whole, rest = digits[:i], digits[i:]
	}
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	return whole + rest
}

func zeros(n int) string { return strings.Repeat("0", max(n, 0)) }
