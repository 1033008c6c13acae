package joda

// Durations in milliseconds.
const (
	second int64 = 1000
	minute       = 60 * second
	hour         = 60 * minute
	day          = 24 * hour
	week         = 7 * day
)

// The years that an instant may lie in.
const (
	minYear = -292275054
	maxYear = 292278993
)

// floorDiv divides toward minus infinity, floorMod is what remains.
func floorDiv(a, b int64) int64 {
	q := a / b
	if a%b < 0 {
		q--
	}
	return q
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }

// date is a day of the proleptic Gregorian calendar.
type date struct{ year, month, day int64 }

// Days are counted in eras of 400 years that begin on the first of March, so that the leap day is
// the last day of its year.
const (
	daysOfEra  = 146097
	daysTo1970 = 719468 // from 0000-03-01
)

// dateOf returns the day with this distance from 1970-01-01.
func dateOf(days int64) date {
	days += daysTo1970
	era := floorDiv(days, daysOfEra)
	d := days - era*daysOfEra
	year := (d - d/1460 + d/36524 - d/146096) / 365
	d -= 365*year + year/4 - year/100
	month := (5*d + 2) / 153
	result := date{year + era*400, month + 3, d - (153*month+2)/5 + 1}
	if result.month > 12 {
		result.month -= 12
		result.year++
	}
	return result
}

// days returns the distance from 1970-01-01.
func (d date) days() int64 {
	year, month := d.year, d.month-3
	if month < 0 {
		month += 12
		year--
	}
	era := floorDiv(year, 400)
	year -= era * 400
	return era*daysOfEra + 365*year + year/4 - year/100 + (153*month+2)/5 + d.day - 1 - daysTo1970
}

func leap(year int64) bool { return year%4 == 0 && (year%100 != 0 || year%400 == 0) }

func daysOfYear(year int64) int64 {
	if leap(year) {
		return 366
	}
	return 365
}

func daysOfMonth(year, month int64) int64 {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		return daysOfYear(year) - 337
	}
	return 31
}

// clamp shortens the day to the length of its month.
func (d date) clamp() date {
	d.day = min(d.day, daysOfMonth(d.year, d.month))
	return d
}

// weekday is 1 for Monday up to 7 for Sunday.
func weekday(days int64) int64 { return floorMod(days+3, 7) + 1 }

// firstWeek returns the Monday of the first week of the week year.
func firstWeek(weekyear int64) int64 {
	fourth := date{weekyear, 1, 4}.days()
	return fourth - weekday(fourth) + 1
}

// weekOf returns the week year of the day and the number of its week.
func weekOf(days int64) (weekyear, number int64) {
	weekyear = dateOf(days - weekday(days) + 4).year // the year of the week's Thursday
	return weekyear, (days-firstWeek(weekyear))/7 + 1
}

func weeksOf(weekyear int64) int64 { return (firstWeek(weekyear+1) - firstWeek(weekyear)) / 7 }
