package java

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Length returns the number of UTF-16 units of the text.
func Length(text string) int {
	n := 0
	for _, c := range text {
		n++
		if c > 0xFFFF {
			n++
		}
	}
	return n
}

// offset returns the byte at which the UTF-16 unit with the index starts.
func offset(text string, index int64) (int, bool) {
	unit := int64(0)
	for i, c := range text {
		if unit >= index {
			return i, unit == index
		}
		unit++
		if c > 0xFFFF {
			unit++
		}
	}
	return len(text), unit == index
}

// Substring returns the UTF-16 units from..to, without the one at to.
func Substring(text string, from, to int64) (string, error) {
	if from < 0 || to < from || to > int64(len(text)) {
		return "", errors.New("the range is outside of the text")
	}
	i, whole := offset(text, from)
	j, wholeToo := offset(text, to)
	if whole && wholeToo {
		return text[i:j], nil
	}
	units := utf16.Encode([]rune(text))
	if to > int64(len(units)) {
		return "", errors.New("the range is outside of the text")
	}
	return string(utf16.Decode(units[from:to])), nil
}

// LastIndex returns the UTF-16 index of the last occurrence of part, or -1.
func LastIndex(text, part string) int {
	i := strings.LastIndex(text, part)
	if i < 0 {
		return -1
	}
	return Length(text[:i])
}

// Compare returns the difference of the first UTF-16 units that differ, else of the lengths.
func Compare(a, b string) int {
	i := 0
	for i < len(a) && i < len(b) && a[i] == b[i] {
		i++
	}
	for i > 0 && (i < len(a) && !utf8.RuneStart(a[i]) || i < len(b) && !utf8.RuneStart(b[i])) {
		i--
	}
	// Two units on each side are enough to hold the first difference.
	left, right := units(a[i:]), units(b[i:])
	for k := 0; k < len(left) && k < len(right); k++ {
		if left[k] != right[k] {
			return int(left[k]) - int(right[k])
		}
	}
	return Length(a[i:]) - Length(b[i:])
}

// units returns the UTF-16 units of the first character.
func units(text string) []uint16 {
	if text == "" {
		return nil
	}
	c, _ := utf8.DecodeRuneInString(text)
	return utf16.Encode([]rune{c})
}

// Trim removes blanks and control characters from both ends.
func Trim(text string) string {
	return strings.TrimFunc(text, func(c rune) bool { return c <= ' ' })
}

// Upper returns the text in upper case; a sharp s becomes two letters.
func Upper(text string) string {
	return strings.ReplaceAll(strings.ToUpper(text), "ß", "SS")
}

// Escape writes the text as the inside of a Java string literal in ASCII.
func Escape(text string) string {
	var b strings.Builder
	for _, c := range text {
		switch {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteRune(c)
		case strings.ContainsRune("\b\n\t\f\r", c):
			b.WriteByte('\\')
			b.WriteByte("btn-fr"[c-'\b'])
		case c < ' ' || c > 0x7f:
			for _, u := range utf16.Encode([]rune{c}) {
				fmt.Fprintf(&b, `\u%04X`, u)
			}
		default:
			b.WriteRune(c)
		}
	}
	return b.String()
}

// Hash returns String.hashCode.
func Hash(text string) int32 {
	var h int32
	for _, u := range utf16.Encode([]rune(text)) {
		h = 31*h + int32(u)
	}
	return h
}
