package enginetest_test

import (
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/callback"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/token"
	"github.com/segue-workflows/segue/shared/workflow"
)

// TestTheWordOfAnEndWakesTheAttemptThatFollowed: a job whose key its author chose is that of the next attempt too, and
// what is known of it, a tag of its task for example, names the attempt that began it.
func TestTheWordOfAnEndWakesTheAttemptThatFollowed(t *testing.T) {
	asked := map[int64]int{}
	w := enginetest.New(t, (&enginetest.Job{Answer: func(call runtime.Call) (runtime.Result, error) {
		asked[call.Key.Attempt]++
		switch {
		case call.Key.Attempt == 1:
			return runtime.Result{State: runtime.PlatformError}, nil
		case asked[2] < 2:
			return runtime.Result{State: runtime.Continue, Poll: 10 * time.Minute}, nil
		}
		return runtime.Result{State: runtime.Done}, nil
	}}).Register)
	step := enginetest.Step("job", "Echo")
	one := &workflow.ParsableLong{Number: 1}
	step.RetryPolicy = &workflow.RetryPolicy{PlatformRetryLimit: one, Backoff: &workflow.Backoff{Type: workflow.FixedBackoff, PlatformBackoff: one}}
	w.Push(&workflow.Workflow{ID: "w", Steps: []*workflow.Step{step}}, workflow.DefaultRunStrategy)
	key := w.Start("w", "").Key
	w.Drain(5 * time.Second)
	run := w.Run("w", 1)
	first := workflow.AttemptKey{RunKey: key, Step: "job", Attempt: 1}
	holder := token.Holder{Attempt: first, UUID: decide.AttemptUUID(run.Header.UUID, first)}
	if asked[2] != 1 {
		t.Fatalf("asked so far, by attempt: %v", asked)
	}
	if err := (&callback.Callback{Loop: w.Loop}).Ended(t.Context(), holder); err != nil {
		t.Fatal(err)
	}
	w.Drain(time.Second)
	if run := w.Run("w", 1); run.State.Status != workflow.InstanceSucceeded {
		t.Errorf("the run is %s, %v", run.State.Status, asked)
	}
	other := holder
	other.UUID = "of another workflow"
	if err := (&callback.Callback{Loop: w.Loop}).Ended(t.Context(), other); err != nil {
		t.Error(err)
	}
}
