package joda

import (
	"errors"
	"strconv"
)

// Field is a part of a local time, from the largest to the smallest: the order in which the parts of
// a parsed text are applied.
type Field int

// The fields. Those of a day that are not of an hour count from its start.
const (
	Era Field = iota
	Century
	Year
	YearOfEra
	Weekyear
	MonthOfYear
	WeekOfWeekyear
	DayOfYear
	DayOfMonth
	DayOfWeek
	HalfdayOfDay
	HourOfDay
	ClockhourOfDay
	HourOfHalfday
	ClockhourOfHalfday
	MinuteOfDay
	MinuteOfHour
	SecondOfDay
	SecondOfMinute
	MillisOfDay
	MillisOfSecond
)

// clock describes the fields below a day: their unit, the range they count in, and whether the first
// value is the end of the range (24 for 0) instead of 0.
var clock = map[Field]struct {
	unit, within int64
	last         bool
}{
	HalfdayOfDay: {unit: 12 * hour, within: day}, HourOfDay: {unit: hour, within: day},
	ClockhourOfDay: {hour, day, true}, HourOfHalfday: {unit: hour, within: 12 * hour},
	ClockhourOfHalfday: {hour, 12 * hour, true}, MinuteOfDay: {unit: minute, within: day},
	MinuteOfHour: {unit: minute, within: hour}, SecondOfDay: {unit: second, within: day},
	SecondOfMinute: {unit: second, within: minute}, MillisOfDay: {unit: 1, within: day},
	MillisOfSecond: {unit: 1, within: second},
}

var (
	errBounds = errors.New("a date field is out of its bounds")
	errRange  = errors.New("the date is out of range")
)

// get reads a field of a local time in milliseconds.
func (f Field) get(local int64) int64 {
	if c, ok := clock[f]; ok {
		v := floorMod(local, c.within) / c.unit
		if c.last && v == 0 {
			v = c.within / c.unit
		}
		return v
	}
	days := floorDiv(local, day)
	d := dateOf(days)
	switch f {
	case Era:
		return min(max(d.year, 0), 1)
	case Century:
		return YearOfEra.get(local) / 100
	case YearOfEra:
		if d.year < 1 {
			return 1 - d.year
		}
		return d.year
	case MonthOfYear:
		return d.month
	case DayOfMonth:
		return d.day
	case DayOfYear:
		return days - date{d.year, 1, 1}.days() + 1
	case DayOfWeek:
		return weekday(days)
	case Weekyear:
		weekyear, _ := weekOf(days)
		return weekyear
	case WeekOfWeekyear:
		_, number := weekOf(days)
		return number
	}
	return d.year
}

// bounds returns the smallest and the largest value that the field may be set to.
func (f Field) bounds(local int64) (low, high int64) {
	if c, ok := clock[f]; ok {
		if c.last {
			return 1, c.within / c.unit
		}
		return 0, c.within/c.unit - 1
	}
	d := dateOf(floorDiv(local, day))
	switch f {
	case Era:
		return 0, 1
	case Century:
		return 0, maxYear / 100
	case YearOfEra:
		return 1, maxYear
	case MonthOfYear:
		return 1, 12
	case DayOfMonth:
		return 1, daysOfMonth(d.year, d.month)
	case DayOfYear:
		return 1, daysOfYear(d.year)
	case DayOfWeek:
		return 1, 7
	case WeekOfWeekyear:
		return 1, weeksOf(Weekyear.get(local))
	}
	return minYear, maxYear
}

// set returns the local time with another value of the field.
func (f Field) set(local, value int64) (int64, error) {
	if low, high := f.bounds(local); value < low || value > high {
		return 0, errBounds
	}
	days, time := floorDiv(local, day), floorMod(local, day)
	d := dateOf(days)
	switch f {
	case Era:
		if value != f.get(local) {
			d.year = 1 - d.year
		}
		days = d.clamp().days()
	case Century:
		d.year = value*100 + d.year%100
		days = d.clamp().days()
	case Year:
		d.year = value
		days = d.clamp().days()
	case YearOfEra:
		if d.year < 1 {
			value = 1 - value
		}
		d.year = value
		days = d.clamp().days()
	case MonthOfYear:
		d.month = value
		days = d.clamp().days()
	case Weekyear:
		_, number := weekOf(days)
		days = firstWeek(value) + 7*(min(number, weeksOf(value))-1) + weekday(days) - 1
	case WeekOfWeekyear:
		days += 7 * (value - f.get(local))
	case DayOfYear, DayOfMonth, DayOfWeek:
		days += value - f.get(local)
	default:
		c := clock[f]
		steps := value%(c.within/c.unit) - floorMod(local, c.within)/c.unit
		return local + steps*c.unit, nil
	}
	return days*day + time, nil
}

// floor returns the start of the period that the field counts: of the year, the month, the hour.
func (f Field) floor(local int64) int64 {
	if c, ok := clock[f]; ok {
		return local - floorMod(local, c.unit)
	}
	days := floorDiv(local, day)
	d := dateOf(days)
	switch f {
	case Year, YearOfEra, Era, Century:
		days = date{d.year, 1, 1}.days()
	case MonthOfYear:
		days = date{d.year, d.month, 1}.days()
	case Weekyear:
		days = firstWeek(Weekyear.get(local))
	case WeekOfWeekyear:
		days -= weekday(days) - 1
	}
	return days * day
}

var months = []string{
	"January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
	"November", "December",
}

var weekdays = []string{
	"Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday",
}

var halfdays = []string{"AM", "PM"}

var eras = []string{"BC", "AD"}

// names returns the words for the values of the field, and the value of the first.
func (f Field) names() (words []string, first int64) {
	switch f {
	case MonthOfYear:
		return months, 1
	case DayOfWeek:
		return weekdays, 1
	case HalfdayOfDay:
		return halfdays, 0
	case Era:
		return eras, 0
	}
	return nil, 0
}

// text returns the word for the value of the field, or its number.
func (f Field) text(local int64) string {
	value := f.get(local)
	if words, first := f.names(); words != nil {
		return words[value-first]
	}
	return strconv.FormatInt(value, 10)
}
