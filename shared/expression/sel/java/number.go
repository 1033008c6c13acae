package java

import (
	"errors"
	"math"
	"strconv"
	"strings"
)

// ErrTooLarge is the error of a result that would exceed its bound.
var ErrTooLarge = errors.New("the result is too large")

var errNumber = errors.New("the text is not a number")

// FormatDouble returns what Double.toString returns: 1.0, 1.0E10, NaN, -Infinity.
func FormatDouble(f float64) string {
	d, special := decompose(f)
	if special != "" {
		return sign(d.negative) + special
	}
	if d.zero() {
		return sign(d.negative) + "0.0"
	}
	if d.point > -3 && d.point <= 7 {
		text := d.plain()
		if !strings.Contains(text, ".") {
			text += ".0"
		}
		return sign(d.negative) + text
	}
	fraction := d.digits[1:]
	if fraction == "" {
		fraction = "0"
	}
	return sign(d.negative) + d.digits[:1] + "." + fraction + "E" + strconv.Itoa(d.point-1)
}

// ParseDouble reads what Double.parseDouble reads: blanks around, a suffix f or d, NaN, Infinity.
func ParseDouble(text string) (float64, error) {
	text = Trim(text)
	unsigned := strings.TrimLeft(text, "+-")
	if unsigned == "NaN" || unsigned == "Infinity" {
		return strconv.ParseFloat(text, 64)
	}
	if unsigned == "" || !strings.ContainsRune(".0123456789", rune(unsigned[0])) || strings.Contains(text, "_") {
		return 0, errNumber
	}
	if strings.ContainsRune("fFdD", rune(text[len(text)-1])) {
		text = text[:len(text)-1]
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil && !errors.Is(err, strconv.ErrRange) {
		return 0, errNumber
	}
	return f, nil
}

// ParseLong reads what Long.parseLong reads: decimal digits with an optional sign.
func ParseLong(text string) (int64, error) {
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil {
		return 0, errNumber
	}
	return n, nil
}

// Truncate converts like Java's cast of a double to an integer between the bounds: toward zero, to
// the nearer bound when out of range, and NaN to 0.
func Truncate(f float64, low, high int64) int64 {
	switch {
	case math.IsNaN(f):
		return 0
	case f <= float64(low):
		return low
	case f >= float64(high):
		return high
	}
	return int64(f)
}

// decimal is a number as digits without leading or trailing zeros; the point stands before the digit
// with the index. The digits of 0 are "0".
type decimal struct {
	negative bool
	digits   string
	point    int
}

// decompose returns the shortest digits that identify f, or the name of what is not a number.
func decompose(f float64) (d decimal, special string) {
	d.negative = math.Signbit(f)
	switch {
	case math.IsNaN(f):
		return decimal{}, "NaN"
	case math.IsInf(f, 0):
		return d, "Infinity"
	}
	f = math.Abs(f)
	text := strconv.FormatFloat(f, 'e', -1, 64)
	if !strings.Contains(text, ".") { // Java prefers the nearest of two digits to the shortest of one
		near := strconv.FormatFloat(f, 'e', 1, 64)
		if g, err := strconv.ParseFloat(near, 64); err == nil && g == f {
			text = near
		}
	}
	mantissa, exponent, _ := strings.Cut(text, "e")
	n, _ := strconv.Atoi(exponent)
	d.digits, d.point = strings.TrimSuffix(strings.Replace(mantissa, ".", "", 1), "0"), n+1
	if d.digits == "" {
		d.digits = "0"
	}
	return d, ""
}

func (d decimal) zero() bool { return d.digits == "0" }

// plain returns the number without sign and exponent.
func (d decimal) plain() string {
	switch {
	case d.point <= 0:
		return "0." + strings.Repeat("0", -d.point) + d.digits
	case d.point >= len(d.digits):
		return d.digits + strings.Repeat("0", d.point-len(d.digits))
	}
	return d.digits[:d.point] + "." + d.digits[d.point:]
}

// keep rounds half up to the first n digits; a negative n, or a 0 that rounds down, leaves 0.
func (d decimal) keep(n int) decimal {
	if n >= len(d.digits) {
		return d
	}
	if n < 0 || n == 0 && d.digits[0] < '5' {
		return decimal{d.negative, "0", 1}
	}
	up := d.digits[n] >= '5'
	kept := []byte(d.digits[:n])
	for i := n - 1; up && i >= 0; i-- {
		if kept[i]++; kept[i] <= '9' {
			up = false
		} else {
			kept[i] = '0'
		}
	}
	if up {
		kept = append([]byte{'1'}, kept...)
		d.point++
	}
	d.digits = strings.TrimRight(string(kept), "0")
	if d.digits == "" {
		return decimal{d.negative, "0", 1}
	}
	return d
}

// fixed returns the number with exactly this many digits behind the point.
func (d decimal) fixed(precision int) string {
	d = d.keep(d.point + precision)
	whole, fraction, _ := strings.Cut(d.plain(), ".")
	if precision == 0 {
		return whole
	}
	return whole + "." + fraction + strings.Repeat("0", precision-len(fraction))
}

// scientific returns the number with one digit before the point, precision behind it, and an
// exponent of at least two digits.
func (d decimal) scientific(precision int) (mantissa, exponent string) {
	d = d.keep(1 + precision)
	power := d.point - 1
	if d.zero() {
		power = 0
	}
	mantissa = decimal{digits: d.digits, point: 1}.fixed(precision)
	exponent = strconv.Itoa(max(power, -power))
	if len(exponent) < 2 {
		exponent = "0" + exponent
	}
	if power < 0 {
		return mantissa, "-" + exponent
	}
	return mantissa, "+" + exponent
}

func sign(negative bool) string {
	if negative {
		return "-"
	}
	return ""
}
