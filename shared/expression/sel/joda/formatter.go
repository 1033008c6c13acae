package joda

import (
	"errors"
	"strconv"
	"strings"
)

var (
	errGap     = errors.New("the local time does not exist in its time zone")
	errPattern = errors.New("the date pattern has a letter without a meaning")
	errText    = errors.New("the text does not match the date format")
)

// Formatter prints and parses times by a pattern.
type Formatter struct {
	parts []part
	zone  *Zone // nil: the zone of the time when printing, UTC when parsing
	year  int64 // the year that two-digit years are near to
}

// part is a run of one pattern letter, or a literal when letter is 0.
type part struct {
	letter  byte
	count   int
	literal string
	most    int  // how many digits parsing takes
	lenient bool // a two-digit year may have another length
}

// isoFormat is what DateTime.String prints before the offset.
var isoFormat, _ = ForPattern("yyyy-MM-dd'T'HH:mm:ss.SSS", 0)

// numeric maps letters to their field and the digits that parsing takes at least.
var numeric = map[byte]struct {
	field Field
	most  int
}{
	'C': {Century, 1}, 'Y': {YearOfEra, 9}, 'x': {Weekyear, 9}, 'y': {Year, 9}, 'w': {WeekOfWeekyear, 2},
	'e': {DayOfWeek, 1}, 'D': {DayOfYear, 3}, 'M': {MonthOfYear, 2}, 'd': {DayOfMonth, 2},
	'h': {ClockhourOfHalfday, 2}, 'H': {HourOfDay, 2}, 'k': {ClockhourOfDay, 2}, 'K': {HourOfHalfday, 2},
	'm': {MinuteOfHour, 2}, 's': {SecondOfMinute, 2},
}

// worded maps letters to the fields that are printed as a word.
var worded = map[byte]Field{'G': Era, 'E': DayOfWeek, 'a': HalfdayOfDay, 'M': MonthOfYear}

func (p part) year() bool { return p.letter == 'y' || p.letter == 'x' || p.letter == 'Y' }

func (p part) word() bool {
	_, ok := worded[p.letter]
	return ok && (p.letter != 'M' || p.count > 2)
}

func (p part) digits() bool {
	_, ok := numeric[p.letter]
	return (ok || p.letter == 'S') && !p.word()
}

// ForPattern reads a pattern such as yyyyMMdd. Two-digit years are read as those near to the year.
func ForPattern(pattern string, year int64) (*Formatter, error) {
	f := &Formatter{year: year}
	for i := 0; i < len(pattern); {
		start := i
		if c := pattern[i]; !asciiLetter(c) {
			var p part
			p.literal, i = literal(pattern, i)
			f.parts = append(f.parts, p)
			continue
		}
		for i < len(pattern) && pattern[i] == pattern[start] {
			i++
		}
		p := part{letter: pattern[start], count: i - start}
		p.most = max(p.count, numeric[p.letter].most)
		if !p.digits() && !p.word() && p.letter != 'z' && p.letter != 'Z' {
			return nil, errPattern
		}
		f.parts = append(f.parts, p)
	}
	if len(f.parts) == 0 {
		return nil, errors.New("the date pattern is empty")
	}
	for i := range f.parts { // a year takes more digits only if no other number follows
		p := &f.parts[i]
		adjacent := i+1 < len(f.parts) && f.parts[i+1].digits()
		p.lenient = !adjacent
		if p.year() && adjacent {
			p.most = p.count
		}
	}
	return f, nil
}

func asciiLetter(c byte) bool { return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' }

// literal reads text up to the next letter outside of quotes. Two quotes stand for one.
func literal(pattern string, i int) (string, int) {
	var b strings.Builder
	for quoted := false; i < len(pattern); i++ {
		c := pattern[i]
		switch {
		case c == '\'' && i+1 < len(pattern) && pattern[i+1] == '\'':
			b.WriteByte(c)
			i++
		case c == '\'':
			quoted = !quoted
		case !quoted && asciiLetter(c):
			return b.String(), i
		default:
			b.WriteByte(c)
		}
	}
	return b.String(), i
}

// WithZone returns a formatter that prints and parses in the zone.
func (f *Formatter) WithZone(zone *Zone) *Formatter {
	g := *f
	g.zone = zone
	return &g
}

// Print returns the time as text.
func (f *Formatter) Print(t DateTime) string {
	if f.zone != nil {
		t = t.In(f.zone)
	}
	var b strings.Builder
	for _, p := range f.parts {
		b.WriteString(p.print(t))
	}
	return b.String()
}

func (p part) print(t DateTime) string {
	switch {
	case p.letter == 0:
		return p.literal
	case p.letter == 'z':
		return t.Zone.name(t.Millis, p.count > 3)
	case p.letter == 'Z' && p.count > 2:
		return t.Zone.String()
	case p.letter == 'Z':
		return formatOffset(t.Zone.Offset(t.Millis), ":"[:p.count-1])
	case p.letter == 'S':
		digits := padded(t.Get(MillisOfSecond), 3)
		return (digits + strings.Repeat("0", max(p.count-3, 0)))[:p.count]
	case p.word():
		word := t.Text(worded[p.letter])
		if p.count < 4 && (p.letter == 'E' || p.letter == 'M') {
			return word[:3]
		}
		return word
	}
	value := t.Get(numeric[p.letter].field)
	if p.year() && p.count == 2 {
		return padded(max(value, -value)%100, 2)
	}
	return padded(value, p.count)
}

// padded writes the number with at least this many digits.
func padded(n int64, digits int) string {
	sign := ""
	if n < 0 {
		sign, n = "-", -n
	}
	text := strconv.FormatInt(n, 10)
	return sign + strings.Repeat("0", max(digits-len(text), 0)) + text
}
