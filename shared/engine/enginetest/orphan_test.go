package enginetest_test

import (
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/control"
	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
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
