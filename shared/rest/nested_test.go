package rest_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"
)

// sample pushes a workflow of the corpus, starts it and lets it come to its end.
func (a *api) sample(name string) map[string]any {
	a.t.Helper()
	a.must("POST", "/workflows", corpus(a.t, "server-samples/"+name+".json"))
	a.must("POST", "/workflows/"+name+"/versions/active/actions/start", `{}`)
	for range 20 {
		a.pass(time.Minute)
	}
	return a.must("GET", "/workflows/"+name+"/instances/1", "")
}

func TestLoopSamplesRunToTheirEnd(t *testing.T) {
	for name, want := range map[string]string{
		"sample-foreach-wf":        `{"SUCCEEDED":{"cnt":54}}`,
		"sample-nested-foreach-wf": `{"SUCCEEDED":{"cnt":14}}`, // per i and j: i-1 inner iterations, or the empty loop itself, and one more
		"sample-while-wf":          `{"SUCCEEDED":{"cnt":5}}`,
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t, nil)
			done := a.sample(name)
			expect(t, "status", done["status"], "SUCCEEDED")
			got, _ := json.Marshal(at(done, "runtime_overview", "rollup_overview", "overview"))
			expect(t, "rollup", string(got), want)
		})
	}
}

func TestTheSubworkflowSampleRunsToItsEnd(t *testing.T) {
	a := newAPI(t, nil)
	a.must("POST", "/workflows", corpus(t, "server-samples/sample-dag-test-3.json"))
	done := a.sample("sample-subworkflow-wf")
	expect(t, "status", done["status"], "SUCCEEDED")
	callees := at(a.must("GET", "/workflows/sample-dag-test-3/instances?first=20", ""), "total_count")
	expect(t, "callees", callees, 6)
	leaves := at(a.must("GET", "/workflows/sample-dag-test-3/instances/1", ""), "runtime_overview", "rollup_overview", "total_leaf_count").(float64)
	expect(t, "leaves", at(done, "runtime_overview", "rollup_overview", "total_leaf_count"), 5*leaves+1) // one is not waited for
	step := a.must("GET", "/workflows/sample-subworkflow-wf/instances/1/steps/job1", "")
	artifact := at(step, "artifacts", "maestro_subworkflow")
	expect(t, "type", at(artifact, "type"), "SUBWORKFLOW")
	expect(t, "callee", at(artifact, "subworkflow_id"), "sample-dag-test-3")
	expect(t, "overview", at(artifact, "subworkflow_overview", "rollup_overview", "total_leaf_count"), leaves)
}

// loop is a foreach step over 1 to n-1 with a body.
func loop(id string, n int, body string) string {
	return fmt.Sprintf(`{"foreach": {"id": %q, "params": {"loop_params": {"type": "MAP", "value": {"%s_i": {"type": "LONG_ARRAY", "expression": "Util.intsBetween(1,%d,1)"}}}}, "steps": [%s]}}`,
		id, id, n+1, body)
}

// An iteration is an instance: it answers at every path at which instances do.
func TestIterationsAreInstances(t *testing.T) {
	a, job := working(t, "", loop("fe", 3, step("a", "Process")))
	job.done = true
	a.start()
	one := a.must("GET", "/workflows/wf/instances/1/steps/fe", "")
	artifact := at(one, "artifacts", "maestro_foreach")
	inline := fmt.Sprint(at(artifact, "foreach_workflow_id"))
	expect(t, "total", at(artifact, "total_loop_count"), 3)
	expect(t, "details", at(artifact, "foreach_overview", "details", "SUCCEEDED"), "[[1 3]]")
	expect(t, "checkpoint", at(artifact, "foreach_overview", "checkpoint"), 3)
	expect(t, "stats", at(artifact, "foreach_overview", "stats", "SUCCEEDED"), 3)

	_, raw := a.raw("GET", "/workflows/instances/inline-workflow-id", `[{"workflow_id": "wf", "instance_id": 1, "run_id": 1, "step_id": "fe"}]`)
	expect(t, "inline id", string(raw), fmt.Sprintf("%q\n", inline))
	page := a.must("GET", "/workflows/"+inline+"/instances?first=2", "")
	expect(t, "iterations", page["total_count"], 3)
	expect(t, "newest", at(page, "elements", 0, "workflow_instance_id"), 3)
	two := a.must("GET", "/workflows/"+inline+"/instances/2", "")
	expect(t, "definition", at(two, "runtime_workflow", "id"), inline)
	expect(t, "value", at(two, "params", "fe_i", "evaluated_result"), 2)
	expect(t, "runs", a.must("GET", "/workflows/"+inline+"/instances/2/runs?first=5", "")["total_count"], 1)
	expect(t, "steps", len(a.list("/workflows/"+inline+"/instances/2/steps")), 1)
	expect(t, "attempt", at(a.must("GET", "/workflows/"+inline+"/instances/2/runs/1/steps/a/attempts/latest", ""), "runtime_state", "status"), "SUCCEEDED")
	expect(t, "path", at(a.list("/workflows/" + inline + "/instances/2/inline-path")[0], "step_id"), "fe")
	for _, path := range []string{"/instances/4", "/instances/2/runs/2", "/instances/2/steps/none"} {
		a.refused(http.StatusNotFound, "GET", "/workflows/"+inline+path, "")
	}
	a.refused(http.StatusNotFound, "GET", "/workflows/maestro_foreach_1_11_none/instances?first=1", "")

	a.must("DELETE", "/workflows/wf", "")
	for _, path := range []string{"/instances/2", "/instances?first=1", "/instances/2/steps"} {
		a.refused(http.StatusNotFound, "GET", "/workflows/"+inline+path, "")
	}
}

