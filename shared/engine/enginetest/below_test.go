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

func expressed(kind workflow.ParamType, name, expression string) *workflow.Params {
	out := &workflow.Params{}
	out.Set(name, &workflow.Param{Type: kind, HasExpr: true, Expression: expression})
	return out
}

// paramOf returns a param of a step of the first instance of a workflow.
func paramOf(t *testing.T, w *enginetest.World, wf, step, name string) any {
	t.Helper()
	run := w.Run(wf, 1)
	i, _ := run.Definition.Graph.Index(step)
	if run.State.Status != workflow.InstanceSucceeded {
		t.Fatalf("%s %v", run.State.Status, enginetest.Statuses(run))
	}
	key, at := run.DetailAt(i)
	detail, err := w.Loop.Detail(t.Context(), key, at, i)
	if err != nil {
		t.Fatal(err)
	}
	p, _ := detail.Params.Get(name)
	return p.Result
}

func TestGetFromForeach(t *testing.T) {
	for _, kind := range []string{"NoOp", "Echo"} {
		for _, n := range []int{0, 6, 1100} {
			t.Run(fmt.Sprint(kind, n), func(t *testing.T) {
				w := enginetest.New(t, (&enginetest.Job{}).Register)
				body := enginetest.Step("job", kind)
				body.Params = expressed(workflow.Long, "x", "i_fe + 100")
				loop := foreach("fe", n, body)
				loop.Transition.Successors = &workflow.Ordered[string]{}
				loop.Transition.Successors.Set("sum", "true")
				sum := enginetest.Step("sum", "NoOp")
				sum.Params = expressed(workflow.LongArray, "all", "params.getFromForeach('fe', 'job', 'x')")
				w.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{loop, sum}}, workflow.DefaultRunStrategy)
				w.Start("loop", "r1")
				w.Drain(time.Minute)
				got, _ := paramOf(t, w, "loop", "sum", "all").([]int64)
				if len(got) != n {
					t.Fatalf("%d values", len(got))
				}
				for i, value := range got {
					if value != int64(i+100) {
						t.Fatalf("iteration %d: %d", i+1, value)
					}
				}
			})
		}
	}
}

// Iterations whose step never ran have the zero value.
func TestPinned38GetFromForeachWhereOnlyOneIterationHasAValue(t *testing.T) {
	w := enginetest.New(t, nil)
	first := enginetest.Step("first", "NoOp")
	first.Transition.Successors = &workflow.Ordered[string]{}
	first.Transition.Successors.Set("job", "i_fe == 0")
	job := enginetest.Step("job", "NoOp")
	job.Params = expressed(workflow.Long, "x", "12")
	loop := foreach("fe", 6, first, job)
	loop.Transition.Successors = &workflow.Ordered[string]{}
	loop.Transition.Successors.Set("sum", "true")
	sum := enginetest.Step("sum", "NoOp")
	sum.Params = expressed(workflow.LongArray, "all", "params.getFromForeach('fe', 'job', 'x')")
	w.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{loop, sum}}, workflow.DefaultRunStrategy)
	w.Start("loop", "r1")
	w.Drain(time.Minute)
	if got := fmt.Sprint(paramOf(t, w, "loop", "sum", "all")); got != "[12 0 0 0 0 0]" {
		t.Error(got)
	}
}

func TestGetFromSubworkflow(t *testing.T) {
	w := enginetest.New(t, (&enginetest.Job{}).Register)
	job := enginetest.Step("job", "Echo")
	job.Params = expressed(workflow.String, "x", "'found'")
	w.Push(&workflow.Workflow{ID: "callee", Steps: []*workflow.Step{job}}, workflow.DefaultRunStrategy)
	call := subworkflow("call", "callee")
	call.Transition.Successors = &workflow.Ordered[string]{}
	call.Transition.Successors.Set("read", "true")
	read := enginetest.Step("read", "NoOp")
	read.Params = expressed(workflow.String, "it", "params.getFromSubworkflow('call', 'job', 'x')")
	w.Push(&workflow.Workflow{ID: "caller", Steps: []*workflow.Step{call, read}}, workflow.DefaultRunStrategy)
	w.Start("caller", "r1")
	w.Drain(time.Minute)
	if got := paramOf(t, w, "caller", "read", "it"); got != "found" {
		t.Error(got)
	}
}

// A step that looks below what is not before it fails, and takes nothing with it.
func TestLookingBelowTheWrongStep(t *testing.T) {
	w := enginetest.New(t, nil)
	read := enginetest.Step("read", "NoOp")
	read.Params = expressed(workflow.LongArray, "all", "params.getFromForeach('fe', 'job', 'x')")
	w.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{foreach("fe", 2, enginetest.Step("job", "NoOp")), read}}, workflow.DefaultRunStrategy)
	w.Start("loop", "r1")
	w.Drain(time.Minute)
	run := w.Run("loop", 1)
	if run.State.Status != workflow.InstanceFailed || decide.LeavesOf(run) == (record.Leaves{}) {
		t.Error(run.State.Status, enginetest.Statuses(run))
	}
}
