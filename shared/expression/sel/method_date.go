package sel

import (
	"strings"

	"github.com/segue-workflows/segue/shared/expression/sel/joda"
)

var dateConstructors = map[int]method{
	0: func(c *call) (any, error) {
		now, err := c.run.now()
		return joda.DateTime{Millis: now, Zone: joda.UTC}, err
	},
	1: func(c *call) (any, error) {
		if s, ok := c.args[0].(string); ok {
			return joda.ParseISO(s, joda.UTC)
		}
		return joda.DateTime{Millis: c.long(0), Zone: joda.UTC}, nil
	},
	2: func(c *call) (any, error) {
		zone := c.zone(1)
		if s, ok := c.args[0].(string); ok {
			return joda.ParseISO(s, zone)
		}
		return c.date(0).In(zone), nil
	},
	8: func(c *call) (any, error) {
		var fields [7]int64
		for i := range fields {
			fields[i] = c.int(i)
		}
		return joda.Date(fields, c.zone(7))
	},
}

// fieldNames are the names of the fields as methods spell them.
var fieldNames = map[string]joda.Field{
	"year": joda.Year, "weekyear": joda.Weekyear, "monthOfYear": joda.MonthOfYear,
	"weekOfWeekyear": joda.WeekOfWeekyear, "dayOfYear": joda.DayOfYear, "dayOfMonth": joda.DayOfMonth,
	"dayOfWeek": joda.DayOfWeek, "hourOfDay": joda.HourOfDay, "minuteOfDay": joda.MinuteOfDay,
	"minuteOfHour": joda.MinuteOfHour, "secondOfDay": joda.SecondOfDay,
	"secondOfMinute": joda.SecondOfMinute, "millisOfDay": joda.MillisOfDay,
	"millisOfSecond": joda.MillisOfSecond,
}

var units = map[string]joda.Unit{
	"Years": joda.Years, "Months": joda.Months, "Weeks": joda.Weeks, "Days": joda.Days,
	"Hours": joda.Hours, "Minutes": joda.Minutes, "Seconds": joda.Seconds, "Millis": joda.Millis,
}

var dateMethods = dateTable()

// dateTable builds the many methods of DateTime that differ in a field or a unit only.
func dateTable() methods {
	table := methods{
		{"parse", 2}: func(c *call) (any, error) {
			return c.parseDate(arg[*joda.Formatter](c, 1, kindFormatter), c.str(0))
		},
		{"toString", 0}: func(c *call) (any, error) { return c.time().String(), nil },
		{"toString", 1}: func(c *call) (any, error) {
			f, err := joda.ForPattern(c.str(0), c.run.year())
			if err != nil || c.err != nil {
				return nil, err
			}
			return f.Print(c.time()), nil
		},
		{"withZone", 1}:             func(c *call) (any, error) { return c.time().In(c.zone(0)), nil },
		{"toDateTime", 1}:           func(c *call) (any, error) { return c.time().In(c.zone(0)), nil },
		{"withTimeAtStartOfDay", 0}: func(c *call) (any, error) { return c.time().StartOfDay(), nil },
		{"getMillis", 0}:            func(c *call) (any, error) { return c.time().Millis, nil },
		{"isAfter", 1}:              func(c *call) (any, error) { return c.time().Millis > c.date(0).Millis, nil },
		{"isBefore", 1}:             func(c *call) (any, error) { return c.time().Millis < c.date(0).Millis, nil },
		{"isEqual", 1}:              func(c *call) (any, error) { return c.time().Millis == c.date(0).Millis, nil },
	}
	for name, unit := range units {
		table[signature{"plus" + name, 1}] = func(c *call) (any, error) { return c.time().Plus(c.int(0), unit) }
		table[signature{"minus" + name, 1}] = func(c *call) (any, error) { return c.time().Plus(-c.int(0), unit) }
	}
	for name, field := range fieldNames {
		suffix := strings.ToUpper(name[:1]) + name[1:]
		table[signature{"get" + suffix, 0}] = func(c *call) (any, error) { return c.time().Get(field), nil }
		if name != "year" {
			table[signature{name, 0}] = func(c *call) (any, error) { return property{c.time(), field}, nil }
		}
		if name != "minuteOfDay" && name != "secondOfDay" {
			table[signature{"with" + suffix, 1}] = func(c *call) (any, error) { return c.time().With(field, c.int(0)) }
		}
	}
	return table
}

