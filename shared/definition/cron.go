package definition

import (
	"fmt"
	"strconv"
	"strings"
)

// cronField is one field of a cron text.
type cronField struct {
	name      string
	low, high int
	names     []string // the first stands for low
	quartz    bool     // ? L W # are allowed here
}

var (
	months   = []string{"JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"}
	weekdays = []string{"SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"}

	minuteField = cronField{name: "minute", high: 59}
	hourField   = cronField{name: "hour", high: 23}
	monthField  = cronField{name: "month", low: 1, high: 12, names: months}
)

var unixCron = []cronField{minuteField, hourField, {name: "day of the month", low: 1, high: 31}, monthField,
	{name: "day of the week", high: 7, names: weekdays}}

var quartzCron = []cronField{{name: "second", high: 59}, minuteField, hourField,
	{name: "day of the month", low: 1, high: 31, quartz: true}, monthField,
	{name: "day of the week", low: 1, high: 7, names: weekdays, quartz: true}, {name: "year", low: 1970, high: 2099}}

// checkCron says why the text is no cron of 5 fields (unix) or 6 to 7 (Quartz) whose executions are at least two
// minutes apart, or "".
func checkCron(text string) string {
	parts := strings.Fields(text)
	switch len(parts) {
	case 5:
		sets, problem := cronSets(parts, unixCron)
		if problem != "" {
			return problem
		}
		return tooOften(map[int]bool{0: true}, sets, parts[2] == "*" && parts[4] == "*")
	case 6, 7:
		sets, problem := cronSets(parts, quartzCron)
		if problem != "" {
			return problem
		}
		if (parts[3] == "?") == (parts[5] == "?") {
			return "in the notation with seconds, exactly one of the day of the month and the day of the week must be ?"
		}
		return tooOften(sets[0], sets[1:], strings.Trim(parts[3]+parts[5], "*?") == "")
	}
	return fmt.Sprintf("it has %d fields, want 5 (minute first) or 6 to 7 (second first)", len(parts))
}

func cronSets(parts []string, fields []cronField) ([]map[int]bool, string) {
	sets := make([]map[int]bool, len(parts))
	for i, part := range parts {
		var problem string
		if sets[i], problem = fields[i].parse(part); problem != "" {
			return nil, fmt.Sprintf("the %s %q %s", fields[i].name, part, problem)
		}
	}
	return sets, ""
}

// parse returns the values that the text selects; days that only a calendar knows are left out.
func (f cronField) parse(text string) (map[int]bool, string) {
	set := map[int]bool{}
	if f.quartz && text == "?" {
		return set, ""
	}
	for _, part := range strings.Split(text, ",") {
		if f.quartz && f.calendar(strings.ToUpper(part)) {
			continue
		}
		if problem := f.parseRange(part, set); problem != "" {
			return nil, problem
		}
	}
	return set, ""
}

func (f cronField) parseRange(part string, set map[int]bool) string {
	span, stepText, stepped := strings.Cut(part, "/")
	step := 1
	if stepped {
		var err error
		if step, err = strconv.Atoi(stepText); err != nil || step < 1 || step > f.high {
			return fmt.Sprintf("has a step that is no integer from 1 to %d", f.high)
		}
	}
	from, to := f.low, f.high
	if span != "*" {
		first, last, ranged := strings.Cut(span, "-")
		var ok bool
		if from, ok = f.number(first); !ok {
			return f.want()
		}
		switch {
		case ranged:
			if to, ok = f.number(last); !ok {
				return f.want()
			}
		case !stepped:
			to = from
		}
		if from > to {
			return "has a range that runs backwards"
		}
	}
	for n := from; n <= to; n += step {
		set[n] = true
	}
	return ""
}

func (f cronField) want() string {
	if f.names != nil {
		return fmt.Sprintf("is not understood, want numbers from %d to %d or %s to %s", f.low, f.high, f.names[0], f.names[len(f.names)-1])
	}
	return fmt.Sprintf("is not understood, want numbers from %d to %d", f.low, f.high)
}

func (f cronField) number(text string) (int, bool) {
	for i, name := range f.names {
		if strings.EqualFold(name, text) {
			return f.low + i, true
		}
	}
	for _, c := range text {
		if c < '0' || c > '9' {
			return 0, false
		}
	}
	n, err := strconv.Atoi(text)
	return n, err == nil && n >= f.low && n <= f.high
}

// calendar tells whether the text is one of Quartz's forms for special days: L, LW, L-3, 15W, 5L, MON#2.
func (f cronField) calendar(text string) bool {
	if text == "L" || text == "LW" && f.names == nil {
		return true
	}
	if f.names == nil {
		day, weekday := strings.CutSuffix(text, "W")
		if before, last := strings.CutPrefix(text, "L-"); last {
			day, weekday = before, true
		}
		_, ok := f.number(day)
		return weekday && ok
	}
	if day, nth, ok := strings.Cut(text, "#"); ok {
		_, known := f.number(day)
		n, err := strconv.Atoi(nth)
		return known && err == nil && n >= 1 && n <= 5
	}
	day, last := strings.CutSuffix(text, "L")
	_, known := f.number(day)
	return last && known
}

// tooOften says why executions are less than two minutes apart, or "". The sets begin with minutes and hours.
func tooOften(seconds map[int]bool, sets []map[int]bool, everyDay bool) string {
	const problem = "executions must be at least two minutes apart"
	minutes, hours := sets[0], sets[1]
	if len(seconds) > 1 {
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
	if hours[23] && hours[0] && everyDay {
		return problem
	}
	return ""
}
