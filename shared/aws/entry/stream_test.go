package entry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/segue-workflows/segue/shared/event"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// testClock is the machine's, inside a bubble.
type testClock struct{}

func (testClock) Now() time.Time { return noon }

func (testClock) Sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

// outlet is a publisher that can be shut, and that refuses some events for what they are.
type outlet struct {
	got    []string
	opens  time.Time // it takes nothing before
	refuse string    // the workflow whose events it never takes
}

func (o *outlet) Publish(_ context.Context, all []*event.Event) error {
	for i, e := range all {
		if time.Now().Before(o.opens) {
			return &event.Undelivered{Taken: i, Cause: errors.New("down")}
		}
		if e.Workflow == o.refuse {
			return &event.Undelivered{Taken: i, Refused: true, Cause: errors.New("too long")}
		}
		o.got = append(o.got, e.Workflow)
	}
	return nil
}

// change is a record of the stream whose sequence number and workflow are its name.
func change(name string) events.DynamoDBEventRecord {
	return events.DynamoDBEventRecord{EventSource: "aws:dynamodb", Change: events.DynamoDBStreamRecord{SequenceNumber: name,
		Keys: map[string]events.DynamoDBAttributeValue{"p": events.NewStringAttribute("w/" + name), "s": events.NewStringAttribute("t/1")}}}
}

// streamOf is a stream whose records have two events each, but for those with an error of their name.
func streamOf(out *outlet, moves *moves, faults map[string]error) (*Stream, *bytes.Buffer) {
	log := &bytes.Buffer{}
	return &Stream{Publisher: out, Mover: moves, Parked: wire.Parked, Clock: testClock{}, Log: slog.New(slog.NewJSONHandler(log, nil)),
		Read: func(_ context.Context, r events.DynamoDBEventRecord) ([]*event.Event, error) {
			if err := faults[r.Change.SequenceNumber]; err != nil {
				if r.Change.SequenceNumber == "panics" {
					panic("a payload")
				}
				return nil, err
			}
			return []*event.Event{{Workflow: r.Change.SequenceNumber}, {Workflow: r.Change.SequenceNumber}}, nil
		}}, log
}

func TestAStreamIsPublishedInOrder(t *testing.T) {
	gone := workflow.Errorf(workflow.CodeNotFound, "there is no run")
	busy := workflow.Errorf(workflow.CodeUnavailable, "throttled")
	for name, row := range map[string]struct {
		records, got string
		parked       string
		failed       string // the record that comes again, with all behind it
		faults       map[string]error
		refuse       string
		shut         time.Duration
		mover        error
	}{
		"all":              {records: "a b c", got: "a a b b c c"},
		"cannot be read":   {records: "a b c", got: "a a c c", parked: "b", faults: map[string]error{"b": gone}},
		"panics":           {records: "a panics c", got: "a a c c", parked: "panics", faults: map[string]error{"panics": gone}},
		"not now":          {records: "a b c", got: "a a", failed: "b", faults: map[string]error{"b": busy}},
		"refused":          {records: "a b c", got: "a a c c", parked: "b b", refuse: "b"},
		"down for a while": {records: "a b", got: "a a b b", shut: 5 * time.Second},
		"down":             {records: "a b", failed: "a", shut: time.Hour},
		"nothing parks":    {records: "a b c", got: "a a", failed: "b", faults: map[string]error{"b": gone}, mover: errors.New("down")},
		"none of it parks": {records: "a b c", got: "a a", failed: "b", refuse: "b", mover: errors.New("down")},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				out, moved := &outlet{refuse: row.refuse, opens: time.Now().Add(row.shut)}, &moves{refuse: row.mover}
				s, log := streamOf(out, moved, row.faults)
				var in events.DynamoDBEvent
				for _, record := range strings.Fields(row.records) {
					in.Records = append(in.Records, change(record))
				}
				answer, err := s.Invoke(ctx, in)
				if err != nil {
					t.Fatal(err)
				}
				failed := ""
				for _, f := range answer.BatchItemFailures {
					failed += f.ItemIdentifier
				}
				if got := strings.Join(out.got, " "); got != row.got || failed != row.failed {
					t.Errorf("published %q, and %q comes again; want %q and %q", got, failed, row.got, row.failed)
				}
				if got := parkedNames(t, moved); !slices.Equal(got, strings.Fields(row.parked)) {
					t.Errorf("parked %q", got)
				}
				if strings.Contains(log.String(), "payload") {
					t.Errorf("a payload is in the log: %s", log)
				}
			})
		})
	}
}

// parkedNames are the records that letters in the parked queue name.
func parkedNames(t *testing.T, m *moves) (names []string) {
	for _, text := range m.parked {
		var found wire.ParkedEvent
		body, ok := strings.CutPrefix(text, wire.Parked+": ")
		if err := json.Unmarshal([]byte(body), &found); !ok || err != nil || found.Part != "w/"+found.Sequence || found.Sort != "t/1" || found.Reason == "" {
			t.Errorf("the letter is %s (%v)", text, err)
		}
		names = append(names, found.Sequence)
	}
	return names
}

// TestSourcesAreToldApart: an event goes to what its source feeds; one of a stream fails where no events are published.
func TestSourcesAreToldApart(t *testing.T) {
	out := &outlet{}
	stream, _ := streamOf(out, &moves{}, nil)
	queues := 0
	s := Sources{Stream: stream, Queues: func(_ context.Context, e events.SQSEvent) (events.SQSEventResponse, error) {
		queues += len(e.Records)
		return events.SQSEventResponse{}, nil
	}}
	encode := func(event any) json.RawMessage {
		data, err := json.Marshal(event)
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	fromStream := encode(events.DynamoDBEvent{Records: []events.DynamoDBEventRecord{change("a")}})
	for _, raw := range []json.RawMessage{fromStream, encode(events.SQSEvent{Records: []events.SQSMessage{{EventSource: "aws:sqs"}}}), []byte(`{}`)} {
		if _, err := s.Invoke(t.Context(), raw); err != nil {
			t.Error(err)
		}
	}
	if len(out.got) != 2 || queues != 1 {
		t.Errorf("published %v, and %d messages", out.got, queues)
	}
	for _, bad := range []json.RawMessage{[]byte(`[`), []byte(`{"Records": [{"eventSource": "aws:dynamodb", "dynamodb": 7}]}`)} {
		if _, err := s.Invoke(t.Context(), bad); err == nil {
			t.Errorf("%s is taken", bad)
		}
	}
	s.Stream = nil
	if _, err := s.Invoke(t.Context(), fromStream); err == nil || !strings.Contains(err.Error(), wire.EventTopic) {
		t.Errorf("without a topic: %v", err)
	}
}
