package schedule

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/workflow"
)

// zones change their clocks in every way that there is: by an hour and by half an hour, north and south, at midnight,
// not at all, and once by a whole day.
var zones = []string{"UTC", "America/Los_Angeles", "America/New_York", "America/St_Johns", "America/Santiago", "Europe/London",
	"Europe/Berlin", "Africa/Cairo", "Asia/Tehran", "Asia/Kolkata", "Australia/Lord_Howe", "Pacific/Apia"}

// naive is a cron text as a reader would match it with a calendar in his hand: it shares no code with the package.
type naive struct{ minute, hour, day, month, week, year string }

func parseNaive(text string) naive {
	f := strings.Fields(text)
	if len(f) == 5 {
		return naive{f[0], f[1], f[2], f[3], f[4], "*"}
	}
	year := "*"
	if len(f) == 7 {
		year = f[6]
	}
	return naive{f[1], f[2], f[3], f[4], f[5], year}
}

func (n naive) matches(t time.Time, quartz bool) bool {
	return one(n.minute, t.Minute(), 0, 59) && one(n.hour, t.Hour(), 0, 23) && one(n.month, int(t.Month()), 1, 12) &&
		one(n.year, t.Year(), 1970, 2099) && n.dayMatches(t, quartz)
}

func (n naive) dayMatches(t time.Time, quartz bool) bool {
	day := n.day == "*" || n.day == "?" || anyOf(n.day, func(part string) bool { return naiveDay(part, t) })
	week := n.week == "*" || n.week == "?" || anyOf(n.week, func(part string) bool { return naiveWeek(part, t, quartz) })
	if !quartz && n.day != "*" && n.week != "*" {
		return day || week
	}
	return day && week
}

func anyOf(text string, is func(string) bool) bool {
	for _, part := range strings.Split(text, ",") {
		if is(part) {
			return true
		}
	}
	return false
}

func naiveDay(part string, t time.Time) bool {
	last := time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC)
	switch {
	case part == "L":
		return t.Day() == last.Day()
	case part == "LW":
		for last.Weekday() == time.Saturday || last.Weekday() == time.Sunday {
			last = last.AddDate(0, 0, -1)
		}
		return t.Day() == last.Day()
	case strings.HasPrefix(part, "L-"):
		n, _ := strconv.Atoi(part[2:])
		return t.Day() == last.Day()-n
	case strings.HasSuffix(part, "W"):
		n, _ := strconv.Atoi(strings.TrimSuffix(part, "W"))
		best, distance := 0, 99
		for d := 1; d <= last.Day(); d++ {
			wd := time.Date(t.Year(), t.Month(), d, 0, 0, 0, 0, time.UTC).Weekday()
			far := max(d-n, n-d)
			if wd != time.Saturday && wd != time.Sunday && far < distance {
				best, distance = d, far
			}
		}
		return n <= last.Day() && t.Day() == best
	}
	return one(part, t.Day(), 1, 31)
}

func naiveWeek(part string, t time.Time, quartz bool) bool {
	number := int(t.Weekday())
	if quartz {
		number++
	}
	last := time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	switch {
	case quartz && part == "L":
		return number == 7
	case quartz && strings.HasSuffix(part, "L"):
		return one(strings.TrimSuffix(part, "L"), number, 1, 7) && t.Day()+7 > last
	case quartz && strings.Contains(part, "#"):
		day, nth, _ := strings.Cut(part, "#")
		n, _ := strconv.Atoi(nth)
		return one(day, number, 1, 7) && (t.Day()+6)/7 == n
	case quartz:
		return one(part, number, 1, 7)
	}
	return one(part, number, 0, 7) || number == 0 && one(part, 7, 0, 7)
}

// one tells whether a field without names selects a value.
func one(field string, value, low, high int) bool {
	return anyOf(field, func(part string) bool {
		span, step, stepped := strings.Cut(part, "/")
		from, to, every := low, high, 1
		if stepped {
			every, _ = strconv.Atoi(step)
		}
		if span != "*" {
			first, last, ranged := strings.Cut(span, "-")
			from, _ = strconv.Atoi(first)
			if to = from; ranged {
				to, _ = strconv.Atoi(last)
			} else if stepped {
				to = high
			}
		}
		return value >= from && value <= to && (value-from)%every == 0
	})
}

// enumerate looks at every minute from one time to another.
func (n naive) enumerate(zone *time.Location, quartz bool, from, to time.Time) []time.Time {
	fixed := false
	for hour := range 24 {
		fixed = fixed || !one(n.hour, hour, 0, 23)
	}
	reading := func(t time.Time) time.Time {
		l := t.In(zone)
		return time.Date(l.Year(), l.Month(), l.Day(), l.Hour(), l.Minute(), 0, 0, time.UTC)
	}
	highest := reading(from.Add(-time.Minute))
	for back := from.Add(-30 * time.Hour); back.Before(from); back = back.Add(time.Minute) {
		if r := reading(back); r.After(highest) {
			highest = r
		}
	}
	var out []time.Time
	for t := from; !t.After(to); t = t.Add(time.Minute) {
		now := reading(t)
		selected := n.matches(now, quartz)
		if fixed {
			selected = selected && now.After(highest)
			for skipped := highest.Add(time.Minute); skipped.Before(now); skipped = skipped.Add(time.Minute) {
				selected = selected || n.matches(skipped, quartz)
			}
		}
		if now.After(highest) {
			highest = now
		}
		if selected {
			out = append(out, t)
		}
	}
	return out
}

