package enginetest_test

import (
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/control"
	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

func TestASubworkflowThatIsNotThereFailsItsStep(t *testing.T) {
	w := enginetest.New(t, nil)
	step := subworkflow("sub", "nobody")
	step.Transition.Successors = &workflow.Ordered[string]{}
	step.Transition.Successors.Set("after", "true")
	w.Push(&workflow.Workflow{ID: "up", Steps: []*workflow.Step{step, enginetest.Step("after", "NoOp")}}, workflow.DefaultRunStrategy)
	w.Start("up", "r1")
	w.Drain(time.Minute)
	run := w.Run("up", 1)
	if got := enginetest.Statuses(run); run.State.Status != workflow.InstanceFailed || got["sub"] != workflow.FatallyFailed || got["after"] == workflow.Succeeded {
		t.Errorf("%s %v", run.State.Status, got)
	}
}

// What a step does not wait for goes on when the step's run is stopped.
func TestASubworkflowOnItsOwnOutlivesItsCaller(t *testing.T) {
	w := enginetest.New(t, nil)
	w.Push(&workflow.Workflow{ID: "down", Steps: []*workflow.Step{enginetest.Step("a", "Sleep")}}, workflow.DefaultRunStrategy)
	step, alone := subworkflow("sub", "down"), false
	step.Sync = &alone
	w.Push(&workflow.Workflow{ID: "up", Steps: []*workflow.Step{step, enginetest.Step("b", "Sleep")}}, workflow.DefaultRunStrategy)
	started := w.Start("up", "r1")
	w.Drain(100 * time.Millisecond)
	v, err := w.Loop.Visit(t.Context(), started.Key, func(turn *decide.Turn) error {
		return turn.EndRun(workflow.InstanceStopped, decide.Order{Action: "STOP"})
	})
	if err == nil {
		err = w.Loop.Follow(t.Context(), v, enginetest.Cause, nil)
	}
	if err != nil {
		t.Fatal(err)
	}
	w.Drain(time.Minute)
	up, down := w.Run("up", 1), w.Run("down", 1)
	if up.State.Status != workflow.InstanceStopped || enginetest.Statuses(up)["sub"] != workflow.Succeeded || down.State.Status != workflow.InstanceSucceeded {
		t.Errorf("the caller is %s %v, the called %s", up.State.Status, enginetest.Statuses(up), down.State.Status)
	}
}

// A restart of the caller from where it failed leads into the instance that it called, and runs there what failed.
func TestARestartGoesThroughASubworkflow(t *testing.T) {
	w, f, c := fickleLoop(t, 6, func(i int64) bool { return i == 3 })
	w.Push(&workflow.Workflow{ID: "up", Steps: []*workflow.Step{subworkflow("sub", "loop")}}, workflow.DefaultRunStrategy)
	w.Start("up", "r1")
	w.Drain(time.Minute)
	f.broken = false
	if _, err := c.Restart(t.Context(), workflow.RunKey{Workflow: "up", Instance: 1}, &definition.Restart{Policy: decide.FromIncomplete}, ann); err != nil {
		t.Fatal(err)
	}
	w.Drain(time.Minute)
	up, err := w.Loop.LoadLatest(t.Context(), "up", 1)
	if err != nil {
		t.Fatal(err)
	}
	down, err := w.Loop.LoadLatest(t.Context(), "loop", 1)
	if err != nil {
		t.Fatal(err)
	}
	if up.Key.Run != 2 || down.Key.Run != 2 || up.State.Status != workflow.InstanceSucceeded || down.State.Status != workflow.InstanceSucceeded {
		t.Errorf("%s is %s, %s is %s", up.Key, up.State.Status, down.Key, down.State.Status)
	}
	if got := leaves(up); got[workflow.Succeeded] != 6 || got.Total() != 6 || f.calls[2] != 1 || f.calls[3] != 2 {
		t.Errorf("leaves %v, calls %v", got, f.calls)
	}
}

// A while that is restarted at an earlier iteration begins it with the values that it had, and runs all after it.
func TestAWhileGoesBackToAnEarlierIteration(t *testing.T) {
	f := &fickle{fails: func(int64) bool { return false }, calls: map[int64]int{}}
	w := enginetest.New(t, func(r *runtime.Registry) { r.AddLight("Process", fickleLight{f}) })
	loop := &workflow.Params{}
	loop.Set("i", workflow.Literal(int64(1)))
	step := enginetest.Step("a", "Process")
	step.Params = &workflow.Params{}
	step.Params.Set("n", &workflow.Param{Type: workflow.Long, HasExpr: true, Expression: "i + 0"})
	step.Params.Set("i", &workflow.Param{Type: workflow.Long, HasExpr: true, Expression: "i + 1"})
	while := looping(workflow.KindWhile, "wh", loop, step)
	while.Condition = "i <= 5"
	w.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{while}}, workflow.DefaultRunStrategy)
	w.Start("loop", "r1")
	w.Drain(time.Minute)
	child := decide.ChildKey(w.Run("loop", 1), 0, 3, 1)
	c := &control.Control{Trigger: w.Trigger}
	if _, err := c.Restart(t.Context(), workflow.RunKey{Workflow: child.Workflow, Instance: 3}, &definition.Restart{Policy: decide.FromBeginning}, ann); err != nil {
		t.Fatal(err)
	}
	w.Drain(time.Minute)
	run, err := w.Loop.LoadLatest(t.Context(), "loop", 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := leaves(run); run.Key.Run != 2 || run.State.Status != workflow.InstanceSucceeded || got[workflow.Succeeded] != 5 || run.State.Steps[0].Nest.Next != 5 {
		t.Errorf("%s is %s with leaves %v and nest %+v", run.Key, run.State.Status, got, run.State.Steps[0].Nest)
	}
	for i, want := range map[int64]int{1: 1, 2: 1, 3: 2, 4: 2, 5: 2} {
		if f.calls[i] != want {
			t.Errorf("with i=%d it ran %d times, want %d", i, f.calls[i], want)
		}
	}
}
