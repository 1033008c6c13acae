package enginetest_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/evaluate"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// beginSweeps begins the sweeps, which see to what is long to come.
func beginSweeps(t *testing.T, w *enginetest.World) {
	t.Helper()
	if err := w.Evaluate.Sweep(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
}

// TestAJobClassifiesItsFailure: retries follow a failure of the user or the platform unless the job says that they are
// useless, and whatever else it says is no classification.
func TestAJobClassifiesItsFailure(t *testing.T) {
	for _, state := range []runtime.State{runtime.UserError, runtime.PlatformError} {
		for artifact, attempts := range map[string]int{
			`{"retryable": false, "type": "RETRY"}`: 1, `{"retryable": false}`: 1, `{"retryable": true}`: 3, `{}`: 3, `{"retryable": "no"}`: 3, `null`: 3, `[]`: 3,
		} {
			job := &enginetest.Job{Answer: func(runtime.Call) (runtime.Result, error) {
				said := &workflow.Ordered[json.RawMessage]{}
				said.Set("maestro_retry", json.RawMessage(artifact))
				return runtime.Result{State: state, Artifacts: said}, nil
			}}
			w := enginetest.New(t, job.Register)
			step := enginetest.Step("s", "Echo")
			step.RetryPolicy = &workflow.RetryPolicy{ErrorRetryLimit: &workflow.ParsableLong{Number: 2}, PlatformRetryLimit: &workflow.ParsableLong{Number: 2}}
			w.Push(&workflow.Workflow{ID: "said", Steps: []*workflow.Step{step}}, workflow.DefaultRunStrategy)
			w.Start("said", "r")
			beginSweeps(t, w)
			w.Drain(time.Hour)
			if got := w.Run("said", 1).State.Steps[0].Status; got != workflow.FatallyFailed || len(job.Calls) != attempts {
				t.Errorf("%v with %s: %s after %d attempts, want %d", state, artifact, got, len(job.Calls), attempts)
			}
		}
	}
}

// TestRetriesAreCountedApart: each kind of failure has its own limit, and its own backoff by how often it happened. A job
// that is timed out is terminated before its retry begins.
func TestRetriesAreCountedApart(t *testing.T) {
	const slow = runtime.Continue // until its time is over
	failures := []runtime.State{runtime.UserError, slow, runtime.PlatformError, runtime.UserError, slow, runtime.PlatformError, runtime.UserError}
	const timeout = 20 * time.Second
	var began []time.Duration
	slowOnes := 0
	job := &enginetest.Job{}
	w := enginetest.New(t, job.Register)
	job.Answer = func(call runtime.Call) (runtime.Result, error) {
		state := failures[min(int(call.Key.Attempt), len(failures))-1]
		if int(call.Key.Attempt) > len(began) {
			began = append(began, w.Now().Sub(enginetest.Epoch))
			if len(job.Terminated) != slowOnes {
				t.Errorf("attempt %d begins when %d of %d jobs before it that were too slow are terminated", call.Key.Attempt, len(job.Terminated), slowOnes)
			}
			if state == slow {
				slowOnes++
			}
		}
		return runtime.Result{State: state, Poll: time.Minute}, nil
	}
	step := enginetest.Step("s", "Echo")
	step.Timeout = &workflow.ParsableLong{Number: int64(timeout / time.Second)}
	step.RetryPolicy = &workflow.RetryPolicy{TimeoutRetryLimit: &workflow.ParsableLong{Number: 2}}
	w.Push(&workflow.Workflow{ID: "apart", Steps: []*workflow.Step{step}}, workflow.DefaultRunStrategy)
	w.Start("apart", "r")
	beginSweeps(t, w)
	w.Drain(time.Hour)
	got := w.Run("apart", 1).State.Steps[0]
	if got.Status != workflow.FatallyFailed || got.Retries[record.UserCause] != 2 || got.Retries[record.PlatformCause] != 2 || got.Retries[record.TimeoutCause] != 2 {
		t.Errorf("the step is %s after retries %v", got.Status, got.Retries)
	}
	wants := []time.Duration{time.Minute, timeout + time.Minute, time.Minute, 2 * time.Minute, timeout + 2*time.Minute, 2 * time.Minute}
	if len(began) != len(failures) {
		t.Fatalf("%d attempts, want %d", len(began), len(failures))
	}
	for i, want := range wants {
		if pause := began[i+1] - began[i]; pause < want || pause > want+evaluate.SweepEvery {
			t.Errorf("retry %d came after %s, want %s and at most a sweep more", i+1, pause, want)
		}
	}
}
