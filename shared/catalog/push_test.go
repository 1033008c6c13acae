package catalog_test

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/catalog"
	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

const owned = `{"owner": "alice"}`

func TestFirstPushNeedsAnOwner(t *testing.T) {
	w := newWorld(t)
	for _, properties := range []string{"", "{}", `{"description": "d"}`} {
		_, err := w.catalog.Push(t.Context(), alice, request(t, "wf", "NoOp", properties))
		want(t, err, workflow.CodeInvalid)
	}
	if _, err := w.catalog.Version(t.Context(), "wf", "latest"); err == nil {
		t.Error("a refused push left a workflow behind")
	}
}

func TestEveryPushIsANewVersion(t *testing.T) {
	w := newWorld(t)
	first := w.push("wf", "NoOp", owned)
	if first.InternalID != 10000 || !first.IsActive || !first.IsLatest || !first.IsDefault || first.ActivatedBy != "alice" {
		t.Errorf("first version: %+v", first)
	}
	if n := number(w.push("wf", "NoOp", "")); n != 2 {
		t.Errorf("the same content again made version %d", n)
	}
	inactive := request(t, "wf", "NoOp", "")
	inactive.IsActive = false
	third, err := w.catalog.Push(t.Context(), bob, inactive)
	if err != nil || third.IsActive || !third.IsLatest || third.IsDefault {
		t.Errorf("inactive version: %+v %v", third, err)
	}
	if active, latest := w.version("wf", "active"), w.version("wf", "latest"); active != 2 || latest != 3 {
		t.Errorf("active %d, latest %d", active, latest)
	}
}

// A push that dies between its two writes leaves a version that nobody sees; the next push takes it in.
func TestPushThatDiedBeforeTheHead(t *testing.T) {
	for _, workflowExists := range []bool{false, true} {
		w := newWorld(t)
		base := int64(0)
		if workflowExists {
			w.push("wf", "NoOp", owned)
			base = 1
		}
		died := w.over(func(s store.Store) store.Store { return &dying{Store: s, at: isHead} })
		_, err := died.Push(t.Context(), bob, request(t, "wf", "Sleep", `{"owner": "bob", "description": "of the dead"}`))
		want(t, err, workflow.CodeUnavailable)

		if workflowExists {
			for _, name := range []string{"active", "latest", "default"} {
				if n := w.version("wf", name); n != 1 {
					t.Errorf("%s is version %d, which was never decided", name, n)
				}
			}
			w.Start("wf", "r1")
		} else if _, err := w.catalog.Overview(t.Context(), "wf"); workflow.CodeOf(err) != workflow.CodeNotFound {
			t.Errorf("a workflow that was never decided is there: %v", err)
		}
		_, err = w.catalog.Version(t.Context(), "wf", fmt.Sprint(base+1))
		want(t, err, workflow.CodeNotFound)

		if n := number(w.push("wf", "NoOp", `{"owner": "alice"}`)); n != base+2 {
			t.Errorf("the next push made version %d, want %d", n, base+2)
		}
		adopted, err := w.catalog.Version(t.Context(), "wf", fmt.Sprint(base+1))
		if err != nil || adopted.Workflow.Steps[0].Type != "Sleep" {
			t.Fatalf("version %d: %v", base+1, err)
		}
		properties, err := w.catalog.Properties(t.Context(), "wf")
		if err != nil || properties.Description != "of the dead" || properties.Owner.Name != "alice" {
			t.Errorf("properties of both pushes in their order: %+v %v", properties, err)
		}
	}
}

// The answer may be lost after the decision: the version is there, and the timeline tells of it.
func TestPushThatDiedAfterTheHead(t *testing.T) {
	w := newWorld(t)
	died := w.over(func(s store.Store) store.Store { return &dying{Store: s, at: isHead, landed: true} })
	_, err := died.Push(t.Context(), alice, request(t, "wf", "NoOp", owned))
	want(t, err, workflow.CodeUnavailable)
	w.Start("wf", "r1")
	if n := number(w.push("wf", "NoOp", "")); n != 2 {
		t.Errorf("version %d", n)
	}
	timeline, err := w.catalog.Timeline(t.Context(), "wf")
	if err != nil || len(timeline.Events) != 2 {
		t.Errorf("%+v %v", timeline, err)
	}
}

func TestPushThatDiedIsNotAdoptedByTheNextLife(t *testing.T) {
	w := newWorld(t)
	w.push("wf", "NoOp", owned)
	died := w.over(func(s store.Store) store.Store { return &dying{Store: s, at: isHead} })
	_, err := died.Push(t.Context(), bob, request(t, "wf", "Sleep", ""))
	want(t, err, workflow.CodeUnavailable)
	if _, err := w.catalog.Delete(t.Context(), alice, "wf"); err != nil {
		t.Fatal(err)
	}
	again := w.push("wf", "NoOp", owned)
	if number(again) != 3 || again.InternalID != 10001 {
		t.Errorf("version %d with internal id %d", number(again), again.InternalID)
	}
	for _, gone := range []string{"1", "2"} {
		_, err := w.catalog.Version(t.Context(), "wf", gone)
		want(t, err, workflow.CodeNotFound)
	}
}

