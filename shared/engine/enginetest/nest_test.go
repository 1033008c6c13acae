package enginetest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// foreach returns a loop over 1 to n with a body of steps.
func foreach(id string, n int, body ...*workflow.Step) *workflow.Step {
	loop := &workflow.Params{}
	loop.Set("i_"+id, &workflow.Param{Type: workflow.LongArray, HasExpr: true, Expression: fmt.Sprintf("Util.intsBetween(0,%d,1)", n)})
	return looping(workflow.KindForeach, id, loop, body...)
}

func looping(kind workflow.StepKind, id string, loop *workflow.Params, body ...*workflow.Step) *workflow.Step {
	params := &workflow.Params{}
	params.Set("loop_params", &workflow.Param{Type: workflow.Map, Value: loop})
	return &workflow.Step{Kind: kind, ID: id, Params: params, Steps: body}
}

func leaves(run *decide.Run) record.Leaves { return decide.LeavesOf(run) }

func TestAForeachRunsAllItsIterations(t *testing.T) {
	for _, kind := range []string{"NoOp", "Echo"} {
		for _, n := range []int{0, 1, 7, 1500} {
			t.Run(fmt.Sprint(kind, n), func(t *testing.T) {
				w := enginetest.New(t, nil)
				w.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{foreach("fe", n, enginetest.Step("a", kind))}}, workflow.DefaultRunStrategy)
				w.Start("loop", "r1")
				w.Drain(time.Minute)
				run := w.Run("loop", 1)
				if run.State.Status != workflow.InstanceSucceeded {
					t.Fatalf("%s %v nest %+v", run.State.Status, enginetest.Statuses(run), run.State.Steps[0].Nest)
				}
				if got := leaves(run)[workflow.Succeeded]; n > 0 && got != int64(n) {
					t.Errorf("%d leaves succeeded, want %d", got, n)
				}
				t.Log(run.Commits, "commits")
			})
		}
	}
}

func TestLoopsNest(t *testing.T) {
	w := enginetest.New(t, nil)
	inner := foreach("inner", 5, enginetest.Step("a", "NoOp", "b"), enginetest.Step("b", "Echo"))
	w.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{foreach("outer", 4, foreach("middle", 3, inner))}}, workflow.DefaultRunStrategy)
	w.Start("loop", "r1")
	w.Drain(time.Minute)
	run := w.Run("loop", 1)
	if got := leaves(run)[workflow.Succeeded]; run.State.Status != workflow.InstanceSucceeded || got != 4*3*5*2 {
		t.Errorf("%s with %d leaves", run.State.Status, got)
	}
}

// A message that comes again repairs what its first delivery may have left, and so does what follows from it; yet it
// comes to an end before the run does.
func TestRepairsDoNotBreed(t *testing.T) {
	w := enginetest.New(t, nil)
	w.Deliveries, w.Most = 10, 30_000
	w.Push(&workflow.Workflow{ID: "callee", Steps: []*workflow.Step{foreach("inner", 3, enginetest.Step("a", "Echo"))}}, workflow.DefaultRunStrategy)
	loop := foreach("outer", 4, subworkflow("call", "callee"))
	loop.Concurrency = 2
	w.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{loop}}, workflow.DefaultRunStrategy)
	w.Start("loop", "r1")
	w.Drain(time.Minute)
	if status := w.Run("loop", 1).State.Status; status != workflow.InstanceSucceeded || w.Handled > w.Most/2 {
		t.Errorf("%s after %d deliveries", status, w.Handled)
	}
}

// The example of the specification: five iterations, and each takes over what the one before came to.
func TestAWhileHandsItsValuesOn(t *testing.T) {
	w := enginetest.New(t, nil)
	loop := &workflow.Params{}
	loop.Set("i", workflow.Literal(int64(20200101)))
	step := enginetest.Step("a", "NoOp")
	step.Params = &workflow.Params{}
	step.Params.Set("i", &workflow.Param{Type: workflow.Long, HasExpr: true, Expression: "i + 1"})
	while := looping(workflow.KindWhile, "wh", loop, step)
	while.Condition = "i <= 20200105"
	w.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{while}}, workflow.DefaultRunStrategy)
	w.Start("loop", "r1")
	w.Drain(time.Minute)
	run := w.Run("loop", 1)
	if nest := run.State.Steps[0].Nest; run.State.Status != workflow.InstanceSucceeded || nest.Next != 5 || leaves(run)[workflow.Succeeded] != 5 {
		t.Errorf("%s %+v", run.State.Status, nest)
	}
}

