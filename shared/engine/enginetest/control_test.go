package enginetest_test

import (
	"context"
	"maps"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// hanging is a job that runs until a test lets it end.
func hanging() (*enginetest.Job, *bool) {
	done := false
	return &enginetest.Job{Answer: func(runtime.Call) (runtime.Result, error) {
		if done {
			return runtime.Result{State: runtime.Done}, nil
		}
		return runtime.Result{State: runtime.Continue}, nil
	}}, &done
}

func one(id string) *workflow.Workflow {
	return &workflow.Workflow{ID: id, Steps: []*workflow.Step{enginetest.Step("s", "Echo")}}
}

func statuses(w *enginetest.World, wf string, n int64) []workflow.InstanceStatus {
	var out []workflow.InstanceStatus
	for i := range n {
		out = append(out, w.Run(wf, i+1).State.Status)
	}
	return out
}

func TestWhatTheStrategiesDoWithThreeStarts(t *testing.T) {
	tests := []struct {
		rule        string
		busy, atEnd []workflow.InstanceStatus // while the first one runs; when all jobs may end
	}{
		{workflow.Sequential,
			[]workflow.InstanceStatus{"IN_PROGRESS", "CREATED", "CREATED"}, []workflow.InstanceStatus{"SUCCEEDED", "SUCCEEDED", "SUCCEEDED"}},
		{workflow.StrictSequential,
			[]workflow.InstanceStatus{"IN_PROGRESS", "CREATED", "CREATED"}, []workflow.InstanceStatus{"SUCCEEDED", "SUCCEEDED", "SUCCEEDED"}},
		{workflow.FirstOnly,
			[]workflow.InstanceStatus{"IN_PROGRESS", "STOPPED", "STOPPED"}, []workflow.InstanceStatus{"SUCCEEDED", "STOPPED", "STOPPED"}},
		{workflow.LastOnly,
			[]workflow.InstanceStatus{"STOPPED", "STOPPED", "IN_PROGRESS"}, []workflow.InstanceStatus{"STOPPED", "STOPPED", "SUCCEEDED"}},
		{workflow.SerialLatestOnly,
			[]workflow.InstanceStatus{"IN_PROGRESS", "STOPPED", "CREATED"}, []workflow.InstanceStatus{"SUCCEEDED", "STOPPED", "SUCCEEDED"}},
		{workflow.Parallel,
			[]workflow.InstanceStatus{"IN_PROGRESS", "IN_PROGRESS", "CREATED"}, []workflow.InstanceStatus{"SUCCEEDED", "SUCCEEDED", "SUCCEEDED"}},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			job, done := hanging()
			w := enginetest.New(t, job.Register)
			w.Push(one("w"), workflow.RunStrategy{Rule: tt.rule, Concurrency: 2})
			for range 3 {
				w.Start("w", "")
				w.Drain(time.Second)
			}
			w.Drain(5 * time.Second)
			if got := statuses(w, "w", 3); !equal(got, tt.busy) {
				t.Errorf("while busy: %v, want %v", got, tt.busy)
			}
			*done = true
			w.Drain(time.Minute)
			if got := statuses(w, "w", 3); !equal(got, tt.atEnd) {
				t.Errorf("in the end: %v, want %v", got, tt.atEnd)
			}
			head, _, err := w.Loop.LoadHead(t.Context(), "w")
			if err != nil || head.Open() != 0 {
				t.Errorf("the head still holds %v %v: %v", head.Running, head.Queued, err)
			}
		})
	}
}

func equal(a, b []workflow.InstanceStatus) bool {
	if len(a) != len(b) {
		return false
	}
	for i := range a {
		if a[i] != b[i] {
			return false
		}
	}
	return true
}

func TestAFailureBlocksStrictSequentialUntilARestart(t *testing.T) {
	fail := true
	job := &enginetest.Job{Answer: func(call runtime.Call) (runtime.Result, error) {
		if fail && call.Key.Instance == 1 {
			return runtime.Result{State: runtime.FatalError}, nil
		}
		return runtime.Result{State: runtime.Done}, nil
	}}
	w := enginetest.New(t, job.Register)
	w.Push(one("strict"), workflow.RunStrategy{Rule: workflow.StrictSequential, Concurrency: 1})
	w.Start("strict", "a")
	w.Start("strict", "b")
	w.Drain(10 * time.Second)
	if got := statuses(w, "strict", 2); !equal(got, []workflow.InstanceStatus{"FAILED", "CREATED"}) {
		t.Fatal(got)
	}
	fail = false
	restarted := restart(t, w, "strict", 1, trigger.Restart{Policy: decide.FromIncomplete})
	w.Drain(10 * time.Second)
	if got := statuses(w, "strict", 2); restarted.Key.Run != 2 || !equal(got, []workflow.InstanceStatus{"FAILED", "SUCCEEDED"}) {
		t.Error(restarted, got)
	}
	if run := load(t, w, restarted.Key); run.State.Status != workflow.InstanceSucceeded {
		t.Error(run.State.Status)
	}
}

