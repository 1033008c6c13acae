package enginetest_test

import (
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

func TestPinned03TheSameRequestTwice(t *testing.T) {
	w := enginetest.New(t, nil)
	w.Push(one("twice"), workflow.DefaultRunStrategy)
	first, second := w.Start("twice", "r"), w.Start("twice", "r")
	if first.Duplicated || !second.Duplicated || first.Key != second.Key {
		t.Errorf("%+v, then %+v", first, second)
	}
	if _, err := w.Loop.LoadRun(t.Context(), workflow.RunKey{Workflow: "twice", Instance: 2, Run: 1}); workflow.CodeOf(err) != workflow.CodeNotFound {
		t.Errorf("the second start made an instance: %v", err)
	}
}

func TestPinned07ABatchWithADuplicate(t *testing.T) {
	for _, tt := range []struct {
		rule                 string
		stopped, stoppedLast bool // the first instance, and the last
	}{
		{workflow.Parallel, false, false},
		{workflow.FirstOnly, false, true},
		{workflow.LastOnly, true, false},
		{workflow.SerialLatestOnly, true, false},
	} {
		job, _ := hanging()
		w := enginetest.New(t, job.Register)
		w.Push(one("batch"), workflow.RunStrategy{Rule: tt.rule, Concurrency: 5})
		if tt.rule == workflow.SerialLatestOnly {
			w.Start("batch", "runs before") // what executes is never touched: the batch has to wait
		}
		var starts []trigger.Start
		for _, request := range []string{"u1", "u1", "u3"} {
			starts = append(starts, trigger.Start{RequestID: request, Initiator: &workflow.Initiator{Type: workflow.InitiatorManual}})
		}
		got, err := w.Trigger.Start(t.Context(), "batch", "active", starts...)
		if err != nil {
			t.Fatal(tt.rule, err)
		}
		w.Drain(time.Second)
		if got[0].Duplicated || !got[1].Duplicated || got[2].Duplicated || got[0].Key != got[1].Key || got[2].Key.Instance != got[0].Key.Instance+1 {
			t.Errorf("%s: %+v", tt.rule, got)
		}
		for i, want := range map[int]bool{0: tt.stopped, 2: tt.stoppedLast} {
			run := w.Run("batch", got[i].Key.Instance)
			if stopped := run.State.Status == workflow.InstanceStopped || run.State.Ending == workflow.InstanceStopped; stopped != want {
				t.Errorf("%s: instance %d is %s", tt.rule, got[i].Key.Instance, run.State.Status)
			}
		}
	}
}

func TestPinned42AFailureLeavesTheRestUnreachable(t *testing.T) {
	w, _, _ := diamond(t)
	w.Start("d", "r")
	w.Drain(10 * time.Second)
	run := w.Run("d", 1)
	statuses := enginetest.Statuses(run)
	if run.State.Status != workflow.InstanceFailed || statuses["b"] != workflow.FatallyFailed || statuses["d"] != workflow.NotCreated {
		t.Errorf("%s: %v", run.State.Status, statuses)
	}
}

func TestPinned43ARestartOfOneStepIsDoneWithWhatFollowsIt(t *testing.T) {
	w, _, broken := diamond(t)
	w.Start("d", "r")
	w.Drain(10 * time.Second)
	broken["b"] = false
	again := restart(t, w, "d", 1, trigger.Restart{Policy: decide.FromSpecific, Step: "b"})
	w.Drain(10 * time.Second)
	run, err := w.Loop.LoadRun(t.Context(), again.Key)
	if err != nil {
		t.Fatal(err)
	}
	if got := enginetest.Statuses(run); run.State.Status != workflow.InstanceSucceeded || got["b"] != workflow.Succeeded || got["d"] != workflow.Succeeded {
		t.Errorf("%s: %v", run.State.Status, got)
	}
}

// The other half: as long as what follows the step is not known, the run is not done.
func TestPinned43ARestartOfOneStepWaitsForWhatFollowsIt(t *testing.T) {
	w, job, broken := diamond(t)
	w.Start("d", "r")
	w.Drain(10 * time.Second)
	broken["b"] = false
	answer, held := job.Answer, true
	job.Answer = func(call runtime.Call) (runtime.Result, error) {
		if call.Key.Step == "d" && held {
			return runtime.Result{State: runtime.Continue}, nil
		}
		return answer(call)
	}
	again := restart(t, w, "d", 1, trigger.Restart{Policy: decide.FromSpecific, Step: "b"})
	for _, want := range []struct {
		held   bool
		step   workflow.StepStatus
		status workflow.InstanceStatus
	}{{true, workflow.Running, workflow.InstanceInProgress}, {false, workflow.Succeeded, workflow.InstanceSucceeded}} {
		held = want.held
		w.Drain(10 * time.Second)
		run, err := w.Loop.LoadRun(t.Context(), again.Key)
		if err != nil {
			t.Fatal(err)
		}
		if got := enginetest.Statuses(run); got["b"] != workflow.Succeeded || got["d"] != want.step || run.State.Status != want.status {
			t.Errorf("%s: %v", run.State.Status, got)
		}
	}
}

// Of two steps with which a customised run starts, one follows the other: it waits for that one.
func TestPinned44AStartStepWaitsForTheOneBeforeIt(t *testing.T) {
	body := &workflow.Workflow{ID: "c", Steps: []*workflow.Step{enginetest.Step("job1", "NoOp", "job2"),
		enginetest.Step("job2", "Echo", "job3"), enginetest.Step("job3", "Echo")}}
	definition, err := decide.Compile(&workflow.Version{Number: 1, Workflow: body})
	if err != nil {
		t.Fatal(err)
	}
	config := runConfig("job3", "job2")
	steps, err := decide.Customized(definition, config)
	if err != nil {
		t.Fatal(err)
	}
	if steps[0].Part.Runs() || steps[1].Part == steps[2].Part || !steps[2].Part.Runs() {
		t.Errorf("%+v", steps)
	}
	job, _ := hanging()
	w := enginetest.New(t, job.Register)
	w.Push(body, workflow.DefaultRunStrategy)
	start := trigger.Start{RequestID: "r", Initiator: &workflow.Initiator{Type: workflow.InitiatorManual}, Config: config}
	if _, err := w.Trigger.Start(t.Context(), "c", "active", start); err != nil {
		t.Fatal(err)
	}
	w.Drain(time.Second)
	if got := enginetest.Statuses(w.Run("c", 1)); got["job2"] != workflow.Running || got["job3"] != workflow.NotCreated {
		t.Errorf("%v: job3 follows job2", got)
	}
}

func runConfig(start ...workflow.StepID) *record.RunConfig {
	return &record.RunConfig{StartSteps: start}
}
