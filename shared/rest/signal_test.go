package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/board"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

const listening = `{"properties": {"owner": "tester", "run_strategy": "parallel"}, "is_active": true, "workflow": {"id": "wf",
  "signal_triggers": [{"definitions": {
      "a": {"match_params": {"kind": {"value": "x", "operator": "="}, "mark": {"value": 10, "operator": ">="}}, "join_keys": ["by"]},
      "b": {"join_keys": ["from"]}},
    "params": {"who": {"type": "STRING", "expression": "a__by"}}, "condition": "who != 'nobody'"}],
  "steps": [{"step": {"id": "s", "type": "NoOp", "params": {
    "who": {"type": "STRING", "expression": "params.getFromSignal('who')"},
    "mark": {"type": "LONG", "expression": "params.getFromSignal('a', 'mark')"}}}}]}}`

func (a *api) announce(want int, name, params string) map[string]any {
	a.t.Helper()
	status, out := a.call("POST", "/signals", fmt.Sprintf(`{"name": %q, "params": {%s}}`, name, params))
	if status != want {
		a.t.Fatalf("announce %s: %d %v, want %d", name, status, out, want)
	}
	return out
}

func (a *api) instances() int {
	a.t.Helper()
	count, _ := a.must("GET", "/workflows/wf/instances?first=99", "")["total_count"].(float64)
	return int(count)
}

func TestASignalTriggerStartsOneRunForEachMatch(t *testing.T) {
	a := newAPI(t, nil)
	a.announce(200, "b", `"from": "ada"`) // before the trigger listens: it does not count
	a.must("POST", "/workflows", listening)
	a.announce(200, "a", `"kind": "x", "mark": 12, "by": "ada"`)
	a.announce(200, "a", `"kind": "x", "mark": 9, "by": "ada", "n": 1`)
	a.announce(200, "a", `"kind": "y", "mark": 12, "by": "ada"`)
	a.announce(200, "a", `"kind": "x", "mark": "12", "by": "bob"`)
	a.Drain(time.Second)
	expect(t, "no partner yet", a.instances(), 0)
	a.announce(409, "b", `"from": "ada"`)
	a.announce(200, "b", `"from": "ada", "n": 2`)
	a.announce(200, "b", `"from": "bob"`)
	a.Drain(time.Second)
	expect(t, "one match", a.instances(), 1)
	instance := a.must("GET", "/workflows/wf/instances/1", "")
	expect(t, "status", instance["status"], "SUCCEEDED")
	expect(t, "initiator", at(instance, "initiator", "type"), "SIGNAL")
	expect(t, "signals", fmt.Sprint(at(instance, "initiator", "signal_id_map")), "map[a:1 b:2]")
	step := a.must("GET", "/workflows/wf/instances/1/steps/s", "")
	expect(t, "who", at(step, "params", "who", "evaluated_result"), "ada")
	expect(t, "mark", at(step, "params", "mark", "evaluated_result"), 12)

	a.announce(200, "b", `"from": "ada", "n": 3`)
	a.Drain(time.Second)
	expect(t, "nothing is consumed twice", a.instances(), 1)
	a.announce(200, "a", `"kind": "x", "mark": 10, "by": "nobody"`)
	a.announce(200, "b", `"from": "nobody"`)
	a.Drain(time.Second)
	expect(t, "the condition is false", a.instances(), 1)
	expect(t, "lineage", fmt.Sprint(at(a.must("GET", "/workflows/wf/instances/1/lineage", ""), "links", 0, "role")), "STARTED_BY")
	latest := a.must("GET", "/signals/a/instances/latest", "")
	expect(t, "latest", latest["seq_id"], 5)
	status, _ := a.call("GET", "/signals/a/instances/6", "")
	expect(t, "not announced", status, http.StatusNotFound)
}

