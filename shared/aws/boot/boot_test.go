package boot

import (
	"bytes"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// complete is what Lambda and the stack set.
func complete() map[string]string {
	variables := map[string]string{
		region: "eu-west-1", accessKey: "key", secretKey: "secret", sessionToken: "token",
		wire.Table: "table", wire.Stage: "test", wire.Observability: wire.ObserveFull,
	}
	for _, q := range wire.Queues {
		variables[q.Variable] = "https://sqs.example.com/1/" + q.Name
	}
	return variables
}

func open(variables map[string]string) (*Home, *bytes.Buffer, error) {
	out := &bytes.Buffer{}
	home, err := Open(wire.Rollup, func(name string) string { return variables[name] }, out)
	return home, out, err
}

func TestAllMissingVariablesAreNamedAtOnce(t *testing.T) {
	t.Parallel()
	variables := complete()
	delete(variables, wire.Table)
	delete(variables, region)
	_, _, err := open(variables)
	if err == nil || !strings.Contains(err.Error(), wire.Table) || !strings.Contains(err.Error(), region) {
		t.Errorf("the error is %v; it should name both variables", err)
	}
}

func TestTheRetentionIsADeploymentsChoice(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]time.Duration{"": 90 * 24 * time.Hour, "7": 7 * 24 * time.Hour, "0": 0, "4000": 0, "week": 0} {
		variables := complete()
		variables[wire.Retention] = text
		home, _, err := open(variables)
		if want == 0 {
			if err == nil || !strings.Contains(err.Error(), wire.Retention) {
				t.Errorf("%q: %v", text, err)
			}
			continue
		}
		if err != nil || home.Loop.Settings.Retention != want {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestTheDeliveryPolicyIsAChoice(t *testing.T) {
	t.Parallel()
	for _, row := range []struct {
		limit, action string
		want          workflow.Delivery // zero: refused
	}{
		{"", "", workflow.Delivery{Limit: 20, Action: workflow.DeliveryFail}},
		{"7", "drop", workflow.Delivery{Limit: 7, Action: workflow.DeliveryDrop}},
		{"seven", "", workflow.Delivery{}},
		{"1001", "", workflow.Delivery{}},
		{"", "forget", workflow.Delivery{}},
	} {
		variables := complete()
		variables[wire.DeliveryLimit], variables[wire.DeliveryAction] = row.limit, row.action
		home, _, err := open(variables)
		switch {
		case row.want == workflow.Delivery{}:
			if err == nil || !strings.Contains(err.Error(), wire.DeliveryLimit) {
				t.Errorf("%+v: the error is %v", row, err)
			}
		case err != nil || home.Loop.Settings.Delivery != row.want:
			t.Errorf("%+v: %v, %v", row, home, err)
		}
	}
}

func TestTracesAreWrittenWhereTheDeploymentAsksForThem(t *testing.T) {
	t.Parallel()
	for _, asked := range []string{"", "xray"} {
		variables := complete()
		variables[wire.Tracing], variables[daemon] = asked, "127.0.0.1:2000"
		home, _, err := open(variables)
		if err != nil || (home.Tracer != nil) != (asked != "") {
			t.Errorf("%q: %v, %v", asked, home.Tracer, err)
		}
	}
}

// TestOpenCallsNobody: whatever is called is counted by a listener that takes the place of all services.
func TestOpenCallsNobody(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	aws := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { calls.Add(1) }))
	defer aws.Close()
	variables := complete()
	variables[endpoint] = aws.URL
	home, _, err := open(variables)
	if err != nil {
		t.Fatal(err)
	}
	if home.Batch(wire.Rollup, nil) == nil || calls.Load() != 0 {
		t.Errorf("%d calls before the first message", calls.Load())
	}
}

// TestCallsGoWhereTheVariablesSay, signed by what they say.
func TestCallsGoWhereTheVariablesSay(t *testing.T) {
	t.Parallel()
	var paths atomic.Value
	aws := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		paths.Store(r.Header.Get("X-Amz-Target") + " " + r.Header.Get("Authorization") + " " + r.Header.Get("X-Amz-Security-Token"))
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = w.Write([]byte("{}"))
	}))
	defer aws.Close()
	variables := complete()
	variables[dynamoDBEndpoint] = aws.URL
	home, _, err := open(variables)
	if err != nil {
		t.Fatal(err)
	}
	_, err = home.Loop.LoadRun(t.Context(), workflow.RunKey{Workflow: "w", Instance: 1, Run: 1})
	if workflow.CodeOf(err) != workflow.CodeNotFound {
		t.Errorf("the run is %v; want not found", err)
	}
	seen, _ := paths.Load().(string)
	for _, part := range []string{"DynamoDB", "Credential=key/", "/eu-west-1/dynamodb/", " token"} {
		if !strings.Contains(seen, part) {
			t.Errorf("the call %q lacks %q", seen, part)
		}
	}
}

func TestObservationIsAChoice(t *testing.T) {
	t.Parallel()
	for choice, written := range map[string]bool{wire.ObserveNone: false, "": false, wire.ObserveAlarms: true, wire.ObserveFull: true} {
		variables := complete()
		variables[wire.Observability] = choice
		home, out, err := open(variables)
		if err != nil {
			t.Fatal(err)
		}
		batch := home.Batch(wire.Rollup, nil)
		batch.Handle = nil // a panic: all come again, and nobody is called
		record := events.SQSMessage{MessageId: "1", Body: string(hint.Message{Kind: hint.Sweep}.Encode())}
		batch.Mover = nobody{}
		if _, err := batch.Invoke(t.Context(), events.SQSEvent{Records: []events.SQSMessage{record}}); err != nil {
			t.Fatal(err)
		}
		if got := strings.Contains(out.String(), `"Records":1`); got != written {
			t.Errorf("observability %q: a line is %t, want %t", choice, got, written)
		}
	}
}

// nobody is where no message goes.
type nobody struct{}

func (nobody) Send(context.Context, string, ...queue.Message) error         { return nil }
func (nobody) Hide(context.Context, string, time.Duration, ...string) error { return nil }
