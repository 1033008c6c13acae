package enginetest_test

import (
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/control"
	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// A start that died after its admission leaves a run that was interrupted. Its restart is bound by the properties of the
// workflow: by them, nobody else knows who owns it and how many of its steps may execute.
func TestARestartOfAnInterruptedStartHasTheProperties(t *testing.T) {
	w := enginetest.New(t, nil)
	w.Push(&workflow.Workflow{ID: "wf", Steps: []*workflow.Step{enginetest.Step("a", "NoOp")}}, workflow.DefaultRunStrategy)
	head, rev, err := w.Loop.LoadHead(t.Context(), "wf")
	if err != nil {
		t.Fatal(err)
	}
	ref := strategy.Ref{Instance: 1, Run: 1}
	head.Next, head.Running = 2, []strategy.Ref{ref}
	head.Pending = []strategy.Pending{{Request: "r1", Ref: ref, Outcome: strategy.Runs, At: w.Now().UnixMilli()}}
	if err := w.Store.Put(t.Context(), store.Write{Item: store.Item{Key: record.HeadKey("wf"), Body: record.Encode(head)}, If: store.At(rev)}); err != nil {
		t.Fatal(err)
	}
	w.Drain(10 * time.Minute)
	w.Start("wf", "r2") // looks what became of the other one
	c := &control.Control{Trigger: w.Trigger}
	if _, err := c.Restart(t.Context(), workflow.RunKey{Workflow: "wf", Instance: 1}, &definition.Restart{Policy: decide.FromBeginning}, ann); err != nil {
		t.Fatal(err)
	}
	run, err := w.Loop.LoadLatest(t.Context(), "wf", 1)
	if err != nil {
		t.Fatal(err)
	}
	if owner := run.Header.Properties.Owner; run.Key.Run != 2 || run.State.Status != workflow.InstanceSucceeded || owner == nil || owner.Name != "test" {
		t.Errorf("%s is %s and belongs to %v", run.Key, run.State.Status, owner)
	}
}

// Another handler gives the place of a run away and dies before he tells the next one. Who ended the run comes later and
// tells it: nobody has to wait for the sweep.
func TestTheNextRunIsToldWhoeverGaveThePlaceAway(t *testing.T) {
	w := enginetest.New(t, new(enginetest.Job).Register)
	w.Push(one("wf"), workflow.RunStrategy{Rule: workflow.Sequential})
	first := w.Start("wf", "r1")
	w.Start("wf", "r2")
	ended, err := w.Loop.Visit(t.Context(), first.Key, func(turn *decide.Turn) error {
		return turn.EndRun(workflow.InstanceStopped, decide.Order{Action: "STOP"})
	})
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Loop.Release(t.Context(), "wf", advance.EndOf(ended.Run)); err != nil {
		t.Fatal(err)
	}
	w.Forget() // the other one died before he sent anything
	if err := w.Loop.Follow(t.Context(), ended, hint.Message{}, nil); err != nil {
		t.Fatal(err)
	}
	w.Drain(30 * time.Second)
	if run := w.Run("wf", 2); run.State.Status != workflow.InstanceSucceeded {
		t.Errorf("instance 2 is %s", run.State.Status)
	}
}