func compare(t rapid.TB, text, zone string, from, to time.Time) {
	t.Helper()
	s, err := Parse("wf", workflow.TimeTrigger{Type: workflow.TriggerCron, Cron: text, Timezone: zone})
	if err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	got, all := s.Between(from, to, 1_000_000)
	want := parseNaive(text).enumerate(s.Zone(), len(strings.Fields(text)) > 5, from, to)
	if !all || fmt.Sprint(got) != fmt.Sprint(want) {
		for i := range max(len(got), len(want)) {
			if i >= len(got) || i >= len(want) || !got[i].Equal(want[i]) {
				t.Fatalf("%q in %s: execution %d of %d and %d differs:\n got %v\nwant %v", text, zone, i, len(got), len(want), got[i:min(i+3, len(got))], want[i:min(i+3, len(want))])
			}
		}
	}
}

// texts cover every form; those of every hour meet the changes of clocks differently from those that name hours.
var texts = []string{"*/2 * * * *", "0 * * * *", "30 * * * *", "5 2 * * *", "30 1,2,3 * * *", "0 0 * * *", "*/30 */2 * * *",
	"45 1 * * 0", "15 0 1 * 1-5", "0 30 2 31 * ?", "0 30 2 L * ?", "0 0 1 LW * ?", "0 15 2 15W * ?", "0 0 3 ? * 6L", "0 0 2 ? * 2#2,1#1",
	"0 10 1 L-3,1W * ?", "0 0 0 ? 3,10,11 L", "0 0 12 1/1 * ? *", "0 0 0 29 2 ? 2024/4", "17 4 29 2 *"}

func TestEveryChangeOfClocks(t *testing.T) {
	for _, name := range zones {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			zone, err := time.LoadLocation(name)
			if err != nil {
				t.Fatal(err)
			}
			// Apia lost a day at the end of 2011; Tehran and Cairo have changed their minds since.
			changes := 0
			for at := time.Date(2011, 6, 1, 0, 0, 0, 0, time.UTC); ; changes++ {
				_, end := at.In(zone).ZoneBounds()
				if end.IsZero() || end.Year() > 2017 {
					break
				}
				for _, text := range texts {
					compare(t, text, name, end.UTC().Add(-26*time.Hour), end.UTC().Add(26*time.Hour))
				}
				at = end
			}
			t.Logf("%d changes", changes)
		})
	}
}

func TestALeapYear(t *testing.T) {
	for i, name := range zones {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			leap := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
			for j := i % 10; j < len(texts); j += 10 {
				compare(t, texts[j], name, leap, leap.AddDate(1, 0, 0))
			}
		})
	}
}

// TestAnyCron draws texts: what the push accepts is what runs.
func TestAnyCron(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join([]string{drawField(t, 0, 59), drawField(t, 0, 23), drawField(t, 1, 31), drawField(t, 1, 12), drawField(t, 0, 7)}, " ")
		if rapid.Bool().Draw(t, "quartz") {
			day, week := drawField(t, 1, 31), "?"
			if rapid.Bool().Draw(t, "by week") {
				day, week = "?", drawField(t, 1, 7)
			}
			text = strings.Join([]string{"0", drawField(t, 0, 59), drawField(t, 0, 23), day, drawField(t, 1, 12), week}, " ")
		}
		if CheckCron(text) != "" {
			t.Skip("refused")
		}
		zone := rapid.SampledFrom(zones).Draw(t, "zone")
		from := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC).Add(time.Duration(rapid.IntRange(0, 2*366*24*60).Draw(t, "minutes")) * time.Minute)
		compare(t, text, zone, from, from.Add(10*24*time.Hour))
	})
}

func drawField(t *rapid.T, low, high int) string {
	if rapid.Bool().Draw(t, "any") {
		return "*"
	}
	from := rapid.IntRange(low, high).Draw(t, "from")
	switch rapid.IntRange(0, 3).Draw(t, "form") {
	case 0:
		return fmt.Sprint(from)
	case 1:
		return fmt.Sprintf("%d-%d", from, rapid.IntRange(from, high).Draw(t, "to"))
	case 2:
		return fmt.Sprintf("%d,%d", from, rapid.IntRange(low, high).Draw(t, "second"))
	}
	return fmt.Sprintf("*/%d", rapid.IntRange(1, high).Draw(t, "step"))
}