func TestActionsOnIterations(t *testing.T) {
	a, job := working(t, "", loop("fe", 3, step("a", "Process")))
	a.start()
	inline := fmt.Sprint(at(a.must("GET", "/workflows/wf/instances/1/steps/fe", ""), "artifacts", "maestro_foreach", "foreach_workflow_id"))
	rollup := func() string {
		got, _ := json.Marshal(at(a.must("GET", "/workflows/wf/instances/1", ""), "runtime_overview", "rollup_overview", "overview"))
		return string(got)
	}
	expect(t, "running", rollup(), fmt.Sprintf(`{"RUNNING":{"cnt":3,"ref":{"%s:1":["1:a:1","2:a:1","3:a:1"]}}}`, inline))
	a.must("PUT", "/workflows/"+inline+"/instances/1/actions/stop", `{}`)
	a.must("PUT", "/workflows/"+inline+"/instances/2/steps/a/actions/skip", `{}`)
	a.Drain(time.Second)
	expect(t, "two ended", rollup(), fmt.Sprintf(`{"RUNNING":{"cnt":1,"ref":{"%[1]s:1":["3:a:1"]}},"SKIPPED":{"cnt":1},"STOPPED":{"cnt":1,"ref":{"%[1]s:1":["1:a:1"]}}}`, inline))
	job.failed = true
	a.pass(time.Minute)
	expect(t, "status", a.status(1), "FAILED")
	artifact := at(a.must("GET", "/workflows/wf/instances/1/steps/fe", ""), "artifacts", "maestro_foreach", "foreach_overview")
	expect(t, "details", at(artifact, "details"), "map[FAILED:[3] STOPPED:[1] SUCCEEDED:[2]]")
	a.must("PUT", "/workflows/"+inline+"/instances/3/actions/unblock", `{}`)
}

// TestEveryIterationWaitsForItsOwnSignal in a loop of 50, whether its body needs a job or not.
func TestEveryIterationWaitsForItsOwnSignal(t *testing.T) {
	for _, kind := range []string{"NoOp", "Process"} {
		body := fmt.Sprintf(`{"step": {"id": "a", "type": %q, "signal_dependencies": [{"name": "player/ready", "match_params": {
		  "id": {"param": {"type": "LONG", "expression": "fe_i"}, "operator": "="}}}]}}`, kind)
		a, job := working(t, "", loop("fe", 50, body))
		job.done = true
		a.start()
		announce := func(ids ...int) {
			for _, id := range ids {
				a.announce(200, "player/ready", fmt.Sprintf(`"id": %d`, id))
			}
			a.Drain(time.Second)
		}
		counts := func() string {
			overview := at(a.must("GET", "/workflows/wf/instances/1", ""), "runtime_overview", "rollup_overview", "overview").(map[string]any)
			return fmt.Sprint(at(overview, "SUCCEEDED", "cnt"), " of 50, ", at(overview, "WAITING_FOR_SIGNALS", "cnt"), " wait")
		}
		expect(t, "all wait", counts(), "<nil> of 50, 50 wait")
		announce(33, 7, 99)
		expect(t, "two went on", counts(), "2 of 50, 48 wait")
		for id := range 50 {
			if id+1 != 33 && id+1 != 7 {
				announce(id + 1)
			}
		}
		expect(t, "all went on", counts(), "50 of 50, <nil> wait")
		expect(t, "status", a.status(1), "SUCCEEDED")
	}
}

