package main

import (
	"errors"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/aws/boot/boottest"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/signal"
	"github.com/segue-workflows/segue/shared/workflow"
)

// TestOneUploadDeliveredTenTimesStartsOneRun: at-least-once delivery, and batches that time out half-way, hand the
// function the same event again and again. Where each delivery starts a run, one upload is paid for many times.
func TestOneUploadDeliveredTenTimesStartsOneRun(t *testing.T) {
	f := boottest.New(t, invoker)
	each := workflow.SignalTrigger{Definitions: &workflow.Ordered[*workflow.SignalMatch]{}}
	each.Definitions.Set("orders/ready", &workflow.SignalMatch{})
	f.Push(&workflow.Workflow{ID: "upload", SignalTriggers: []workflow.SignalTrigger{each}, Steps: []*workflow.Step{enginetest.Step("s", "NoOp")}},
		workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 99})
	if err := (&signal.Signals{Trigger: f.Trigger}).Reconcile(t.Context(), "upload"); err != nil {
		t.Fatal(err)
	}
	const uploads = 2 // of the body: one message as it is and one in an envelope
	for n := range 10 {
		if answer := f.Invoke("signal.json"); answer != allDone {
			t.Fatalf("delivery %d: %s", n, answer)
		}
		f.Drain(time.Second)
	}
	for n := int64(1); n <= uploads; n++ {
		if by := f.Run("upload", n).Header.Initiator; by.Type != workflow.InitiatorSignal || by.SignalIDs["orders/ready"] != n {
			t.Errorf("run %d is started by %+v", n, by)
		}
	}
	_, err := f.Loop.LoadRun(t.Context(), workflow.RunKey{Workflow: "upload", Instance: uploads + 1, Run: 1})
	if !errors.Is(err, workflow.ErrNotFound) {
		t.Errorf("one more run than uploads: %v", err)
	}
}
