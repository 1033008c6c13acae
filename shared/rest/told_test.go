package rest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// Whoever acts is on the timeline of what he acted on, with his reason: of the instance, of the step, or of the workflow.
func TestEveryActionIsOnATimeline(t *testing.T) {
	signal := `{"step": {"id": "hear", "type": "NoOp", "signal_dependencies": [{"name": "never"}]}}`
	a, _ := working(t, "parallel", step("job", "Process", "held")+","+step("held", "NoOp")+","+signal)
	a.must("POST", breakpoints, `{"workflow_id": "wf", "step_id": "held"}`)
	a.start()
	act := func(path string) {
		t.Helper()
		a.must("PUT", path, fmt.Sprintf(`{"reason": %q}`, path[len(path)-4:]))
		a.Drain(time.Second)
	}
	act(instance + "/actions/pause")
	act(instance + "/actions/resume")
	expect(t, "instance", told(a.must("GET", instance, "")), "[PAUSE tester ause RESUME tester sume]")
	act(jobStep + "skip")
	expect(t, "skipped", told(a.must("GET", instance+"/steps/job", "")), "[SKIP tester skip]")
	act(breakpoints + "/wf/instances/1/runs/1/steps/held/attempts/1/actions/resume")
	expect(t, "resumed", told(a.must("GET", instance+"/steps/held", "")), "[RESUME tester sume]")
	act(instance + "/steps/hear/actions/bypass")
	expect(t, "bypassed", told(a.must("GET", instance+"/steps/hear", "")), "[BYPASS_STEP_DEPENDENCIES tester pass]")
	expect(t, "instance over", a.status(1), "SUCCEEDED")
	a.start()
	act("/workflows/wf/instances/2/steps/job/actions/kill")
	expect(t, "killed", told(a.must("GET", "/workflows/wf/instances/2/steps/job", "")), "[KILL tester kill]")
	act("/workflows/wf/instances/2/actions/stop")
	expect(t, "stopped", told(a.must("GET", "/workflows/wf/instances/2", "")), "[STOP tester stop]")
	a.start()
	act("/workflows/wf/instances/3/actions/kill")
	act("/workflows/wf/instances/3/actions/unblock")
	_, text := a.raw("GET", "/workflows/wf/timeline", "")
	if got := string(text); !strings.Contains(got, "unblocked instance 3 run 1: lock") || !strings.Contains(got, `"author":"tester"`) {
		t.Errorf("timeline of the workflow: %s", got)
	}
}
