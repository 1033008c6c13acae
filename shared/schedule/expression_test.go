package schedule

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/workflow"
)

var known = map[string]*time.Location{}

// service tells whether an expression fires in a minute, as the manual of EventBridge Scheduler says and no better: it
// counts on no reading of a clock that is skipped or comes twice. It shares no code with the package.
func service(t *testing.T, e Expression, minute time.Time) bool {
	t.Helper()
	inner, ok := strings.CutPrefix(e.Text, "cron(")
	f := strings.Fields(strings.TrimSuffix(inner, ")"))
	if !ok || len(f) != 6 || len(e.Text) > 256 || (f[2] == "?") == (f[4] == "?") {
		t.Fatalf("%q is no expression", e.Text)
	}
	if known[e.Zone] == nil {
		zone, err := time.LoadLocation(e.Zone)
		if err != nil {
			t.Fatal(err)
		}
		known[e.Zone] = zone
	}
	zone := known[e.Zone]
	local := minute.In(zone)
	for _, other := range []time.Duration{-24 * time.Hour, -time.Hour, -30 * time.Minute, 30 * time.Minute, time.Hour, 24 * time.Hour} {
		if twin := minute.Add(other).In(zone); twin.Format(time.DateTime) == local.Format(time.DateTime) {
			return false
		}
	}
	return listed(f[0], local.Minute()) && listed(f[1], local.Hour()) && listed(f[3], int(local.Month())) &&
		listed(f[5], local.Year()) && serviceDay(f[2], local) && serviceWeek(f[4], local)
}

func listed(field string, n int) bool {
	return field == "*" || slices.Contains(strings.Split(field, ","), strconv.Itoa(n))
}

func serviceDay(field string, t time.Time) bool {
	last := time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	switch {
	case field == "?":
		return true
	case field == "L":
		return t.Day() == last
	case strings.HasSuffix(field, "W"):
		n, _ := strconv.Atoi(strings.TrimSuffix(field, "W"))
		if n > last || t.Weekday() == time.Saturday || t.Weekday() == time.Sunday {
			return false
		}
		for away := range 3 { // the nearest weekday is at most two days away
			for _, day := range []int{n - away, n + away} {
				if day < 1 || day > last {
					continue
				}
				if w := time.Date(t.Year(), t.Month(), day, 0, 0, 0, 0, time.UTC).Weekday(); w != time.Saturday && w != time.Sunday {
					return t.Day() == day
				}
			}
		}
		return false
	}
	return listed(field, t.Day())
}

func serviceWeek(field string, t time.Time) bool {
	day := int(t.Weekday()) + 1
	last := time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	switch name, nth, ok := strings.Cut(field, "#"); {
	case field == "?":
		return true
	case ok:
		return name == strconv.Itoa(day) && nth == strconv.Itoa((t.Day()+6)/7)
	case strings.HasSuffix(field, "L"):
		return strings.TrimSuffix(field, "L") == strconv.Itoa(day) && t.Day()+7 > last
	}
	return listed(field, day)
}

// covered goes through ten years of executions: each is either left to a one-time schedule, or an expression fires less
// than a minute before it. It returns how many were and how many were not left.
func covered(t *testing.T, s *Schedule, most int) (single, recurring int) {
	t.Helper()
	expressions := s.Expressions()
	from := time.Date(2024, 1, 1, 0, 0, 0, 0, time.UTC)
	for at, ok := s.Next(from); ok && at.Before(from.AddDate(10, 0, 0)); at, ok = s.Next(at) {
		if !s.Fires(at) {
			single++
			continue
		}
		recurring++
		minute := at.Truncate(time.Minute)
		if !slices.ContainsFunc(expressions, func(e Expression) bool { return service(t, e, minute) }) {
			t.Fatalf("%+v in %s: nothing of %v fires for %s", s.Trigger, s.zone, expressions, at.In(s.zone))
		}
		if (single+recurring)%most == 0 {
			at = at.Add(97 * 24 * time.Hour) // of the frequent ones, a part of each season
		}
	}
	return single, recurring
}

