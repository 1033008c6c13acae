package schedule

import (
	"fmt"
	"strings"
	"time"

	"github.com/robfig/cron/v3"
)

// cronText is a cron text that was understood.
type cronText struct {
	parts   []string // seven fields, as written; the second and the year are "" in unix cron
	seconds values
	minutes values
	hours   values
	months  values
	days    days
	years   values
	quartz  bool
}

// CheckCron says why the text is no cron of 5 fields (unix) or 6 to 7 (Quartz) whose executions are at least two
// minutes apart, or "".
func CheckCron(text string) string {
	_, problem := parseCron(text)
	return problem
}

// parseCron reads a cron text, or says what is wrong with it.
func parseCron(text string) (*cronText, string) {
	parts := strings.Fields(text)
	out := &cronText{}
	switch len(parts) {
	case 5:
		out.parts = append([]string{""}, append(parts, "")...)
		out.seconds.numbers, out.years.any = map[int]bool{0: true}, true
		sets, problem := parseFields(parts, unixCron)
		if problem != "" {
			return nil, problem
		}
		out.set(sets, unixCron[4])
	case 6, 7:
		out.parts, out.quartz = append(parts, "*")[:7], true
		sets, problem := parseFields(out.parts, quartzCron)
		if problem != "" {
			return nil, problem
		}
		if (parts[3] == "?") == (parts[5] == "?") {
			return nil, "in the notation with seconds, exactly one of the day of the month and the day of the week must be ?"
		}
		out.seconds, out.years = sets[0], sets[6]
		out.set(sets[1:6], quartzCron[5])
	default:
		return nil, fmt.Sprintf("it has %d fields, want 5 (minute first) or 6 to 7 (second first)", len(parts))
	}
	return out, out.tooOften()
}

func parseFields(parts []string, fields []cronField) ([]values, string) {
	sets := make([]values, len(parts))
	for i, part := range parts {
		var problem string
		if sets[i], problem = fields[i].parse(part); problem != "" {
			return nil, fmt.Sprintf("the %s %q %s", fields[i].name, part, problem)
		}
	}
	return sets, ""
}

func (c *cronText) set(sets []values, week cronField) {
	c.minutes, c.hours, c.months = sets[0], sets[1], sets[3]
	c.days = newDays(sets[2], sets[4], week)
}

// tooOften says why executions are less than two minutes apart, or "".
func (c *cronText) tooOften() string {
	const problem = "executions must be at least two minutes apart"
	minutes, hours := c.minutes.numbers, c.hours.numbers
	if len(c.seconds.numbers) > 1 {
		return problem
	}
	for minute := range 59 {
		if minutes[minute] && minutes[minute+1] {
			return problem
		}
	}
	if !minutes[59] || !minutes[0] {
		return ""
	}
	for hour := range 23 {
		if hours[hour] && hours[hour+1] {
			return problem
		}
	}
	if hours[23] && hours[0] && c.days.adjoining() {
		return problem
	}
	return ""
}

// cronTimes are the executions of a cron text in a zone.
type cronTimes struct {
	face  *cron.SpecSchedule // second, minute, hour and month, of any day
	days  days
	years values
	zone  *time.Location
	fixed bool // names hours: each execution means a time of the day, and runs once
}

const allHours = 1<<24 - 1

func newCronTimes(c *cronText, zone *time.Location) *cronTimes {
	const everyDay = 1<<63 | 1<<32 - 1 // the highest bit is the library's sign for *
	face := &cron.SpecSchedule{Second: bits(c.seconds), Minute: bits(c.minutes), Hour: bits(c.hours), Month: bits(c.months),
		Dom: everyDay, Dow: everyDay, Location: time.UTC}
	return &cronTimes{face: face, days: c.days, years: c.years, zone: zone, fixed: face.Hour != allHours}
}

func bits(v values) uint64 {
	var out uint64
	for n := range v.numbers {
		out |= 1 << n
	}
	return out
}

// horizon is how many years ahead an execution is looked for: the 29th of February may be eight years away, and the
// fifth such weekday of a February forty.
const horizon = 45

// wall returns the next reading of a clock, as UTC, that the text selects, after w.
func (c *cronTimes) wall(w time.Time) (time.Time, bool) {
	last := w.Year() + horizon
	for {
		w = c.face.Next(w)
		switch {
		case w.IsZero() || w.Year() > last:
			return w, false
		case !c.years.any && !c.years.numbers[w.Year()]:
			w = time.Date(w.Year(), 12, 31, 23, 59, 59, 0, time.UTC)
		case !c.days.has(w):
			w = time.Date(w.Year(), w.Month(), w.Day(), 23, 59, 59, 0, time.UTC)
		default:
			return w, true
		}
	}
}

// next returns the first execution after a time. It walks from one change of the zone's clock to the next: between
// them a clock and the time differ by a constant.
func (c *cronTimes) next(after time.Time) (time.Time, bool) {
	for within, from := after, after; ; {
		local := within.In(c.zone)
		start, end := local.ZoneBounds()
		offset := offsetOf(local)
		reading := from.UTC().Add(offset)
		if c.fixed && !start.IsZero() {
			// What the clock read before it was set back is not run again.
			if read := start.UTC().Add(offsetOf(start.Add(-1))); reading.Before(read) {
				reading = read.Add(-1)
			}
		}
		wall, ok := c.wall(reading)
		if !ok {
			return time.Time{}, false
		}
		at := wall.Add(-offset)
		if end.IsZero() || at.Before(end) {
			return at, true
		}
		if c.fixed && wall.Before(end.UTC().Add(offsetOf(end))) {
			return end.UTC(), true // the clock skips it
		}
		within, from = end, end.Add(-1)
	}
}

func offsetOf(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}