// TestAnIterationThatRunsAgainIsCounted where it is restarted in place while the others end.
func TestAnIterationThatRunsAgainIsCounted(t *testing.T) {
	a, _ := working(t, "", loop("fe", 3, step("a", "Process")))
	a.start()
	inline := fmt.Sprint(at(a.must("GET", "/workflows/wf/instances/1/steps/fe", ""), "artifacts", "maestro_foreach", "foreach_workflow_id"))
	counts := func() string {
		overview := at(a.must("GET", "/workflows/wf/instances/1", ""), "runtime_overview", "rollup_overview", "overview").(map[string]any)
		return fmt.Sprint(at(overview, "RUNNING", "cnt"), " running, ", at(overview, "STOPPED", "cnt"), " stopped")
	}
	stop := func(n int) {
		a.must("PUT", fmt.Sprintf("/workflows/%s/instances/%d/actions/stop", inline, n), `{}`)
		a.Drain(time.Second)
	}
	stop(1)
	expect(t, "one stopped", counts(), "2 running, 1 stopped")
	pending := func() any {
		return at(a.must("GET", "/workflows/wf/instances/1/steps/fe", ""), "artifacts", "maestro_foreach", "pending_action")
	}
	expect(t, "nothing is pending", pending(), nil)
	a.must("POST", "/workflows/"+inline+"/instances/1/runs/1/actions/restart", `{"restart_policy": "RESTART_FROM_BEGINNING"}`)
	action := pending()
	expect(t, "pending", fmt.Sprint(at(action, "action"), at(action, "user"), at(action, "instance_id"), at(action, "instance_run_id"),
		at(action, "restart_config", "restart_policy")), "RESTARTtester1 1RESTART_FROM_BEGINNING")
	a.Drain(time.Second)
	expect(t, "it has begun", pending(), nil)
	expect(t, "it runs again", counts(), "3 running, <nil> stopped")
	stop(2)
	stop(3)
	expect(t, "it runs alone", counts(), "1 running, 2 stopped")
	_, flat := a.raw("GET", "/views/flatten/workflows/wf/instances/1/runs/1/steps/a?first=5&statuses=RUNNING", "")
	expect(t, "and is listed", strings.Count(string(flat), `"iteration_rank"`), 1)
}

// TestAnOlderAttemptTellsWhatItStarted, beside the newest one.
func TestAnOlderAttemptTellsWhatItStarted(t *testing.T) {
	long := `{"step": {"id": "long", "type": "Sleep", "params": {"sleep_seconds": {"type": "LONG", "value": 3600}}}}`
	a, job := working(t, "", loop("fe", 3, step("a", "Process"))+","+long)
	job.failed = true
	a.start()
	a.pass(time.Minute)
	job.failed, job.done = false, true
	a.must("POST", "/workflows/wf/instances/1/steps/fe/actions/restart", `{"restart_policy": "RESTART_FROM_BEGINNING"}`)
	a.pass(time.Minute)
	details := func(attempt string) any {
		return at(a.must("GET", "/workflows/wf/instances/1/runs/1/steps/fe/attempts/"+attempt, ""), "artifacts", "maestro_foreach", "foreach_overview", "details")
	}
	expect(t, "first", details("1"), "map[FAILED:[[1 3]]]")
	expect(t, "latest", details("latest"), "map[SUCCEEDED:[[1 3]]]")
}

func TestAWhileTellsItsValues(t *testing.T) {
	a := newAPI(t, nil)
	a.sample("sample-while-wf")
	artifact := at(a.must("GET", "/workflows/sample-while-wf/instances/1/steps/while-job", ""), "artifacts", "maestro_while")
	expect(t, "values", at(artifact, "loop_param_values", "i"), "[2.0200101e+07 2.0200102e+07 2.0200103e+07 2.0200104e+07 2.0200105e+07 2.0200106e+07]")
	expect(t, "last", at(artifact, "last_iteration"), 5)
	expect(t, "first", at(artifact, "first_iteration"), 1)
	expect(t, "last status", at(artifact, "last_status"), "SUCCEEDED")
	expect(t, "rollup", at(artifact, "rollup", "total_leaf_count"), 5)
}
