package survey_test

import (
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/survey"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

// tree draws the steps of one level: leaves, and loops with levels of their own.
func tree(t *rapid.T, name string, depth int) []*workflow.Step {
	var out []*workflow.Step
	for n := range rapid.IntRange(1, 3).Draw(t, "steps of "+name) {
		id := fmt.Sprintf("%s_%d", name, n)
		kind := "leaf"
		if depth > 0 {
			kind = rapid.SampledFrom([]string{"leaf", "foreach", "while"}).Draw(t, "kind of "+id)
		}
		step := &workflow.Step{Kind: workflow.KindStep, ID: id, Type: rapid.SampledFrom([]string{"NoOp", "Echo"}).Draw(t, "type of "+id),
			FailureMode: rapid.SampledFrom([]workflow.FailureMode{workflow.FailAfterRunning, workflow.IgnoreFailure}).Draw(t, "mode of "+id)}
		loop := &workflow.Params{}
		count := rapid.IntRange(0, 4).Draw(t, "iterations of "+id)
		switch kind {
		case "foreach":
			loop.Set("i_"+id, &workflow.Param{Type: workflow.LongArray, HasExpr: true, Expression: fmt.Sprintf("Util.intsBetween(0,%d,1)", count)})
			step.Kind, step.Type = workflow.KindForeach, ""
		case "while":
			step.Kind, step.Type, step.Condition = workflow.KindWhile, "", fmt.Sprintf("n_%s < %d", id, count)
			loop.Set("n_"+id, workflow.Literal(int64(0)))
		}
		if kind != "leaf" {
			step.Params = &workflow.Params{}
			step.Params.Set("loop_params", &workflow.Param{Type: workflow.Map, Value: loop})
			step.Steps = tree(t, id, depth-1)
		}
		if kind == "while" { // one step hands the counter on
			count := &workflow.Step{Kind: workflow.KindStep, ID: id + "_count", Type: "NoOp", Params: &workflow.Params{}}
			count.Params.Set("n_"+id, &workflow.Param{Type: workflow.Long, HasExpr: true, Expression: "n_" + id + " + 1"})
			step.Steps = append(step.Steps, count)
		}
		out = append(out, step)
	}
	return out
}

// recount counts the leaves below a run by reading every instance.
func recount(t *testing.T, w *enginetest.World, run *decide.Run) record.Leaves {
	var out record.Leaves
	for i := range run.State.Steps {
		step := &run.State.Steps[i]
		var below record.Leaves
		for n := int64(1); step.Nest != nil && n <= step.Nest.Next; n++ {
			child, err := w.Loop.LoadLatest(t.Context(), decide.ChildKey(run, i, n, 1).Workflow, n)
			if err != nil {
				t.Fatal(err)
			}
			below.Add(recount(t, w, child), 1)
		}
		if below.Total() == 0 {
			below[step.Status]++
		}
		out.Add(below, 1)
	}
	return out
}

// Failing are those jobs whose instance and step give a number that three divides: some of each level do.
func failing(call runtime.Call) (runtime.Result, error) {
	if (call.Key.Instance+int64(len(call.Key.Step)))%3 == 0 {
		return runtime.Result{State: runtime.FatalError}, nil
	}
	return runtime.Result{State: runtime.Done}, nil
}

func TestARollupIsARecount(t *testing.T) {
	rapid.Check(t, func(r *rapid.T) {
		w := enginetest.New(t, (&enginetest.Job{Answer: failing}).Register)
		w.Push(&workflow.Workflow{ID: "root", Steps: tree(r, "s", 2)}, workflow.DefaultRunStrategy)
		w.Start("root", "r1")
		w.Drain(time.Minute)
		run := w.Run("root", 1)
		if !run.State.Status.Terminal() {
			r.Fatalf("%s %v", run.State.Status, enginetest.Statuses(run))
		}
		agree(t, r, w, run)
		if run.State.Status == workflow.InstanceSucceeded {
			return
		}
		policy := rapid.SampledFrom([]string{decide.FromIncomplete, decide.FromBeginning}).Draw(r, "policy")
		if _, err := w.Trigger.Restart(t.Context(), "root", 1, trigger.Restart{Policy: policy, By: &workflow.User{Name: "test"}}); err != nil {
			r.Fatal(err)
		}
		w.Drain(time.Minute)
		run, err := w.Loop.LoadLatest(t.Context(), "root", 1)
		if err != nil || !run.State.Status.Terminal() || run.Key.Run != 2 {
			r.Fatalf("%+v %v", run, err)
		}
		agree(t, r, w, run)
	})
}

// agree compares the rollup of a run with a recount.
func agree(t *testing.T, r *rapid.T, w *enginetest.World, run *decide.Run) {
	r.Helper()
	got, err := survey.Survey{Loop: w.Loop}.Rollup(t.Context(), run)
	if err != nil {
		r.Fatal(err)
	}
	want := recount(t, w, run)
	expect(r, counts(got), counts(view.RollupOf(want)))
	referred := int64(0)
	for status, n := range want {
		if workflow.StepStatus(status).Referred() {
			referred += n
		}
	}
	if n := int64(got.References()); n > referred || referred <= 20 && n != referred {
		r.Fatalf("%d of %d leaves are referred to: %v", n, referred, counts(got))
	}
}

func counts(r *view.Rollup) map[string]int64 {
	out := map[string]int64{}
	for name, leaf := range r.Overview.All() {
		out[name] = leaf.Count
	}
	return out
}

func expect(t *rapid.T, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Fatalf("got %v, want %v", got, want)
	}
}

// While a loop runs, a rollup counts what is at work below it, too.
func TestARollupCountsWhatIsAtWork(t *testing.T) {
	w := enginetest.New(t, (&enginetest.Job{Answer: func(call runtime.Call) (runtime.Result, error) {
		if call.Key.Instance > 2 {
			return runtime.Result{State: runtime.Continue}, nil
		}
		return runtime.Result{State: runtime.Done}, nil
	}}).Register)
	loop := &workflow.Params{}
	loop.Set("i", &workflow.Param{Type: workflow.LongArray, HasExpr: true, Expression: "Util.intsBetween(0,5,1)"})
	params := &workflow.Params{}
	params.Set("loop_params", &workflow.Param{Type: workflow.Map, Value: loop})
	w.Push(&workflow.Workflow{ID: "root", Steps: []*workflow.Step{{Kind: workflow.KindForeach, ID: "fe", Params: params,
		Steps: []*workflow.Step{enginetest.Step("a", "Echo")}}}}, workflow.DefaultRunStrategy)
	w.Start("root", "r1")
	w.Drain(time.Second)
	got, err := survey.Survey{Loop: w.Loop}.Rollup(t.Context(), w.Run("root", 1))
	if err != nil {
		t.Fatal(err)
	}
	if text := fmt.Sprint(counts(got)); text != "map[RUNNING:3 SUCCEEDED:2]" || got.References() != 3 {
		t.Error(text, got.References())
	}
}
