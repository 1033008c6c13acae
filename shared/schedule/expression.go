package schedule

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Expression is a recurring schedule in the notation of EventBridge Scheduler: cron(minute hour day month weekday year).
type Expression struct {
	Text string
	Zone string // in which it is meant
}

// Limits of a translation.
const (
	maxText        = 256 // characters that the service takes
	maxExpressions = 8   // for one trigger; what needs more is expressed time by time
	aroundChange   = 3 * time.Hour
)

// Expressions returns schedules that fire at each execution, or less than a minute before it; together they may fire at
// other times too. It returns none when the trigger cannot be expressed so: special days that the service does not know,
// delays of a minute and more, intervals that do not divide an hour or a day.
func (s *Schedule) Expressions() []Expression {
	if time.Duration(s.Second())*time.Second+s.delay >= time.Minute {
		return nil
	}
	if every, ok := s.times.(*interval); ok {
		return every.expressions(s.delay)
	}
	days, ok := s.cron.days.fields()
	if !ok || len(days) > maxExpressions {
		return nil
	}
	var out []Expression
	for _, day := range days {
		text := fmt.Sprintf("cron(%s %s %s %s %s %s)", list(s.cron.minutes, 60), list(s.cron.hours, 24), day.month,
			list(s.cron.months, 12), day.week, list(s.cron.years, 0))
		if len(text) > maxText {
			return nil
		}
		out = append(out, Expression{text, s.zone.String()})
	}
	return out
}

// Fires tells whether the expressions certainly fire for an execution. Around a change of the zone's clock they may
// not: what the service does with readings that are skipped or come twice is not what time triggers mean.
func (s *Schedule) Fires(at time.Time) bool {
	if len(s.Expressions()) == 0 {
		return false
	}
	if s.cron == nil {
		return true
	}
	return offsetOf(at.Add(-aroundChange).In(s.zone)) == offsetOf(at.Add(aroundChange).In(s.zone))
}

// list writes the values of a field; all of them are *.
func list(v values, all int) string {
	if v.any || len(v.numbers) == all {
		return "*"
	}
	return numbers(slices.Sorted(maps.Keys(v.numbers)))
}

func numbers(sorted []int) string {
	var texts []string
	for _, n := range sorted {
		texts = append(texts, strconv.Itoa(n))
	}
	return strings.Join(texts, ",")
}

// dayFields are the two fields of days of one expression, of which one is always ?.
type dayFields struct{ month, week string }

// fields returns the fields that together select the days, or false when the service has no notation for one.
func (d days) fields() (out []dayFields, ok bool) {
	if d.any {
		return []dayFields{{"*", "?"}}, true
	}
	if len(d.month) > 0 {
		out = append(out, dayFields{numbers(slices.Sorted(maps.Keys(d.month))), "?"})
	}
	week := d.week
	for _, special := range d.special {
		switch special.kind {
		case beforeLast:
			if special.n != 0 {
				return nil, false
			}
			out = append(out, dayFields{"L", "?"})
		case nearWeekday:
			out = append(out, dayFields{strconv.Itoa(special.n) + "W", "?"})
		case lastNamed:
			out = append(out, dayFields{"?", strconv.Itoa(int(special.day)+1) + "L"})
		case nthNamed:
			out = append(out, dayFields{"?", fmt.Sprintf("%d#%d", int(special.day)+1, special.n)})
		case named:
			week[special.day] = true
		default: // the last weekday of the month
			return nil, false
		}
	}
	var named []int
	for day, selected := range week {
		if selected {
			named = append(named, day+1)
		}
	}
	if len(named) > 0 {
		out = append(out, dayFields{"?", numbers(named)})
	}
	return out, len(out) > 0
}

// expressions writes an interval as times of the day in UTC, which is exact when it divides an hour or a day.
func (i *interval) expressions(delay time.Duration) []Expression {
	start := i.start.UTC()
	if time.Duration(start.Second())*time.Second+time.Duration(start.Nanosecond())+delay >= time.Minute {
		return nil
	}
	minutes, hours := []int{start.Minute()}, "*"
	switch {
	case i.every%time.Minute == 0 && time.Hour%i.every == 0:
		step := int(i.every / time.Minute)
		minutes = nil
		for m := start.Minute() % step; m < 60; m += step {
			minutes = append(minutes, m)
		}
	case i.every%time.Hour == 0 && 24*time.Hour%i.every == 0:
		var at []int
		step := int(i.every / time.Hour)
		for h := start.Hour() % step; h < 24; h += step {
			at = append(at, h)
		}
		hours = numbers(at)
	default:
		return nil
	}
	return []Expression{{fmt.Sprintf("cron(%s %s * * ? *)", numbers(minutes), hours), "UTC"}}
}
