package localstack

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/localstack/host"
	"github.com/segue-workflows/segue/shared/event"
	"github.com/segue-workflows/segue/shared/local"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// subscriber is a queue that is subscribed to a topic of events.
type subscriber struct {
	t     *testing.T
	queue *sqs.Client
	url   string
	got   []*event.Event
}

// subscribe subscribes a queue of its own to the topic of the stack.
func subscribe(t *testing.T, h *host.Host) *subscriber {
	t.Helper()
	keys := credentials.NewStaticCredentialsProvider("test", "test", "")
	s := &subscriber{t: t, queue: sqs.New(sqs.Options{Region: "eu-west-1", BaseEndpoint: &localStack.address, Credentials: keys})}
	topics := sns.New(sns.Options{Region: "eu-west-1", BaseEndpoint: &localStack.address, Credentials: keys})
	topic, attributes := h.Outputs()[wire.OutputEvents], map[string]string{}
	name := "subscriber-" + topic[strings.LastIndex(topic, ":")+1:]
	if strings.HasSuffix(topic, ".fifo") {
		attributes["FifoQueue"] = "true"
	}
	made, err := s.queue.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	s.url = *made.QueueUrl
	t.Cleanup(func() {
		if _, err := s.queue.DeleteQueue(context.Background(), &sqs.DeleteQueueInput{QueueUrl: &s.url}); err != nil {
			t.Error(err)
		}
	})
	if _, err = topics.Subscribe(t.Context(), &sns.SubscribeInput{TopicArn: &topic, Protocol: sdk.String("sqs"),
		Endpoint: sdk.String("arn:aws:sqs:eu-west-1:000000000000:" + name), Attributes: map[string]string{"RawMessageDelivery": "true"}}); err != nil {
		t.Fatal(err)
	}
	return s
}

// until takes events until there is what is wanted.
func (s *subscriber) until(enough func([]*event.Event) bool) {
	s.t.Helper()
	for deadline := time.Now().Add(allEnd); !enough(s.got); {
		out, err := s.queue.ReceiveMessage(s.t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &s.url, MaxNumberOfMessages: 10, WaitTimeSeconds: 2})
		if err != nil {
			s.t.Fatal(err)
		}
		for _, m := range out.Messages {
			var e event.Event
			if err := json.Unmarshal([]byte(*m.Body), &e); err != nil {
				s.t.Fatalf("%s: %v", *m.Body, err)
			}
			s.got = append(s.got, &e)
			if _, err := s.queue.DeleteMessage(s.t.Context(), &sqs.DeleteMessageInput{QueueUrl: &s.url, ReceiptHandle: m.ReceiptHandle}); err != nil {
				s.t.Fatal(err)
			}
		}
		if time.Now().After(deadline) {
			s.t.Fatalf("after %v these are all events:\n%s", allEnd, paths(s.got))
		}
	}
}

// ended tells whether there are as many ends of runs as that.
func ended(runs int) func([]*event.Event) bool {
	return func(all []*event.Event) bool {
		seen := map[string]bool{}
		for _, e := range all {
			if e.Type == event.Status && workflow.InstanceStatus(e.New).Terminal() {
				seen[e.Entity()] = true
			}
		}
		return len(seen) == runs
	}
}

// inOrder fails the test where the events of an entity did not come in their order, those that came again left out.
func inOrder(t *testing.T, all []*event.Event) {
	t.Helper()
	last, seen := map[string]int64{}, map[string]bool{}
	for _, e := range all {
		if again := seen[e.ID()]; !again && e.Sequence <= last[e.Entity()] {
			t.Errorf("%s came after %d", e.ID(), last[e.Entity()])
		}
		last[e.Entity()], seen[e.ID()] = max(last[e.Entity()], e.Sequence), true
	}
}

// paths says through which statuses each entity went, by the sequence of its events. A gap is told as such.
func paths(all []*event.Event) string {
	all = slices.Clone(all)
	slices.SortStableFunc(all, func(a, b *event.Event) int { return int(a.Sequence - b.Sequence) })
	lines, at, seen := map[string]string{}, map[string]string{}, map[string]bool{}
	for _, e := range all {
		entity := e.Entity()
		if seen[e.ID()] {
			continue
		}
		seen[e.ID()] = true
		if e.Instance == 0 {
			lines[entity] += " " + e.Type
			continue
		}
		for _, c := range append(slices.Clone(e.Changes), event.Change{Old: e.Old, New: e.New}) {
			if c.New == "" {
				continue
			}
			if at[entity] != "" && at[entity] != c.Old {
				lines[entity] += fmt.Sprintf(" (%s is missing)", c.Old)
			}
			at[entity] = c.New
			lines[entity] += " " + c.New
		}
	}
	var out []string
	for _, entity := range slices.Sorted(maps.Keys(lines)) {
		out = append(out, entity+":"+lines[entity])
	}
	return strings.Join(out, "\n")
}

