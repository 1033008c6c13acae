package rest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// flaky fails as often as it is told, then succeeds.
type flaky struct{ failures int64 }

func (flaky) Start(context.Context, runtime.Call) (runtime.Result, error) {
	return runtime.Result{State: runtime.Done}, nil
}

func (f flaky) Execute(_ context.Context, call runtime.Call) (runtime.Result, error) {
	if call.Key.Attempt <= f.failures {
		return runtime.Result{State: runtime.UserError}, nil
	}
	return runtime.Result{State: runtime.Done}, nil
}

func (flaky) Terminate(context.Context, runtime.Call) (runtime.Result, error) {
	return runtime.Result{State: runtime.Stopped}, nil
}

func TestAttemptsOfAStepThatIsRetried(t *testing.T) {
	a := newAPI(t, func(r *runtime.Registry) { r.Add("Process", flaky{2}) })
	a.must("POST", "/workflows", `{"properties": {"owner": "x"}, "workflow": {"id": "wf", "steps": [
		{"step": {"id": "job", "type": "Process", "retry_policy": {"error_retry_limit": 5}, "transition": {"successors": {"after": "true"}}}},
		{"step": {"id": "after", "type": "NoOp"}}]}}`)
	a.must("POST", "/workflows/wf/versions/1/actions/start", `{}`)
	a.Drain(time.Second)
	const steps = "/workflows/wf/instances/1/steps"
	job := a.must("GET", steps+"/job", "")
	expect(t, "first failure", at(job, "runtime_state", "status"), "USER_FAILED")
	expect(t, "reason", job["waiting_reason"], "USER_FAILED: retry 1 of 5 at 03:05:05Z")
	after := a.must("GET", steps+"/after", "")
	expect(t, "after", at(after, "runtime_state", "status"), "NOT_CREATED")
	expect(t, "after waits", after["waiting_reason"], "waits for job")

	a.pass(time.Hour)
	for attempt, want := range map[int][2]any{1: {"USER_FAILED", 1}, 2: {"USER_FAILED", 2}, 3: {"SUCCEEDED", 2}} {
		document := a.must("GET", fmt.Sprintf("/workflows/wf/instances/1/runs/1/steps/job/attempts/%d", attempt), "")
		expect(t, "attempt", document["step_attempt_id"], attempt)
		expect(t, "status", at(document, "runtime_state", "status"), want[0])
		expect(t, "retries", at(document, "step_retry", "error_retries"), want[1])
		expect(t, "limit", at(document, "step_retry", "error_retry_limit"), 5)
	}
	instance := a.must("GET", "/workflows/wf/instances/1", "")
	expect(t, "succeeded", at(instance, "runtime_overview", "step_overview", "SUCCEEDED", "cnt"), 2)
	expect(t, "end of the timeline", at(instance, "timeline", 2, "status"), "SUCCEEDED")
}

func TestReasonsWhyThingsWait(t *testing.T) {
	a := newAPI(t, nil)
	a.must("POST", "/workflows", `{"properties": {"owner": "x"}, "workflow": {"id": "wf", "steps": [
		{"step": {"id": "nap", "type": "Sleep", "params": {"sleep_seconds": {"type": "LONG", "value": 100}}}}]}}`)
	for range 3 {
		a.must("POST", "/workflows/wf/versions/1/actions/start", `{}`)
	}
	nap := a.must("GET", "/workflows/wf/instances/1/steps/nap", "")
	expect(t, "asleep", nap["waiting_reason"], "sleeps until 03:05:45Z")
	second := a.must("GET", "/workflows/wf/instances/2", "")
	expect(t, "queued", second["waiting_reason"], "strategy SEQUENTIAL: instance 1 is running")
	expect(t, "status", second["status"], "CREATED")
	expect(t, "no execution", second["execution_id"], nil)
	expect(t, "third", a.must("GET", "/workflows/wf/instances/3", "")["waiting_reason"], "strategy SEQUENTIAL: instance 1 is running; 2nd in the queue")
	expect(t, "its step", a.must("GET", "/workflows/wf/instances/3/steps/nap", "")["waiting_reason"],
		"the instance has not begun: strategy SEQUENTIAL: instance 1 is running; 2nd in the queue")
	a.pass(time.Hour)
	third := a.must("GET", "/workflows/wf/instances/3", "")
	expect(t, "at the end", third["status"], "SUCCEEDED")
	expect(t, "nothing waits", third["waiting_reason"], nil)
}

func TestAnswersAreReadable(t *testing.T) {
	a := newAPI(t, nil)
	const tricky = `<b> & \\u003c \\\\u003e \\\"`
	a.must("POST", "/workflows", `{"properties": {"owner": "x"}, "workflow": {"id": "wf", "description": "`+tricky+`", "steps": [
		{"step": {"id": "a", "type": "NoOp", "transition": {"successors": {"b": "1 < 2 && 3 > 2"}}}}, {"step": {"id": "b", "type": "NoOp"}}]}}`)
	_, raw := a.raw("GET", "/workflows/wf/versions/1", "")
	for _, text := range []string{`"1 < 2 && 3 > 2"`, `"` + tricky + `"`} {
		if !strings.Contains(string(raw), text) {
			t.Errorf("%s does not hold %s", raw, text)
		}
	}
}

