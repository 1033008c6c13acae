package rest_test

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"
	"time"
)

// absent are the keys of the reference's documents that ours do not have, and why.
var absent = map[string]string{
	"group_info":     "runs are not sharded over engines",
	"signal_outputs": "only while a step has any",
	"artifacts":      "only while there are any",
	"pause_time":     "only after a breakpoint",
	"level":          "our first event is a change of status, theirs is a log line",
	"message":        "the same",
}

// missing lists the keys of want that got lacks, below path. Arrays are compared by their first elements.
func missing(path string, got, want any) (out []string) {
	switch want := want.(type) {
	case map[string]any:
		object, ok := got.(map[string]any)
		if !ok {
			return []string{path + " is no object"}
		}
		for key, value := range want {
			below := strings.TrimPrefix(path+"."+key, ".")
			if _, ok := object[key]; !ok {
				out = append(out, below)
				continue
			}
			out = append(out, missing(below, object[key], value)...)
		}
	case []any:
		array, ok := got.([]any)
		if !ok {
			return []string{path + " is no array"}
		}
		if len(want) > 0 && len(array) > 0 {
			out = missing(path, array[0], want[0])
		}
	}
	slices.Sort(out)
	return out
}

func fixture(t *testing.T, name string) any {
	t.Helper()
	var out any
	if err := json.Unmarshal([]byte(corpus(t, "common-fixtures/"+name)), &out); err != nil {
		t.Fatal(err)
	}
	return out
}

// sameShape fails for keys of the fixture that the document lacks and nobody allowed to.
func sameShape(t *testing.T, name string, got any, allowed ...string) {
	t.Helper()
	for _, key := range missing("", got, fixture(t, name)) {
		_, known := absent[key[strings.LastIndexByte(key, '.')+1:]]
		if !known && absent[key] == "" && !slices.Contains(allowed, key) {
			t.Errorf("%s: %s is missing", name, key)
		}
	}
}

func TestDocumentsHaveTheKeysOfTheReference(t *testing.T) {
	a := newAPI(t, nil)
	const wf = "/workflows/sample-dag-test-3"
	body := requestOf(t, fixture(t, "api/sample-workflow-create-response.json"))
	pushed := a.must("POST", "/workflows", body)
	sameShape(t, "api/sample-workflow-create-response.json", pushed)
	a.must("POST", "/workflows", body)

	activated := a.must("PUT", wf+"/versions/1/actions/activate", "")
	sameShape(t, "api/sample-workflow-activate-response.json", activated)
	started := a.must("POST", wf+"/versions/active/actions/start", `{"initiator": {"type": "manual"}}`)
	sameShape(t, "api/sample-workflow-start-response.json", started)
	sameShape(t, "api/sample-workflow-overview-response.json", a.must("GET", wf+"/overview", ""))
	a.pass(time.Hour)

	sameShape(t, "instances/sample-workflow-instance-succeeded.json", a.must("GET", wf+"/instances/1", ""))
	expect(t, "status", a.must("GET", wf+"/instances/1", "")["status"], "SUCCEEDED")
	job := a.must("GET", wf+"/instances/1/steps/job1", "")
	// The definition and its tags are another's; ours are those of the request.
	for _, key := range missing("", job, fixture(t, "instances/sample-step-instance-succeeded.json")) {
		if !strings.HasPrefix(key, "definition.") && absent[key[strings.LastIndexByte(key, '.')+1:]] == "" {
			t.Errorf("step: %s is missing", key)
		}
	}
	sameShape(t, "aggregated/step-aggregated-view.json", at(a.must("GET", wf+"/instances/1", ""), "aggregated_info", "step_aggregated_views", "job1"))
	sameShape(t, "timeline/workflow-timeline.json", a.must("GET", wf+"/timeline", ""))
	sameShape(t, "api/sample-workflow-deactivate-response.json", a.must("PUT", wf+"/actions/deactivate", ""))
	a.must("POST", wf+"/properties", corpus(t, "common-fixtures/api/sample-workflow-properties-update-request-reset.json"))
}

// requestOf makes the push whose answer the fixture is.
func requestOf(t *testing.T, answer any) string {
	t.Helper()
	properties, _ := at(answer, "workflow_definition", "properties_snapshot").(map[string]any)
	for _, key := range []string{"workflow_id", "create_time", "author"} {
		delete(properties, key)
	}
	body, err := json.Marshal(map[string]any{"properties": properties, "workflow": at(answer, "workflow_definition", "workflow")})
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

func TestYAMLTwin(t *testing.T) {
	a := newAPI(t, nil)
	a.must("POST", "/workflows/yaml", corpus(t, "server-samples/yaml/sample-conditional-wf.yaml"))
	a.must("POST", "/workflows/sample-conditional-wf/versions/active/actions/start", `{}`)
	a.Drain(time.Minute)
	instance := a.must("GET", "/workflows/sample-conditional-wf/instances/1", "")
	expect(t, "status", instance["status"], "SUCCEEDED")
	expect(t, "job.4", at(instance, "aggregated_info", "step_aggregated_views", "job.4", "status"), "UNSATISFIED")
}
