package local

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/event"
	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/secret"
	"github.com/segue-workflows/segue/shared/workflow"
)

// planted is the secret that must not be seen anywhere but in the params of a job.
const planted = `pl4nted-value-of-the-test`

type vault struct{}

func (vault) Secret(context.Context, string, string, string) (string, error) { return planted, nil }

// chatter is a job that tells its secret everywhere it can, in one of several ways to end.
type chatter struct {
	mu   sync.Mutex
	seen int
}

func (*chatter) Start(context.Context, runtime.Call) (runtime.Result, error) {
	return runtime.Result{State: runtime.Done}, nil
}

func (c *chatter) Execute(_ context.Context, call runtime.Call) (runtime.Result, error) {
	p, _ := call.Params.Get("p")
	text := fmt.Sprint(p.Result)
	c.mu.Lock()
	if strings.Contains(text, planted) {
		c.seen++
	}
	c.mu.Unlock()
	artifacts := &workflow.Ordered[json.RawMessage]{}
	artifacts.Set("said", json.RawMessage(fmt.Sprintf("{%q: %q}", "text", text)))
	out := runtime.Result{State: runtime.Done, Artifacts: artifacts,
		Timeline: []workflow.Event{{Timestamp: call.Now.UnixMilli(), Type: workflow.EventLog, Message: text, Info: map[string]any{"text": text}}}}
	switch call.Key.Step {
	case "panics":
		panic(text)
	case "fails":
		out.State = runtime.FatalError
	case "breaks":
		return out, workflow.Errorf(workflow.CodeInternal, "broken by %s", text)
	}
	return out, nil
}

func (*chatter) Terminate(context.Context, runtime.Call) (runtime.Result, error) {
	return runtime.Result{State: runtime.Stopped}, nil
}

// witness keeps what passes by.
type witness struct {
	mu   sync.Mutex
	text bytes.Buffer
	next *memory.Queue
}

func (w *witness) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.Write(data)
}

func (w *witness) Publish(_ context.Context, events []*event.Event) error {
	return json.NewEncoder(w).Encode(events)
}

func (w *witness) Send(ctx context.Context, name string, messages ...queue.Message) error {
	for _, m := range messages {
		_, _ = w.Write(m.Body)
	}
	return w.next.Send(ctx, name, messages...)
}

func (w *witness) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.text.String()
}

const chatting = `{"properties": {"owner": "tester"}, "workflow": {"id": "wf", "steps": [
 {"step": {"id": "fine", "type": "Echo", "params": {"p": {"type": "STRING", "value": "a ${secret:db} b"}}}},
 {"step": {"id": "fails", "type": "Echo", "params": {"p": {"type": "STRING", "value": "${secret:db}"}}}},
 {"step": {"id": "breaks", "type": "Echo", "params": {"p": {"type": "STRING", "value": "${secret:db}"}}}},
 {"step": {"id": "panics", "type": "Echo", "params": {"p": {"type": "STRING", "value": "${secret:db}"}}}},
 {"step": {"id": "dies", "type": "Echo", "delivery_policy": {"limit": 1}, "params": {"p": {"type": "STRING", "value": "${secret:db}"}}}}]}}`

// TestAPlantedSecretIsNowhere: not in the state, the log, the events, the messages, the dead letters, nor in any answer.
func TestAPlantedSecretIsNowhere(t *testing.T) {
	t.Parallel()
	job, logs, events, messages := &chatter{}, &witness{}, &witness{}, &witness{}
	settings := decide.Settings{Runtimes: runtime.Standard(), ClaimTime: 5 * time.Second}
	settings.Runtimes.Add("Echo", job)
	l, err := Open(Options{Settings: settings, Secrets: &secret.Binder{Source: vault{}, Policy: secret.Policy{"tester": {"db"}}},
		Log: slog.New(slog.NewJSONHandler(logs, &slog.HandlerOptions{Level: slog.LevelDebug})), Events: []Consumer{{Name: "witness", Publisher: events}}})
	if err != nil {
		t.Fatal(err)
	}
	messages.next, l.Loop.Sender = l.queues, messages
	call := func(method, path, body string) string {
		request := httptest.NewRequest(method, "/api/v3"+path, strings.NewReader(body))
		request.Header.Set("user", "tester")
		answer := httptest.NewRecorder()
		l.Handler().ServeHTTP(answer, request)
		if answer.Code != http.StatusOK {
			t.Fatalf("%s %s: %d %s", method, path, answer.Code, answer.Body)
		}
		return answer.Body.String()
	}
	call("POST", "/workflows", chatting)
	call("POST", "/workflows/wf/versions/active/actions/start", "{}")
	key := workflow.RunKey{Workflow: "wf", Instance: 1, Run: 1}
	die(t, l, key, 4)
	letter := hint.Message{Kind: hint.Steps, Run: key, Steps: [][2]int64{{0, 1}}}
	if err := l.queues.Send(t.Context(), deadLetters(hint.Dispatch), queue.Message{Body: letter.Encode()}); err != nil {
		t.Fatal(err)
	}

	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() { defer close(ended); l.Run(ctx) }()
	defer func() { cancel(); <-ended }()
	await(t, "the end of the run", func() bool {
		run, err := l.Loop.LoadRun(t.Context(), key)
		return err == nil && run.State.Status.Terminal() && strings.Contains(events.String(), `"FAILED"`) && strings.Contains(logs.String(), "dead letter")
	})

	places := map[string]string{"log": logs.String(), "events": events.String(), "messages": messages.String(), "dead letters": call("GET", "/dead-letters", "")}
	for _, path := range []string{"/workflows/wf/instances/1", "/workflows/wf/instances/1/steps", "/workflows/wf/timeline", "/workflows/wf/overview",
		"/workflows/wf/instances/1/steps/fine", "/workflows/wf/instances/1/steps/breaks", "/workflows/wf/instances/1/runs/1/steps/panics/attempts/1"} {
		places[path] = call("GET", path, "")
	}
	changes, _, err := l.Loop.Store.(*memory.Store).Next(t.Context(), "")
	if err != nil {
		t.Fatal(err)
	}
	for i, change := range changes {
		places[fmt.Sprint("change ", i, " of ", change.Key)] = string(change.Body)
	}
	for place, text := range places {
		if strings.Contains(text, planted) {
			t.Errorf("%s: it is there: %.1000s", place, text)
		}
	}
	if job.seen < 4 || len(changes) < 5 || messages.String() == "" || logs.String() == "" || !strings.Contains(places["dead letters"], "wf:1:1:dies:1") {
		t.Errorf("%d jobs saw it, %d changes, messages %q, log %q, dead letters %s: the test looks at nothing", job.seen, len(changes), messages, logs, places["dead letters"])
	}
}

// die claims a step like a process that dies, long ago.
func die(t *testing.T, l *Local, key workflow.RunKey, i int) {
	t.Helper()
	claimTime := l.Loop.Settings.ClaimTime
	l.Loop.Settings.ClaimTime = -time.Second
	_, err := l.Loop.Visit(t.Context(), key, func(turn *decide.Turn) error {
		taken, err := turn.Claim([]int{i}, 0)
		if len(taken) != 1 {
			t.Fatal("it cannot be claimed")
		}
		return err
	})
	l.Loop.Settings.ClaimTime = claimTime
	if err != nil {
		t.Fatal(err)
	}
}
