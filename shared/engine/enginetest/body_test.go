package enginetest_test

import (
	"context"
	"sync"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/control"
	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// fifty pushes and starts a loop of 50 over one step of a type.
func fifty(t *testing.T, kind string, change func(*workflow.Step), register func(*runtime.Registry)) (*enginetest.World, *control.Control) {
	t.Helper()
	w := enginetest.New(t, register)
	step := enginetest.Step("a", kind)
	if change != nil {
		change(step)
	}
	w.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{foreach("fe", 50, step)}}, workflow.DefaultRunStrategy)
	return w, &control.Control{Trigger: w.Trigger}
}

func done(t *testing.T, w *enginetest.World, want workflow.InstanceStatus) {
	t.Helper()
	if run := w.Run("loop", 1); run.State.Status != want || leaves(run).Total() != 50 {
		t.Errorf("%s, leaves %v, nest %+v", run.State.Status, leaves(run), run.State.Steps[0].Nest)
	}
}

func TestABreakpointInABodyStopsEveryIteration(t *testing.T) {
	for _, kind := range []string{"NoOp", "Echo"} {
		w, c := fifty(t, kind, nil, nil)
		if _, err := c.SetBreakpoint(t.Context(), &definition.Breakpoint{Workflow: "loop", Step: "a"}, ann); err != nil {
			t.Fatal(err)
		}
		w.Start("loop", "r1")
		w.Drain(time.Minute)
		paused, err := c.PausedAttempts(t.Context(), "loop", "a")
		if err != nil || len(paused) != 50 {
			t.Fatalf("%s: %d paused attempts, %v", kind, len(paused), err)
		}
		p := paused[7]
		at := workflow.AttemptKey{RunKey: workflow.RunKey{Workflow: p.WorkflowID, Instance: p.InstanceID, Run: p.RunID}, Step: "a", Attempt: p.Attempt}
		if _, err := c.ResumeStep(t.Context(), at, ann); err != nil {
			t.Fatal(err)
		}
		w.Drain(time.Minute)
		if ends := w.Run("loop", 1).State.Steps[0].Nest.Sums().Ends; ends.Total() != 1 {
			t.Errorf("%s: %v iterations ended after one was resumed", kind, ends)
		}
		if _, err := c.RemoveBreakpoint(t.Context(), &definition.Breakpoint{Workflow: "loop", Step: "a"}, true, ann); err != nil {
			t.Fatal(err)
		}
		w.Drain(time.Minute)
		done(t, w, workflow.InstanceSucceeded)
	}
}

// counting counts how many of its jobs run at once.
type counting struct {
	runtime.Echo
	mu        sync.Mutex // the calls of one invocation run side by side
	now, most int
	ends      map[workflow.AttemptKey]time.Time
}

func (c *counting) Start(_ context.Context, call runtime.Call) (runtime.Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now++
	c.most = max(c.most, c.now)
	c.ends[call.Key] = call.Now.Add(2 * time.Second)
	return runtime.Result{State: runtime.Done}, nil
}

func (c *counting) Execute(_ context.Context, call runtime.Call) (runtime.Result, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if call.Now.Before(c.ends[call.Key]) {
		return runtime.Result{State: runtime.Continue, Poll: time.Second}, nil
	}
	c.now--
	return runtime.Result{State: runtime.Done}, nil
}

func TestATagPermitHoldsForAllIterations(t *testing.T) {
	jobs := &counting{ends: map[workflow.AttemptKey]time.Time{}}
	w, _ := fifty(t, "Process", func(s *workflow.Step) { s.Tags = []workflow.Tag{{Name: "spark"}} },
		func(r *runtime.Registry) { r.Add("Process", jobs) })
	three := int64(3)
	if err := w.Loop.SetLimit(t.Context(), "spark", &three); err != nil {
		t.Fatal(err)
	}
	w.Start("loop", "r1")
	w.Drain(10 * time.Minute)
	done(t, w, workflow.InstanceSucceeded)
	if jobs.most != 3 {
		t.Errorf("%d jobs ran at once where 3 may", jobs.most)
	}
}

// A step that needs no job holds a permit while it sleeps.
func TestATagPermitHoldsForALightBody(t *testing.T) {
	w, _ := fifty(t, "Sleep", func(s *workflow.Step) {
		s.Tags = []workflow.Tag{{Name: "spark"}}
		s.Params = &workflow.Params{}
		s.Params.Set("sleep_seconds", workflow.Literal(int64(20)))
	}, nil)
	three := int64(3)
	if err := w.Loop.SetLimit(t.Context(), "spark", &three); err != nil {
		t.Fatal(err)
	}
	w.Start("loop", "r1")
	most := 0
	for range 100 {
		w.Drain(5 * time.Second)
		parent, asleep := w.Run("loop", 1), 0
		for i := range int64(50) {
			child, err := w.Loop.LoadRun(t.Context(), decide.ChildKey(parent, 0, i+1, 1))
			if err != nil {
				t.Fatal(err)
			}
			if child.State.Steps[0].Status == workflow.Running {
				asleep++
			}
		}
		most = max(most, asleep)
	}
	done(t, w, workflow.InstanceSucceeded)
	if most != 3 {
		t.Errorf("%d bodies ran at once where 3 may", most)
	}
}

func TestTimeOutsAndRetriesInABody(t *testing.T) {
	w, _ := fifty(t, "Sleep", func(s *workflow.Step) {
		s.Params = &workflow.Params{}
		s.Params.Set("sleep_seconds", &workflow.Param{Type: workflow.Long, HasExpr: true, Expression: "i_fe == 7 ? 100 : 1"})
		s.Timeout = &workflow.ParsableLong{Number: 20}
		s.RetryPolicy = &workflow.RetryPolicy{TimeoutRetryLimit: &workflow.ParsableLong{Number: 1}}
	}, nil)
	w.Start("loop", "r1")
	w.Drain(30 * time.Minute)
	done(t, w, workflow.InstanceTimedOut)
	run := w.Run("loop", 1)
	child, err := w.Loop.LoadRun(t.Context(), decide.ChildKey(run, 0, 8, 1))
	if err != nil || child.State.Steps[0].Attempt != 2 || child.State.Status != workflow.InstanceTimedOut {
		t.Errorf("%v: %+v", err, child)
	}
}

func TestKillingALoopReachesEveryIteration(t *testing.T) {
	for _, kind := range []string{"Sleep", "Process"} {
		jobs := &counting{ends: map[workflow.AttemptKey]time.Time{}}
		w, c := fifty(t, kind, nil, func(r *runtime.Registry) { r.Add("Process", jobs) })
		w.Start("loop", "r1")
		w.Drain(500 * time.Millisecond)
		if _, err := c.End(t.Context(), workflow.RunKey{Workflow: "loop", Instance: 1}, control.Kill, ann); err != nil {
			t.Fatal(err)
		}
		w.Drain(time.Minute)
		done(t, w, workflow.InstanceFailed)
		if got := leaves(w.Run("loop", 1)); got[workflow.Stopped] != 50 {
			t.Errorf("leaves %v", got)
		}
	}
}
