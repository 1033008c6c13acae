package schedule

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

// values are what a field selects.
type values struct {
	numbers map[int]bool
	special []specialDay // days that only a calendar knows
	any     bool         // the field is * or ?
}

// parse returns the values that the text selects, or what is wrong with it.
func (f cronField) parse(text string) (values, string) {
	out := values{numbers: map[int]bool{}, any: text == "*" || f.quartz && text == "?"}
	if f.quartz && text == "?" {
		return out, ""
	}
	for _, part := range strings.Split(text, ",") {
		if day, ok := f.calendar(strings.ToUpper(part)); ok && f.quartz {
			out.special = append(out.special, day)
			continue
		}
		if problem := f.parseRange(part, out.numbers); problem != "" {
			return out, problem
		}
	}
	return out, ""
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
