package enginetest_test

import (
	"errors"
	"maps"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// serial answers each step by its id, and Done for the others.
func serial(w *enginetest.World, answers map[workflow.StepID]runtime.State) func(runtime.Call) (runtime.Result, error) {
	return func(call runtime.Call) (runtime.Result, error) {
		state, ok := answers[call.Key.Step]
		if !ok {
			state = runtime.Done
		}
		return runtime.Result{State: state}, nil
	}
}

func TestFailureModes(t *testing.T) {
	// a fails for good; b is a long job beside it; c follows a; d follows b.
	tests := []struct {
		mode  workflow.FailureMode
		run   workflow.InstanceStatus
		steps map[workflow.StepID]workflow.StepStatus
	}{
		{workflow.FailAfterRunning, workflow.InstanceFailed, map[workflow.StepID]workflow.StepStatus{
			"a": workflow.FatallyFailed, "b": workflow.Succeeded, "c": workflow.NotCreated, "d": workflow.Succeeded}},
		{workflow.FailImmediately, workflow.InstanceFailed, map[workflow.StepID]workflow.StepStatus{
			"a": workflow.FatallyFailed, "b": workflow.Stopped, "c": workflow.NotCreated, "d": workflow.NotCreated}},
		{workflow.IgnoreFailure, workflow.InstanceSucceeded, map[workflow.StepID]workflow.StepStatus{
			"a": workflow.CompletedWithError, "b": workflow.Succeeded, "c": workflow.Succeeded, "d": workflow.Succeeded}},
	}
	for _, tt := range tests {
		t.Run(string(tt.mode), func(t *testing.T) {
			job := &enginetest.Job{}
			w := enginetest.New(t, job.Register)
			polls := 0
			job.Answer = func(call runtime.Call) (runtime.Result, error) {
				switch call.Key.Step {
				case "a":
					return runtime.Result{State: runtime.FatalError}, nil
				case "b":
					if polls++; polls < 3 {
						return runtime.Result{State: runtime.Continue}, nil
					}
				}
				return runtime.Result{State: runtime.Done}, nil
			}
			a := enginetest.Step("a", "Echo", "c")
			a.FailureMode = tt.mode
			w.Push(&workflow.Workflow{ID: "modes", Steps: []*workflow.Step{
				a, enginetest.Step("b", "Echo", "d"), enginetest.Step("c", "NoOp"), enginetest.Step("d", "NoOp")}}, workflow.DefaultRunStrategy)
			w.Start("modes", "r")
			w.Drain(time.Minute)
			run := w.Run("modes", 1)
			if got := enginetest.Statuses(run); run.State.Status != tt.run || !maps.Equal(got, tt.steps) {
				t.Errorf("got %s %v, want %s %v", run.State.Status, got, tt.run, tt.steps)
			}
			if stopped := len(job.Terminated) == 1; stopped != (tt.mode == workflow.FailImmediately) {
				t.Errorf("terminated: %v", job.Terminated)
			}
		})
	}
}

func TestPinned41ErrorLimitOfOne(t *testing.T) {
	job := &enginetest.Job{}
	w := enginetest.New(t, job.Register)
	job.Answer = serial(w, map[workflow.StepID]runtime.State{"s": runtime.UserError})
	step := enginetest.Step("s", "Echo")
	step.RetryPolicy = &workflow.RetryPolicy{ErrorRetryLimit: &workflow.ParsableLong{Number: 1}}
	w.Push(&workflow.Workflow{ID: "once", Steps: []*workflow.Step{step}}, workflow.DefaultRunStrategy)
	w.Start("once", "r")
	w.Drain(time.Second)
	if got := w.Run("once", 1).State.Steps[0].Status; got != workflow.UserFailed {
		t.Errorf("after the first error: %s", got)
	}
	w.Drain(58 * time.Second)
	if len(job.Calls) != 1 {
		t.Errorf("called %d times within the backoff of 60 s", len(job.Calls))
	}
	w.Drain(5 * time.Second)
	if got := w.Run("once", 1).State.Steps[0].Status; got != workflow.FatallyFailed {
		t.Errorf("after the second error: %s", got)
	}
}

func TestStepTimeoutTerminatesTheJob(t *testing.T) {
	for name, retries := range map[string]int64{"and fails": 0, "and retries": 1} {
		t.Run(name, func(t *testing.T) {
			job := &enginetest.Job{}
			w := enginetest.New(t, job.Register)
			job.Answer = serial(w, map[workflow.StepID]runtime.State{"s": runtime.Continue})
			step := enginetest.Step("s", "Echo")
			step.Timeout = &workflow.ParsableLong{Number: 20}
			step.RetryPolicy = &workflow.RetryPolicy{TimeoutRetryLimit: &workflow.ParsableLong{Number: retries}}
			w.Push(&workflow.Workflow{ID: "slow", Steps: []*workflow.Step{step}}, workflow.DefaultRunStrategy)
			w.Start("slow", "r")
			w.Drain(25 * time.Second)
			run := w.Run("slow", 1)
			want := workflow.TimedOut
			if retries > 0 {
				want = workflow.TimeoutFailed
			}
			if got := run.State.Steps[0].Status; got != want || len(job.Terminated) != 1 {
				t.Errorf("%s, terminated %v; want %s and one", got, job.Terminated, want)
			}
			w.Drain(2 * time.Minute)
			run = w.Run("slow", 1)
			if run.State.Status != workflow.InstanceTimedOut || run.State.Steps[0].Attempt != retries+1 {
				t.Errorf("in the end %s after %d attempts", run.State.Status, run.State.Steps[0].Attempt)
			}
		})
	}
}

func TestRunTimeoutEndsEverything(t *testing.T) {
	job := &enginetest.Job{}
	w := enginetest.New(t, job.Register)
	job.Answer = serial(w, map[workflow.StepID]runtime.State{"a": runtime.Continue})
	w.Push(&workflow.Workflow{ID: "late", Timeout: &workflow.ParsableLong{Number: 120}, Steps: []*workflow.Step{
		enginetest.Step("a", "Echo", "b"), enginetest.Step("b", "NoOp"), enginetest.Step("nap", "Sleep")}}, workflow.DefaultRunStrategy)
	w.Start("late", "r")
	if err := w.Evaluate.Sweep(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	w.Drain(3 * time.Minute)
	run := w.Run("late", 1)
	want := map[workflow.StepID]workflow.StepStatus{"a": workflow.TimedOut, "b": workflow.NotCreated, "nap": workflow.Succeeded}
	if got := enginetest.Statuses(run); run.State.Status != workflow.InstanceTimedOut || !maps.Equal(got, want) {
		t.Errorf("%s %v", run.State.Status, got)
	}
}

func TestADoubledHintFindsTheClaim(t *testing.T) {
	job := &enginetest.Job{}
	w := enginetest.New(t, job.Register)
	w.Push(&workflow.Workflow{ID: "twice", Steps: []*workflow.Step{enginetest.Step("s", "Echo")}}, workflow.DefaultRunStrategy)
	started := w.Start("twice", "r")
	message := hint.Message{Kind: hint.Steps, Run: started.Key, Steps: [][2]int64{{0, 1}}}
	inner := 0
	job.Answer = func(runtime.Call) (runtime.Result, error) {
		// While the job runs, the same hint is delivered again.
		if inner++; inner == 1 {
			if err := w.Dispatch.Handle(t.Context(), message); err != nil {
				t.Error(err)
			}
		}
		return runtime.Result{State: runtime.Done}, nil
	}
	w.Drain(time.Minute)
	if len(job.Calls) != 1 {
		t.Errorf("the job was started %d times", len(job.Calls))
	}
	if err := w.Dispatch.Handle(t.Context(), message); err != nil || len(job.Calls) != 1 {
		t.Errorf("a hint that speaks of the past: %v, %d calls", err, len(job.Calls))
	}
}

// crash makes the first n invocations of the job die in the middle of it.
func crash(n int) func(runtime.Call) (runtime.Result, error) {
	return func(runtime.Call) (runtime.Result, error) {
		if n--; n >= 0 {
			return runtime.Result{}, errCrash
		}
		return runtime.Result{State: runtime.Done}, nil
	}
}

var errCrash = errors.New("crash")

func TestARuntimeThatBreaksEndsInternally(t *testing.T) {
	job := &enginetest.Job{Answer: crash(1)}
	w := enginetest.New(t, job.Register)
	w.Push(&workflow.Workflow{ID: "broken", Steps: []*workflow.Step{enginetest.Step("s", "Echo")}}, workflow.DefaultRunStrategy)
	w.Start("broken", "r")
	w.Drain(time.Minute)
	if run := w.Run("broken", 1); run.State.Steps[0].Status != workflow.InternallyFailed {
		t.Error(enginetest.Statuses(run))
	}
}

func TestOneInstanceForOneRequest(t *testing.T) {
	w := enginetest.New(t, nil)
	w.Push(chain("once", "Echo", 2), workflow.DefaultRunStrategy)
	first, second := w.Start("once", "r"), w.Start("once", "r")
	w.Drain(time.Second)
	third := w.Start("once", "r")
	if first.Duplicated || !second.Duplicated || !third.Duplicated {
		t.Error(first, second, third)
	}
	if first.Key != second.Key || first.Key != third.Key {
		t.Error("one request, several instances:", first.Key, second.Key, third.Key)
	}
}
