package main

import (
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/aws/boot/boottest"
)

const allDone = `{"batchItemFailures":[]}`

func TestAHintThatNobodyHandlesIsReported(t *testing.T) {
	f := boottest.New(t, invoker)
	if answer := f.Invoke("unknown.json"); answer != allDone {
		t.Errorf("answer %s", answer)
	}
	if !strings.Contains(f.Log.String(), "nobody handles") {
		t.Errorf("the log says %s", f.Log)
	}
}

// TestWhatIsNoHintIsParked: among it, for now, signals.
func TestWhatIsNoHintIsParked(t *testing.T) {
	f := boottest.New(t, invoker)
	if answer := f.Invoke("malformed.json"); answer != allDone {
		t.Errorf("answer %s", answer)
	}
	if parked := f.TakeParked(); len(parked) != 1 {
		t.Errorf("parked %q", parked)
	}
}
