package enginetest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/workflow"
)

func chain(id, kind string, n int) *workflow.Workflow {
	w := &workflow.Workflow{ID: id}
	for i := range n {
		if i == n-1 {
			w.Steps = append(w.Steps, enginetest.Step(fmt.Sprintf("s%d", i), kind))
		} else {
			w.Steps = append(w.Steps, enginetest.Step(fmt.Sprintf("s%d", i), kind, fmt.Sprintf("s%d", i+1)))
		}
	}
	return w
}

func TestLightChainEndsInItsFirstCommit(t *testing.T) {
	w := enginetest.New(t, nil)
	w.Push(chain("light", "NoOp", 10), workflow.DefaultRunStrategy)
	w.Start("light", "r1")
	run := w.Run("light", 1)
	if run.State.Status != workflow.InstanceSucceeded || run.Commits != 1 {
		t.Errorf("status %s after %d commits", run.State.Status, run.Commits)
	}
}

func TestJobsRunOneAfterAnother(t *testing.T) {
	w := enginetest.New(t, nil)
	w.Push(chain("jobs", "Echo", 10), workflow.DefaultRunStrategy)
	for range 3 {
		w.Start("jobs", "")
	}
	w.Drain(time.Second)
	for i := range int64(3) {
		run := w.Run("jobs", i+1)
		if run.State.Status != workflow.InstanceSucceeded {
			t.Errorf("instance %d: %s %v", i+1, run.State.Status, enginetest.Statuses(run))
		}
		t.Log(run.Commits)
	}
}

func TestWideRunUnderParallel(t *testing.T) {
	w := enginetest.New(t, nil)
	body := &workflow.Workflow{ID: "wide"}
	for i := range 250 {
		body.Steps = append(body.Steps, enginetest.Step(fmt.Sprintf("s%d", i), "Echo"))
	}
	w.Push(body, workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 2})
	for range 4 {
		w.Start("wide", "")
	}
	w.Drain(time.Second)
	for i := range int64(4) {
		if run := w.Run("wide", i+1); run.State.Status != workflow.InstanceSucceeded {
			t.Errorf("instance %d: %s", i+1, run.State.Status)
		}
	}
}

func TestBranchesJoinsAndConditions(t *testing.T) {
	w := enginetest.New(t, nil)
	w.Push(&workflow.Workflow{ID: "branch", Steps: []*workflow.Step{
		enginetest.Step("a", "NoOp", "b:1 > 2", "c:2 > 1"),
		enginetest.Step("b", "NoOp", "d"),
		enginetest.Step("c", "Echo", "d"),
		enginetest.Step("d", "NoOp"),
	}}, workflow.DefaultRunStrategy)
	w.Start("branch", "r")
	w.Drain(time.Second)
	got := enginetest.Statuses(w.Run("branch", 1))
	want := map[string]workflow.StepStatus{"a": workflow.Succeeded, "b": workflow.Unsatisfied, "c": workflow.Succeeded, "d": workflow.Succeeded}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

func TestSleepIsWokenWhenItIsDue(t *testing.T) {
	w := enginetest.New(t, nil)
	step := enginetest.Step("nap", "Sleep", "after")
	step.Params = &workflow.Params{}
	step.Params.Set("sleep_seconds", workflow.Literal(40))
	w.Push(&workflow.Workflow{ID: "nap", Steps: []*workflow.Step{step, enginetest.Step("after", "NoOp")}}, workflow.DefaultRunStrategy)
	w.Start("nap", "r")
	w.Drain(39 * time.Second)
	if run := w.Run("nap", 1); run.State.Status != workflow.InstanceInProgress {
		t.Fatal(run.State.Status)
	}
	w.Drain(2 * time.Second)
	if run := w.Run("nap", 1); run.State.Status != workflow.InstanceSucceeded {
		t.Error(run.State.Status, enginetest.Statuses(run))
	}
}

func TestAfterACrashTheSweepFindsTheRun(t *testing.T) {
	w := enginetest.New(t, nil)
	w.Push(chain("lost", "Echo", 3), workflow.DefaultRunStrategy)
	w.Start("lost", "r")
	w.Forget()
	if err := w.Evaluate.Sweep(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	w.Drain(2 * time.Minute)
	if run := w.Run("lost", 1); run.State.Status != workflow.InstanceSucceeded {
		t.Error(run.State.Status)
	}
}
