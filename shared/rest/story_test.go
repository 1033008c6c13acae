package rest_test

import (
	"net/http"
	"testing"
)

func TestPropertiesAndTagsOverHTTP(t *testing.T) {
	a := newAPI(t, nil)
	a.must("POST", "/workflows", workflowWith(noop("a", "")))
	changed := a.must("POST", "/workflows/wf/properties", `{"owner": {"name": "new", "team": "x"}, "step_concurrency": 3}`)
	expect(t, "owner", at(changed, "owner", "name"), "new")
	expect(t, "author", changed["author"], "tester")
	tagged := a.must("POST", "/workflows/wf/properties/tag", `{"name": "gold", "tier": 1}`)
	expect(t, "namespace", at(tagged, "tags", 0, "namespace"), "PLATFORM")
	expect(t, "creator", at(tagged, "tags", 0, "creator"), "tester")
	expect(t, "attribute", at(tagged, "tags", 0, "tier"), 1)
	snapshot := a.must("GET", "/workflows/wf/properties-snapshot/latest", "")
	expect(t, "step concurrency", snapshot["step_concurrency"], 3)
	expect(t, "tag", at(snapshot, "tags", 0, "name"), "gold")
	a.must("DELETE", "/workflows/wf/properties/tag/gold", "")
	for body, want := range map[string]int{
		`{"tags": ["x"]}`: 400, `{"run_strategy": "sequential", "reset_run_strategy_rule": true}`: 400, `{"nobody": 1}`: 400,
		`{"run_strategy": {"rule": "sequential", "workflow_concurrency": 2}}`: 400, `{"step_concurrency": 1001}`: 400, `{}`: 200,
	} {
		if status, answer := a.call("POST", "/workflows/wf/properties", body); status != want {
			t.Errorf("%s: %d %v", body, status, answer)
		}
	}
	status, _ := a.call("DELETE", "/workflows/wf/properties/tag/gold", "")
	expect(t, "no such tag", status, http.StatusNotFound)
	status, _ = a.call("POST", "/workflows/nobody/properties", "{}")
	expect(t, "no such workflow", status, http.StatusNotFound)
}

func TestDeletedWorkflowIsGoneAndNumbersGoOn(t *testing.T) {
	a := newAPI(t, nil)
	a.must("POST", "/workflows", workflowWith(noop("a", "")))
	a.must("POST", "/workflows/wf/versions/1/actions/start", `{}`)
	event := a.must("DELETE", "/workflows/wf", "")
	expect(t, "event", event["action"], "DELETE")
	for _, path := range []string{"/versions/1", "/overview", "/timeline", "/instances?first=1", "/instances/1", "/instances/1/steps", "/properties-snapshot/latest"} {
		status, _ := a.call("GET", "/workflows/wf"+path, "")
		expect(t, path, status, http.StatusNotFound)
	}
	status, _ := a.call("POST", "/workflows/wf/versions/1/actions/start", `{}`)
	expect(t, "start", status, http.StatusNotFound)

	again := a.must("POST", "/workflows", workflowWith(noop("a", "")))
	expect(t, "version", at(again, "workflow_definition", "metadata", "workflow_version_id"), 2)
	expect(t, "internal id", at(again, "workflow_definition", "internal_id"), 10001)
	expect(t, "versions", a.must("GET", "/workflows/wf/versions/pagination?first=9", "")["total_count"], 1)
	expect(t, "instances", a.must("GET", "/workflows/wf/instances?first=9", "")["total_count"], 0)
	for _, path := range []string{"/versions/1", "/instances/1"} {
		status, _ := a.call("GET", "/workflows/wf"+path, "")
		expect(t, path+" of the former life", status, http.StatusNotFound)
	}
	started := a.must("POST", "/workflows/wf/versions/active/actions/start", `{}`)
	expect(t, "instance", started["workflow_instance_id"], 2)
}

func TestDeleteOfABusyWorkflow(t *testing.T) {
	a := newAPI(t, nil)
	a.must("POST", "/workflows", `{"properties": {"owner": "x"}, "workflow": {"id": "wf", "steps": [{"step": {"id": "nap", "type": "Sleep"}}]}}`)
	a.must("POST", "/workflows/wf/versions/1/actions/start", `{}`)
	status, answer := a.call("DELETE", "/workflows/wf", "")
	expect(t, "status", status, http.StatusBadRequest)
	expect(t, "message", answer["message"], `workflow "wf" has non-terminal instances (1); stop them before you delete it`)
}
