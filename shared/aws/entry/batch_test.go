package entry

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// moves records what a batch did to its queues.
type moves struct {
	parked []string
	hidden map[time.Duration][]string
	refuse error
}

func (m *moves) Send(_ context.Context, name string, messages ...queue.Message) error {
	if m.refuse != nil {
		return m.refuse
	}
	for _, message := range messages {
		m.parked = append(m.parked, name+": "+string(message.Body))
	}
	return nil
}

func (m *moves) Hide(_ context.Context, _ string, d time.Duration, receipts ...string) error {
	if m.hidden == nil {
		m.hidden = map[time.Duration][]string{}
	}
	m.hidden[d] = append(m.hidden[d], receipts...)
	return nil
}

// bench is a batch under test, and what it wrote.
type bench struct {
	*Batch
	moves *moves
	log   *bytes.Buffer
	lines *bytes.Buffer
}

func newBench(handle func(context.Context, []hint.Message) []error) *bench {
	b := &bench{moves: &moves{}, log: &bytes.Buffer{}, lines: &bytes.Buffer{}}
	b.Batch = &Batch{
		Queue: wire.Evaluate, Handle: handle, Mover: b.moves, Parked: wire.Parked,
		Now:   func() time.Time { return noon },
		Log:   slog.New(slog.NewJSONHandler(b.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		Lines: &Lines{Out: b.lines, Stage: "test", Function: wire.Evaluate, Meter: &meter.Meter{}, Pace: 30 * time.Second},
	}
	return b
}

func record(id, body string, receives int) events.SQSMessage {
	return events.SQSMessage{
		MessageId: id, ReceiptHandle: "receipt of " + id, Body: body, EventSourceARN: "arn:aws:sqs:eu-west-1:1:queue",
		Attributes: map[string]string{"ApproximateReceiveCount": fmt.Sprint(receives), "SentTimestamp": fmt.Sprint(noon.Add(-32 * time.Second).UnixMilli())},
	}
}

func runHint(reason string) string {
	return string(hint.Message{Kind: hint.Run, Run: workflow.RunKey{Workflow: "w", Instance: 1, Run: 1}, Reason: reason}.Encode())
}

func failed(t *testing.T, b *bench, records ...events.SQSMessage) []string {
	t.Helper()
	answer, err := b.Invoke(t.Context(), events.SQSEvent{Records: records})
	if err != nil {
		t.Fatal(err)
	}
	var ids []string
	for _, f := range answer.BatchItemFailures {
		ids = append(ids, f.ItemIdentifier)
	}
	return ids
}

// TestPolicy has a row for each code: a code without one fails.
func TestPolicy(t *testing.T) {
	t.Parallel()
	comesAgain := map[workflow.Code]bool{
		workflow.CodeInvalid: false, workflow.CodeNotFound: false, workflow.CodePrecondition: false,
		workflow.CodeUnprocessed: false, workflow.CodeStale: false,
		workflow.CodeConflict: true, workflow.CodeTimeout: true, workflow.CodeOverloaded: true,
		workflow.CodeUnavailable: true, workflow.CodeDenied: true, workflow.CodeInternal: true,
	}
	for code, again := range comesAgain {
		b := newBench(Each(func(context.Context, hint.Message) error { return &workflow.Error{Code: code} }))
		if got := len(failed(t, b, record("1", runHint("start"), 1))) == 1; got != again {
			t.Errorf("%s: comes again is %t, want %t", code, got, again)
		}
		if len(b.moves.parked) > 0 {
			t.Errorf("%s: parked", code)
		}
		if !strings.Contains(b.log.String(), string(code)) {
			t.Errorf("%s: not logged", code)
		}
	}
	if len(policy) != len(comesAgain) {
		t.Errorf("the policy has %d rows, the test %d", len(policy), len(comesAgain))
	}
	if rule(errors.New("an error without a code")).verdict != leave {
		t.Error("an error that nobody knows must come again")
	}
}

func TestOnlyWhatFailedComesAgain(t *testing.T) {
	t.Parallel()
	b := newBench(Each(func(_ context.Context, m hint.Message) error {
		switch m.Reason {
		case "unavailable":
			return workflow.ErrUnavailable
		case "panics":
			panic("with a payload")
		}
		return nil
	}))
	got := failed(t, b,
		record("fine", runHint("fine"), 1), record("down", runHint("unavailable"), 1), record("foreign", "a private text", 1),
		record("panics", runHint("panics"), 4), record("late", runHint("unavailable"), 40), record("also fine", runHint("fine"), 1))
	if want := []string{"down", "panics", "late"}; !slices.Equal(got, want) {
		t.Errorf("failed: %v, want %v", got, want)
	}
	if want := []string{"parked: a private text"}; !slices.Equal(b.moves.parked, want) {
		t.Errorf("parked: %v, want %v", b.moves.parked, want)
	}
	for pause, receipt := range map[time.Duration]string{time.Second: "receipt of down", 8 * time.Second: "receipt of panics", time.Minute: "receipt of late"} {
		if !slices.Equal(b.moves.hidden[pause], []string{receipt}) {
			t.Errorf("hidden for %v: %v, want %s", pause, b.moves.hidden[pause], receipt)
		}
	}
	if log := b.log.String(); strings.Contains(log, "with a payload") || strings.Contains(log, "a private text") {
		t.Errorf("the log holds a payload: %s", log)
	}
}

// TestTheEngineIsToldOfARedelivery: an earlier delivery may have died before it sent what follows.
func TestTheEngineIsToldOfARedelivery(t *testing.T) {
	t.Parallel()
	var again []bool
	b := newBench(func(_ context.Context, messages []hint.Message) []error {
		for _, m := range messages {
			again = append(again, m.Again)
		}
		return make([]error, len(messages))
	})
	unknown := record("3", runHint("a"), 1)
	unknown.Attributes = nil
	failed(t, b, record("1", runHint("a"), 1), record("2", runHint("a"), 2), unknown)
	if !slices.Equal(again, []bool{false, true, false}) {
		t.Errorf("again: %v; want the one that was received twice", again)
	}
}

func TestABatchThatPanicsComesAgain(t *testing.T) {
	t.Parallel()
	b := newBench(func(context.Context, []hint.Message) []error { var none map[string]int; none["x"] = 1; return nil })
	if got := failed(t, b, record("1", runHint("a"), 1), record("foreign", "{}", 1), record("2", runHint("b"), 1)); !slices.Equal(got, []string{"1", "2"}) {
		t.Errorf("failed: %v, want both hints and not the parked message", got)
	}
	if !strings.Contains(b.log.String(), "assignment to entry in nil map") {
		t.Error("the log does not say what panicked")
	}
}

func TestWhatCannotBeParkedComesAgain(t *testing.T) {
	t.Parallel()
	b := newBench(func(context.Context, []hint.Message) []error { t.Error("called for nothing"); return nil })
	b.moves.refuse = queue.ErrUnavailable
	if got := failed(t, b, record("foreign", "?", 1)); !slices.Equal(got, []string{"foreign"}) {
		t.Errorf("failed: %v, want the message", got)
	}
}

func TestAnAnswerIsNeverNull(t *testing.T) {
	t.Parallel()
	b := newBench(Each(func(context.Context, hint.Message) error { return nil }))
	answer, err := b.Invoke(t.Context(), events.SQSEvent{Records: []events.SQSMessage{record("1", runHint("start"), 1)}})
	if err != nil {
		t.Fatal(err)
	}
	if text, _ := json.Marshal(answer); string(text) != `{"batchItemFailures":[]}` {
		t.Errorf("the answer is %s", text)
	}
}

// TestMessagesAreHandledSideBySide: each waits until all have begun, so one after the other would never end.
func TestMessagesAreHandledSideBySide(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const size = 10
		begun := make(chan struct{}, size)
		all := make(chan struct{})
		b := newBench(Each(func(ctx context.Context, _ hint.Message) error {
			if begun <- struct{}{}; len(begun) == size {
				close(all)
			}
			<-all
			return nil
		}))
		var records []events.SQSMessage
		for i := range size {
			records = append(records, record(fmt.Sprint(i), runHint("start"), 1))
		}
		if got := failed(t, b, records...); got != nil {
			t.Errorf("failed: %v", got)
		}
	})
}

