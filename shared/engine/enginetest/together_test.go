package enginetest_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

var errDead = errors.New("the process is dead")

// doomed is the table as a process sees it that dies.
type doomed struct {
	store.Store
	mu         sync.Mutex
	puts, gets map[string]int // by the first part of the key
	refuse     string         // puts under keys that begin so fail, and do not land
	left       int            // calls until it dies, in which nothing lands any more; negative: never
}

func dying(w *enginetest.World) *doomed {
	m := &doomed{Store: w.Store, puts: map[string]int{}, gets: map[string]int{}, left: -1}
	w.Loop.Store = m
	return m
}

func (m *doomed) call() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.left == 0 {
		return errDead
	}
	m.left--
	return nil
}

func (m *doomed) Put(ctx context.Context, write store.Write) error {
	if m.refuse != "" && strings.HasPrefix(write.Part, m.refuse) {
		return errDead
	}
	m.mu.Lock()
	m.puts[write.Part[:2]]++
	m.mu.Unlock()
	if err := m.call(); err != nil {
		return err
	}
	return m.Store.Put(ctx, write)
}

func (m *doomed) Get(ctx context.Context, how store.Read, keys ...store.Key) ([]store.Item, error) {
	m.mu.Lock()
	for _, key := range keys {
		m.gets[key.Part[:2]]++
	}
	m.mu.Unlock()
	if err := m.call(); err != nil {
		return nil, err
	}
	return m.Store.Get(ctx, how, keys...)
}

func (m *doomed) List(ctx context.Context, r store.Range) ([]store.Item, string, error) {
	if err := m.call(); err != nil {
		return nil, "", err
	}
	return m.Store.List(ctx, r)
}

func batch(n int, prefix string) []trigger.Start {
	starts := make([]trigger.Start, n)
	for i := range starts {
		starts[i] = trigger.Start{Initiator: &workflow.Initiator{Type: workflow.InitiatorManual}}
		if prefix != "" {
			starts[i].RequestID = fmt.Sprint(prefix, i)
		}
	}
	return starts
}

// TestRunsThatStartTogetherShareAWakeItem: and the sweep finds all of them by it when every message is lost.
func TestRunsThatStartTogetherShareAWakeItem(t *testing.T) {
	t.Parallel()
	w := enginetest.New(t, nil)
	m := dying(w)
	w.Push(chain("many", "Echo", 1), workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 100})
	starts := append(batch(workflow.MaxStartBatch-1, "r"), batch(1, "r")...) // the first request is named twice
	if _, err := w.Trigger.Start(t.Context(), "many", "active", starts...); err != nil {
		t.Fatal(err)
	}
	if m.puts["t/"] != 1 {
		t.Errorf("%d wake items for runs that start together, want one", m.puts["t/"])
	}
	w.Forget()
	sweep(t, w, 2)
	for i := range int64(workflow.MaxStartBatch - 1) {
		if run := w.Run("many", i+1); run.State.Status != workflow.InstanceSucceeded {
			t.Errorf("instance %d: %s", i+1, run.State.Status)
		}
	}
}

// sweep lets minutes pass in which nothing moves but by the sweep.
func sweep(t *testing.T, w *enginetest.World, minutes int) {
	t.Helper()
	for range minutes {
		if err := w.Evaluate.Sweep(t.Context(), 0); err != nil {
			t.Fatal(err)
		}
		w.Drain(time.Minute)
	}
}

// TestWhoDiesAmongTheFirstCommits: after any call of a start of many, each run that is there is looked after, and the
// same requests lead to the same runs.
func TestWhoDiesAmongTheFirstCommits(t *testing.T) {
	t.Parallel()
	const n = 4
	for left := 0; ; left++ {
		w := enginetest.New(t, nil)
		w.Push(chain("many", "Echo", 1), workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 100})
		m := dying(w)
		m.left = left
		_, err := w.Trigger.Start(t.Context(), "many", "active", batch(n, "r")...)
		alive := err == nil
		w.Loop = advance.New(advance.Loop{Store: w.Store, Sender: w.Queue, Clock: w, Random: w.Loop.Random, Settings: w.Loop.Settings})
		w.Trigger.Loop, w.Evaluate.Loop, w.Dispatch.Loop, w.Rollup.Loop = w.Loop, w.Loop, w.Loop, w.Loop
		w.Forget()
		sweep(t, w, 3)
		for i := range int64(n) {
			run, err := w.Loop.LoadRun(t.Context(), workflow.RunKey{Workflow: "many", Instance: i + 1, Run: 1})
			if errors.Is(err, workflow.ErrNotFound) {
				continue
			}
			if err != nil || run.State.Status != workflow.InstanceSucceeded && !run.Header.Interrupted {
				t.Errorf("dead after %d calls: instance %d is left: %v", left, i+1, err)
			}
		}
		again, err := w.Trigger.Start(t.Context(), "many", "active", batch(n, "r")...)
		if err != nil {
			t.Fatal(err)
		}
		w.Drain(time.Minute)
		for i, started := range again {
			if run := w.Run("many", started.Key.Instance); run.State.Status != workflow.InstanceSucceeded || run.Header.UUID != fmt.Sprint("r", i) {
				t.Errorf("dead after %d calls: request %d leads to %s, which is %s", left, i, run.Key, run.State.Status)
			}
		}
		if alive {
			break
		}
	}
}

