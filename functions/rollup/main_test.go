package main

import (
	"context"
	"slices"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/segue-workflows/segue/shared/aws/boot"
	"github.com/segue-workflows/segue/shared/aws/boot/boottest"
	"github.com/segue-workflows/segue/shared/aws/entry"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/event"
	"github.com/segue-workflows/segue/shared/wire"
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

// outlet takes events.
type outlet []*event.Event

func (o *outlet) Publish(_ context.Context, events []*event.Event) error {
	*o = append(*o, events...)
	return nil
}

// TestRecordsThatLambdaGaveUpArePublished: their letter comes by the dead-letter queue, and names their span alone.
func TestRecordsThatLambdaGaveUpArePublished(t *testing.T) {
	out := &outlet{}
	f := boottest.New(t, func(home *boot.Home) any {
		home.Stream = &entry.Stream{
			Publisher: out, Clock: home.Loop.Clock, Log: home.Log,
			Lost: func(_ context.Context, lost entry.Lost, take func([]events.DynamoDBEventRecord) error) error {
				return take([]events.DynamoDBEventRecord{{Change: events.DynamoDBStreamRecord{
					SequenceNumber: lost.First, NewImage: map[string]events.DynamoDBAttributeValue{wire.AttributeRev: events.NewNumberAttribute("1")},
					Keys: map[string]events.DynamoDBAttributeValue{wire.AttributePart: events.NewStringAttribute("w/w"), wire.AttributeSort: events.NewStringAttribute("t/1")},
				}}})
			},
			Read: func(_ context.Context, r events.DynamoDBEventRecord) ([]*event.Event, error) {
				return []*event.Event{{Type: r.Change.SequenceNumber}}, nil
			},
		}
		return invoker(home)
	})
	if answer := f.Invoke("given-up.json"); answer != allDone {
		t.Errorf("answer %s, log %s", answer, f.Log)
	}
	if parked := f.TakeParked(); len(*out) != 1 || (*out)[0].Type != "800000000003126276362" || parked != nil {
		t.Errorf("published %v, parked %q", *out, parked)
	}
}
