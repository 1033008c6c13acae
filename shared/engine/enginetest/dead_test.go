package enginetest

import (
	"slices"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/workflow"
)

// TestDeadLettersCountWhereNobodyClaims: the handler dies before it claims anything, so no claim expires, and only
// the dead letters tell.
func TestDeadLettersCountWhereNobodyClaims(t *testing.T) {
	t.Parallel()
	w := New(t, nil)
	w.Push(&workflow.Workflow{ID: "w", Steps: []*workflow.Step{Step("s", "Echo")}}, workflow.DefaultRunStrategy)
	key := w.Start("w", "").Key
	letter := hint.Message{Kind: hint.Steps, Run: key, Steps: [][2]int64{{0, 1}, {7, 1}}}
	limit := decide.Settings{}.WithDefaults().Delivery.Limit
	for n := int64(1); n < limit; n++ {
		w.Forget()
		if err := w.Evaluate.DeadLetter(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
		step := w.Run("w", 1).State.Steps[0]
		if step.Failures != n || step.Attempt != 1 || step.Status.Terminal() {
			t.Fatalf("after %d letters: %+v", n, step)
		}
		if visible, _ := w.Queue.Len(hint.Dispatch); visible != 1 {
			t.Fatalf("after %d letters %d hints were sent, want one", n, visible)
		}
	}
	again := letter
	again.Again = true
	for _, not := range []hint.Message{again, {Kind: hint.Run, Run: key}, {Kind: hint.Steps, Run: key, Steps: [][2]int64{{0, 2}}}} {
		if err := w.Evaluate.DeadLetter(t.Context(), not); err != nil {
			t.Fatal(err)
		}
	}
	if step := w.Run("w", 1).State.Steps[0]; step.Failures != limit-1 {
		t.Errorf("letters that do not count made %d failed deliveries, want %d", step.Failures, limit-1)
	}
	if err := w.Evaluate.DeadLetter(t.Context(), letter); err != nil {
		t.Fatal(err)
	}
	if step := w.Run("w", 1).State.Steps[0]; step.Attempt != 1 || step.Status != workflow.FatallyFailed {
		t.Errorf("at the limit the attempt goes on: %+v", step)
	}
	w.Drain(time.Hour)
	if status := w.Run("w", 1).State.Status; status != workflow.InstanceFailed {
		t.Errorf("the run is %s; want it to fail", status)
	}
	if err := w.Evaluate.DeadLetter(t.Context(), letter); err != nil {
		t.Error("a letter of a run that is over:", err)
	}
}

// TestHintsThatChangeNothingEnd: dispatch is broken so that it claims nothing and hints the run again. The two hint
// each other until the cap, and the timeline tells.
func TestHintsThatChangeNothingEnd(t *testing.T) {
	t.Parallel()
	w := New(t, nil)
	w.Push(&workflow.Workflow{ID: "w", Steps: []*workflow.Step{Step("s", "Echo")}}, workflow.DefaultRunStrategy)
	key := w.Start("w", "").Key
	commits := w.Run("w", 1).Commits
	rounds := 0
	for ; rounds < 3*hint.MaxHops; rounds++ {
		batch, err := w.Queue.Receive(t.Context(), hint.Dispatch, queue.MaxBatch, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(batch) == 0 {
			break
		}
		if len(batch) > 1 {
			t.Fatal("the hints breed")
		}
		m, err := hint.Decode(batch[0].Body)
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Evaluate.Handle(t.Context(), hint.Message{Kind: hint.Run, Run: key, Hops: m.Hops}); err != nil {
			t.Fatal(err)
		}
		if err := w.Queue.Delete(t.Context(), hint.Dispatch, batch[0].Receipt); err != nil {
			t.Fatal(err)
		}
	}
	if rounds < 2 || rounds > hint.MaxHops+1 {
		t.Errorf("the two hinted each other %d times, want at most %d", rounds, hint.MaxHops)
	}
	run := w.Run("w", 1)
	timeline, err := w.Loop.Timeline(t.Context(), key, run.State.Note)
	if err != nil {
		t.Fatal(err)
	}
	told := slices.ContainsFunc(timeline, func(e workflow.Event) bool { return e.Level == "WARN" })
	if run.Commits != commits+1 || !told {
		t.Errorf("%d commits more, timeline %v; want one commit that tells of it", run.Commits-commits, timeline)
	}
	w.Drain(3 * time.Minute)
}
