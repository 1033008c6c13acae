package main

import (
	"testing"

	"github.com/segue-workflows/segue/shared/aws/boot/boottest"
	"github.com/segue-workflows/segue/shared/workflow"
)

const allDone = `{"batchItemFailures":[]}`

func TestAStepIsDoneAlthoughItsHintCameTwice(t *testing.T) {
	f := boottest.New(t, invoker)
	if answer := f.Invoke("steps.json"); answer != allDone {
		t.Errorf("answer %s, log %s", answer, f.Log)
	}
	if got := f.Run("w", 1).State.Status; got != workflow.InstanceSucceeded {
		t.Errorf("the run is %s", got)
	}
}

func TestMalformedMessagesAreParked(t *testing.T) {
	f := boottest.New(t, invoker)
	if answer := f.Invoke("malformed.json"); answer != allDone {
		t.Errorf("answer %s", answer)
	}
	if parked := f.TakeParked(); len(parked) != 1 {
		t.Errorf("parked %q", parked)
	}
}
