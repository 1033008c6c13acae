package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/rest"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// caller is a job that is handed over and calls back.
type caller struct {
	heartbeat time.Duration
	tokens    []string // one for each call of execute
	ended     int
}

func (*caller) Start(context.Context, runtime.Call) (runtime.Result, error) {
	return runtime.Result{State: runtime.Done}, nil
}

func (c *caller) Execute(_ context.Context, call runtime.Call) (runtime.Result, error) {
	c.tokens = append(c.tokens, call.Token)
	return runtime.Result{State: runtime.Continue, Wait: true, Heartbeat: c.heartbeat}, nil
}

func (c *caller) Terminate(context.Context, runtime.Call) (runtime.Result, error) {
	c.ended++
	return runtime.Result{State: runtime.Stopped}, nil
}

const handedOver = `{"properties": {"owner": "tester"}, "workflow": {"id": "wf", "steps": [
 {"step": {"id": "job", "type": "Process", "transition": {"successors": {"after": "n > 1"}},
  "params": {"n": {"type": "LONG", "value": 1, "mode": "MUTABLE"}, "m": {"type": "MAP", "value": {"a": {"type": "STRING", "value": "x", "mode": "MUTABLE"}}, "mode": "MUTABLE"}, "fixed": {"type": "LONG", "value": 1, "mode": "CONSTANT"}}}},
 {"step": {"id": "after", "type": "NoOp"}}]}}`

// handed returns a server with an instance whose job was handed over.
func handed(t *testing.T, heartbeat time.Duration) (*api, *caller) {
	t.Helper()
	job := &caller{heartbeat: heartbeat}
	a := newAPI(t, func(r *runtime.Registry) { r.Add("Process", job) })
	a.must("POST", "/workflows", handedOver)
	a.start()
	if len(job.tokens) != 1 || a.stepStatus("job") != "RUNNING" {
		t.Fatalf("%d calls, the job is %v", len(job.tokens), a.stepStatus("job"))
	}
	return a, job
}

// report calls as a job does.
func (a *api) report(path, token string, body io.Reader) (int, map[string]any) {
	a.t.Helper()
	request := httptest.NewRequest("PUT", "/api/v3"+path, body)
	if token != "" {
		request.Header.Set(rest.TokenHeader, token)
	}
	recorder := httptest.NewRecorder()
	a.handler.ServeHTTP(recorder, request)
	out := map[string]any{}
	if err := json.Unmarshal(recorder.Body.Bytes(), &out); err != nil {
		a.t.Fatal(err)
	}
	return recorder.Code, out
}

func (a *api) reported(want int, path, token, body string) map[string]any {
	a.t.Helper()
	status, out := a.report(path, token, strings.NewReader(body))
	if status != want {
		a.t.Errorf("%s: %d %v, want %d", path, status, out, want)
	}
	return out
}

func TestAJobReportsItsSuccessAndTheRunProceedsAtOnce(t *testing.T) {
	a, job := handed(t, 0)
	out := a.reported(200, "/callbacks/success", job.tokens[0], `{"params": {"n": {"type": "LONG", "value": 7}}, "artifacts": {"log": {"lines": 3}}}`)
	expect(t, "answer", out["status"], "SUCCEEDED")
	expect(t, "instance, without any message", a.status(1), "SUCCEEDED")
	document := a.must("GET", "/workflows/wf/instances/1/steps/job", "")
	expect(t, "n", at(document, "params", "n", "evaluated_result"), 7)
	expect(t, "artifact", at(document, "artifacts", "log", "lines"), 3)
	before, _ := json.Marshal(a.must("GET", "/workflows/wf/instances/1", ""))
	a.reported(409, "/callbacks/success", job.tokens[0], "")
	a.reported(409, "/callbacks/failure", job.tokens[0], `{}`)
	a.reported(409, "/output-data", job.tokens[0], `{"params": {"n": {"type": "LONG", "value": 8}}}`)
	if after, _ := json.Marshal(a.must("GET", "/workflows/wf/instances/1", "")); string(after) != string(before) {
		t.Errorf("a doubled callback changed the instance:\n%s\n%s", before, after)
	}
}

func TestOutputsOfAJobThatGoesOnCountWhenItSucceeds(t *testing.T) {
	a, job := handed(t, 0)
	a.reported(200, "/output-data", job.tokens[0], `{"params": {"n": {"type": "STRING", "value": "5"}, "m": {"type": "MAP", "value": {"b": {"type": "LONG", "value": 2}}}}}`)
	expect(t, "n before", at(a.must("GET", "/workflows/wf/instances/1/steps/job", ""), "params", "n", "evaluated_result"), 1)
	for body, word := range map[string]string{
		`{"params": {"fixed": {"type": "LONG", "value": 2}}}`: "CONSTANT",
		`{"params": {"none": {"type": "LONG", "value": 2}}}`:  "none",
		`{"params": {"n": {"type": "STRING", "value": "x"}}}`: "n",
		`[`: "line 1",
		`{"params": {"n": {"type": "STRING", "value": "` + strings.Repeat("x", 1<<20) + `"}}}`:              "bytes",
		`{"params": {"m": {"type": "STRING_MAP", "value": {"k": "` + strings.Repeat("x", 760_000) + `"}}}}`: "750",
	} {
		if out := a.reported(400, "/output-data", job.tokens[0], body); !strings.Contains(fmt.Sprint(out), word) {
			t.Errorf("%.60s: the answer does not say %q: %.300v", body, word, out)
		}
	}
	a.reported(200, "/callbacks/success", job.tokens[0], `{"params": {"m": {"type": "MAP", "value": {"c": {"type": "LONG", "value": 3}}}}}`)
	document := a.must("GET", "/workflows/wf/instances/1/steps/job", "")
	expect(t, "n", at(document, "params", "n", "evaluated_result"), 5)
	if got := at(document, "params", "m", "evaluated_result"); fmt.Sprint(got) != "map[a:x b:2 c:3]" {
		t.Errorf("m is %v", got)
	}
}

