package main

import (
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/aws/boot/boottest"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/workflow"
)

const allDone = `{"batchItemFailures":[]}`

// TestADueTimeStartsAnInstance delivers what a schedule of EventBridge puts on the queue: its input, unchanged.
func TestADueTimeStartsAnInstance(t *testing.T) {
	f := boottest.New(t, invoker)
	f.Push(&workflow.Workflow{ID: "timed", Steps: []*workflow.Step{enginetest.Step("s", "NoOp")},
		TimeTriggers: []workflow.TimeTrigger{{Type: workflow.TriggerCron, Cron: "*/10 * * * *"}}}, workflow.DefaultRunStrategy)
	for i := range 2 {
		if answer := f.Invoke("due.json"); answer != allDone {
			t.Fatalf("answer %d: %s", i, answer)
		}
		_ = f.Sleep(t.Context(), 10*time.Minute)
	}
	if answer := f.Invoke("due.json"); answer != allDone {
		t.Errorf("answer %s", answer)
	}
	if started := f.Run("timed", 2).Header.Initiator; started.Type != workflow.InitiatorTime {
		t.Errorf("started by %+v", started)
	}
}

func TestAHintThatNobodyHandlesIsReported(t *testing.T) {
	f := boottest.New(t, invoker)
	if answer := f.Invoke("unknown.json"); answer != allDone {
		t.Errorf("answer %s", answer)
	}
	if !strings.Contains(f.Log.String(), "nobody handles") {
		t.Errorf("the log says %s", f.Log)
	}
}

// TestATopicBringsSignals delivers one as it is, and one in the envelope of SNS; each comes twice.
func TestATopicBringsSignals(t *testing.T) {
	f := boottest.New(t, invoker)
	for range 2 {
		if answer := f.Invoke("signal.json"); answer != allDone {
			t.Fatalf("answer %s", answer)
		}
	}
	for seq, day := range []int64{20260304, 20260305} {
		in, err := f.Loop.Signal(t.Context(), "orders/ready", int64(seq)+1)
		if err != nil || in.Params["day"] != day {
			t.Errorf("signal %d: %+v, %v", seq+1, in, err)
		}
	}
	if newest, err := f.Loop.Board().Newest(t.Context(), "orders/ready"); err != nil || newest.Seq != 2 {
		t.Errorf("the newest signal is %+v, %v", newest, err)
	}
}

// TestWhatIsNeitherIsParked: what looks like a signal, and is none.
func TestWhatIsNeitherIsParked(t *testing.T) {
	f := boottest.New(t, invoker)
	if answer := f.Invoke("malformed.json"); answer != allDone {
		t.Errorf("answer %s", answer)
	}
	if parked := f.TakeParked(); len(parked) != 1 {
		t.Errorf("parked %q", parked)
	}
}
