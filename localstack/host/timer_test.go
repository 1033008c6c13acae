package host

import (
	"testing"
	"time"
)

func TestStoredSchedulesAreDue(t *testing.T) {
	after := time.Date(2026, 3, 2, 8, 59, 59, 0, time.UTC) // a Monday
	for expression, want := range map[string]bool{
		"cron(0 9 * * ? *)": true, "cron(0 9 ? * 2 *)": true, "cron(0 9 ? * 1,3 *)": false, "cron(0,30 9 2 3 ? 2026)": true,
		"cron(1 9 * * ? *)": false, "at(2026-03-02T09:00:00)": true, "at(2026-03-02T08:59:59)": false, "at(2026-03-02T09:00:01)": false,
	} {
		if got, err := fires(expression, "UTC", after, after.Add(time.Second)); got != want || err != nil {
			t.Errorf("%s: %v %v", expression, got, err)
		}
	}
	if due, err := fires("cron(0 10 * * ? *)", "Europe/Berlin", after, after.Add(2*time.Second)); !due || err != nil {
		t.Errorf("in another zone: %v %v", due, err)
	}
	if due, _ := fires("cron(0 9 * * ? *)", "UTC", after.Add(time.Second), after.Add(2*time.Second)); due {
		t.Error("the same minute twice")
	}
	for _, expression := range []string{"rate(1 minute)", "cron(0 9 L * ? *)", "at(soon)"} {
		if _, err := fires(expression, "UTC", after, after.Add(time.Second)); err == nil {
			t.Errorf("%s is understood", expression)
		}
	}
}