func TestSignalTriggersFollowTheWorkflow(t *testing.T) {
	one := `{"properties": {"owner": "tester", "run_strategy": "parallel"}, "is_active": true, "workflow": {"id": "wf",
	  "signal_triggers": [{"definitions": {"a": {}}}], "steps": [{"step": {"id": "s", "type": "NoOp"}}]}}`
	a := newAPI(t, nil)
	n, runs := 0, 0
	announce := func(what string, starts bool) {
		t.Helper()
		n++
		a.announce(200, "a", fmt.Sprintf(`"n": %d`, n))
		a.Drain(time.Minute)
		if starts {
			runs++
		}
		expect(t, what, a.instances(), runs)
	}
	a.must("POST", "/workflows", one)
	announce("active", true)
	a.must("PUT", "/workflows/wf/actions/deactivate", "")
	announce("not active", false)
	a.must("PUT", "/workflows/wf/versions/1/actions/activate", "")
	announce("active again", true)
	a.must("POST", "/workflows/wf/properties", `{"signal_trigger_disabled": true}`)
	announce("disabled", false)
	a.must("POST", "/workflows/wf/properties", `{"signal_trigger_disabled": false}`)
	announce("enabled", true)
	a.must("POST", "/workflows", one)
	announce("a new version with the same trigger", true)
}

const waiting = `{"properties": {"owner": "tester"}, "is_active": true, "workflow": {"id": "wf",
  "params": {"day": {"type": "LONG", "value": 7}},
  "steps": [{"step": {"id": "s", "type": "NoOp",
    "signal_dependencies": [{"name": "table/${day}", "match_params": {
      "day": {"param": {"type": "LONG", "expression": "day"}, "operator": ">="}, "hour": {"param": {"type": "STRING", "value": "h"}, "operator": "="}}}],
    "params": {"got": {"type": "LONG", "expression": "params.getFromSignalDependency('0', 'day')"}},
    "signal_outputs": [{"name": "done", "params": {"day": {"type": "LONG", "expression": "got"}}, "payload": {"note": {"type": "STRING", "value": "day ${got}"}}}],
    "transition": {"successors": {"t": "true"}}}}, {"step": {"id": "t", "type": "NoOp"}}]}}`

func TestAStepWaitsForItsSignalAndAnnouncesItsOwn(t *testing.T) {
	a := newAPI(t, nil)
	a.announce(200, "table/7", `"day": 6, "hour": "h"`)
	a.must("POST", "/workflows", waiting)
	a.start()
	expect(t, "waits", a.stepStatus("s"), "WAITING_FOR_SIGNALS")
	a.Drain(2 * time.Minute)
	a.announce(200, "table/7", `"day": 8, "hour": "x"`)
	a.Drain(time.Second)
	expect(t, "still waits", a.stepStatus("s"), "WAITING_FOR_SIGNALS")
	a.announce(200, "table/7", `"day": 8, "hour": "h"`)
	a.Drain(time.Second)
	expect(t, "goes on", a.status(1), "SUCCEEDED")
	step := a.must("GET", "/workflows/wf/instances/1/steps/s", "")
	expect(t, "got", at(step, "params", "got", "evaluated_result"), 8)
	expect(t, "matched", at(step, "signal_dependencies", "dependencies", 0, "signal_id"), 3)
	expect(t, "announced", at(step, "signal_outputs", "outputs", 0, "signal_id"), 1)
	sent := a.must("GET", "/signals/done/instances/1", "")
	expect(t, "payload", at(sent, "payload", "note"), "day 8")
	expect(t, "source", at(sent, "payload", "signal_source", "step_id"), "s")

	a.start()
	expect(t, "the second run needs no new signal", a.status(2), "SUCCEEDED")
	expect(t, "each attempt announces its own", a.must("GET", "/signals/done/instances/latest", "")["seq_id"], 2)
	links := a.must("GET", "/signals/table%2F7/instances/3/lineage?hops=2", "")["links"].([]any)
	roles := map[any]int{}
	for _, link := range links {
		roles[at(link.(map[string]any), "role")]++
	}
	expect(t, "lineage", fmt.Sprint(roles), "map[ANNOUNCED:2 WAITED_FOR:2]")
}

