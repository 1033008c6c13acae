package handover

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// desk takes what is handed over and answers as a test says.
type desk struct {
	calls  []Invocation
	sent   [][]byte
	answer Answer
	err    error
}

func (d *desk) Invoke(_ context.Context, i Invocation) (Answer, error) {
	d.calls = append(d.calls, i)
	return d.answer, d.err
}

func (d *desk) Send(_ context.Context, _ string, task []byte) error {
	d.sent = append(d.sent, task)
	return d.err
}

func call(param string, value any, more ...string) runtime.Call {
	params := &workflow.Params{}
	params.Set(param, &workflow.Param{Evaluated: true, Result: value, Source: workflow.SourceDefinition})
	params.Set("player", &workflow.Param{Evaluated: true, Result: int64(7), Source: workflow.SourceDefinition})
	params.Set("step_id", &workflow.Param{Evaluated: true, Result: "s", Source: workflow.SourceSystem})
	for _, text := range more {
		params.Set("large", &workflow.Param{Evaluated: true, Result: text, Source: workflow.SourceDefinition})
	}
	run := workflow.RunKey{Workflow: "w", Instance: 3, Run: 2}
	return runtime.Call{Key: workflow.AttemptKey{RunKey: run, Step: "s", Attempt: 4}, UUID: "uuid-1", Params: params,
		Now: time.Unix(1_700_000_000, 0), Failures: 5, Token: "token-1", Callback: "https://api.example.com/api/v3"}
}

type entries = map[string]any

func TestATaskSaysEverythingThatAWorkerNeeds(t *testing.T) {
	t.Parallel()
	d := &desk{}
	result, err := Queue{Sender: d}.Start(t.Context(), call("queue", entries{"name": "emails"}))
	if err != nil || result.State != runtime.Done || len(d.sent) != 1 {
		t.Fatalf("%+v %v %d", result, err, len(d.sent))
	}
	want := `{"key":"uuid-1","workflow_id":"w","workflow_instance_id":3,"workflow_run_id":2,"step_id":"s","step_attempt_id":4,` +
		`"failed_deliveries":5,"params":{"player":7},"callback":"https://api.example.com/api/v3","token":"token-1"}`
	if string(d.sent[0]) != want {
		t.Errorf("the task is\n%s, not\n%s", d.sent[0], want)
	}
	if raw, _ := result.Artifacts.Get(QueueArtifact); strings.Contains(string(raw), "token-1") {
		t.Error("the artifact shows the token")
	}
	again, _ := Queue{Sender: d}.Start(t.Context(), call("queue", entries{"name": "emails"}))
	if again.State != runtime.Done || string(d.sent[1]) != want {
		t.Error("a repeated call is another task")
	}
}

func TestHandedOverStepsWaitWithoutBeingAsked(t *testing.T) {
	t.Parallel()
	d := &desk{}
	for name, execute := range map[string]func() (runtime.Result, error){
		"queue": func() (runtime.Result, error) {
			return Queue{Sender: d}.Execute(t.Context(), call("queue", entries{"name": "q", "heartbeat_seconds": int64(60)}))
		},
		"lambda": func() (runtime.Result, error) {
			return Lambda{Invoker: d}.Execute(t.Context(), call("lambda", entries{"function": "f", "callback": true, "heartbeat_seconds": int64(60)}))
		},
	} {
		result, err := execute()
		if err != nil || result.State != runtime.Continue || !result.Wait || result.Heartbeat != time.Minute {
			t.Errorf("%s: %+v %v", name, result, err)
		}
	}
	if len(d.calls)+len(d.sent) > 0 {
		t.Error("a waiting step was handed over again")
	}
}

func TestStartOfALambdaStep(t *testing.T) {
	t.Parallel()
	d := &desk{}
	l := Lambda{Invoker: d}
	if result, err := l.Start(t.Context(), call("lambda", entries{"function": "f"})); err != nil || result.State != runtime.Done || len(d.calls) != 0 {
		t.Errorf("a function that is waited for is called by start: %+v %v", result, err)
	}
	if result, err := l.Start(t.Context(), call("lambda", entries{"function": "f", "callback": true})); err != nil || result.State != runtime.Done ||
		len(d.calls) != 1 || d.calls[0].Wait {
		t.Errorf("%+v %v %+v", result, err, d.calls)
	}
	nobody := call("lambda", entries{"function": "f", "callback": true})
	nobody.Token = ""
	if result, _ := l.Start(t.Context(), nobody); result.State != runtime.FatalError || len(d.calls) != 1 {
		t.Errorf("a job that can never answer was started: %+v", result)
	}
}