func TestPagesOfInstances(t *testing.T) {
	a := newAPI(t, nil)
	a.must("POST", "/workflows", workflowWith(noop("a", "")))
	for range 10 {
		a.must("POST", "/workflows/wf/versions/1/actions/start", `{}`)
	}
	for query, want := range map[string]string{
		"first=5":            "[10 9 8 7 6] false true 6",
		"first=5&cursor=6":   "[5 4 3 2 1] true false 1",
		"first=5&cursor=5":   "[4 3 2 1] true false 1",
		"last=5&cursor=5":    "[10 9 8 7 6] false true 6",
		"last=2":             "[2 1] true false 1",
		"first=5&cursor=1":   "[] false false 0",
		"first=1&cursor=100": "[] false false 0",
	} {
		page := a.must("GET", "/workflows/wf/instances?"+query, "")
		var ids []any
		for i := range page["elements"].([]any) {
			ids = append(ids, at(page, "elements", i, "workflow_instance_id"))
		}
		info := page["page_info"]
		expect(t, query, fmt.Sprint(ids, " ", at(info, "has_previous_page"), " ", at(info, "has_next_page"), " ", at(info, "start_index")), want)
		expect(t, "total", page["total_count"], 10)
	}
}

func TestARequestIDStartsOnce(t *testing.T) {
	a := newAPI(t, nil)
	a.must("POST", "/workflows", workflowWith(noop("a", "")))
	const body = `{"request_id": "5b1c8c4e-0c6b-4bb0-9c5a-4e7b6c8b6a11", "run_params": {"p": {"type": "STRING", "value": "v"}}}`
	first := a.must("POST", "/workflows/wf/versions/active/actions/start", body)
	a.must("POST", "/workflows", workflowWith(noop("b", "")))
	again := a.must("POST", "/workflows/wf/versions/active/actions/start", body)
	expect(t, "first", first["status"], "CREATED")
	expect(t, "again", again["status"], "DUPLICATED")
	expect(t, "same instance", again["workflow_instance_id"], first["workflow_instance_id"])
	expect(t, "version of that instance", again["workflow_version_id"], 1)
	expect(t, "uuid", again["workflow_uuid"], "5b1c8c4e-0c6b-4bb0-9c5a-4e7b6c8b6a11")
	expect(t, "param", at(a.must("GET", "/workflows/wf/instances/1", ""), "params", "p", "evaluated_result"), "v")
}

// mends fails in the first run of an instance, for good, and works in later ones.
type mends struct{ flaky }

func (mends) Execute(_ context.Context, call runtime.Call) (runtime.Result, error) {
	if call.Key.Run == 1 {
		return runtime.Result{State: runtime.FatalError}, nil
	}
	return runtime.Result{State: runtime.Done}, nil
}

func TestDocumentsAfterARestart(t *testing.T) {
	a := newAPI(t, func(r *runtime.Registry) { r.Add("Process", mends{}) })
	a.must("POST", "/workflows", `{"properties": {"owner": "x"}, "workflow": {"id": "wf", "steps": [
		{"step": {"id": "a", "type": "NoOp", "transition": {"successors": {"b": "true"}}}},
		{"step": {"id": "b", "type": "Process", "transition": {"successors": {"c": "true"}}}},
		{"step": {"id": "c", "type": "NoOp"}}]}}`)
	a.must("POST", "/workflows/wf/versions/1/actions/start", `{}`)
	a.Drain(time.Minute)
	expect(t, "first run", a.must("GET", "/workflows/wf/instances/1", "")["status"], "FAILED")
	expect(t, "failed", a.must("GET", "/workflows/wf/overview", "")["failed_instances"], 1)

	if _, err := a.Trigger.Restart(t.Context(), "wf", 1, trigger.Restart{Policy: decide.FromIncomplete, By: &workflow.User{Name: "x"}}); err != nil {
		t.Fatal(err)
	}
	a.Drain(time.Minute)
	instance := a.must("GET", "/workflows/wf/instances/1", "")
	expect(t, "second run", fmt.Sprint(instance["workflow_run_id"], instance["status"]), "2SUCCEEDED")
	expect(t, "steps of the run", at(instance, "runtime_overview", "total_step_count"), 2)
	expect(t, "edges of a", at(instance, "runtime_dag", "a"), nil)
	for step, run := range map[string]int{"a": 1, "b": 2, "c": 2} {
		expect(t, step+" aggregated", at(instance, "aggregated_info", "step_aggregated_views", step, "workflow_run_id"), run)
		expect(t, step, a.must("GET", "/workflows/wf/instances/1/steps/"+step, "")["workflow_run_id"], run)
	}
	expect(t, "of all runs", len(a.list("/workflows/wf/instances/1/steps")), 3)
	expect(t, "of the second run", len(a.list("/workflows/wf/instances/1/runs/2/steps")), 2)
	status, _ := a.call("GET", "/workflows/wf/instances/1/runs/2/steps/a/attempts/1", "")
	expect(t, "a in the second run", status, 404)
	expect(t, "b in the first run", at(a.must("GET", "/workflows/wf/instances/1/runs/1/steps/b/attempts/1", ""), "runtime_state", "status"), "FATALLY_FAILED")
	page := a.must("GET", "/workflows/wf/instances/1/runs?first=9", "")
	expect(t, "runs", page["total_count"], 2)
	expect(t, "oldest run", at(page, "elements", 1, "status"), "FAILED")
}

func TestStartThatTheStrategyTurnsAway(t *testing.T) {
	a := newAPI(t, nil)
	a.must("POST", "/workflows", `{"properties": {"owner": "x", "run_strategy": "first_only"}, "workflow": {"id": "wf", "steps": [{"step": {"id": "nap", "type": "Sleep"}}]}}`)
	expect(t, "first", a.must("POST", "/workflows/wf/versions/1/actions/start", `{}`)["status"], "CREATED")
	expect(t, "second", a.must("POST", "/workflows/wf/versions/1/actions/start", `{}`)["status"], "STOPPED")
	second := a.must("GET", "/workflows/wf/instances/2", "")
	expect(t, "its instance", second["status"], "STOPPED")
	if at(second, "timeline", 0) == nil {
		t.Error("nothing says why")
	}
}