// Two pushes at once: the slower one finds its version adopted, or adopts it itself.
func TestPushesThatOverlap(t *testing.T) {
	for name, at := range map[string]func(store.Key) bool{
		"before the version":  func(k store.Key) bool { return k.Sort[:2] == "v/" },
		"before the snapshot": func(k store.Key) bool { return k.Sort[:2] == "o/" },
		"before the head":     isHead,
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.push("wf", "NoOp", owned)
			slow := w.over(func(s store.Store) store.Store {
				return &before{Store: s, at: at, hook: func() { w.push("wf", "NoOp", `{"description": "fast"}`) }}
			})
			out, err := slow.Push(t.Context(), bob, request(t, "wf", "Sleep", `{"description": "slow"}`))
			if err != nil {
				t.Fatal(err)
			}
			if n := number(out); out.Workflow.Steps[0].Type != "Sleep" || n != 2 && n != 3 {
				t.Errorf("the slow push was answered with version %d: %s", n, out.Workflow.Steps[0].Type)
			}
			last, err := w.catalog.Version(t.Context(), "wf", "active")
			if err != nil || number(last) != 3 || !last.IsLatest {
				t.Fatalf("%+v %v", last, err)
			}
			wantText := map[string]string{"Sleep": "slow", "NoOp": "fast"}[last.Workflow.Steps[0].Type]
			if last.Properties.Description != wantText {
				t.Errorf("the newest version is the %s one, the properties are %q", wantText, last.Properties.Description)
			}
		})
	}
}

func TestPushAndDeleteThatOverlap(t *testing.T) {
	w := newWorld(t)
	w.push("wf", "NoOp", owned)
	slow := w.over(func(s store.Store) store.Store {
		return &before{Store: s, at: isHead, hook: func() {
			if _, err := w.catalog.Delete(t.Context(), alice, "wf"); err != nil {
				t.Error(err)
			}
		}}
	})
	out, err := slow.Push(t.Context(), bob, request(t, "wf", "NoOp", `{"owner": "bob"}`))
	if err != nil || out.InternalID != 10001 || number(out) != 3 {
		t.Errorf("%+v %v", out, err)
	}
	if _, err := slow.Version(t.Context(), "wf", "2"); workflow.CodeOf(err) != workflow.CodeNotFound {
		t.Errorf("the version of the former life: %v", err)
	}
}

// still is a clock that stands still and may be shared.
type still struct{}

func (still) Now() time.Time                             { return time.Unix(1_800_000_000, 0) }
func (still) Sleep(context.Context, time.Duration) error { return nil }

// Many pushes and starts at once: every push is answered with a version of its own, and no number is left out.
func TestPushesSideBySide(t *testing.T) {
	const pushers, each = 6, 8
	now := still{}
	loop := advance.New(advance.Loop{Store: memory.NewStore(now.Now), Sender: memory.NewQueue(now.Now, memory.QueueConfig{Name: "evaluate"},
		memory.QueueConfig{Name: "dispatch"}, memory.QueueConfig{Name: "rollup"}), Clock: now, Random: func() float64 { return 0 }, Settings: decide.Settings{}})
	var ids sync.Mutex
	last := 0
	newID := func() string { ids.Lock(); defer ids.Unlock(); last++; return fmt.Sprint(last) }
	c := &catalog.Catalog{Loop: loop}
	starter := &trigger.Trigger{Loop: loop, NewID: newID}
	if _, err := c.Push(t.Context(), alice, request(t, "wf", "NoOp", owned)); err != nil {
		t.Fatal(err)
	}
	seen := make(chan int64, pushers*each)
	var wait sync.WaitGroup
	for range pushers {
		wait.Go(func() {
			for range each {
				out, err := c.Push(context.Background(), alice, request(t, "wf", "NoOp", `{"description": "x"}`))
				if err != nil {
					t.Error(err)
					return
				}
				seen <- number(out)
				if _, err := starter.Start(context.Background(), "wf", "latest", trigger.Start{Initiator: &workflow.Initiator{Type: "MANUAL", User: &alice}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wait.Wait()
	close(seen)
	numbers := map[int64]bool{1: true}
	for n := range seen {
		if numbers[n] {
			t.Errorf("version %d was given twice", n)
		}
		numbers[n] = true
	}
	for n := int64(1); n <= pushers*each+1; n++ {
		if !numbers[n] {
			t.Errorf("there is no version %d", n)
		}
	}
	lines, _, err := loop.Store.List(t.Context(), record.NoteRange("wf", 0))
	if err != nil || len(lines) != pushers*each+1 {
		t.Errorf("%d lines tell of the pushes, %v", len(lines), err)
	}
	for i, line := range lines { // of one millisecond: in the order of their numbers, newest first
		note, err := record.Decode[record.TimelineNote]("line", line.Body)
		if err != nil || note.Change.Number != int64(len(lines)-i) {
			t.Errorf("line %d tells of change %+v, %v", i, note.Change, err)
		}
	}
}