func restart(t *testing.T, w *enginetest.World, wf string, instance int64, r trigger.Restart) trigger.Started {
	t.Helper()
	r.By = &workflow.User{Name: "ann"}
	out, err := w.Trigger.Restart(t.Context(), wf, instance, r)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func load(t *testing.T, w *enginetest.World, key workflow.RunKey) *decide.Run {
	t.Helper()
	run, err := w.Loop.LoadRun(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return run
}

// diamond is a -> b, c -> d, of which b fails as long as it is told to.
func diamond(t *testing.T) (w *enginetest.World, job *enginetest.Job, broken map[string]bool) {
	broken = map[string]bool{"b": true}
	job = &enginetest.Job{}
	job.Answer = func(call runtime.Call) (runtime.Result, error) {
		if broken[call.Key.Step] {
			return runtime.Result{State: runtime.FatalError}, nil
		}
		return runtime.Result{State: runtime.Done}, nil
	}
	w = enginetest.New(t, job.Register)
	w.Push(&workflow.Workflow{ID: "d", Steps: []*workflow.Step{enginetest.Step("a", "Echo", "b", "c"),
		enginetest.Step("b", "Echo", "d"), enginetest.Step("c", "Echo", "d"), enginetest.Step("d", "Echo")}}, workflow.DefaultRunStrategy)
	return w, job, broken
}

func called(job *enginetest.Job, run int64) map[string]int {
	out := map[string]int{}
	for _, key := range job.Calls {
		if key.Run == run {
			out[key.Step]++
		}
	}
	return out
}

func TestRestartRunsWhatItsPolicySays(t *testing.T) {
	tests := []struct {
		name    string
		restart trigger.Restart
		calls   map[string]int
		steps   map[string]workflow.StepStatus
	}{
		{"incomplete", trigger.Restart{Policy: decide.FromIncomplete}, map[string]int{"b": 1, "d": 1},
			map[string]workflow.StepStatus{"a": workflow.Succeeded, "b": workflow.Succeeded, "c": workflow.Succeeded, "d": workflow.Succeeded}},
		{"beginning", trigger.Restart{Policy: decide.FromBeginning}, map[string]int{"a": 1, "b": 1, "c": 1, "d": 1},
			map[string]workflow.StepStatus{"a": workflow.Succeeded, "b": workflow.Succeeded, "c": workflow.Succeeded, "d": workflow.Succeeded}},
		{"one step that had succeeded", trigger.Restart{Policy: decide.FromSpecific, Step: "c"}, map[string]int{"c": 1},
			map[string]workflow.StepStatus{"a": workflow.Succeeded, "b": workflow.FatallyFailed, "c": workflow.Succeeded, "d": workflow.NotCreated}},
		{"skip the failed one", trigger.Restart{Policy: decide.FromSpecific, Step: "b", SkipSteps: []string{"b"}}, map[string]int{"d": 1},
			map[string]workflow.StepStatus{"a": workflow.Succeeded, "b": workflow.Skipped, "c": workflow.Succeeded, "d": workflow.Succeeded}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			w, job, broken := diamond(t)
			w.Start("d", "r")
			w.Drain(10 * time.Second)
			if got := w.Run("d", 1).State.Status; got != workflow.InstanceFailed {
				t.Fatal(got)
			}
			broken["b"] = false
			started := restart(t, w, "d", 1, tt.restart)
			w.Drain(10 * time.Second)
			run := load(t, w, started.Key)
			if got := enginetest.Statuses(run); !maps.Equal(got, tt.steps) || run.State.Status != workflow.InstanceSucceeded {
				t.Errorf("%s %v, want %v", run.State.Status, got, tt.steps)
			}
			if got := called(job, 2); !maps.Equal(got, tt.calls) {
				t.Errorf("called %v, want %v", got, tt.calls)
			}
		})
	}
}

func TestPinned02OnlyWhatIsOverIsRestarted(t *testing.T) {
	job, _ := hanging()
	w := enginetest.New(t, job.Register)
	w.Push(one("busy"), workflow.DefaultRunStrategy)
	w.Start("busy", "r")
	_, err := w.Trigger.Restart(t.Context(), "busy", 1, trigger.Restart{Policy: decide.FromBeginning})
	if workflow.CodeOf(err) != workflow.CodeInvalid {
		t.Error(err)
	}
}

func TestACompleteInstanceHasNothingToRestartFrom(t *testing.T) {
	w := enginetest.New(t, nil)
	w.Push(one("fine"), workflow.DefaultRunStrategy)
	w.Start("fine", "r")
	w.Drain(time.Second)
	if _, err := w.Trigger.Restart(t.Context(), "fine", 1, trigger.Restart{Policy: decide.FromIncomplete}); workflow.CodeOf(err) != workflow.CodeInvalid {
		t.Error(err)
	}
}

func TestARestartRequestMakesOneRun(t *testing.T) {
	w, _, broken := diamond(t)
	w.Start("d", "r")
	w.Drain(10 * time.Second)
	broken["b"] = false
	first := restart(t, w, "d", 1, trigger.Restart{Policy: decide.FromIncomplete, RequestID: "again"})
	second := restart(t, w, "d", 1, trigger.Restart{Policy: decide.FromIncomplete, RequestID: "again"})
	w.Drain(10 * time.Second)
	third := restart(t, w, "d", 1, trigger.Restart{Policy: decide.FromIncomplete, RequestID: "again"})
	if first.Duplicated || !second.Duplicated || !third.Duplicated || first.Key != second.Key || first.Key != third.Key {
		t.Error(first, second, third)
	}
}

// visit lets act decide about a run, as the API does for an action.
func visit(w *enginetest.World, key workflow.RunKey, act func(*decide.Turn) error) error {
	v, err := w.Loop.Visit(context.Background(), key, act)
	if err != nil {
		return err
	}
	return w.Loop.Follow(context.Background(), v, hint.Message{Reason: hint.ReasonAction}, nil)
}

func TestPinned01RestartOfARunKilledWhileItWaited(t *testing.T) {
	job, done := hanging()
	w := enginetest.New(t, job.Register)
	w.Push(one("q"), workflow.DefaultRunStrategy)
	w.Start("q", "a")
	waiting := w.Start("q", "b")
	if err := visit(w, waiting.Key, func(turn *decide.Turn) error {
		return turn.EndRun(workflow.InstanceFailed, decide.Order{Action: "KILL"})
	}); err != nil {
		t.Fatal(err)
	}
	started := restart(t, w, "q", 2, trigger.Restart{Policy: decide.FromIncomplete})
	*done = true
	w.Drain(time.Minute)
	if started.Key.Run != 2 || load(t, w, started.Key).State.Status != workflow.InstanceSucceeded {
		t.Error(started, load(t, w, started.Key).State)
	}
}

func TestOrdersAboutARun(t *testing.T) {
	tests := []struct {
		action string
		to     workflow.InstanceStatus
		step   workflow.StepStatus
	}{
		{"STOP", workflow.InstanceStopped, workflow.Stopped},
		{"KILL", workflow.InstanceFailed, workflow.FatallyFailed},
	}
	for _, tt := range tests {
		t.Run(tt.action, func(t *testing.T) {
			job, _ := hanging()
			w := enginetest.New(t, job.Register)
			w.Push(one("o"), workflow.DefaultRunStrategy)
			started := w.Start("o", "r")
			w.Drain(time.Second)
			order := func(turn *decide.Turn) error { return turn.EndRun(tt.to, decide.Order{Action: tt.action}) }
			if err := visit(w, started.Key, order); err != nil {
				t.Fatal(err)
			}
			w.Drain(10 * time.Second)
			run := w.Run("o", 1)
			if run.State.Status != tt.to || run.State.Steps[0].Status != tt.step || len(job.Terminated) != 1 {
				t.Error(run.State.Status, enginetest.Statuses(run), job.Terminated)
			}
			if err := visit(w, started.Key, order); err != nil {
				t.Error("an order whose end is reached:", err)
			}
			other := func(turn *decide.Turn) error { return turn.EndRun(workflow.InstanceTimedOut, decide.Order{}) }
			if err := visit(w, started.Key, other); workflow.CodeOf(err) != workflow.CodeInvalid {
				t.Error("an order about a run that is over:", err)
			}
		})
	}
}

func TestOrdersAboutAStep(t *testing.T) {
	tests := []struct {
		action string
		steps  map[string]workflow.StepStatus
	}{
		{"STOP", map[string]workflow.StepStatus{"s": workflow.Stopped, "next": workflow.NotCreated}},
		{"KILL", map[string]workflow.StepStatus{"s": workflow.FatallyFailed, "next": workflow.NotCreated}},
		{"SKIP", map[string]workflow.StepStatus{"s": workflow.Skipped, "next": workflow.Succeeded}},
	}
	for _, tt := range tests {
		t.Run(tt.action, func(t *testing.T) {
			job, _ := hanging()
			w := enginetest.New(t, job.Register)
			w.Push(&workflow.Workflow{ID: "o", Steps: []*workflow.Step{enginetest.Step("s", "Echo", "next"), enginetest.Step("next", "NoOp")}},
				workflow.DefaultRunStrategy)
			started := w.Start("o", "r")
			w.Drain(time.Second)
			order := func(turn *decide.Turn) error { return turn.EndStep(0, decide.Order{Action: tt.action}) }
			if err := visit(w, started.Key, order); err != nil {
				t.Fatal(err)
			}
			if err := visit(w, started.Key, order); workflow.CodeOf(err) != workflow.CodeConflict {
				t.Error("a second order while the first is at work:", err)
			}
			w.Drain(10 * time.Second)
			if got := enginetest.Statuses(w.Run("o", 1)); !maps.Equal(got, tt.steps) {
				t.Errorf("%v, want %v", got, tt.steps)
			}
		})
	}
}

// TestSkippingAStepWhoseConditionFails: whatever a step is waiting for, the end of it may turn out to be an error.
func TestSkippingAStepWhoseConditionFails(t *testing.T) {
	skip := func(turn *decide.Turn) error { return turn.EndStep(0, decide.Order{Action: "SKIP"}) }
	tests := map[workflow.StepStatus]func(w *enginetest.World){
		workflow.Paused: func(w *enginetest.World) {
			b := decide.Breakpoint{Step: "s", Author: "ann"}
			key := record.BreakpointKey("o", "s", b.Scope())
			if err := w.Store.Put(t.Context(), store.Write{Item: store.Item{Key: key, Body: record.Encode(b)}}); err != nil {
				t.Fatal(err)
			}
		},
		workflow.UserFailed:     func(*enginetest.World) {},
		workflow.PlatformFailed: func(*enginetest.World) {},
	}
	ends := map[workflow.StepStatus]runtime.State{workflow.Paused: runtime.Done, workflow.UserFailed: runtime.UserError,
		workflow.PlatformFailed: runtime.PlatformError}
	for from, prepare := range tests {
		t.Run(from.String(), func(t *testing.T) {
			job := &enginetest.Job{Answer: func(runtime.Call) (runtime.Result, error) { return runtime.Result{State: ends[from]}, nil }}
			w := enginetest.New(t, job.Register)
			steps := []*workflow.Step{enginetest.Step("s", "Echo", "next:absent > 1"), enginetest.Step("next", "NoOp")}
			w.Push(&workflow.Workflow{ID: "o", Steps: steps}, workflow.DefaultRunStrategy)
			prepare(w)
			started := w.Start("o", "r")
			w.Drain(time.Second)
			if got := w.Run("o", 1).State.Steps[0].Status; got != from {
				t.Fatalf("the step is %s", got)
			}
			if err := visit(w, started.Key, skip); err != nil {
				t.Fatal(err)
			}
			w.Drain(10 * time.Second)
			if run := w.Run("o", 1); run.State.Steps[0].Status != workflow.InternallyFailed || run.State.Status != workflow.InstanceFailed {
				t.Error(run.State.Status, enginetest.Statuses(run))
			}
		})
	}
}

func TestPauseKeepsARunFromGoingOn(t *testing.T) {
	job, done := hanging()
	w := enginetest.New(t, job.Register)
	w.Push(chain("p", "Echo", 2), workflow.DefaultRunStrategy)
	started := w.Start("p", "r")
	w.Drain(time.Second)
	if err := visit(w, started.Key, func(turn *decide.Turn) error { return turn.PauseRun(decide.Order{Action: "PAUSE"}) }); err != nil {
		t.Fatal(err)
	}
	*done = true
	w.Drain(time.Minute)
	run := w.Run("p", 1)
	if run.State.Status != workflow.InstancePaused || run.State.Steps[1].Status != workflow.NotCreated {
		t.Fatal(run.State.Status, enginetest.Statuses(run))
	}
	if err := visit(w, started.Key, func(turn *decide.Turn) error { return turn.ResumeRun(decide.Order{Action: "RESUME"}) }); err != nil {
		t.Fatal(err)
	}
	w.Drain(time.Minute)
	if run := w.Run("p", 1); run.State.Status != workflow.InstanceSucceeded {
		t.Error(run.State.Status, enginetest.Statuses(run))
	}
}

func TestABreakpointStopsTheStepUntilItIsResumed(t *testing.T) {
	w := enginetest.New(t, nil)
	w.Push(chain("b", "NoOp", 3), workflow.DefaultRunStrategy)
	b := decide.Breakpoint{Step: "s1", Author: "ann"}
	key := record.BreakpointKey("b", "s1", b.Scope())
	if err := w.Store.Put(t.Context(), store.Write{Item: store.Item{Key: key, Body: record.Encode(b)}}); err != nil {
		t.Fatal(err)
	}
	started := w.Start("b", "r")
	w.Drain(10 * time.Second)
	want := map[string]workflow.StepStatus{"s0": workflow.Succeeded, "s1": workflow.Paused, "s2": workflow.NotCreated}
	if got := enginetest.Statuses(w.Run("b", 1)); !maps.Equal(got, want) {
		t.Fatal(got)
	}
	if err := visit(w, started.Key, func(turn *decide.Turn) error { return turn.ResumeStep(1, 1, decide.Order{Action: "RESUME"}) }); err != nil {
		t.Fatal(err)
	}
	w.Drain(10 * time.Second)
	if run := w.Run("b", 1); run.State.Status != workflow.InstanceSucceeded {
		t.Error(run.State.Status, enginetest.Statuses(run))
	}
}

func TestCustomisedRun(t *testing.T) {
	w, job, _ := diamond(t)
	started, err := w.Trigger.Start(t.Context(), "d", "active", trigger.Start{Initiator: &workflow.Initiator{Type: workflow.InitiatorManual},
		Config: &record.RunConfig{StartSteps: []string{"c"}, SkipSteps: []string{"d"}}})
	if err != nil {
		t.Fatal(err)
	}
	w.Drain(10 * time.Second)
	run := load(t, w, started[0].Key)
	want := map[string]workflow.StepStatus{"a": workflow.NotCreated, "b": workflow.NotCreated, "c": workflow.Succeeded, "d": workflow.Skipped}
	if got := enginetest.Statuses(run); !maps.Equal(got, want) || run.State.Status != workflow.InstanceSucceeded {
		t.Error(run.State.Status, got)
	}
	if got := called(job, 1); !maps.Equal(got, map[string]int{"c": 1}) {
		t.Error(got)
	}
}

func TestAFailedStepIsRestartedWhileItsRunGoesOn(t *testing.T) {
	broken := true
	polls := 0
	job := &enginetest.Job{Answer: func(call runtime.Call) (runtime.Result, error) {
		switch {
		case call.Key.Step == "bad" && broken:
			return runtime.Result{State: runtime.FatalError}, nil
		case call.Key.Step == "long":
			if polls++; polls < 10 {
				return runtime.Result{State: runtime.Continue}, nil
			}
		}
		return runtime.Result{State: runtime.Done}, nil
	}}
	w := enginetest.New(t, job.Register)
	w.Push(&workflow.Workflow{ID: "r", Steps: []*workflow.Step{enginetest.Step("bad", "Echo", "after"), enginetest.Step("long", "Echo"),
		enginetest.Step("after", "NoOp")}}, workflow.DefaultRunStrategy)
	started := w.Start("r", "r")
	w.Drain(5 * time.Second)
	broken = false
	if err := visit(w, started.Key, func(turn *decide.Turn) error { return turn.RestartStep(0, decide.Order{Action: "RESTART"}, nil) }); err != nil {
		t.Fatal(err)
	}
	w.Drain(time.Minute)
	run := w.Run("r", 1)
	if run.State.Status != workflow.InstanceSucceeded || run.State.Steps[0].Attempt != 2 || run.State.Steps[0].Retries[record.ManualCause] != 1 {
		t.Error(run.State.Status, enginetest.Statuses(run), run.State.Steps[0])
	}
}