// asks is a step type that asks for signals by its artifact.
type asks string

func (a asks) Execute(runtime.Call) runtime.Result {
	artifacts := &workflow.Ordered[json.RawMessage]{}
	artifacts.Set("maestro_dynamic_output", json.RawMessage(a))
	return runtime.Result{State: runtime.Done, Artifacts: artifacts}
}

// TestAJobAsksForSignals: those of the artifact follow those of the definition, and the step succeeds when all are announced.
func TestAJobAsksForSignals(t *testing.T) {
	const definition = `{"properties": {"owner": "tester"}, "is_active": true, "workflow": {"id": "wf", "steps": [
	  {"step": {"id": "s", "type": "Process", "signal_outputs": [{"name": "declared"}]}}]}}`
	asking := func(artifact string) *api {
		a := newAPI(t, func(r *runtime.Registry) { r.AddLight("Process", asks(artifact)) })
		a.must("POST", "/workflows", definition)
		a.start()
		a.Drain(time.Minute)
		return a
	}
	a := asking(`{"type": "DYNAMIC_OUTPUT", "signal_outputs": [
	  {"type": "MAP", "value": {"name": {"type": "STRING", "value": "table/new"}, "day": {"type": "LONG", "value": 7}}},
	  {"type": "MAP", "value": {"name": {"type": "STRING", "value": "table/other"}}}]}`)
	expect(t, "succeeds", a.stepStatus("s"), "SUCCEEDED")
	step := a.must("GET", "/workflows/wf/instances/1/steps/s", "")
	expect(t, "all", len(at(step, "signal_outputs", "outputs").([]any)), 3)
	sent := a.must("GET", "/signals/table%2Fnew/instances/1", "")
	expect(t, "params", fmt.Sprint(at(sent, "params")), "map[day:7]")
	expect(t, "source", at(sent, "payload", "signal_source", "step_id"), "s")
	for name, bad := range map[string]string{
		"no name":  `{"signal_outputs": [{"type": "MAP", "value": {"day": {"type": "LONG", "value": 7}}}]}`,
		"no list":  `{"signal_outputs": "x"}`,
		"no value": `{"signal_outputs": [{"type": "MAP"}]}`,
	} {
		a := asking(bad)
		expect(t, name, a.stepStatus("s"), "INTERNALLY_FAILED")
		a.refused(404, "GET", "/signals/declared/instances/latest", "")
	}
}

func TestBypass(t *testing.T) {
	a := newAPI(t, nil)
	a.must("POST", "/workflows", `{"properties": {"owner": "tester"}, "is_active": true, "workflow": {"id": "wf", "steps": [
	  {"step": {"id": "s", "type": "NoOp", "signal_dependencies": [{"name": "never"}]}}]}}`)
	a.start()
	expect(t, "waits", a.stepStatus("s"), "WAITING_FOR_SIGNALS")
	a.must("PUT", "/workflows/wf/instances/1/steps/s/actions/bypass", "")
	a.Drain(time.Second)
	expect(t, "goes on", a.status(1), "SUCCEEDED")
	a.refused(400, "PUT", "/workflows/wf/instances/1/steps/s/actions/bypass", "")
	step := a.must("GET", "/workflows/wf/instances/1/steps/s", "")
	expect(t, "skipped", at(step, "signal_dependencies", "dependencies", 0, "status"), "SKIPPED")
}

