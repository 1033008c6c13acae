package main

import (
	"slices"
	"testing"

	"github.com/segue-workflows/segue/shared/aws/boot/boottest"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/workflow"
)

const allDone = `{"batchItemFailures":[]}`

func TestEndedRunsAreReleased(t *testing.T) {
	f := boottest.New(t, invoker)
	f.Push(&workflow.Workflow{ID: "p", Steps: []*workflow.Step{enginetest.Step("s", "Echo")}}, workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 2})
	first := f.Start("p", "").Key
	f.Start("p", "") // beside it, so that an end is left to rollup
	f.Start("p", "") // waits for the place of the first
	call := hint.Message{Kind: hint.Steps, Run: first, Steps: [][2]int64{{0, 1}}}
	if err := f.Dispatch.Handle(t.Context(), call); err != nil {
		t.Fatal(err)
	}
	f.Forget()
	if answer := f.Invoke("ended.json"); answer != allDone {
		t.Errorf("answer %s, log %s", answer, f.Log)
	}
	if sent := f.Sent(); !slices.Contains(sent, "dispatch steps") {
		t.Errorf("sent %v; want the step of the instance that waited", sent)
	}
}

// TestADeadLetterIsLookedUp: the run is ready and nobody holds it, so its hint goes out once more.
func TestADeadLetterIsLookedUp(t *testing.T) {
	f := boottest.New(t, invoker)
	if answer := f.Invoke("dead-letter.json"); answer != allDone {
		t.Errorf("answer %s", answer)
	}
	if sent := f.Sent(); !slices.Equal(sent, []string{"dispatch steps"}) {
		t.Errorf("sent %v; want the hint of the step", sent)
	}
	if parked := f.TakeParked(); parked != nil {
		t.Errorf("parked %q", parked)
	}
}

func TestAMalformedDeadLetterIsParked(t *testing.T) {
	f := boottest.New(t, invoker)
	if answer := f.Invoke("malformed.json"); answer != allDone {
		t.Errorf("answer %s", answer)
	}
	if parked := f.TakeParked(); len(parked) != 1 {
		t.Errorf("parked %q", parked)
	}
}
