package rest_test

import (
	"testing"
	"time"
)

func TestConditionalWorkflowOfTheCorpus(t *testing.T) {
	a := newAPI(t, nil)
	pushed := a.must("POST", "/workflows", corpus(t, "server-samples/sample-conditional-wf.json"))
	expect(t, "version", at(pushed, "workflow_definition", "metadata", "workflow_version_id"), 1)

	started := a.must("POST", "/workflows/sample-conditional-wf/versions/latest/actions/start", `{"initiator": {"type": "manual"}}`)
	expect(t, "start", started["status"], "CREATED")
	a.Drain(time.Minute)

	instance := a.must("GET", "/workflows/sample-conditional-wf/instances/1", "")
	expect(t, "status", instance["status"], "SUCCEEDED")
	for step, want := range map[string]string{"job.1": "SUCCEEDED", "job.2": "SUCCEEDED", "job.3": "SUCCEEDED", "job.4": "UNSATISFIED",
		"job.5": "UNSATISFIED", "job.6": "SUCCEEDED", "job.7": "SUCCEEDED"} {
		document := a.must("GET", "/workflows/sample-conditional-wf/instances/1/runs/1/steps/"+step+"/attempts/latest", "")
		expect(t, step, at(document, "runtime_state", "status"), want)
		expect(t, step+" aggregated", at(instance, "aggregated_info", "step_aggregated_views", step, "status"), want)
	}
	third := a.must("GET", "/workflows/sample-conditional-wf/instances/1/steps/job.3", "")
	expect(t, "job.3 -> job.4", at(third, "transition", "successors", "job.4", "evaluated_result"), false)
	expect(t, "job.3 -> job.6", at(third, "transition", "successors", "job.6", "evaluated_result"), true)
	seventh := a.must("GET", "/workflows/sample-conditional-wf/instances/1/steps/job.7", "")
	expect(t, "param5", at(seventh, "params", "param5", "evaluated_result"), 15)
	expect(t, "leaves", at(instance, "runtime_overview", "rollup_overview", "total_leaf_count"), 7)
	expect(t, "steps", len(a.list("/workflows/sample-conditional-wf/instances/1/steps")), 7)
}
