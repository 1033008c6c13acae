package enginetest_test

import (
	"errors"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

const day = 24 * time.Hour

// kept is how long a run of these tests is kept that begins at once: they have the default time-out.
const kept = workflow.DefaultTimeout + decide.DefaultRetention

func TestARunIsKeptForItsRetentionAndThenGone(t *testing.T) {
	w := enginetest.New(t, nil)
	w.Push(chain("kept", "Echo", 3), workflow.DefaultRunStrategy)
	first := w.Start("kept", "r1")
	w.Drain(time.Minute)
	if w.Run("kept", 1).State.Status != workflow.InstanceSucceeded {
		t.Fatal(w.Run("kept", 1).State.Status)
	}
	_ = w.Sleep(t.Context(), kept-day)
	restart(t, w, "kept", 1, trigger.Restart{RequestID: "r2", Policy: decide.FromBeginning})
	w.Drain(time.Minute)

	_ = w.Sleep(t.Context(), 2*day)
	if _, err := w.Loop.LoadRun(t.Context(), first.Key); !errors.Is(err, workflow.ErrNotFound) {
		t.Errorf("the first run: %v", err)
	}
	second, err := w.Loop.LoadLatest(t.Context(), "kept", 1)
	if err != nil || second.Key.Run != 2 || second.State.Status != workflow.InstanceSucceeded {
		t.Fatalf("the second run: %+v %v", second, err)
	}
	_ = w.Sleep(t.Context(), kept)
	if _, err := w.Trigger.Restart(t.Context(), "kept", 1, trigger.Restart{RequestID: "r3", Policy: decide.FromBeginning, By: &workflow.User{Name: "ann"}}); !errors.Is(err, workflow.ErrNotFound) {
		t.Errorf("a restart of what is gone: %v", err)
	}
	if again := w.Start("kept", "r1"); !again.Duplicated || again.Key != first.Key {
		t.Errorf("the request of a run that is gone started %+v", again)
	}
	if next := w.Start("kept", "r4"); next.Key.Instance != 2 {
		t.Errorf("the next instance is %s", next.Key)
	}
}

func TestARestartKeepsWhatItStandsOn(t *testing.T) {
	w, job, broken := diamond(t)
	clear(broken)
	broken["d"] = true
	w.Start("d", "r1")
	w.Drain(time.Minute)
	_ = w.Sleep(t.Context(), kept-2*time.Hour)
	clear(broken)
	restart(t, w, "d", 1, trigger.Restart{RequestID: "r2", Policy: decide.FromIncomplete})
	_ = w.Sleep(t.Context(), 3*time.Hour) // before a step of the new run began
	w.Drain(time.Minute)
	run, err := w.Loop.LoadLatest(t.Context(), "d", 1)
	if err != nil || run.Key.Run != 2 || run.State.Status != workflow.InstanceSucceeded {
		t.Fatalf("%+v %v", run, err)
	}
	if got := called(job, 2); len(got) != 1 || got["d"] != 1 {
		t.Errorf("the second run called %v", got)
	}
	_ = w.Sleep(t.Context(), kept-day)
	for i := range run.State.Steps {
		key, n := run.DetailAt(i)
		if _, err := w.Loop.Detail(t.Context(), key, n, i); err != nil {
			t.Errorf("step %d: %v", i, err)
		}
	}
	third := restart(t, w, "d", 1, trigger.Restart{RequestID: "r3", Policy: decide.FromSpecific, Step: "d"})
	w.Drain(time.Minute)
	_ = w.Sleep(t.Context(), kept-day)
	run = load(t, w, third.Key)
	for i := range run.State.Steps {
		key, n := run.DetailAt(i)
		if _, err := w.Loop.Detail(t.Context(), key, n, i); err != nil {
			t.Errorf("step %d of run 3: %v", i, err)
		}
	}
}

func TestARestartedLoopKeepsHowItsIterationsEnded(t *testing.T) {
	w, f, _ := fickleLoop(t, 1500, func(i int64) bool { return i == 7 })
	w.Start("loop", "r1")
	w.Drain(time.Minute)
	_ = w.Sleep(t.Context(), kept-2*time.Hour)
	f.broken = false
	again := restart(t, w, "loop", 1, trigger.Restart{RequestID: "r2", Policy: decide.FromIncomplete})
	w.Drain(time.Minute)
	_ = w.Sleep(t.Context(), kept-day)
	run := load(t, w, again.Key)
	if got := leaves(run); run.State.Status != workflow.InstanceSucceeded || got[workflow.Succeeded] != 1500 {
		t.Errorf("%s, leaves %v", run.State.Status, got)
	}
	for block := range int64(2) {
		progress, rev, err := w.Loop.Progress(t.Context(), run, 0, block)
		if err != nil || rev == 0 || progress.Text == "" {
			t.Errorf("block %d: %+v at %d, %v", block, progress, rev, err)
		}
	}
}

// A run that waits for its place for longer than the longest time-out begins with all that it was made of, and one
// that waited until it was gone holds no place.
func TestARunThatWaitsVeryLong(t *testing.T) {
	job, done := hanging()
	w := enginetest.New(t, job.Register)
	w.Push(one("wf"), workflow.RunStrategy{Rule: workflow.Sequential})
	w.Start("wf", "r1")
	w.Drain(time.Minute)
	w.Start("wf", "r2") // gone before it can begin
	_ = w.Sleep(t.Context(), 100*day)
	w.Start("wf", "r3") // begins 130 days later
	_ = w.Sleep(t.Context(), 130*day)
	w.Start("wf", "r4")
	*done = true
	first := strategy.Ended{Ref: strategy.Ref{Instance: 1, Run: 1}, Status: workflow.InstanceTimedOut}
	if err := w.Loop.Release(t.Context(), "wf", first); err != nil {
		t.Fatal(err)
	}
	w.Drain(time.Minute)
	if _, err := w.Loop.LoadLatest(t.Context(), "wf", 2); !errors.Is(err, workflow.ErrNotFound) {
		t.Errorf("instance 2: %v", err)
	}
	_ = w.Sleep(t.Context(), kept-day)
	for _, n := range []int64{3, 4} {
		if run := w.Run("wf", n); run.State.Status != workflow.InstanceSucceeded {
			t.Errorf("instance %d is %s", n, run.State.Status)
		}
	}
}
