package enginetest_test

import (
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// TestAKillOfAStepThatDoesNotRunYet: its failure mode applies as if its job had failed, wherever the attempt is.
func TestAKillOfAStepThatDoesNotRunYet(t *testing.T) {
	waits := func(s *workflow.Step) {
		s.SignalDependencies = []workflow.SignalDependency{{Name: "never"}}
	}
	for _, tt := range []struct {
		at   workflow.StepStatus
		make func(*workflow.Step)
	}{
		{workflow.Paused, func(*workflow.Step) {}},
		{workflow.WaitingForSignals, waits},
		{workflow.WaitingForPermits, func(*workflow.Step) {}},
		{workflow.UserFailed, func(*workflow.Step) {}},
	} {
		for mode, want := range map[workflow.FailureMode]struct {
			step, next workflow.StepStatus
			run        workflow.InstanceStatus
		}{
			workflow.IgnoreFailure:    {workflow.CompletedWithError, workflow.Succeeded, workflow.InstanceSucceeded},
			workflow.FailAfterRunning: {workflow.FatallyFailed, workflow.NotCreated, workflow.InstanceFailed},
		} {
			job := &enginetest.Job{Answer: func(runtime.Call) (runtime.Result, error) {
				return runtime.Result{State: runtime.UserError}, nil
			}}
			w := enginetest.New(t, job.Register)
			step := enginetest.Step("k", "Echo", "next")
			step.FailureMode = mode
			tt.make(step)
			w.Push(&workflow.Workflow{ID: "kill", Steps: []*workflow.Step{step, enginetest.Step("next", "NoOp")}}, workflow.DefaultRunStrategy)
			if tt.at == workflow.Paused {
				stopAt(t, w, decide.Breakpoint{Step: "k", Author: "ann"})
			}
			started := w.Start("kill", "r")
			if tt.at == workflow.UserFailed {
				w.Drain(time.Second)
			}
			if got := w.Run("kill", 1).State.Steps[0].Status; got != tt.at {
				t.Fatalf("the step is %s, want %s", got, tt.at)
			}
			if err := visit(w, started.Key, func(turn *decide.Turn) error { return turn.EndStep(0, decide.Order{Action: "KILL"}) }); err != nil {
				t.Fatal(err)
			}
			w.Drain(time.Minute)
			run := w.Run("kill", 1)
			if got := enginetest.Statuses(run); got["k"] != want.step || got["next"] != want.next || run.State.Status != want.run {
				t.Errorf("killed at %s under %s: %s, %v", tt.at, mode, run.State.Status, got)
			}
		}
	}
}

func stopAt(t *testing.T, w *enginetest.World, b decide.Breakpoint) {
	t.Helper()
	item := store.Item{Key: record.BreakpointKey("kill", b.Step, b.Scope()), Body: record.Encode(b)}
	if err := w.Loop.Store.Put(t.Context(), store.Write{Item: item}); err != nil {
		t.Fatal(err)
	}
}
