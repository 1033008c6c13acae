package enginetest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/dispatch"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// pauses returns the pauses before the first retry of a hundred attempts that fail at once.
func pauses(t *testing.T, kind, jitter string) (out []time.Duration) {
	t.Helper()
	failed := map[workflow.AttemptKey]bool{}
	job := &enginetest.Job{Answer: func(call runtime.Call) (runtime.Result, error) {
		if first := call.Key; first.Attempt == 1 {
			failed[first] = true
			return runtime.Result{State: runtime.UserError}, nil
		}
		out = append(out, call.Started.Sub(enginetest.Epoch))
		return runtime.Result{State: runtime.Done}, nil
	}}
	w := enginetest.New(t, job.Register)
	w.Dispatch.NewCalls = func() dispatch.Calls { return &mortal{h: &hospital{}} }
	definition := &workflow.Workflow{ID: "w"}
	for i := range 100 {
		step := enginetest.Step(fmt.Sprintf("s%d", i), "Echo")
		step.RetryPolicy = &workflow.RetryPolicy{Backoff: &workflow.Backoff{Type: kind, Jitter: jitter, ErrorBackoff: &workflow.ParsableLong{Number: 50}}}
		definition.Steps = append(definition.Steps, step)
	}
	w.Push(definition, workflow.DefaultRunStrategy)
	w.Start("w", "always the same")
	w.Drain(time.Hour)
	if status := w.Run("w", 1).State.Status; status != workflow.InstanceSucceeded || len(failed) != 100 || len(out) != 100 {
		t.Fatalf("%s: %d failed, %d retried", status, len(failed), len(out))
	}
	return out
}

// TestFullJitterSpreadsRetries over all of the backoff, and the same attempts the same way each time; without it they all
// come at once.
func TestFullJitterSpreadsRetries(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{workflow.FixedBackoff, workflow.ExponentialBackoff} {
		low, high, sum := time.Hour, time.Duration(0), time.Duration(0)
		jittered := pauses(t, kind, workflow.FullJitter)
		for _, d := range jittered {
			low, high, sum = min(low, d), max(high, d), sum+d
		}
		if mean := sum / 100; low > 5*time.Second || high < 45*time.Second || high > 51*time.Second || mean < 18*time.Second || mean > 32*time.Second {
			t.Errorf("%s: from %s to %s, %s in the middle", kind, low, high, mean)
		}
		if again := pauses(t, kind, workflow.FullJitter); fmt.Sprint(again) != fmt.Sprint(jittered) {
			t.Errorf("%s: another time it is spread otherwise", kind)
		}
		for _, d := range pauses(t, kind, "") {
			if d < 50*time.Second || d > 51*time.Second {
				t.Errorf("%s: without jitter a retry comes after %s", kind, d)
			}
		}
	}
}
