package schedule

import (
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

func at(t *testing.T, text string) time.Time {
	t.Helper()
	out, err := time.Parse(time.RFC3339, text)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPinned55ThreeDaysAtFivePastTwo(t *testing.T) {
	s, err := Parse("wf", workflow.TimeTrigger{Type: workflow.TriggerCron, Cron: "5 2 * * *", Timezone: "US/Pacific"})
	if err != nil {
		t.Fatal(err)
	}
	from := at(t, "2021-05-17T00:00:00-07:00")
	got, all := s.Between(from, from.AddDate(0, 0, 3), 100)
	if !all || len(got) != 3 {
		t.Fatal(got, all)
	}
	for i, want := range []string{"2021-05-17T02:05:00-07:00", "2021-05-18T02:05:00-07:00", "2021-05-19T02:05:00-07:00"} {
		if !got[i].Equal(at(t, want)) {
			t.Errorf("execution %d: %v, want %s", i, got[i], want)
		}
	}
}

// TestPinned56EveryMinuteUpToABound asks below the check of a push, which would refuse the text.
func TestPinned56EveryMinuteUpToABound(t *testing.T) {
	text, problem := parseCron("*/1 * * * *")
	if problem == "" {
		t.Error("every minute was not refused")
	}
	s := &Schedule{times: newCronTimes(text, time.UTC)}
	from := at(t, "2021-05-17T00:00:00Z")
	got, all := s.Between(from, from.AddDate(0, 0, 1), 20)
	if len(got) != 20 || all || !got[19].Equal(from.Add(19*time.Minute)) {
		t.Errorf("%d executions, all %v: %v", len(got), all, got)
	}
}

func TestPredefined(t *testing.T) {
	for expression, want := range map[string]string{"@hourly": "2024-02-28T13:00:00Z", "@daily": "2024-02-29T00:00:00Z",
		"@weekly": "2024-03-03T00:00:00Z", "@monthly": "2024-03-01T00:00:00Z", "@yearly": "2025-01-01T00:00:00Z"} {
		s, err := Parse("wf", workflow.TimeTrigger{Type: workflow.TriggerPredefined, Expression: expression})
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := s.Next(at(t, "2024-02-28T12:00:00Z")); !ok || !got.Equal(at(t, want)) {
			t.Errorf("%s: %v, want %s", expression, got, want)
		}
	}
}

func TestIntervals(t *testing.T) {
	for _, c := range []struct {
		every, start any
		zone         string
		after, want  string
	}{
		{"2 hours", nil, "", "2024-01-01T01:00:00Z", "2024-01-01T02:00:00Z"},
		{"2 hours", nil, "", "2024-01-01T02:00:00Z", "2024-01-01T04:00:00Z"},
		{float64(3600), "2024-01-01T00:30:00Z", "", "2024-01-01T01:00:00Z", "2024-01-01T01:30:00Z"},
		{"1 day", "2024-01-01 09:00:00", "Asia/Tokyo", "2023-01-01T00:00:00Z", "2024-01-01T00:00:00Z"},
		{"1 day", "2024-01-01 09:00:00.500PST", "Asia/Tokyo", "2024-01-01T20:00:00Z", "2024-01-02T17:00:00.5Z"},
		{"90 minutes", float64(1704067200000), "", "2024-01-01T00:00:00Z", "2024-01-01T01:30:00Z"},
	} {
		s, err := Parse("wf", workflow.TimeTrigger{Type: workflow.TriggerInterval, Interval: c.every, Start: c.start, Timezone: c.zone})
		if err != nil {
			t.Fatal(err)
		}
		if got, _ := s.Next(at(t, c.after)); !got.Equal(at(t, c.want)) {
			t.Errorf("every %v from %v after %s: %v, want %s", c.every, c.start, c.after, got, c.want)
		}
	}
}

func TestWhatIsRefused(t *testing.T) {
	params := &workflow.ParsableLong{Text: "${delay}", IsText: true}
	for name, trigger := range map[string]workflow.TimeTrigger{
		"type":       {Type: "NEVER"},
		"zone":       {Type: workflow.TriggerCron, Cron: "0 0 * * *", Timezone: "Mars/Olympus"},
		"local":      {Type: workflow.TriggerCron, Cron: "0 0 * * *", Timezone: "Local"},
		"cron":       {Type: workflow.TriggerCron, Cron: "* * * * *"},
		"predefined": {Type: workflow.TriggerPredefined, Expression: "@reboot"},
		"interval":   {Type: workflow.TriggerInterval, Interval: "1 minute"},
		"start":      {Type: workflow.TriggerInterval, Interval: "1 hour", Start: "soon"},
		"delay":      {Type: workflow.TriggerCron, Cron: "0 0 * * *", FuzzyMaxDelay: params},
	} {
		if _, err := Parse("wf", trigger); workflow.CodeOf(err) != workflow.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestFuzzyDelay(t *testing.T) {
	trigger := workflow.TimeTrigger{Type: workflow.TriggerCron, Cron: "0 * * * *", FuzzyMaxDelay: &workflow.ParsableLong{Text: "30 minutes", IsText: true}}
	seen := map[time.Duration]bool{}
	for _, wf := range []string{"a", "b", "c", "d"} {
		s, err := Parse(wf, trigger)
		if err != nil {
			t.Fatal(err)
		}
		if s.Delay() < 0 || s.Delay() >= 30*time.Minute || s.Delay()%time.Second != 0 {
			t.Errorf("delay %v", s.Delay())
		}
		seen[s.Delay()] = true
		hour := at(t, "2024-01-01T05:00:00Z")
		if got, _ := s.Next(hour.Add(s.Delay() - 1)); !got.Equal(hour.Add(s.Delay())) {
			t.Errorf("%v with a delay of %v", got, s.Delay())
		}
	}
	if len(seen) < 3 {
		t.Errorf("the workflows share their delays: %v", seen)
	}
}

func TestNoMoreExecutions(t *testing.T) {
	for _, text := range []string{"0 0 12 1 1 ? 2020", "0 0 12 30 2 ?"} {
		s, err := Parse("wf", workflow.TimeTrigger{Type: workflow.TriggerCron, Cron: text})
		if err != nil {
			t.Fatal(err)
		}
		if got, ok := s.Next(at(t, "2024-01-01T00:00:00Z")); ok {
			t.Errorf("%q runs at %v", text, got)
		}
	}
}

func TestPlans(t *testing.T) {
	triggers := []workflow.TimeTrigger{{Type: workflow.TriggerCron, Cron: "0 */6 * * *"}, {Type: workflow.TriggerPredefined, Expression: "@daily", Timezone: "Asia/Tokyo"}, {Type: workflow.TriggerPredefined, Expression: "@daily"}}
	plan, err := NewPlan("wf", triggers)
	if err != nil {
		t.Fatal(err)
	}
	from := at(t, "2024-01-01T00:00:00Z")
	got, all := plan.Between(from, from.Add(18*time.Hour), 10)
	var hours []int
	for _, e := range got {
		hours = append(hours, e.At.Hour())
	}
	if !all || len(got) != 5 || hours[0] != 0 || hours[3] != 15 || got[3].Timezone != "Asia/Tokyo" {
		t.Errorf("%v %v", got, all)
	}
	if got, all = plan.Between(from, from.Add(18*time.Hour), 2); len(got) != 2 || all {
		t.Errorf("two of them: %v %v", got, all)
	}
	if UUID("wf", triggers) != plan.UUID || UUID("other", triggers) == plan.UUID || UUID("wf", triggers[:1]) == plan.UUID {
		t.Error("the uuid is not of the workflow and its list")
	}
	if RequestID("wf", plan.UUID, from) == RequestID("wf", plan.UUID, from.Add(time.Second)) {
		t.Error("two times share a request id")
	}
}
