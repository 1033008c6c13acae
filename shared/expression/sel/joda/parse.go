package joda

import (
	"slices"
	"strconv"
	"strings"
)

// reading is a text in the course of being parsed.
type reading struct {
	text    string // what is left
	fields  []setting
	extra   int64 // milliseconds to add to the fields
	offset  *int64
	zone    *Zone
	century int64 // the year that two-digit years are near to
}

// setting is a field with the value that the text gives it.
type setting struct {
	field Field
	value int64
}

func (r *reading) save(f Field, value int64) { r.fields = append(r.fields, setting{f, value}) }

// Parse reads the whole text. The result is in the formatter's zone, else in one that the text names
// by id, else in UTC.
func (f *Formatter) Parse(text string) (DateTime, error) {
	r := &reading{text: text, century: f.year}
	for _, p := range f.parts {
		if !p.parse(r) {
			return DateTime{}, errText
		}
	}
	if r.text != "" {
		return DateTime{}, errText
	}
	zone := UTC
	if f.zone != nil {
		zone = f.zone
	}
	t, err := r.resolve(zone)
	if f.zone != nil {
		t.Zone = f.zone
	}
	return t, err
}

// resolve applies the fields from the largest to the smallest, twice: first each one clears what is
// smaller, then all hold together. A text without a year that has a month or a day is of the leap
// year 2000.
func (r *reading) resolve(zone *Zone) (DateTime, error) {
	slices.SortStableFunc(r.fields, func(a, b setting) int { return int(a.field - b.field) })
	if len(r.fields) > 0 && MonthOfYear <= r.fields[0].field && r.fields[0].field <= DayOfWeek {
		r.fields = append([]setting{{Year, 2000}}, r.fields...)
	}
	local := int64(0)
	for pass := range 2 {
		for _, s := range r.fields {
			var err error
			if local, err = s.field.set(local, s.value); err != nil {
				return DateTime{}, err
			}
			if pass == 0 {
				local = s.field.floor(local)
			}
		}
	}
	local += r.extra
	if r.zone != nil {
		zone = r.zone
	}
	if r.offset != nil {
		return DateTime{local - *r.offset, zone}.checked()
	}
	return strict(local, zone)
}

// parse consumes what the part stands for and tells whether it was there.
func (p part) parse(r *reading) bool {
	switch {
	case p.letter == 0:
		n := len(p.literal)
		if len(r.text) < n || !strings.EqualFold(r.text[:n], p.literal) {
			return false
		}
		r.text = r.text[n:]
		return true
	case p.letter == 'z':
		return p.count < 4 && r.shortZone()
	case p.letter == 'Z' && p.count > 2:
		return r.zoneID()
	case p.letter == 'Z':
		return r.zoneOffset()
	case p.letter == 'S':
		return r.fraction(p.count, second)
	case p.word():
		return r.word(worded[p.letter])
	case p.year() && p.count == 2:
		return r.shortYear(numeric[p.letter].field, p.lenient)
	}
	value, _, ok := r.number(p.most, p.letter == 'y' || p.letter == 'x')
	r.save(numeric[p.letter].field, value)
	return ok
}

// number consumes up to most digits, and a sign if there may be one.
func (r *reading) number(most int, signed bool) (value int64, length int, ok bool) {
	start := 0
	if signed && len(r.text) > 1 && (r.text[0] == '-' || r.text[0] == '+') {
		start = 1
	}
	length = start
	for length < len(r.text) && length-start < most && '0' <= r.text[length] && r.text[length] <= '9' {
		length++
	}
	value, err := strconv.ParseInt(r.text[:length], 10, 32)
	if length == start || err != nil {
		return 0, 0, false
	}
	r.text = r.text[length:]
	return value, length, true
}

// shortYear consumes a two-digit year. It lies from 50 years before to 49 years after the pivot.
func (r *reading) shortYear(f Field, lenient bool) bool {
	most := 2
	if lenient {
		most = 9
	}
	value, length, ok := r.number(most, lenient)
	if !ok || !lenient && length != 2 {
		return false
	}
	if length == 2 && value >= 0 {
		low := r.century - 30 - 50
		value = low + floorMod(value-low, 100)
	}
	r.save(f, value)
	return true
}

// fraction consumes digits behind the point of a number that counts units of so many milliseconds.
func (r *reading) fraction(most int, unit int64) bool {
	length, value, scale := 0, int64(0), unit
	for length < len(r.text) && length < most && '0' <= r.text[length] && r.text[length] <= '9' {
		scale /= 10
		value += int64(r.text[length]-'0') * scale
		length++
	}
	r.text = r.text[length:]
	r.extra += value
	return length > 0
}

// word consumes a name of the field: in full or its first three letters, as it is printed, in lower
// or in upper case.
func (r *reading) word(f Field) bool {
	words, first := f.names()
	for _, length := range []int{len("September"), 3} {
		for i, word := range words {
			w := word[:min(length, len(word))]
			for _, form := range []string{w, strings.ToLower(w), strings.ToUpper(w)} {
				if rest, ok := strings.CutPrefix(r.text, form); ok {
					r.text = rest
					r.save(f, first+int64(i))
					return true
				}
			}
		}
	}
	return false
}

func (r *reading) shortZone() bool {
	for length := 3; length >= 2; length-- {
		if len(r.text) < length {
			continue
		}
		if id, ok := shortNames[r.text[:length]]; ok {
			zone, err := ForID(id)
			r.zone, r.text = zone, r.text[length:]
			return err == nil
		}
	}
	return false
}

// zoneID consumes the longest zone id.
func (r *reading) zoneID() bool {
	const longest = 32 // America/Argentina/ComodRivadavia
	for length := min(longest, len(r.text)); length > 0; length-- {
		if zone, err := ForID(r.text[:length]); err == nil {
			r.zone, r.text = zone, r.text[length:]
			return true
		}
	}
	return false
}

// zoneOffset consumes Z, or the longest offset.
func (r *reading) zoneOffset() bool {
	if r.text != "" && (r.text[0] == 'Z' || r.text[0] == 'z') {
		r.offset, r.text = new(int64), r.text[1:]
		return true
	}
	for length := min(len("+hh:mm:ss.SSS"), len(r.text)); length > 0; length-- {
		if offset, ok := parseOffset(r.text[:length]); ok {
			r.offset, r.text = &offset, r.text[length:]
			return true
		}
	}
	return false
}
