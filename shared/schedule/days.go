package schedule

import (
	"strconv"
	"strings"
	"time"
)

// specialDay is a day of which only a calendar knows the date.
type specialDay struct {
	kind specialKind
	n    int // a day of the month, how many days before its end, or which one of the month
	day  time.Weekday
}

type specialKind uint8

const (
	beforeLast  specialKind = iota // L, L-3: n days before the last
	nearWeekday                    // 15W: the weekday nearest to the nth, within the month
	lastWeekday                    // LW: the last weekday of the month
	lastNamed                      // FRIL: the last such day of the month
	nthNamed                       // MON#2: the nth such day of the month
	named                          // L among the days of the week: Saturday
)

// calendar reads one of Quartz's forms for special days.
func (f cronField) calendar(text string) (specialDay, bool) {
	if f.names == nil {
		return f.calendarDate(text)
	}
	if text == "L" {
		return specialDay{kind: named, day: time.Saturday}, true
	}
	if day, nth, ok := strings.Cut(text, "#"); ok {
		number, known := f.number(day)
		n, err := strconv.Atoi(nth)
		return specialDay{nthNamed, n, f.weekday(number)}, known && err == nil && n >= 1 && n <= 5
	}
	day, last := strings.CutSuffix(text, "L")
	number, known := f.number(day)
	return specialDay{kind: lastNamed, day: f.weekday(number)}, last && known
}

func (f cronField) calendarDate(text string) (specialDay, bool) {
	switch text {
	case "L":
		return specialDay{kind: beforeLast}, true
	case "LW":
		return specialDay{kind: lastWeekday}, true
	}
	if before, ok := strings.CutPrefix(text, "L-"); ok {
		n, ok := f.number(before)
		return specialDay{kind: beforeLast, n: n}, ok
	}
	day, near := strings.CutSuffix(text, "W")
	n, ok := f.number(day)
	return specialDay{kind: nearWeekday, n: n}, near && ok
}

// weekday returns the day that a number means: unix counts from Sunday 0 (and 7), Quartz from Sunday 1.
func (f cronField) weekday(n int) time.Weekday { return time.Weekday((n - f.low) % 7) }

// is tells whether the date, at midnight UTC, is the special day of its month.
func (s specialDay) is(date time.Time) bool {
	last := date.AddDate(0, 1, -date.Day())
	switch s.kind {
	case beforeLast:
		return date.Day() == last.Day()-s.n
	case lastWeekday:
		return date.Equal(nearest(last))
	case nearWeekday:
		return s.n <= last.Day() && date.Equal(nearest(date.AddDate(0, 0, s.n-date.Day())))
	case lastNamed:
		return date.Weekday() == s.day && date.Day() > last.Day()-7
	case nthNamed:
		return date.Weekday() == s.day && (date.Day()-1)/7 == s.n-1
	}
	return date.Weekday() == s.day
}

// nearest returns the weekday nearest to a date without leaving its month.
func nearest(date time.Time) time.Time {
	move := 0
	switch date.Weekday() {
	case time.Saturday:
		move = -1
	case time.Sunday:
		move = 1
	}
	near := date.AddDate(0, 0, move)
	if near.Month() != date.Month() {
		near = date.AddDate(0, 0, -2*move)
	}
	return near
}

// days are the dates that a cron text selects.
type days struct {
	month   map[int]bool // days of the month
	week    [7]bool
	special []specialDay
	any     bool // every day
}

func newDays(month, week values, weekField cronField) days {
	out := days{month: month.numbers, any: month.any && week.any}
	// Where only one of the fields restricts the days, what the other one stands for must not add any.
	if month.any {
		out.month = nil
	} else {
		out.special = append(out.special, month.special...)
	}
	if !week.any {
		out.special = append(out.special, week.special...)
		for n := range week.numbers {
			out.week[weekField.weekday(n)] = true
		}
	}
	return out
}

// has tells whether a date is selected; only the date of t counts.
func (d days) has(t time.Time) bool {
	if d.any || d.month[t.Day()] || d.week[t.Weekday()] {
		return true
	}
	date := time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	for _, special := range d.special {
		if special.is(date) {
			return true
		}
	}
	return false
}

// adjoining tells whether two days in a row are ever selected.
func (d days) adjoining() bool {
	const calendarRepeats = 28 * 366 // days after which dates fall on the same weekdays again
	date := time.Date(2000, 1, 1, 0, 0, 0, 0, time.UTC)
	before := false
	for range calendarRepeats {
		selected := d.has(date)
		if selected && before {
			return true
		}
		before, date = selected, date.AddDate(0, 0, 1)
	}
	return false
}
