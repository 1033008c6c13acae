package enginetest_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/permit"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// slow is a job that takes two polls, and notes how many run at once.
func slow() (job *enginetest.Job, most *int) {
	running := map[workflow.AttemptKey]int{}
	most = new(int)
	var mu sync.Mutex // the calls of one invocation run side by side
	return &enginetest.Job{Answer: func(call runtime.Call) (runtime.Result, error) {
		mu.Lock()
		defer mu.Unlock()
		running[call.Key]++
		*most = max(*most, len(running))
		if running[call.Key] < 3 {
			return runtime.Result{State: runtime.Continue}, nil
		}
		delete(running, call.Key)
		return runtime.Result{State: runtime.Done}, nil
	}}, most
}

func tagged(id, kind string, n int, tag string) *workflow.Workflow {
	w := &workflow.Workflow{ID: id}
	for i := range n {
		step := enginetest.Step(fmt.Sprintf("s%d", i), kind)
		step.Tags = []workflow.Tag{{Name: tag}}
		w.Steps = append(w.Steps, step)
	}
	return w
}

func limit(t *testing.T, w *enginetest.World, tag string, n int64) {
	t.Helper()
	if err := w.Loop.SetLimit(t.Context(), tag, &n); err != nil {
		t.Fatal(err)
	}
}

func TestATagLimitsHowManyStepsExecute(t *testing.T) {
	job, most := slow()
	w := enginetest.New(t, job.Register)
	limit(t, w, "spark", 3)
	w.Push(tagged("many", "Echo", 10, "spark"), workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 5})
	for range 3 {
		w.Start("many", "")
	}
	w.Drain(10 * time.Minute)
	for i := range int64(3) {
		if run := w.Run("many", i+1); run.State.Status != workflow.InstanceSucceeded {
			t.Errorf("instance %d: %s %v", i+1, run.State.Status, enginetest.Statuses(run))
		}
	}
	if *most != 3 {
		t.Errorf("%d executed at once, want 3", *most)
	}
	if pool, err := w.Loop.Pool(t.Context(), "spark"); err != nil || len(pool.Holders) > 0 {
		t.Errorf("left behind: %+v %v", pool, err)
	}
}

func TestALightStepWithALimitedTagTakesTheSameWay(t *testing.T) {
	w := enginetest.New(t, nil)
	limit(t, w, "one", 1)
	w.Push(tagged("light", "Sleep", 3, "one"), workflow.DefaultRunStrategy)
	w.Start("light", "r")
	w.Drain(time.Second)
	running := 0
	for _, step := range w.Run("light", 1).State.Steps {
		if step.Status == workflow.Running {
			running++
		}
	}
	if running != 1 {
		t.Errorf("%d sleep at once", running)
	}
	w.Drain(5 * time.Minute)
	if run := w.Run("light", 1); run.State.Status != workflow.InstanceSucceeded {
		t.Error(run.State.Status, enginetest.Statuses(run))
	}
}

func TestStepConcurrencyOfTheInstance(t *testing.T) {
	job, most := slow()
	w := enginetest.New(t, job.Register)
	body := tagged("own", "Echo", 8, "any")
	body.InstanceStepConcurrency = 2
	w.Push(body, workflow.DefaultRunStrategy)
	w.Start("own", "r")
	w.Drain(10 * time.Minute)
	if run := w.Run("own", 1); run.State.Status != workflow.InstanceSucceeded || *most != 2 {
		t.Errorf("%s, %d at once", run.State.Status, *most)
	}
}

func TestAPermitThatACrashLeftIsTakenBack(t *testing.T) {
	w := enginetest.New(t, nil)
	limit(t, w, "one", 1)
	ghost := permit.Holder{Run: workflow.RunKey{Workflow: "gone", Instance: 1, Run: 1}, Attempt: 1}
	if granted, err := w.Loop.Acquire(t.Context(), []permit.Tag{{Name: "one"}}, permit.Ticket{Holder: ghost}); err != nil || !granted {
		t.Fatal(granted, err)
	}
	w.Push(tagged("next", "Echo", 1, "one"), workflow.DefaultRunStrategy)
	w.Start("next", "r")
	if err := w.Evaluate.Sweep(t.Context(), 0); err != nil {
		t.Fatal(err)
	}
	w.Drain(2 * time.Minute)
	if run := w.Run("next", 1); run.State.Status != workflow.InstanceSucceeded {
		t.Error(run.State.Status, enginetest.Statuses(run))
	}
}

func TestTakingALimitAwayLetsEverybodyGo(t *testing.T) {
	w := enginetest.New(t, nil)
	limit(t, w, "none", 0)
	w.Push(tagged("blocked", "Echo", 2, "none"), workflow.DefaultRunStrategy)
	w.Start("blocked", "r")
	w.Drain(time.Second)
	if run := w.Run("blocked", 1); run.State.Steps[0].Status != workflow.WaitingForPermits {
		t.Fatal(enginetest.Statuses(run))
	}
	if err := w.Loop.SetLimit(t.Context(), "none", nil); err != nil {
		t.Fatal(err)
	}
	w.Drain(time.Second)
	if run := w.Run("blocked", 1); run.State.Status != workflow.InstanceSucceeded {
		t.Error(run.State.Status, enginetest.Statuses(run))
	}
}

func TestItsOwnLimitDoesNotSlowDownWhatIsDoneAtOnce(t *testing.T) {
	w := enginetest.New(t, nil)
	body := tagged("quick", "NoOp", 5, "any")
	body.InstanceStepConcurrency = 1
	w.Push(body, workflow.DefaultRunStrategy)
	w.Start("quick", "r")
	if run := w.Run("quick", 1); run.State.Status != workflow.InstanceSucceeded || run.Commits != 1 {
		t.Errorf("%s after %d commits", run.State.Status, run.Commits)
	}
}

// TestATagOfAJobTemplateLimits: a step has the tags that its job template gives it, too.
func TestATagOfAJobTemplateLimits(t *testing.T) {
	job, most := slow()
	w := enginetest.New(t, job.Register)
	template := &param.Template{Tags: []workflow.Tag{{Name: "spark"}}}
	w.Loop.Settings.Params.Template = func(context.Context, *workflow.Step, *workflow.Params) (*param.Template, error) { return template, nil }
	limit(t, w, "spark", 3)
	many := tagged("many", "Echo", 10, "cheap")
	for _, step := range many.Steps {
		step.SubType = "heavy"
	}
	w.Push(many, workflow.DefaultRunStrategy)
	w.Start("many", "")
	w.Drain(10 * time.Minute)
	if run := w.Run("many", 1); run.State.Status != workflow.InstanceSucceeded || *most != 3 {
		t.Errorf("%s %v, %d executed at once, want 3", run.State.Status, enginetest.Statuses(run), *most)
	}
	if pool, err := w.Loop.Pool(t.Context(), "spark"); err != nil || len(pool.Holders) > 0 {
		t.Errorf("left behind: %+v %v", pool, err)
	}
}