// time returns the receiver of a method of DateTime.
func (c *call) time() joda.DateTime {
	t := self[joda.DateTime](c, kindDateTime)
	if t.Zone == nil {
		t.Zone = joda.UTC
	}
	return t
}

// year returns the current year, which two-digit years are read by.
func (r *run) year() int64 {
	const withoutClock = 2000
	now, err := r.now()
	if err != nil {
		return withoutClock
	}
	return joda.DateTime{Millis: now, Zone: joda.UTC}.Get(joda.Year)
}

func (c *call) parseDate(f *joda.Formatter, text string) (any, error) {
	if f == nil {
		return nil, nil
	}
	return f.Parse(text)
}

var propertyMethods = methods{
	{"get", 0}:              func(c *call) (any, error) { p := c.property(); return p.time.Get(p.field), nil },
	{"getAsText", 0}:        func(c *call) (any, error) { p := c.property(); return p.time.Text(p.field), nil },
	{"withMinimumValue", 0}: func(c *call) (any, error) { low, _, t := c.extremes(); return t.With(c.property().field, low) },
	{"withMaximumValue", 0}: func(c *call) (any, error) { _, high, t := c.extremes(); return t.With(c.property().field, high) },
}

func (c *call) property() property {
	p := self[property](c, kindProperty)
	if p.time.Zone == nil {
		p.time.Zone = joda.UTC
	}
	return p
}

// extremes returns the bounds of the property, and its time.
func (c *call) extremes() (low, high int64, t joda.DateTime) {
	p := c.property()
	low, high = p.time.Bounds(p.field)
	return low, high, p.time
}

var zoneMethods = methods{
	{"forID", 1}: func(c *call) (any, error) { return c.run.zone(c.str(0)) },
	{"getOffset", 1}: func(c *call) (any, error) {
		zone := self[*joda.Zone](c, kindZone)
		if zone == nil {
			return nil, nil
		}
		return zone.Offset(c.date(0).Millis), nil
	},
}

// zone loads a zone once for each evaluation.
func (r *run) zone(id string) (*joda.Zone, error) {
	if z := r.zones[id]; z != nil {
		return z, nil
	}
	const visitsPerLoad = 100
	if err := r.spend(visitsPerLoad); err != nil {
		return nil, err
	}
	z, err := joda.ForID(id)
	if err != nil {
		return nil, err
	}
	if r.zones == nil {
		r.zones = map[string]*joda.Zone{}
	}
	r.zones[id] = z
	return z, nil
}

var formatterMethods = methods{
	{"forPattern", 1}: func(c *call) (any, error) { return joda.ForPattern(c.str(0), c.run.year()) },
	{"withZone", 1}: func(c *call) (any, error) {
		zone, f := c.zone(0), c.formatter()
		if f == nil {
			return nil, nil
		}
		return f.WithZone(zone), nil
	},
	{"parseDateTime", 1}: func(c *call) (any, error) { return c.parseDate(c.formatter(), c.digits(0)) },
	{"parseMillis", 1}: func(c *call) (any, error) {
		f := c.formatter()
		if f == nil {
			return nil, nil
		}
		t, err := f.Parse(c.str(0))
		return t.Millis, err
	},
	{"print", 1}: func(c *call) (any, error) {
		f := c.formatter()
		if f == nil {
			return nil, nil
		}
		if millis, ok := c.args[0].(int64); ok {
			return f.Print(joda.DateTime{Millis: millis, Zone: joda.UTC}), nil
		}
		return f.Print(c.date(0)), nil
	},
}

func (c *call) formatter() *joda.Formatter { return self[*joda.Formatter](c, kindFormatter) }

var daysMethods = methods{
	{"daysBetween", 2}: func(c *call) (any, error) { return dayCount(c.date(0).DaysUntil(c.date(1))), nil },
	{"getDays", 0}:     func(c *call) (any, error) { return int64(self[dayCount](c, kindDays)), nil },
}
