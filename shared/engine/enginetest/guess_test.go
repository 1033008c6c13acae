package enginetest_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// frugal counts how runs are read and commits are put.
type frugal struct {
	store.Store
	lists, puts int
	hidden      bool // a stale read does not find what is there
}

func (c *frugal) Get(ctx context.Context, how store.Read, keys ...store.Key) ([]store.Item, error) {
	if how == store.Stale && c.hidden {
		return make([]store.Item, len(keys)), nil
	}
	return c.Store.Get(ctx, how, keys...)
}

func (c *frugal) List(ctx context.Context, r store.Range) ([]store.Item, string, error) {
	c.lists++
	return c.Store.List(ctx, r)
}

func (c *frugal) Put(ctx context.Context, write store.Write) error {
	c.puts++
	return c.Store.Put(ctx, write)
}

// TestDispatchOfAStartReadsCheaply: the hint of a start names its commit, and no strong read is needed; what the cheap
// one does not find, and a message that comes again, is read as it is.
func TestDispatchOfAStartReadsCheaply(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		again, hidden bool
		lists         int
	}{"at first": {}, "again": {again: true, lists: 1}, "not found": {hidden: true, lists: 1}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := enginetest.New(t, nil)
			w.Push(chain("w", "Echo", 1), workflow.DefaultRunStrategy)
			w.Start("w", "r")
			c := &frugal{Store: w.Store, hidden: tt.hidden}
			w.Loop.Store = c
			message := receive(t, w, hint.Dispatch)
			message.Again = tt.again
			if err := w.Dispatch.Handle(t.Context(), message); err != nil {
				t.Fatal(err)
			}
			if run := w.Run("w", 1); run.State.Status != workflow.InstanceSucceeded || c.lists-1 != tt.lists {
				t.Errorf("%s after %d strong reads, want %d", run.State.Status, c.lists-1, tt.lists)
			}
		})
	}
}

// receive takes the one message of a queue.
func receive(t *testing.T, w *enginetest.World, name string) hint.Message {
	t.Helper()
	deliveries, err := w.Queue.Receive(t.Context(), name, 10, 0)
	if err != nil || len(deliveries) != 1 {
		t.Fatalf("%d messages: %v", len(deliveries), err)
	}
	message, err := hint.Decode(deliveries[0].Body)
	if err == nil {
		err = w.Queue.Delete(t.Context(), name, deliveries[0].Receipt)
	}
	if err != nil {
		t.Fatal(err)
	}
	return message
}

// TestAGuessThatIsWrong: a visit that is told of an old commit decides on the run as it is, whether or not the old one
// asks for anything, and one that is told of what is not there as well.
func TestAGuessThatIsWrong(t *testing.T) {
	t.Parallel()
	w := enginetest.New(t, nil)
	w.Push(chain("w", "Echo", 2), workflow.DefaultRunStrategy)
	key := w.Start("w", "r").Key
	w.Drain(time.Minute)
	last := w.Run("w", 1).Commits
	for told := range last + 2 {
		for _, writes := range []bool{true, false} {
			var seen []int64
			v, err := w.Loop.VisitAt(t.Context(), key, told, func(turn *decide.Turn) error {
				seen = append(seen, turn.Committed().Commits-1)
				if !writes || turn.State().Status.Terminal() {
					return nil
				}
				return turn.Note(workflow.LogEvent(0, "on an old state"))
			})
			if err != nil || v.Committed || seen[len(seen)-1] != last || v.Run.Commits != last {
				t.Errorf("told of %d, writes %v: saw %v, committed %v: %v", told, writes, seen, v.Committed, err)
			}
		}
	}
	if run := w.Run("w", 1); run.Commits != last {
		t.Errorf("%d commits more", run.Commits-last)
	}
	broken := errors.New("broken")
	if _, err := w.Loop.VisitAt(t.Context(), key, last, func(*decide.Turn) error { return broken }); !errors.Is(err, broken) {
		t.Errorf("the failure is lost: %v", err)
	}
}

// TestALateHintOfAStartCallsNoJobTwice: the hint names the first commit although the run has gone on.
func TestALateHintOfAStartCallsNoJobTwice(t *testing.T) {
	t.Parallel()
	job := &enginetest.Job{}
	w := enginetest.New(t, job.Register)
	w.Push(chain("w", "Echo", 2), workflow.DefaultRunStrategy)
	w.Start("w", "r")
	message := receive(t, w, hint.Dispatch)
	for i := range 3 {
		if err := w.Dispatch.Handle(t.Context(), message); err != nil {
			t.Fatal(err)
		}
		w.Drain(time.Minute)
		if run := w.Run("w", 1); run.State.Status != workflow.InstanceSucceeded || len(job.Calls) != 2 {
			t.Errorf("after delivery %d the run is %s, and %d jobs were begun", i+1, run.State.Status, len(job.Calls))
		}
	}
}
