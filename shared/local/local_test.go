package local

import (
	"context"
	"encoding/json"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

const napping = `{"id": "napping", "steps": [
  {"step": {"id": "first", "type": "NoOp", "transition": {"successors": {"nap": "true"}}}},
  {"step": {"id": "nap", "type": "Sleep", "params": {"sleep_seconds": {"type": "LONG", "value": 1}},
    "transition": {"successors": {"last": "true"}}}},
  {"step": {"id": "last", "type": "NoOp"}}]}`

// open opens a host whose Run works until the returned stop, or the test, ends.
func open(t testing.TB, dir string) (l *Local, stop func()) {
	t.Helper()
	l, err := Open(Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.Run(ctx)
	}()
	stop = sync.OnceFunc(func() {
		cancel()
		<-ended
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(stop)
	return l, stop
}

// push puts a workflow of one version that runs any number of instances at once.
func push(t testing.TB, l *Local, text string) workflow.ID {
	t.Helper()
	w, err := definition.ParseWorkflow([]byte(text), definition.JSON)
	if err != nil {
		t.Fatal(err)
	}
	version := workflow.Version{Number: 1, Author: "tester", Workflow: w}
	head := strategy.Head{Latest: 1, Active: 1, Next: 1, Strategy: workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 1000}}
	put(t, l, store.Item{Key: record.VersionKey(w.ID, 1), Body: record.Encode(version)})
	put(t, l, store.Item{Key: record.HeadKey(w.ID), Body: record.Encode(head)})
	return w.ID
}

func put(t testing.TB, l *Local, item store.Item) {
	t.Helper()
	if err := l.Loop.Store.Put(t.Context(), store.Write{Item: item, If: store.Any}); err != nil {
		t.Fatal(err)
	}
}

func start(t *testing.T, l *Local, wf workflow.ID) workflow.RunKey {
	t.Helper()
	started, err := l.Trigger.Start(t.Context(), wf, "active", trigger.Start{Initiator: &workflow.Initiator{Type: workflow.InitiatorManual}})
	if err != nil {
		t.Fatal(err)
	}
	return started[0].Key
}

// await looks again and again until done says so.
func await(t testing.TB, what string, done func() bool) {
	t.Helper()
	ticker := time.NewTicker(10 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(30 * time.Second)
	for !done() {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("not within 30 s: %s", what)
		}
	}
}

func status(t testing.TB, l *Local, key workflow.RunKey) workflow.InstanceStatus {
	t.Helper()
	run, err := l.Loop.LoadRun(t.Context(), key)
	if err != nil {
		t.Fatal(err)
	}
	return run.State.Status
}

func TestRunsEnd(t *testing.T) {
	t.Parallel()
	for name, dir := range map[string]string{"memory": "", "embedded": t.TempDir()} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l, _ := open(t, dir)
			wf := push(t, l, napping)
			var keys []workflow.RunKey
			for range 20 {
				keys = append(keys, start(t, l, wf))
			}
			for _, key := range keys {
				await(t, key.String()+" succeeds", func() bool { return status(t, l, key) == workflow.InstanceSucceeded })
			}
		})
	}
}

// A timer of 1.001 s, which is what a sleep of a second is, must not take two: in the cloud it may.
func TestTimersAreExact(t *testing.T) {
	t.Parallel()
	at := time.Unix(1_000_000, 0)
	l, err := Open(Options{Clock: stopped{at}})
	if err != nil {
		t.Fatal(err)
	}
	delay := time.Second + time.Millisecond
	if err := l.queues.Send(t.Context(), hint.Evaluate, queue.Message{Body: []byte("{}"), Delay: delay}); err != nil {
		t.Fatal(err)
	}
	if visible, _ := l.queues.NextVisible(hint.Evaluate); visible.Sub(at) != delay {
		t.Errorf("a message delayed by %v becomes visible after %v", delay, visible.Sub(at))
	}
}

// stopped is a clock that stands still.
type stopped struct{ at time.Time }

func (s stopped) Now() time.Time                                 { return s.at }
func (stopped) Sleep(ctx context.Context, _ time.Duration) error { <-ctx.Done(); return ctx.Err() }

