package workflow_test

import (
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

func TestPinned40Durations(t *testing.T) {
	t.Parallel()
	const bad = time.Duration(-1)
	for _, c := range []struct {
		text          string
		strict, loose time.Duration
	}{
		{"1 d 1 h 1 min 1s 1ms", 90061001 * time.Millisecond, 90061001 * time.Millisecond},
		{"10min 1min", 660 * time.Second, 660 * time.Second},
		{"abc 1min", bad, time.Minute},
		{"2000 milliseconds", 2 * time.Second, 2 * time.Second},
		{"min", bad, bad},
		{"-100", bad, bad},
		{"3600", time.Hour, time.Hour},
		{" 2 HOURS ", 2 * time.Hour, 2 * time.Hour},
		{"1 dog", bad, 24 * time.Hour},
		{"5mins", 5 * time.Minute, 5 * time.Minute},
		{"5m", bad, bad},
		{"1  h", bad, bad},
		{"", bad, bad},
		{"1 h, 2 min", bad, time.Hour + 2*time.Minute},
		{"9999999999999 days", bad, bad},
		{"99999999999999999999s", bad, bad},
		{"106751 d 106751 d", bad, bad},
	} {
		check := func(grammar string, want time.Duration, got time.Duration, err error) {
			if want == bad && workflow.CodeOf(err) != workflow.CodeInvalid || want != bad && (err != nil || got != want) {
				t.Errorf("%s %q: got %v, %v; want %v", grammar, c.text, got, err, want)
			}
		}
		got, err := workflow.ParseDuration(c.text)
		check("strict", c.strict, got, err)
		got, err = workflow.ParseLooseDuration(c.text)
		check("loose", c.loose, got, err)
	}
	if got, err := workflow.ParseDelay("1500"); err != nil || got != 1500*time.Millisecond {
		t.Errorf("delay: got %v, %v", got, err)
	}
}