func TestAnswersOfAFunction(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		answer Answer
		state  runtime.State
		output string // value of the param n
	}{
		"none":                   {Answer{}, runtime.Done, ""},
		"null":                   {Answer{Payload: []byte("null")}, runtime.Done, ""},
		"any JSON":               {Answer{Payload: []byte(`{"statusCode":200}`)}, runtime.Done, ""},
		"outputs":                {Answer{Payload: []byte(`{"params":{"n":{"type":"LONG","value":3}}}`)}, runtime.Done, "3"},
		"outputs without sense":  {Answer{Payload: []byte(`{"params":{"n":{"type":"NOTHING"}}}`)}, runtime.UserError, ""},
		"artifact of the engine": {Answer{Payload: []byte(`{"artifacts":{"maestro_foreach":{}}}`)}, runtime.UserError, ""},
		"fault":                  {Answer{Fault: "Unhandled", Payload: []byte(`{"errorMessage":"no"}`)}, runtime.UserError, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &desk{answer: tt.answer}
			result, err := Lambda{Invoker: d}.Execute(t.Context(), call("lambda", entries{"function": "f"}))
			if err != nil || result.State != tt.state || !d.calls[0].Wait {
				t.Fatalf("%+v %v", result, err)
			}
			got := ""
			if p, ok := result.Output.Get("n"); ok {
				text, _ := json.Marshal(p.Value)
				got = string(text)
			}
			if got != tt.output {
				t.Errorf("output %q, not %q", got, tt.output)
			}
			if _, ok := result.Artifacts.Get(LambdaArtifact); !ok {
				t.Error("no artifact")
			}
		})
	}
}

func TestFailuresOfAHandOver(t *testing.T) {
	t.Parallel()
	for code, want := range map[workflow.Code]runtime.State{
		workflow.CodeDenied: runtime.FatalError, workflow.CodeNotFound: runtime.FatalError, workflow.CodeInvalid: runtime.FatalError,
		workflow.CodeInternal: runtime.PlatformError, workflow.CodeTimeout: runtime.UserError, workflow.CodeUnavailable: runtime.Continue,
	} {
		d := &desk{err: workflow.Errorf(code, "refused")}
		result, err := Lambda{Invoker: d}.Execute(t.Context(), call("lambda", entries{"function": "f"}))
		if (err != nil) != (code == workflow.CodeUnavailable) || err == nil && result.State != want {
			t.Errorf("lambda, %s: %+v %v", code, result, err)
		}
		if code == workflow.CodeTimeout {
			continue // nobody waits for a queue
		}
		result, err = Queue{Sender: d}.Start(t.Context(), call("queue", entries{"name": "q"}))
		if (err != nil) != (code == workflow.CodeUnavailable) || err == nil && result.State != want {
			t.Errorf("queue, %s: %+v %v", code, result, err)
		}
	}
}

func TestOrdersThatNobodyCanFollow(t *testing.T) {
	t.Parallel()
	d := &desk{}
	for name, c := range map[string]runtime.Call{
		"no map":             call("queue", "emails"),
		"no name":            call("queue", entries{}),
		"empty name":         call("queue", entries{"name": ""}),
		"heartbeat below 0":  call("queue", entries{"name": "q", "heartbeat_seconds": int64(-1)}),
		"heartbeat of texts": call("queue", entries{"name": "q", "heartbeat_seconds": "1"}),
		"too large":          call("queue", entries{"name": "q"}, strings.Repeat("x", MaxTask)),
		"other step's":       call("lambda", entries{"function": "f"}),
	} {
		result, err := Queue{Sender: d}.Start(t.Context(), c)
		if err != nil || result.State != runtime.FatalError || len(result.Timeline) != 1 {
			t.Errorf("%s: %+v %v", name, result, err)
		}
	}
	if len(d.sent) > 0 {
		t.Error("something was sent")
	}
}
