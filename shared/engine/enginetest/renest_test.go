package enginetest_test

import (
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/control"
	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// fickle fails for some iterations as long as it is broken.
type fickle struct {
	runtime.Echo
	broken bool
	fails  func(i int64) bool
	calls  map[int64]int
}

func (f *fickle) execute(call runtime.Call) runtime.Result {
	p, _ := call.Params.Get("n")
	i, _ := p.Result.(int64)
	f.calls[i]++
	if f.broken && f.fails(i) {
		return runtime.Result{State: runtime.FatalError}
	}
	return runtime.Result{State: runtime.Done}
}

type fickleLight struct{ *fickle }

func (f fickleLight) Execute(call runtime.Call) runtime.Result { return f.execute(call) }

func fickleLoop(t *testing.T, n int, fails func(i int64) bool) (*enginetest.World, *fickle, *control.Control) {
	f := &fickle{broken: true, fails: fails, calls: map[int64]int{}}
	w := enginetest.New(t, func(r *runtime.Registry) { r.AddLight("Process", fickleLight{f}) })
	step := enginetest.Step("a", "Process")
	step.Params = &workflow.Params{}
	step.Params.Set("n", &workflow.Param{Type: workflow.Long, HasExpr: true, Expression: "i_fe + 0"})
	w.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{foreach("fe", n, step)}}, workflow.DefaultRunStrategy)
	return w, f, &control.Control{Trigger: w.Trigger}
}

var ann = control.Who{User: workflow.User{Name: "ann"}}

func TestARestartFromIncompleteRunsOnlyWhatDidNotSucceed(t *testing.T) {
	w, f, c := fickleLoop(t, 2000, func(i int64) bool { return i == 1999 || i == 1500 })
	started := w.Start("loop", "r1")
	w.Drain(time.Minute)
	run := w.Run("loop", 1)
	if run.State.Status != workflow.InstanceFailed {
		t.Fatalf("%s %+v", run.State.Status, run.State.Steps[0].Nest)
	}
	f.broken = false
	if _, err := c.Restart(t.Context(), workflow.RunKey{Workflow: "loop", Instance: 1}, &definition.Restart{Policy: decide.FromIncomplete}, ann); err != nil {
		t.Fatal(err)
	}
	w.Drain(time.Minute)
	run, err := w.Loop.LoadLatest(t.Context(), "loop", started.Key.Instance)
	if err != nil {
		t.Fatal(err)
	}
	if got := leaves(run); run.Key.Run != 2 || run.State.Status != workflow.InstanceSucceeded || got.Total() != 2000 || got[workflow.Succeeded] != 2000 {
		t.Errorf("run %d %s leaves %v nest %+v", run.Key.Run, run.State.Status, got, run.State.Steps[0].Nest)
	}
	for i, n := range f.calls {
		if want := 1; n != want && i != 1999 && i != 1500 {
			t.Errorf("iteration with i=%d ran %d times", i, n)
		}
	}
}

func TestARestartOfOneIterationGoesDownToIt(t *testing.T) {
	w, f, c := fickleLoop(t, 20, func(i int64) bool { return i == 7 })
	w.Start("loop", "r1")
	w.Drain(time.Minute)
	f.broken = false
	child := decide.ChildKey(w.Run("loop", 1), 0, 8, 1)
	if _, err := c.Restart(t.Context(), workflow.RunKey{Workflow: child.Workflow, Instance: 8}, &definition.Restart{Policy: decide.FromBeginning}, ann); err != nil {
		t.Fatal(err)
	}
	w.Drain(time.Minute)
	run, err := w.Loop.LoadLatest(t.Context(), "loop", 1)
	if err != nil {
		t.Fatal(err)
	}
	if got := leaves(run); run.Key.Run != 2 || run.State.Status != workflow.InstanceSucceeded || got.Total() != 20 || f.calls[7] != 2 || f.calls[6] != 1 {
		t.Errorf("run %d %s leaves %v calls %v nest %+v", run.Key.Run, run.State.Status, got, f.calls, run.State.Steps[0].Nest)
	}
}

func TestAnIterationIsRestartedInPlace(t *testing.T) {
	f := &fickle{broken: true, fails: func(i int64) bool { return i == 3 }, calls: map[int64]int{}}
	w := enginetest.New(t, func(r *runtime.Registry) { r.AddLight("Process", fickleLight{f}) })
	step := enginetest.Step("a", "Process", "b:i_fe == 5")
	step.Params = &workflow.Params{}
	step.Params.Set("n", &workflow.Param{Type: workflow.Long, HasExpr: true, Expression: "i_fe + 0"})
	w.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{foreach("fe", 10, step, enginetest.Step("b", "Sleep"))}}, workflow.DefaultRunStrategy)
	c := &control.Control{Trigger: w.Trigger}
	w.Start("loop", "r1")
	w.Drain(time.Second)
	run := w.Run("loop", 1)
	if run.State.Status != workflow.InstanceInProgress || run.State.Steps[0].Nest.Sums().Ends.Of(record.Failed) != 1 {
		t.Fatalf("%s %+v", run.State.Status, run.State.Steps[0].Nest)
	}
	f.broken = false
	child := decide.ChildKey(run, 0, 4, 1)
	if _, err := c.Restart(t.Context(), workflow.RunKey{Workflow: child.Workflow, Instance: 4}, &definition.Restart{Policy: decide.FromBeginning}, ann); err != nil {
		t.Fatal(err)
	}
	w.Drain(time.Minute)
	run = w.Run("loop", 1)
	if got := leaves(run); run.State.Status != workflow.InstanceSucceeded || got[workflow.FatallyFailed] != 0 || f.calls[3] != 2 {
		t.Errorf("%s leaves %v calls %v nest %+v", run.State.Status, got, f.calls, run.State.Steps[0].Nest)
	}
}

