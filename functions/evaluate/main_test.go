package main

import (
	"slices"
	"testing"

	"github.com/segue-workflows/segue/shared/aws/boot/boottest"
	"github.com/segue-workflows/segue/shared/engine/evaluate"
)

const allDone = `{"batchItemFailures":[]}`

func TestARunIsDecidedAndItsStepHanded(t *testing.T) {
	f := boottest.New(t, invoker)
	if answer := f.Invoke("run.json"); answer != allDone {
		t.Errorf("answer %s", answer)
	}
	if sent := f.Sent(); !slices.Equal(sent, []string{"dispatch steps"}) {
		t.Errorf("sent %v; want the step to dispatch", sent)
	}
}

func TestTheScheduleSeedsASweep(t *testing.T) {
	f := boottest.New(t, invoker)
	if answer := f.Invoke("schedule.json"); answer != allDone {
		t.Errorf("answer %s", answer)
	}
	f.Sent()
	f.Sleep(t.Context(), evaluate.SweepEvery)
	if sent := f.Sent(); !slices.Contains(sent, "evaluate sweep") {
		t.Errorf("sent %v; want the next sweep", sent)
	}
}

func TestMalformedMessagesAreParkedAndFailNoOther(t *testing.T) {
	f := boottest.New(t, invoker)
	if answer := f.Invoke("malformed.json"); answer != allDone {
		t.Errorf("answer %s", answer)
	}
	if parked := f.TakeParked(); len(parked) != 2 {
		t.Errorf("parked %q; want the two that are no hints", parked)
	}
	if sent := f.Sent(); !slices.Equal(sent, []string{"dispatch steps"}) {
		t.Errorf("sent %v; the good message must do its work", sent)
	}
}