// TestCreateAll: runs that are there stay as they are, a failure is that of its run, and more than one wake item can
// name come in several.
func TestCreateAll(t *testing.T) {
	t.Parallel()
	w := enginetest.New(t, nil)
	m := dying(w)
	w.Push(chain("many", "Echo", 1), workflow.DefaultRunStrategy)
	first := w.Start("many", "r").Key
	n := 2*record.MaxWoken + 5
	openings := make([]advance.Opening, n)
	for i := range openings {
		run := *w.Run("many", 1)
		run.Key.Instance, run.Commits = int64(i+1), 0
		run.State = &record.State{Status: workflow.InstanceCreated, Created: w.Now().UnixMilli(), Steps: make([]record.Step, 1)}
		openings[i] = advance.Opening{Run: &run, Act: func(turn *decide.Turn) error { return turn.Begin() }}
	}
	openings[1].Act = func(*decide.Turn) error { return errDead }

	m.refuse = "t/"
	_, errs := w.Loop.CreateAll(t.Context(), 1, openings)
	for i, err := range errs {
		if !errors.Is(err, errDead) {
			t.Errorf("run %d begins with nobody to look after it: %v", i+1, err)
		}
	}
	m.refuse, m.puts = "", map[string]int{}
	visited, errs := w.Loop.CreateAll(t.Context(), 4, openings)
	if m.puts["t/"] != 3 {
		t.Errorf("%d wake items for %d runs", m.puts["t/"], n)
	}
	for i, v := range visited {
		switch {
		case i == 1:
			if !errors.Is(errs[i], errDead) || m.puts["i/"] != n-1 {
				t.Errorf("the run that fails: %v, %d first commits", errs[i], m.puts["i/"])
			}
		case errs[i] != nil || v.Run.Key != openings[i].Run.Key || v.Committed == (v.Run.Key == first):
			t.Errorf("run %d: %v, committed %v", i+1, errs[i], v.Committed)
		}
	}
}

// TestARequestIsKnownOnlyOnceItIsThere: a process that could not write a request item does not take it for written, and
// one that has written it does not look again.
func TestARequestIsKnownOnlyOnceItIsThere(t *testing.T) {
	t.Parallel()
	w := enginetest.New(t, nil)
	m := dying(w)
	w.Push(chain("w", "NoOp", 1), workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 100})
	m.refuse = "q/"
	if _, err := w.Trigger.Start(t.Context(), "w", "active", batch(1, "r")...); err == nil {
		t.Fatal("a start without its request item succeeds")
	}
	m.refuse = ""
	for range 2 { // now it is too young to be given up, and then it is old
		w.Start("w", "")
		w.Drain(time.Minute)
	}
	items, err := w.Store.Get(t.Context(), store.Fresh, record.RequestKey("w", "r0"))
	if err != nil || items[0].Rev == 0 {
		t.Fatalf("the request is forgotten: %v", err)
	}
	again, err := w.Trigger.Start(t.Context(), "w", "active", batch(1, "r")...)
	if err != nil || again[0].Key.Instance != 1 {
		t.Errorf("the request leads to %v: %v", again, err)
	}
	for i := range 3 {
		m.gets = map[string]int{}
		w.Start("w", fmt.Sprint("s", i))
		if m.gets["q/"] != 1 {
			t.Errorf("a start reads %d request items, want only its own", m.gets["q/"])
		}
	}
}

// TestWhatAnotherProcessWrote is found by one that has cached nothing of it.
func TestWhatAnotherProcessWrote(t *testing.T) {
	t.Parallel()
	w := enginetest.New(t, nil)
	w.Push(chain("w", "NoOp", 1), workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 100})
	one := &trigger.Trigger{Loop: w.Loop, NewID: w.Trigger.NewID}
	two := &trigger.Trigger{NewID: w.Trigger.NewID, Loop: advance.New(advance.Loop{Store: w.Store, Sender: w.Queue, Clock: w,
		Random: w.Loop.Random, Settings: w.Loop.Settings})}
	for i := range 6 {
		request := batch(1, fmt.Sprint("r", i/2, "-")) // each is made by both
		at := []*trigger.Trigger{one, two}[(i+i/2)%2]
		started, err := at.Start(t.Context(), "w", "active", request...)
		if err != nil || started[0].Key.Instance != int64(i/2+1) || started[0].Duplicated != (i%2 == 1) {
			t.Errorf("start %d leads to %+v: %v", i, started, err)
		}
	}
	head, _, err := two.LoadHead(t.Context(), "w")
	if err != nil || len(head.Pending) > 1 {
		t.Errorf("the head still has %v: %v", head.Pending, err)
	}
}