func TestAFailureIsCountedByItsKind(t *testing.T) {
	for kind, want := range map[string]string{"USER": "USER_FAILED", "PLATFORM": "PLATFORM_FAILED", "FATAL": "FATALLY_FAILED"} {
		a, job := handed(t, 0)
		out := a.reported(200, "/callbacks/failure", job.tokens[0], fmt.Sprintf(`{"kind": %q, "message": "the disk is full"}`, kind))
		expect(t, kind, out["status"], want)
		document := a.must("GET", "/workflows/wf/instances/1/runs/1/steps/job/attempts/1", "")
		if !strings.Contains(fmt.Sprint(document["timeline"]), "the disk is full") {
			t.Errorf("the timeline does not tell: %v", document["timeline"])
		}
		a.Drain(10 * time.Minute)
		if kind == "FATAL" {
			continue
		}
		if len(job.tokens) != 2 || job.tokens[1] == job.tokens[0] {
			t.Fatalf("%s: the next attempt has the tokens %d", kind, len(job.tokens))
		}
		a.reported(409, "/callbacks/success", job.tokens[0], "")
		a.reported(200, "/callbacks/success", job.tokens[1], "")
	}
}

func TestASilentJobIsAPlatformErrorAndIsTerminated(t *testing.T) {
	a, job := handed(t, 10*time.Minute)
	for range 5 {
		a.Drain(8 * time.Minute)
		a.reported(200, "/callbacks/heartbeat", job.tokens[0], "")
	}
	if len(job.tokens) != 1 || a.stepStatus("job") != "RUNNING" {
		t.Fatalf("a job that calls: %d calls, %v", len(job.tokens), a.stepStatus("job"))
	}
	a.Drain(11 * time.Minute)
	key := workflow.RunKey{Workflow: "wf", Instance: 1, Run: 1}
	if err := a.Evaluate.Handle(t.Context(), hint.Message{Kind: hint.Run, Run: key, Reason: hint.ReasonRecover}); err != nil { // as the sweep asks
		t.Fatal(err)
	}
	a.Drain(time.Second)
	document := a.must("GET", "/workflows/wf/instances/1/runs/1/steps/job/attempts/1", "")
	expect(t, "status", at(document, "runtime_state", "status"), "PLATFORM_FAILED")
	if job.ended != 1 || !strings.Contains(fmt.Sprint(document["timeline"]), "no heartbeat for 10m0s") {
		t.Errorf("terminated %d times; %v", job.ended, document["timeline"])
	}
	a.reported(409, "/callbacks/success", job.tokens[0], "")
}

// unread fails the test when a body is read.
type unread struct{ t *testing.T }

func (u unread) Read([]byte) (int, error) { u.t.Error("the body was read"); return 0, io.EOF }

func TestTheTokenIsCheckedBeforeTheBodyIsRead(t *testing.T) {
	a, job := handed(t, 0)
	for _, route := range wire.JobRoutes {
		path := strings.TrimPrefix(route, "PUT /api/v3")
		for _, token := range []string{"", "x", "s1.", "s1..", strings.Repeat("s1.", 2000), job.tokens[0][:len(job.tokens[0])-2], job.tokens[0] + "A"} {
			if status, out := a.report(path, token, unread{t}); status != http.StatusForbidden {
				t.Errorf("%s with %.20q: %d %v", path, token, status, out)
			}
		}
	}
	if !slices.Equal(rest.JobRoutes(), wire.JobRoutes) {
		t.Errorf("the API serves %v, the gateway lets through %v", rest.JobRoutes(), wire.JobRoutes)
	}
	expect(t, "status", a.stepStatus("job"), "RUNNING")
}

func TestATokenDiesWithItsWorkflow(t *testing.T) {
	a, job := handed(t, 0)
	other := newAPI(t, func(r *runtime.Registry) { r.Add("Process", &caller{}) }) // the same key, another request id
	other.must("POST", "/workflows", handedOver)
	other.must("POST", "/workflows/wf/versions/active/actions/start", `{"request_id": "7a4cf1b8-93a2-4b34-bb08-2f8a2ea2a4c1"}`)
	other.Drain(time.Second)
	other.reported(409, "/callbacks/success", job.tokens[0], "")
	a.reported(200, "/callbacks/success", job.tokens[0], "")
}

func TestAStoppedJobMayStillReport(t *testing.T) {
	a, job := handed(t, 0)
	a.must("PUT", "/workflows/wf/instances/1/steps/job/actions/stop?blocking=false", `{}`)
	out := a.reported(200, "/callbacks/heartbeat", job.tokens[0], "")
	expect(t, "ending", out["ending"], true)
	out = a.reported(200, "/callbacks/success", job.tokens[0], "")
	expect(t, "status", out["status"], "STOPPED")
	a.Drain(time.Minute)
	if job.ended != 0 {
		t.Error("a job that is over was terminated")
	}
}
