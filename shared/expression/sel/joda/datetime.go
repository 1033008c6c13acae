package joda

// DateTime is an instant seen in a zone.
type DateTime struct {
	Millis int64 // since 1970-01-01T00:00Z
	Zone   *Zone
}

// Unit is what date arithmetic counts.
type Unit int

// The units. Days and larger ones keep the local time, smaller ones count elapsed time.
const (
	Years Unit = iota
	Months
	Weeks
	Days
	Hours
	Minutes
	Seconds
	Millis
)

var elapsed = map[Unit]int64{Weeks: week, Days: day, Hours: hour, Minutes: minute, Seconds: second, Millis: 1}

// Date builds a time from its fields, in the order year, month, day, hour, minute, second,
// millisecond. It fails when a field is out of its bounds or the time falls into a gap.
func Date(fields [7]int64, zone *Zone) (DateTime, error) {
	order := [...]Field{Year, MonthOfYear, DayOfMonth, HourOfDay, MinuteOfHour, SecondOfMinute, MillisOfSecond}
	local := int64(0)
	for i, f := range order {
		var err error
		if local, err = f.set(local, fields[i]); err != nil {
			return DateTime{}, err
		}
	}
	return strict(local, zone)
}

// strict returns the instant of a local time that must exist.
func strict(local int64, zone *Zone) (DateTime, error) {
	millis, gap := zone.instant(local)
	if gap {
		return DateTime{}, errGap
	}
	return DateTime{millis, zone}.checked()
}

// checked fails when the year is out of range.
func (t DateTime) checked() (DateTime, error) {
	if year := t.Get(Year); year < minYear || year > maxYear {
		return DateTime{}, errRange
	}
	return t, nil
}

func (t DateTime) local() int64 { return t.Millis + t.Zone.Offset(t.Millis) }

// In returns the same instant in another zone.
func (t DateTime) In(zone *Zone) DateTime { return DateTime{t.Millis, zone} }

// Get returns the value of a field.
func (t DateTime) Get(f Field) int64 { return f.get(t.local()) }

// Text returns the value of a field in English words where there are any.
func (t DateTime) Text(f Field) string { return f.text(t.local()) }

// Bounds returns the smallest and the largest value that the field can be set to.
func (t DateTime) Bounds(f Field) (low, high int64) { return f.bounds(t.local()) }

// With returns the time with another value of the field. An offset that remains valid is kept.
func (t DateTime) With(f Field, value int64) (DateTime, error) {
	offset := t.Zone.Offset(t.Millis)
	local, err := f.set(t.Millis+offset, value)
	if err != nil {
		return DateTime{}, err
	}
	millis := local - offset
	if t.Zone.Offset(millis) != offset {
		millis, _ = t.Zone.instant(local)
	}
	result := DateTime{millis, t.Zone}
	if result.Get(f) != value {
		return DateTime{}, errGap
	}
	return result.checked()
}

// Plus returns the time n units later. n must fit into 32 bits.
func (t DateTime) Plus(n int64, unit Unit) (DateTime, error) {
	if n == 0 {
		return t, nil
	}
	if unit >= Hours {
		return t.later(t.Millis, n*elapsed[unit])
	}
	local := t.local()
	if unit <= Months {
		days, time := floorDiv(local, day), floorMod(local, day)
		d := dateOf(days)
		if unit == Years {
			d.year += n
		} else {
			count := d.year*12 + d.month - 1 + n
			d.year, d.month = floorDiv(count, 12), floorMod(count, 12)+1
		}
		if d.year < minYear || d.year > maxYear {
			return DateTime{}, errRange
		}
		local = d.clamp().days()*day + time
	} else {
		later, err := t.later(local, n*elapsed[unit])
		if err != nil {
			return DateTime{}, err
		}
		local = later.Millis
	}
	millis, _ := t.Zone.instant(local)
	return DateTime{millis, t.Zone}.checked()
}

// later adds without overflow.
func (t DateTime) later(millis, duration int64) (DateTime, error) {
	sum := millis + duration
	if (sum > millis) != (duration > 0) {
		return DateTime{}, errRange
	}
	return DateTime{sum, t.Zone}.checked()
}

// StartOfDay returns the first instant of the local day.
func (t DateTime) StartOfDay() DateTime {
	local := t.local()
	millis, _ := t.Zone.instant(local - floorMod(local, day))
	return DateTime{millis, t.Zone}
}

// DaysUntil returns the number of whole local days to the other time, in the zone of t.
func (t DateTime) DaysUntil(other DateTime) int64 {
	return (other.In(t.Zone).local() - t.local()) / day
}

// String returns ISO 8601 with milliseconds: 2020-02-29T10:00:00.000Z.
func (t DateTime) String() string {
	text := isoFormat.Print(t)
	if offset := t.Zone.Offset(t.Millis); offset != 0 {
		return text + formatOffset(offset, ":")
	}
	return text + "Z"
}