func TestTimeIsLeftForTheAnswer(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
		defer cancel()
		b := newBench(Each(func(ctx context.Context, _ hint.Message) error {
			<-ctx.Done()
			return workflow.Errorf(workflow.CodeUnavailable, "interrupted: %w", ctx.Err())
		}))
		answer, err := b.Invoke(ctx, events.SQSEvent{Records: []events.SQSMessage{record("slow", runHint("start"), 1)}})
		if err != nil || len(answer.BatchItemFailures) != 1 {
			t.Errorf("the answer is %v, %v", answer, err)
		}
		if end, _ := ctx.Deadline(); time.Until(end) < replyTime {
			t.Errorf("the answer comes %v before the invocation's end", time.Until(end))
		}
	})
}

func TestLineOfABatch(t *testing.T) {
	t.Parallel()
	sweep := func(generation int64) string {
		return string(hint.Message{Kind: hint.Sweep, Generation: generation}.Encode())
	}
	lines := map[string]struct {
		full    bool
		records []events.SQSMessage
		metrics string
		want    map[string]float64
	}{
		"hints declare nothing": {false, []events.SQSMessage{record("1", runHint("start"), 1)}, "", map[string]float64{"Records": 1}},
		"a sweep that sent itself is late beyond its delay": {false, []events.SQSMessage{record("1", sweep(3), 1)},
			"SweepLag", map[string]float64{"SweepLag": 2000}},
		"a sweep of the schedule has no delay": {false, []events.SQSMessage{record("1", wire.SweepMessage, 1)},
			"SweepLag", map[string]float64{"SweepLag": 32000}},
		"everything": {true, []events.SQSMessage{record("1", sweep(3), 1), record("2", "?", 1)},
			"SweepLag Failed Parked", map[string]float64{"Records": 2, "Parked": 1, "Failed": 0}},
	}
	for name, row := range lines {
		b := newBench(Each(func(context.Context, hint.Message) error { return nil }))
		b.Lines.Full = row.full
		failed(t, b, row.records...)
		var line map[string]any
		if err := json.Unmarshal(b.lines.Bytes(), &line); err != nil {
			t.Fatalf("%s: %v in %s", name, err, b.lines)
		}
		var declared []string
		if aws, ok := line["_aws"].(map[string]any); ok {
			for _, set := range aws["CloudWatchMetrics"].([]any) {
				for _, m := range set.(map[string]any)["Metrics"].([]any) {
					declared = append(declared, m.(map[string]any)["Name"].(string))
				}
			}
		}
		if got := strings.Join(declared, " "); got != row.metrics {
			t.Errorf("%s: declares %q, want %q", name, got, row.metrics)
		}
		for _, metric := range declared {
			if line[metric] == nil {
				t.Errorf("%s: declares %s and does not write it", name, metric)
			}
		}
		for field, want := range row.want {
			if line[field] != want {
				t.Errorf("%s: %s is %v, want %v", name, field, line[field], want)
			}
		}
	}
}

func TestNoLineWhereNobodyObserves(t *testing.T) {
	t.Parallel()
	b := newBench(Each(func(context.Context, hint.Message) error { return nil }))
	b.Lines = nil
	if got := failed(t, b, record("1", runHint("start"), 1)); got != nil {
		t.Errorf("failed: %v", got)
	}
}

func TestNamesAgreeWithTheEngine(t *testing.T) {
	t.Parallel()
	if want := []string{wire.Trigger, wire.Evaluate, wire.Dispatch, wire.Rollup}; !slices.Equal(hint.Queues, want) {
		t.Errorf("the engine sends to %v, the stack has %v", hint.Queues, want)
	}
	m, err := hint.Decode([]byte(wire.SweepMessage))
	if err != nil || m.Kind != hint.Sweep || m.Generation != 0 {
		t.Errorf("the schedule sends %+v, %v; want a sweep without a generation", m, err)
	}
}