func TestAnotherProcessGoesOn(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	l, stop := open(t, dir)
	key := start(t, l, push(t, l, napping))
	stop()
	l, _ = open(t, dir)
	await(t, "the run succeeds after the restart", func() bool { return status(t, l, key) == workflow.InstanceSucceeded })
}

func TestRecoveryFindsWhatRestedForDays(t *testing.T) {
	t.Parallel()
	l, err := Open(Options{}) // nobody works
	if err != nil {
		t.Fatal(err)
	}
	key := start(t, l, push(t, l, napping))
	for len(receive(t, l)) > 0 { // the messages are lost with the process
	}
	long := time.Now().Add(-72 * time.Hour)
	put(t, l, store.Item{Key: record.TickKey(), Body: record.Encode(record.Tick{Generation: 7, At: long.UnixMilli()})})
	item := record.WakeItem(key, long.Add(-lookBack+time.Minute))
	item.Expire = time.Time{}
	put(t, l, item)

	if err := l.recover(t.Context()); err != nil {
		t.Fatal(err)
	}
	found := receive(t, l)
	found = slices.DeleteFunc(found, func(m hint.Message) bool { return m.Reason == hint.ReasonTimer }) // of the process before
	if len(found) != 2 || found[0].Run != key || found[1].Kind != hint.Sweep || found[1].Generation != 7 {
		t.Fatalf("recovery sent %+v; want a hint for %s, then the sweep of generation 7", found, key)
	}
}

// receive takes what the evaluate queue holds.
func receive(t *testing.T, l *Local) []hint.Message {
	t.Helper()
	batch, err := l.queues.Receive(t.Context(), hint.Evaluate, queue.MaxBatch, 0)
	if err != nil {
		t.Fatal(err)
	}
	var out []hint.Message
	for _, delivery := range batch {
		m, err := hint.Decode(delivery.Body)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, m)
	}
	return out
}

func TestOneBadMessageFailsNoOther(t *testing.T) {
	t.Parallel()
	run := workflow.RunKey{Workflow: "w", Instance: 1, Run: 1}
	answers := map[string]func() error{
		"fine":        func() error { return nil },
		"stale":       func() error { return workflow.ErrStale },
		"not found":   func() error { return workflow.ErrNotFound },
		"unavailable": func() error { return workflow.ErrUnavailable },
		"panics":      func() error { panic("on purpose") },
	}
	l, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	var messages []queue.Message
	for _, reason := range []string{"fine", "stale", "not found", "unavailable", "panics"} {
		messages = append(messages, queue.Message{Body: hint.Message{Kind: hint.Run, Run: run, Reason: reason}.Encode()})
	}
	messages = append(messages, queue.Message{Body: []byte("no hint")})
	if err := l.queues.Send(t.Context(), hint.Evaluate, messages...); err != nil {
		t.Fatal(err)
	}
	batch, err := l.queues.Receive(t.Context(), hint.Evaluate, queue.MaxBatch, 0)
	if err != nil {
		t.Fatal(err)
	}
	l.invoke(t.Context(), hint.Evaluate, each(func(_ context.Context, m hint.Message) error { return answers[m.Reason]() }), batch)

	if visible, hidden := l.queues.Len(hint.Evaluate); visible != 0 || hidden != 2 {
		t.Errorf("%d visible and %d hidden messages are left; want the unavailable and the panicking one, hidden", visible, hidden)
	}
	var left []string
	await(t, "both come again", func() bool {
		for _, m := range receive(t, l) {
			left = append(left, m.Reason)
		}
		return len(left) == 2
	})
	if text, _ := json.Marshal(left); string(text) != `["unavailable","panics"]` {
		t.Errorf("came again: %s", text)
	}
}

func TestABatchHandlerThatPanicsLosesNothing(t *testing.T) {
	t.Parallel()
	l, err := Open(Options{})
	if err != nil {
		t.Fatal(err)
	}
	errs := l.handle(t.Context(), func(context.Context, []hint.Message) []error { panic("on purpose") }, make([]hint.Message, 3))
	for i, err := range errs {
		if workflow.CodeOf(err) != workflow.CodeInternal {
			t.Errorf("message %d: %v", i, err)
		}
	}
	if len(errs) != 3 {
		t.Errorf("%d errors for 3 messages", len(errs))
	}
}
