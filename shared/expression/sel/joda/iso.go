package joda

import "regexp"

// isoDate and isoTime are the two parts of a time in ISO 8601; each may be absent.
var (
	isoDate = regexp.MustCompile(`^([+-]?\d{1,9})(?:-W(\d{1,2})(?:-(\d))?|-(\d{3})|-(\d{1,2})(?:-(\d{1,2}))?)?$`)
	isoTime = regexp.MustCompile(`^(?:(\d{1,2})(?::(\d{1,2})(?::(\d{1,2}))?)?(?:[.,](\d+))?)?([Zz]|[+-][0-9:.,]+)?$`)
)

// ParseISO reads a date, a time after a T, or both, in ISO 8601. A text without an offset is local
// to the zone; the result is always in the zone.
func ParseISO(text string, zone *Zone) (DateTime, error) {
	datePart, timePart := text, ""
	for i := range len(text) {
		if text[i] == 'T' || text[i] == 't' {
			datePart, timePart = text[:i], text[i+1:]
			break
		}
	}
	r := &reading{}
	if datePart != "" {
		m := isoDate.FindStringSubmatch(datePart)
		if m == nil {
			return DateTime{}, errText
		}
		year := Year
		if m[2] != "" {
			year = Weekyear
		}
		for i, f := range []Field{year, WeekOfWeekyear, DayOfWeek, DayOfYear, MonthOfYear, DayOfMonth} {
			r.saveText(f, m[i+1])
		}
	}
	m := isoTime.FindStringSubmatch(timePart)
	if m == nil || text == "" || datePart == "" && m[1] == "" {
		return DateTime{}, errText
	}
	unit := hour
	for i, f := range []Field{HourOfDay, MinuteOfHour, SecondOfMinute} {
		r.saveText(f, m[i+1])
		if i > 0 && m[i+1] != "" {
			unit /= 60
		}
	}
	r.text = m[4]
	if m[4] != "" && !r.fraction(9, unit) {
		return DateTime{}, errText
	}
	r.text = m[5]
	if m[5] != "" && !r.zoneOffset() || r.text != "" {
		return DateTime{}, errText
	}
	return r.resolve(zone)
}

// saveText saves a field if the text has digits for it.
func (r *reading) saveText(f Field, digits string) {
	if digits == "" {
		return
	}
	part := reading{text: digits}
	value, _, _ := part.number(9, true)
	r.save(f, value)
}