// sink keeps what a local host publishes.
type sink struct {
	mu  sync.Mutex
	got []*event.Event
}

func (s *sink) Publish(_ context.Context, events []*event.Event) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.got = append(s.got, events...)
	return nil
}

// localEvents runs definitions on the local host, and returns the events that its sink is given.
func localEvents(t *testing.T, definitions ...string) []*event.Event {
	t.Helper()
	out := &sink{}
	l, err := local.Open(local.Options{Events: []local.Consumer{{Name: "sink", Publisher: out}}})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	done := make(chan struct{})
	go func() {
		defer close(done)
		l.Run(ctx)
	}()
	server := httptest.NewServer(l.Handler())
	defer func() {
		server.Close()
		cancel()
		<-done
	}()
	runOnce(t, client.New(server.URL, teller), definitions...)
	for deadline := time.Now().Add(allEnd); time.Now().Before(deadline); <-time.After(50 * time.Millisecond) {
		out.mu.Lock()
		got := slices.Clone(out.got)
		out.mu.Unlock()
		if ended(len(definitions))(got) {
			return got
		}
	}
	t.Fatal("the local host does not tell of all ends")
	return nil
}

// runOnce pushes definitions and runs each once, to its end.
func runOnce(t *testing.T, c *client.Client, definitions ...string) {
	t.Helper()
	for _, text := range definitions {
		for _, key := range startAll(t, c, text, 1) {
			if _, err := await(t.Context(), c, key); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// failing is a workflow whose step fails and is tried again.
const failing = `{"properties": {"owner": "teller"}, "workflow": {"id": "failing", "tags": [{"name": "night"}], "steps": [
 {"step": {"id": "fails", "type": "Sleep", "params": {"sleep_seconds": {"type": "LONG", "value": -1}},
  "retry_policy": {"error_retry_limit": 1, "backoff": {"type": "FIXED_BACKOFF", "error_retry_backoff_in_secs": 1}}}}]}}`

// testEvents subscribes to a FIFO topic: it gives every event that the local sink is given, and those of an entity in order.
func testEvents(t *testing.T) {
	need(t)
	t.Parallel()
	h, c := open(t, func(o *host.Options) {
		plain := []byte(`"DisplayName": "Segue events, out"`)
		if !bytes.Contains(o.Template, plain) {
			t.Fatal("the stack has no topic of events")
		}
		o.Template = bytes.Replace(o.Template, plain, []byte(`"FifoTopic": true, "DisplayName": "Segue events, out"`), 1)
	})
	s := subscribe(t, h)
	definitions := []string{chain("told", 5), failing}
	runOnce(t, c, definitions...) // the subscriber does not listen until everything has happened
	want := localEvents(t, definitions...)
	s.until(ended(len(definitions)))
	inOrder(t, s.got)
	if got, want := paths(s.got), paths(want); got != want {
		t.Errorf("the topic tells\n%s\nand the local host\n%s", got, want)
	}
}

// testEventsOfKilledProcesses kills the function that publishes, again and again in the middle of its work.
func testEventsOfKilledProcesses(t *testing.T) {
	need(t)
	t.Parallel()
	h, c := open(t, nil)
	s := subscribe(t, h)
	const runs, steps = 10, 40
	keys := startAll(t, c, chain("published", steps), runs)
	kills := 0
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(20 * time.Second); kills < 10 && time.Now().Before(deadline); <-ticker.C {
		if h.Kill("functions/rollup") {
			kills++
		}
	}
	if kills == 0 {
		t.Error("no process could be killed at work")
	}
	t.Logf("%d processes killed", kills)
	allSucceed(t, c, keys)
	s.until(func(all []*event.Event) bool { return len(succeeded(all)) == runs*(steps+1) })
	if told := paths(s.got); strings.Contains(told, "missing") {
		t.Errorf("something is missing:\n%s", told)
	}
}

// succeeded lists the runs and attempts of which it was told that they succeeded.
func succeeded(all []*event.Event) map[string]bool {
	out := map[string]bool{}
	for _, e := range all {
		last := e.New
		if n := len(e.Changes); n > 0 {
			last = e.Changes[n-1].New
		}
		if last == "SUCCEEDED" {
			out[e.Entity()] = true
		}
	}
	return out
}
