package catalog_test

import (
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

func TestDeleteWaitsForTheLastInstance(t *testing.T) {
	w := newWorld(t)
	w.push("wf", "Sleep", owned)
	w.Start("wf", "r1")
	w.Start("wf", "r2") // waits
	_, err := w.catalog.Delete(t.Context(), alice, "wf")
	want(t, err, workflow.CodeInvalid)
	overview, err := w.catalog.Overview(t.Context(), "wf")
	if err != nil || overview.Nonterminal[workflow.InstanceInProgress] != 1 || overview.Nonterminal[workflow.InstanceCreated] != 1 {
		t.Errorf("%+v %v", overview, err)
	}
	w.Drain(time.Minute)
	event, err := w.catalog.Delete(t.Context(), bob, "wf")
	if err != nil || event.Action != "DELETE" || event.Author.Name != "bob" {
		t.Fatalf("%+v %v", event, err)
	}
	for name, call := range map[string]func() error{
		"version":    func() error { _, err := w.catalog.Version(t.Context(), "wf", "latest"); return err },
		"overview":   func() error { _, err := w.catalog.Overview(t.Context(), "wf"); return err },
		"timeline":   func() error { _, err := w.catalog.Timeline(t.Context(), "wf"); return err },
		"properties": func() error { _, err := w.catalog.Properties(t.Context(), "wf"); return err },
		"delete":     func() error { _, err := w.catalog.Delete(t.Context(), bob, "wf"); return err },
		"activate":   func() error { _, err := w.catalog.Activate(t.Context(), bob, "wf", "1"); return err },
	} {
		if code := workflow.CodeOf(call()); code != workflow.CodeNotFound {
			t.Errorf("%s after the delete: %q", name, code)
		}
	}
}

func TestNumbersGoOnInTheNextLife(t *testing.T) {
	w := newWorld(t)
	w.push("wf", "NoOp", `{"owner": "alice", "description": "of before", "run_strategy": "parallel"}`)
	w.Start("wf", "r1")
	if _, err := w.catalog.Delete(t.Context(), alice, "wf"); err != nil {
		t.Fatal(err)
	}
	_, err := w.catalog.Push(t.Context(), bob, request(t, "wf", "NoOp", ""))
	want(t, err, workflow.CodeInvalid) // a first push again
	again := w.push("wf", "NoOp", `{"owner": "bob"}`)
	if number(again) != 2 || again.InternalID != 10001 || again.Properties.Description != "" || again.Properties.RunStrategy != nil {
		t.Errorf("%+v %+v", again, again.Properties.Properties)
	}
	_, err = w.Trigger.Start(t.Context(), "wf", "1", trigger.Start{Initiator: &workflow.Initiator{Type: workflow.InitiatorManual}})
	want(t, err, workflow.CodeNotFound)
	if started := w.Start("wf", "r2"); started.Key.Instance != 2 || started.Version != 2 {
		t.Errorf("%+v", started)
	}
	overview, err := w.catalog.Overview(t.Context(), "wf")
	if err != nil || overview.LatestInstance != 2 {
		t.Errorf("%+v %v", overview, err)
	}
}

func TestActivateAndDeactivate(t *testing.T) {
	w := newWorld(t)
	w.push("wf", "NoOp", owned)
	w.push("wf", "NoOp", "")
	back, err := w.catalog.Activate(t.Context(), bob, "wf", "1")
	if err != nil || back.VersionID != 1 || back.Event.Action != "ACTIVATE" || !strings.Contains(back.Event.Message, "before was 2") {
		t.Errorf("%+v %v", back, err)
	}
	if n := w.version("wf", "default"); n != 1 {
		t.Errorf("default is %d", n)
	}
	_, err = w.catalog.Activate(t.Context(), bob, "wf", "3")
	want(t, err, workflow.CodeNotFound)
	_, err = w.catalog.Activate(t.Context(), bob, "wf", "newest")
	want(t, err, workflow.CodeInvalid)

	off, err := w.catalog.Deactivate(t.Context(), bob, "wf")
	if err != nil || off.VersionID != 1 {
		t.Errorf("%+v %v", off, err)
	}
	_, err = w.catalog.Version(t.Context(), "wf", "active")
	want(t, err, workflow.CodeNotFound)
	if n := w.version("wf", "default"); n != 2 {
		t.Errorf("default without an active version is %d", n)
	}
	_, err = w.catalog.Deactivate(t.Context(), bob, "wf")
	want(t, err, workflow.CodeInvalid)
}

// A start that is admitted between the read and the write of the head must not get lost.
func TestActivateAndStartThatOverlap(t *testing.T) {
	w := newWorld(t)
	w.push("wf", "Sleep", owned)
	slow := w.over(func(s store.Store) store.Store {
		return &before{Store: s, at: isHead, hook: func() { w.Start("wf", "r1") }}
	})
	if _, err := slow.Deactivate(t.Context(), alice, "wf"); err != nil {
		t.Fatal(err)
	}
	_, err := w.catalog.Delete(t.Context(), alice, "wf")
	want(t, err, workflow.CodeInvalid) // the instance still holds its place
}