func subworkflow(id, target string) *workflow.Step {
	params := &workflow.Params{}
	params.Set("subworkflow_id", workflow.Literal(target))
	params.Set("subworkflow_version", workflow.Literal("active"))
	return &workflow.Step{Kind: workflow.KindSubworkflow, ID: id, Params: params}
}

func TestASubworkflowIsWaitedFor(t *testing.T) {
	for _, kind := range []string{"NoOp", "Echo"} {
		w := enginetest.New(t, nil)
		w.Push(chain("callee", kind, 3), workflow.DefaultRunStrategy)
		w.Push(&workflow.Workflow{ID: "caller", Steps: []*workflow.Step{foreach("fe", 4, subworkflow("sub", "callee"))}}, workflow.DefaultRunStrategy)
		w.Start("caller", "r1")
		w.Drain(time.Minute)
		run := w.Run("caller", 1)
		if got := leaves(run)[workflow.Succeeded]; run.State.Status != workflow.InstanceSucceeded || got != 12 {
			t.Errorf("%s: %s with %d leaves %+v", kind, run.State.Status, got, run.State.Steps[0].Nest)
		}
		for i := range int64(4) {
			if child := w.Run("callee", i+1); child.State.Status != workflow.InstanceSucceeded || child.Header.Initiator.Depth != 2 {
				t.Errorf("callee %d: %s, depth %d", i+1, child.State.Status, child.Header.Initiator.Depth)
			}
		}
	}
}

func TestStoppingALoopStopsAllLevels(t *testing.T) {
	for _, kind := range []string{"Sleep", "Echo"} {
		w := enginetest.New(t, nil)
		w.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{foreach("outer", 4, foreach("inner", 3, enginetest.Step("a", "Sleep"), enginetest.Step("b", kind)))}},
			workflow.DefaultRunStrategy)
		started := w.Start("loop", "r1")
		w.Drain(time.Second)
		v, err := w.Loop.Visit(t.Context(), started.Key, func(turn *decide.Turn) error {
			return turn.EndRun(workflow.InstanceStopped, decide.Order{Action: "STOP"})
		})
		if err == nil {
			err = w.Loop.Follow(t.Context(), v, enginetest.Cause, nil)
		}
		if err != nil {
			t.Fatal(err)
		}
		w.Drain(time.Second)
		run := w.Run("loop", 1)
		if run.State.Status != workflow.InstanceStopped || run.State.Steps[0].Status != workflow.Stopped {
			t.Errorf("%s %v %+v", run.State.Status, enginetest.Statuses(run), run.State.Steps[0].Nest)
		}
		if got := leaves(run); got.Total() != 24 || got[workflow.Stopped] < 12 {
			t.Errorf("leaves %v", got)
		}
	}
}

// Every second iteration divides by zero.
func TestALoopMayGoOnAfterAFailure(t *testing.T) {
	for _, row := range []struct {
		name     string
		goOn     bool
		mode     workflow.FailureMode
		launched int64
		status   workflow.StepStatus
	}{
		{"stops", false, workflow.FailAfterRunning, 1, workflow.FatallyFailed},
		{"stops although failures are ignored", false, workflow.IgnoreFailure, 1, workflow.CompletedWithError},
		{"goes on", true, workflow.FailAfterRunning, 1500, workflow.FatallyFailed},
		{"goes on and ignores", true, workflow.IgnoreFailure, 1500, workflow.CompletedWithError},
	} {
		for _, kind := range []string{"NoOp", "Echo"} {
			t.Run(row.name+" "+kind, func(t *testing.T) {
				w := enginetest.New(t, nil)
				body := enginetest.Step("a", kind)
				body.Params = &workflow.Params{}
				body.Params.Set("half", &workflow.Param{Type: workflow.Long, HasExpr: true, Expression: "1 / (i_fe % 2)"})
				loop := foreach("fe", 1500, body)
				loop.Concurrency, loop.ContinueOnFailure, loop.FailureMode = 1, row.goOn, row.mode
				w.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{loop}}, workflow.DefaultRunStrategy)
				w.Start("loop", "r1")
				w.Drain(time.Minute)
				step := &w.Run("loop", 1).State.Steps[0]
				ends := step.Nest.Sums().Ends
				if step.Status != row.status || step.Nest.Launched != row.launched || ends.Of(record.Failed) != (row.launched+1)/2 {
					t.Errorf("%s after %d iterations, of which %d failed", step.Status, step.Nest.Launched, ends.Of(record.Failed))
				}
			})
		}
	}
}