// What a loop inside a loop starts in a new run are new runs too, never what it started before.
func TestARestartOfACompleteIterationRunsInnerLoopsAgain(t *testing.T) {
	w := enginetest.New(t, nil)
	w.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{foreach("outer", 2, foreach("inner", 3, enginetest.Step("a", "NoOp")))}},
		workflow.DefaultRunStrategy)
	w.Start("loop", "r1")
	w.Drain(time.Minute)
	c := &control.Control{Trigger: w.Trigger}
	child := decide.ChildKey(w.Run("loop", 1), 0, 2, 1)
	for _, policy := range []string{decide.FromIncomplete, decide.FromBeginning, decide.FromIncomplete} {
		if _, err := c.Restart(t.Context(), workflow.RunKey{Workflow: child.Workflow, Instance: 2}, &definition.Restart{Policy: policy}, ann); err != nil {
			t.Fatal(err)
		}
		w.Drain(time.Minute)
	}
	outer, err := w.Loop.LoadLatest(t.Context(), child.Workflow, 2)
	if err != nil {
		t.Fatal(err)
	}
	inner, err := w.Loop.LoadLatest(t.Context(), decide.ChildKey(outer, 0, 3, 1).Workflow, 3)
	if err != nil {
		t.Fatal(err)
	}
	if outer.Key.Run != 4 || inner.Key.Run != 4 || outer.State.Status != workflow.InstanceSucceeded {
		t.Errorf("%s is %s, and the newest run of its last iteration is %s", outer.Key, outer.State.Status, inner.Key)
	}
}

// An iteration that was restarted in place has had more runs than the others: what comes later runs all of them anew.
func TestARestartAfterOneInPlaceRunsEveryIterationAgain(t *testing.T) {
	f := &fickle{broken: true, fails: func(i int64) bool { return i == 3 }, calls: map[int64]int{}}
	w := enginetest.New(t, func(r *runtime.Registry) { r.AddLight("Process", fickleLight{f}) })
	step := enginetest.Step("a", "Process", "b:i_fe == 5")
	step.Params = &workflow.Params{}
	step.Params.Set("n", &workflow.Param{Type: workflow.Long, HasExpr: true, Expression: "i_fe + 0"})
	w.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{foreach("fe", 6, step, enginetest.Step("b", "Sleep"))}}, workflow.DefaultRunStrategy)
	c := &control.Control{Trigger: w.Trigger}
	w.Start("loop", "r1")
	w.Drain(time.Second)
	f.broken = false
	child := decide.ChildKey(w.Run("loop", 1), 0, 4, 1)
	restart := func(key workflow.RunKey) {
		t.Helper()
		if _, err := c.Restart(t.Context(), key, &definition.Restart{Policy: decide.FromBeginning}, ann); err != nil {
			t.Fatal(err)
		}
		w.Drain(time.Minute)
	}
	restart(workflow.RunKey{Workflow: child.Workflow, Instance: 4})
	restart(workflow.RunKey{Workflow: "loop", Instance: 1})
	for n := int64(1); n <= 6; n++ {
		run, err := w.Loop.LoadLatest(t.Context(), child.Workflow, n)
		if err != nil {
			t.Fatal(err)
		}
		if want := int64(3); run.Key.Run != want || run.Header.Link.Parent.Run != 2 {
			t.Errorf("the newest run of iteration %d is %d of run %d, want %d of run 2", n, run.Key.Run, run.Header.Link.Parent.Run, want)
		}
	}
}

// A stop waits for an iteration that is restarted in place, as it waits for all others.
func TestAStopWaitsForWhatIsRestartedInPlace(t *testing.T) {
	f := &fickle{broken: true, fails: func(i int64) bool { return i == 0 }, calls: map[int64]int{}}
	w := enginetest.New(t, func(r *runtime.Registry) { r.AddLight("Process", fickleLight{f}) })
	step := enginetest.Step("a", "Process", "b:true")
	step.Params = &workflow.Params{}
	step.Params.Set("n", &workflow.Param{Type: workflow.Long, HasExpr: true, Expression: "i_fe + 0"})
	sleep := enginetest.Step("b", "Sleep")
	sleep.Params = &workflow.Params{}
	sleep.Params.Set("sleep_seconds", workflow.Literal(int64(10)))
	w.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{foreach("fe", 2, step, sleep)}}, workflow.DefaultRunStrategy)
	started := w.Start("loop", "r1")
	w.Drain(5 * time.Second)
	f.broken = false
	c := &control.Control{Trigger: w.Trigger}
	child := decide.ChildKey(w.Run("loop", 1), 0, 1, 1)
	if _, err := c.Restart(t.Context(), workflow.RunKey{Workflow: child.Workflow, Instance: 1}, &definition.Restart{Policy: decide.FromBeginning}, ann); err != nil {
		t.Fatal(err)
	}
	w.Drain(8 * time.Second) // the other one has ended
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
	run := w.Run("loop", 1)
	if nest := run.State.Steps[0].Nest; run.State.Status != workflow.InstanceStopped || nest.Busy() || nest.Sums().Ends.Of(record.Stopped) != 1 {
		t.Errorf("%s %+v", run.State.Status, nest)
	}
}
