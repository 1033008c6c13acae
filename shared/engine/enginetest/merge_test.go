package enginetest_test

import (
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/workflow"
)

// reports runs n instances side by side up to their ends, and returns the reports of them, merged as on AWS.
func reports(t *testing.T, w *enginetest.World, n int) []queue.Message {
	t.Helper()
	w.Push(chain("w", "Echo", 1), workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 100})
	for range n {
		w.Start("w", "")
	}
	var out []queue.Message
	for {
		deliveries, err := w.Queue.Receive(t.Context(), hint.Dispatch, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(deliveries) == 0 {
			break
		}
		message, err := hint.Decode(deliveries[0].Body)
		if err == nil {
			err = w.Dispatch.Handle(t.Context(), message)
		}
		if err != nil {
			t.Fatal(err)
		}
		if err := w.Queue.Delete(t.Context(), hint.Dispatch, deliveries[0].Receipt); err != nil {
			t.Fatal(err)
		}
		out = append(out, queue.Message{Body: receive(t, w, hint.Rollup).Encode()})
	}
	merged, into := advance.Merged(out)
	if len(out) != n || len(merged) != 1 || len(into) != n {
		t.Fatalf("%d reports become %d", len(out), len(merged))
	}
	return merged
}

// TestEndsThatAreReportedTogether: their places are given away in one write of the head, by the report or by the way of
// the dead letters; one that comes again finds nothing to do.
func TestEndsThatAreReportedTogether(t *testing.T) {
	t.Parallel()
	const n = 30
	for _, dead := range []bool{false, true} {
		w := enginetest.New(t, nil)
		message, err := hint.Decode(reports(t, w, n)[0].Body)
		if err != nil {
			t.Fatal(err)
		}
		m := dying(w)
		for i := range 2 {
			message.Again = i > 0
			if dead {
				err = w.Evaluate.DeadLetter(t.Context(), message)
			} else {
				err = w.Handle(hint.Rollup, message)
			}
			if err != nil {
				t.Fatal(err)
			}
		}
		w.Drain(time.Minute)
		head, _, err := w.Loop.LoadHead(t.Context(), "w")
		if err != nil || len(head.Running) != 0 {
			t.Errorf("dead letter %v: the head still lets %v run: %v", dead, head.Running, err)
		}
		if m.puts["w/"] != 1 && !dead {
			t.Errorf("%d writes of the head", m.puts["w/"])
		}
	}
}

// TestWhatIsDelayedIsNotMerged: a merged message has no delay.
func TestWhatIsDelayedIsNotMerged(t *testing.T) {
	t.Parallel()
	ended := hint.Message{Kind: hint.Ended, Run: workflow.RunKey{Workflow: "w", Instance: 1, Run: 1}}
	messages := []queue.Message{{Body: ended.Encode()}, {Body: ended.Encode(), Delay: time.Second}}
	if merged, into := advance.Merged(messages); len(merged) != 2 || into != nil {
		t.Errorf("%v go into %v", merged, into)
	}
	messages[1] = queue.Message{Body: []byte("no hint")}
	if merged, into := advance.Merged(messages); len(merged) != 2 || into != nil {
		t.Errorf("%v go into %v", merged, into)
	}
}