// TestOneWayTooManyToLookAtASignal: the step that would be the 65th way fails with the reason, and the others wait.
func TestOneWayTooManyToLookAtASignal(t *testing.T) {
	a := newAPI(t, nil)
	var steps []string
	for n := range board.MaxShapes + 1 {
		steps = append(steps, fmt.Sprintf(`{"step": {"id": "s%d", "type": "NoOp", "signal_dependencies": [
		  {"name": "many", "match_params": {"p%d": {"param": {"type": "LONG", "value": 1}, "operator": "="}}}]}}`, n, n))
	}
	a.must("POST", "/workflows", `{"properties": {"owner": "tester"}, "is_active": true, "workflow": {"id": "wf", "steps": [`+
		strings.Join(steps, ",")+`]}}`)
	a.start()
	a.Drain(time.Minute)
	counts := map[string]int{}
	for n := range steps {
		status := fmt.Sprint(a.stepStatus(fmt.Sprintf("s%d", n)))
		counts[status]++
		if status != "INTERNALLY_FAILED" {
			continue
		}
		timeline := fmt.Sprint(a.must("GET", fmt.Sprintf("/workflows/wf/instances/1/steps/s%d", n), "")["timeline"])
		if !strings.Contains(timeline, "more than 64 ways") {
			t.Errorf("the reason is missing: %s", timeline)
		}
	}
	expect(t, "statuses", fmt.Sprint(counts), "map[INTERNALLY_FAILED:1 WAITING_FOR_SIGNALS:64]")
	a.announce(200, "many", `"p0": 1`)
	a.Drain(time.Second)
	expect(t, "the others are heard", a.stepStatus("s0"), "SUCCEEDED")
}

func TestARunThatWaitsIsStopped(t *testing.T) {
	a := newAPI(t, nil)
	a.must("POST", "/workflows", waiting)
	a.start()
	a.must("PUT", "/workflows/wf/instances/1/actions/stop", "")
	a.Drain(time.Second)
	expect(t, "stopped", a.status(1), "STOPPED")
	a.announce(200, "table/7", `"day": 8, "hour": "h"`)
	a.Drain(time.Minute)
	expect(t, "and stays so", a.status(1), "STOPPED")
}

func TestTheSampleOfSignalTriggers(t *testing.T) {
	a := newAPI(t, nil)
	text := corpus(t, "server-samples/sample-signal-trigger-wf.json")
	var definition map[string]any
	if err := json.Unmarshal([]byte(text), &definition); err != nil {
		t.Fatal(err)
	}
	definition["is_active"] = true
	body, err := json.Marshal(definition)
	if err != nil {
		t.Fatal(err)
	}
	// The date is a default param of the deployment that the sample comes from.
	a.must("POST", "/workflows", strings.ReplaceAll(string(body), "TARGET_RUN_DATE", "20260102"))
	a.announce(200, "signal_a", `"foo": "bat", "watermark": 12345, "updated_by": "ada"`)
	a.announce(200, "signal_b", `"bar": "baz", "watermark": 22222, "posted_by": "ada"`)
	a.Drain(time.Second)
	const wf = "/workflows/sample-signal-trigger-wf/instances/1"
	expect(t, "waits", at(a.must("GET", wf+"/steps/job.1", ""), "runtime_state", "status"), "WAITING_FOR_SIGNALS")
	for _, table := range []string{"db/test/table1", "db/test/table2"} {
		a.announce(200, table, `"vtts_utc_dateint": "20260103", "vtts_utc_hour": "00"`)
	}
	a.Drain(time.Second)
	expect(t, "status", a.must("GET", wf, "")["status"], "SUCCEEDED")
	step := a.must("GET", wf+"/steps/job.1", "")
	expect(t, "of the trigger", at(step, "params", "param1", "evaluated_result"), "bar")
	expect(t, "of the signal", at(step, "params", "param2", "evaluated_result"), 12345)
	expect(t, "of the dependency", at(step, "params", "param3", "evaluated_result"), "20260103")
	expect(t, "announced", a.must("GET", "/signals/dummy%2Ftest%2Fsignal1/instances/latest", "")["seq_id"], 1)
}
