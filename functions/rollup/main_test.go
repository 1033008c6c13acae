package main

import (
	"slices"
	"testing"

	"github.com/segue-workflows/segue/shared/aws/boot/boottest"
)

const allDone = `{"batchItemFailures":[]}`

func TestEndedRunsAreReleased(t *testing.T) {
	f := boottest.New(t, invoker)
	f.Start("w", "") // waits behind the first: the workflow runs one after the other
	f.Forget()
	if answer := f.Invoke("ended.json"); answer != allDone {
		t.Errorf("answer %s", answer)
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