// TestTheEndOfAnInstanceIsTold: rollup asks the commit whether a step waits for the run.
func TestTheEndOfAnInstanceIsTold(t *testing.T) {
	t.Parallel()
	w := enginetest.New(t, nil)
	w.Push(chain("down", "Echo", 1), workflow.DefaultRunStrategy)
	w.Push(&workflow.Workflow{ID: "up", Steps: []*workflow.Step{subworkflow("sub", "down")}}, workflow.DefaultRunStrategy)
	w.Start("up", "r")
	w.Drain(time.Minute)
	if up := w.Run("up", 1); up.State.Status != workflow.InstanceSucceeded {
		t.Fatalf("the caller is %s", up.State.Status)
	}
	for wf, root := range map[workflow.ID]bool{"up": true, "down": false} {
		run := w.Run(wf, 1)
		over, errs := w.Loop.LoadEnded(t.Context(), []advance.End{{Key: run.Key, Commit: run.Commits}, {Key: run.Key}, {Key: run.Key, Commit: 1}})
		if err := errors.Join(errs...); err != nil {
			t.Fatal(err)
		}
		if root != (over[0].Run == nil) || over[0].Ended != over[1].Ended || !over[0].Status.Terminal() || over[2].Status.Terminal() {
			t.Errorf("%s ended as %+v, %+v; at first %+v", wf, over[0], over[1], over[2])
		}
	}
	lie := hint.Message{Kind: hint.Ended, Run: w.Run("up", 1).Key, Commit: 1}
	if err := w.Handle(hint.Rollup, lie); err != nil {
		t.Error("a commit in which the run had not ended:", err)
	}
}

// TestRunsThatEndAtOnceTogether: one look at the head gives the places of all of them to those that wait, and nothing is
// left to do.
func TestRunsThatEndAtOnceTogether(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		rules workflow.RunStrategy
		heads int // reads of the head at most
		want  map[workflow.InstanceStatus]int
	}{
		"all at once":   {workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 100}, 2, map[workflow.InstanceStatus]int{workflow.InstanceSucceeded: 10}},
		"in turn":       {workflow.DefaultRunStrategy, 60, map[workflow.InstanceStatus]int{workflow.InstanceSucceeded: 10}},
		"three at once": {workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 3}, 40, map[workflow.InstanceStatus]int{workflow.InstanceSucceeded: 10}},
		"the first":     {workflow.RunStrategy{Rule: workflow.FirstOnly}, 4, map[workflow.InstanceStatus]int{workflow.InstanceSucceeded: 1, workflow.InstanceStopped: 9}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := enginetest.New(t, nil)
			m := dying(w)
			w.Push(chain("w", "NoOp", 2), tt.rules)
			if _, err := w.Trigger.Start(t.Context(), "w", "active", batch(10, "r")...); err != nil {
				t.Fatal(err)
			}
			if m.gets["w/"] > tt.heads+2 { // and the version and the properties
				t.Errorf("%d reads of the head", m.gets["w/"])
			}
			w.Drain(time.Second)
			got := map[workflow.InstanceStatus]int{}
			for i := range int64(10) {
				got[w.Run("w", i+1).State.Status]++
			}
			if !maps.Equal(got, tt.want) {
				t.Errorf("the runs are %v, want %v", got, tt.want)
			}
		})
	}
}

// between is a table that lets something happen before a run's first commit lands.
type between struct {
	store.Store
	part string
	act  func()
}

func (b *between) Put(ctx context.Context, write store.Write) error {
	if act := b.act; act != nil && write.Part == b.part && !strings.HasPrefix(write.Sort, "~") {
		b.act = nil
		act()
	}
	return b.Store.Put(ctx, write)
}

// TestWhoQueuesBehindARunThatEndsAtOnce: when he looked, the run before him had no commit yet, so it has to tell him.
func TestWhoQueuesBehindARunThatEndsAtOnce(t *testing.T) {
	t.Parallel()
	w := enginetest.New(t, nil)
	w.Push(chain("w", "NoOp", 1), workflow.DefaultRunStrategy)
	behind := false
	w.Loop.Store = &between{Store: w.Store, part: record.CommitKey(workflow.RunKey{Workflow: "w", Instance: 1, Run: 1}, 1).Part, act: func() {
		w.Start("w", "behind")
		behind = w.Run("w", 2).State.Status == workflow.InstanceCreated
	}}
	w.Start("w", "first")
	if !behind {
		t.Fatal("the second run did not queue")
	}
	w.Drain(time.Second) // no sweep comes so soon
	for instance := range int64(2) {
		if got := w.Run("w", instance+1).State.Status; got != workflow.InstanceSucceeded {
			t.Errorf("instance %d is %s", instance+1, got)
		}
	}
}