func parsed(t *testing.T, trigger workflow.TimeTrigger) *Schedule {
	t.Helper()
	s, err := Parse("wf", trigger)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestExpressions(t *testing.T) {
	for text, want := range map[string]string{
		"*/15 * * * *":          "cron(0,15,30,45 * * * ? *)",
		"30 2 * * *":            "cron(30 2 * * ? *)",
		"0 9 * * MON-FRI":       "cron(0 9 ? * 2,3,4,5,6 *)",
		"0 9 1,15 * 7":          "cron(0 9 1,15 * ? *) cron(0 9 ? * 1 *)",
		"20 0 9 L * ?":          "cron(0 9 L * ? *)",
		"0 0 9 15W 3 ? 2027":    "cron(0 9 15W 3 ? 2027)",
		"0 0 9 ? * FRIL":        "cron(0 9 ? * 6L *)",
		"0 0 9 ? * MON#2,WED#5": "cron(0 9 ? * 2#2 *) cron(0 9 ? * 4#5 *)",
		"0 0 9 LW * ?":          "",
		"0 0 9 L-3 * ?":         "",
	} {
		var got []string
		for _, e := range parsed(t, workflow.TimeTrigger{Type: workflow.TriggerCron, Cron: text}).Expressions() {
			got = append(got, e.Text)
		}
		if strings.Join(got, " ") != want {
			t.Errorf("%s: %v, want %s", text, got, want)
		}
	}
}

func TestExpressionsOfIntervals(t *testing.T) {
	for every, want := range map[string]string{"10 minutes": "cron(7,17,27,37,47,57 * * * ? *)", "6 hours": "cron(7 1,7,13,19 * * ? *)",
		"1 day": "cron(7 13 * * ? *)", "90 minutes": "", "7 minutes": "", "2 days": ""} {
		s := parsed(t, workflow.TimeTrigger{Type: workflow.TriggerInterval, Interval: every, Start: "2024-01-03T13:07:30Z"})
		got := ""
		if e := s.Expressions(); len(e) > 0 {
			got = e[0].Text
		}
		if got != want {
			t.Errorf("%s: %s, want %s", every, got, want)
		}
		if single, recurring := covered(t, s, 100); want == "" && recurring > 0 || want != "" && single > 0 {
			t.Errorf("%s: %d and %d", every, single, recurring)
		}
	}
}

// TestExpressionsCoverTenYears: in every zone, no execution is left without something that fires for it, and what is
// left to one-time schedules are the days of a changing clock only.
func TestExpressionsCoverTenYears(t *testing.T) {
	texts := []string{"30 2 * * *", "0 0 * * *", "45 1,2,3 * * *", "5 * * * *", "0 9 1,15 * 7", "0 */6 29 2 *", "20 30 2 L * ?",
		"0 0 1 15W * ?", "0 30 0 ? * SUNL", "0 0 3 ? * SUN#2", "0 15 2 1W 1,6 ?"}
	for _, zone := range zones {
		for _, text := range texts {
			s := parsed(t, workflow.TimeTrigger{Type: workflow.TriggerCron, Cron: text, Timezone: zone})
			single, recurring := covered(t, s, 200)
			if recurring == 0 || zone == "UTC" && single > 0 || single > 20+recurring/20 && !strings.Contains(text, "SUN") {
				t.Errorf("%s in %s: %d one-time, %d recurring", text, zone, single, recurring)
			}
		}
	}
}

func TestAnyExpressionCovers(t *testing.T) {
	day := rapid.OneOf(rapid.SampledFrom([]string{"* * ", "* 1-5", "1,11,31 * ", "13 5", "*/7 0,6"}), rapid.Map(rapid.IntRange(1, 28), func(n int) string { return fmt.Sprintf("%d *", n) }))
	rapid.Check(t, func(rt *rapid.T) {
		days := strings.Fields(day.Draw(rt, "days"))
		month := rapid.SampledFrom([]string{"*", "1-6", "2,3,10,11", "*/5"}).Draw(rt, "month")
		minute := rapid.SampledFrom([]string{"*/2", "3-59/4", "0", "59", "17,19"}).Draw(rt, "minute")
		hour := rapid.SampledFrom([]string{"*", "0", "2", "1-3", "23", "*/5"}).Draw(rt, "hour")
		text := strings.Join([]string{minute, hour, days[0], month, days[1]}, " ")
		if CheckCron(text) != "" {
			return
		}
		s := parsed(t, workflow.TimeTrigger{Type: workflow.TriggerCron, Cron: text, Timezone: rapid.SampledFrom(zones).Draw(rt, "zone")})
		covered(t, s, 25)
	})
}

func TestADelayOfAMinuteIsNotExpressed(t *testing.T) {
	delay := workflow.ParsableLong{Text: "2 hours", IsText: true}
	s := parsed(t, workflow.TimeTrigger{Type: workflow.TriggerCron, Cron: "0 9 * * *", FuzzyMaxDelay: &delay})
	if s.Delay() < time.Minute {
		t.Skip("the workflow's delay happens to be short")
	}
	if at, _ := s.Next(time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)); len(s.Expressions()) != 0 || s.Fires(at) {
		t.Errorf("%v", s.Expressions())
	}
}
