package rest_test

import (
	"fmt"
	"testing"
	"time"
)

const instance = "/workflows/wf/instances/1"

func TestStopAndKillOfAnInstance(t *testing.T) {
	for action, want := range map[string]string{"stop": "STOPPED", "kill": "FAILED"} {
		for _, path := range []string{instance, instance + "/runs/1", instance + "/runs/latest"} {
			t.Run(action+path, func(t *testing.T) {
				a, _ := working(t, "", step("job", "Process"))
				a.start()
				path := path + "/actions/" + action
				asked := a.must("PUT", path, `{"reason": "not needed"}`)
				expect(t, "at work", fmt.Sprint(asked["workflow_instance_status"], asked["completed"]), "IN_PROGRESSfalse")
				expect(t, "author", at(asked, "timeline_event", "author"), "tester")
				a.refused(409, "PUT", instance+"/actions/"+map[string]string{"stop": "kill", "kill": "stop"}[action], "")
				a.Drain(time.Minute)
				document := a.must("GET", instance, "")
				expect(t, "status", document["status"], want)
				expect(t, "timeline", told(document)[0], map[string]string{"stop": "STOP", "kill": "KILL"}[action]+" tester not needed")
				expect(t, "again", a.must("PUT", path, "")["completed"], true)
				a.refused(400, "PUT", instance+"/actions/"+map[string]string{"stop": "kill", "kill": "stop"}[action], "")
			})
		}
	}
}

func TestActionsOnAnInstanceThatWaitsTakeEffectAtOnce(t *testing.T) {
	a, job := working(t, "", step("job", "Process"))
	a.start()
	a.start()
	a.refused(400, "PUT", "/workflows/wf/instances/2/actions/pause", "")
	stopped := a.must("PUT", "/workflows/wf/instances/2/actions/stop?reason=late", "")
	expect(t, "stopped", fmt.Sprint(stopped["workflow_instance_status"], stopped["completed"]), "STOPPEDtrue")
	expect(t, "reason", told(a.must("GET", "/workflows/wf/instances/2", ""))[0], "STOP tester late")
	job.done = true
	a.Drain(time.Minute)
	expect(t, "the other", a.status(1), "SUCCEEDED")
}

func TestPauseAndResumeOfAnInstance(t *testing.T) {
	a, job := working(t, "", step("job", "Process", "next")+","+step("next", "NoOp"))
	a.start()
	a.refused(400, "PUT", instance+"/actions/resume", "")
	expect(t, "paused", a.must("PUT", instance+"/actions/pause", "")["workflow_instance_status"], "PAUSED")
	job.done = true
	a.Drain(time.Minute)
	expect(t, "after its job", a.stepStatus("job"), "SUCCEEDED")
	expect(t, "next", a.stepStatus("next"), "NOT_CREATED")
	expect(t, "resumed", a.must("PUT", instance+"/runs/1/actions/resume", "")["completed"], true)
	a.Drain(time.Minute)
	expect(t, "status", a.status(1), "SUCCEEDED")
	a.refused(400, "PUT", instance+"/actions/pause", "")
}

func TestPinned02RestartOfAnOpenInstance(t *testing.T) {
	a, _ := working(t, "", step("job", "Process"))
	a.start()
	a.refused(400, "POST", instance+"/actions/restart", `{"restart_policy": "RESTART_FROM_BEGINNING"}`)
}

func TestPinned01RestartAfterAKillInTheQueue(t *testing.T) {
	a, job := working(t, "", step("job", "Process"))
	a.start()
	a.start()
	a.must("PUT", "/workflows/wf/instances/2/actions/kill", "")
	again := a.must("POST", "/workflows/wf/instances/2/actions/restart", `{"restart_policy": "RESTART_FROM_INCOMPLETE"}`)
	expect(t, "run", fmt.Sprint(again["workflow_instance_id"], again["workflow_run_id"], again["status"]), "2 2CREATED")
	job.done = true
	a.Drain(time.Minute)
	expect(t, "first run", a.must("GET", "/workflows/wf/instances/2/runs/1", "")["status"], "FAILED")
	expect(t, "second run", a.status(2), "SUCCEEDED")
}

func TestRestartOfAnInstance(t *testing.T) {
	a, job := working(t, "", step("a", "NoOp", "job")+","+step("job", "Process"))
	job.failed = true
	a.start()
	a.Drain(time.Minute)
	expect(t, "failed", a.status(1), "FAILED")
	path := instance + "/actions/restart"
	for _, body := range []string{``, `{}`, `{"restart_policy": "RESTART_FROM_SPECIFIC"}`, `{"restart_policy": "RESTART_FROM_INCOMPLETE", "x": 1}`} {
		a.refused(400, "POST", path, body)
	}
	job.failed, job.done = false, true
	const body = `{"restart_policy": "RESTART_FROM_INCOMPLETE", "request_id": "again", "run_params": {"p": {"type": "LONG", "value": 1}}}`
	expect(t, "restart", a.must("POST", path+"?reason=fixed", body)["status"], "CREATED")
	a.Drain(time.Minute)
	expect(t, "same request", a.must("POST", path, body)["status"], "DUPLICATED")
	document := a.must("GET", instance, "")
	expect(t, "restarted", fmt.Sprint(document["workflow_run_id"], document["status"]), "2SUCCEEDED")
	config := at(document, "run_config", "restart_config")
	expect(t, "policy", at(config, "restart_policy"), "RESTART_FROM_INCOMPLETE")
	expect(t, "path", at(config, "restart_path", 0, "instance_id"), 1)
	expect(t, "by", at(config, "by"), "tester")
	expect(t, "params", at(config, "restart_params", "p", "value"), 1)
	expect(t, "reason", told(document)[0], "RESTART tester fixed")
	expect(t, "a stands", at(document, "aggregated_info", "step_aggregated_views", "a", "workflow_run_id"), 1)
	a.refused(400, "POST", path, `{"restart_policy": "RESTART_FROM_INCOMPLETE"}`) // nothing is left
	a.refused(400, "POST", instance+"/runs/1/actions/restart", `{"restart_policy": "RESTART_FROM_BEGINNING"}`)
	a.must("POST", path, `{"restart_policy": "RESTART_FROM_BEGINNING"}`)
	a.Drain(time.Minute)
	expect(t, "a ran", at(a.must("GET", instance, ""), "aggregated_info", "step_aggregated_views", "a", "workflow_run_id"), 3)
}

func TestUnblockOfAFailedInstance(t *testing.T) {
	for name, path := range map[string]string{"one": instance + "/actions/unblock", "its run": instance + "/runs/1/actions/unblock", "all": "/workflows/wf/actions/unblock"} {
		t.Run(name, func(t *testing.T) {
			a, job := working(t, "strict_sequential", step("job", "Process"))
			job.failed = true
			a.start()
			a.start()
			a.Drain(time.Minute)
			expect(t, "blocked", fmt.Sprint(a.status(1), a.status(2)), "FAILEDCREATED")
			a.refused(400, "PUT", "/workflows/wf/instances/2/actions/unblock", "")
			job.failed, job.done = false, true
			a.must("PUT", path, `{"reason": "known"}`)
			a.Drain(time.Minute)
			expect(t, "goes on", fmt.Sprint(a.status(1), a.status(2)), "FAILEDSUCCEEDED")
			expect(t, "failed", a.must("GET", "/workflows/wf/overview", "")["failed_instances"], 0)
			a.must("PUT", path, "")
		})
	}
}

// TestABlockOnEverythingThatDidNotSucceed: by the strategy's own word a STOPPED instance blocks as well, until it is
// unblocked.
func TestABlockOnEverythingThatDidNotSucceed(t *testing.T) {
	for strict, want := range map[string]string{"false": "STOPPEDSUCCEEDED", "true": "STOPPEDCREATED"} {
		a, job := working(t, "", step("job", "Process"))
		a.must("POST", "/workflows/wf/properties", `{"run_strategy": {"rule": "strict_sequential", "block_on_unsuccessful": `+strict+`}}`)
		a.start()
		a.start()
		a.must("PUT", instance+"/actions/stop?blocking=false", "")
		job.done = true
		a.Drain(time.Minute)
		expect(t, "blocked "+strict, fmt.Sprint(a.status(1), a.status(2)), want)
		if strict == "false" {
			a.refused(400, "PUT", instance+"/actions/unblock", "")
			continue
		}
		a.must("PUT", instance+"/actions/unblock", "")
		a.Drain(time.Minute)
		expect(t, "goes on", fmt.Sprint(a.status(1), a.status(2)), "STOPPEDSUCCEEDED")
		a.refused(400, "PUT", instance+"/actions/unblock", "")
	}
}

func TestStopAndKillOfAllInstances(t *testing.T) {
	for action, want := range map[string]string{"stop": "STOPPED", "kill": "FAILED"} {
		t.Run(action, func(t *testing.T) {
			a, _ := working(t, "", step("job", "Process"))
			for range 23 {
				a.start()
			}
			status, event := a.call("PUT", "/workflows/wf/actions/"+action, `{"reason": "off"}`)
			expect(t, "answer", status, 202)
			expect(t, "message", event["message"], fmt.Sprintf("asked 23 open instances to %s", event["action"]))
			a.Drain(time.Minute)
			for n := range 23 {
				expect(t, "instance", a.status(n+1), want)
			}
			expect(t, "none began", a.must("GET", "/workflows/wf/instances/2", "")["start_time"], nil)
			expect(t, "in the timeline", at(a.must("GET", "/workflows/wf/timeline", ""), "timeline_events", 0, "author"), "tester")
		})
	}
}

func TestActionsOnWhatIsNotThere(t *testing.T) {
	a, _ := working(t, "", step("job", "Process"))
	a.start()
	for _, action := range []string{"stop", "kill", "pause", "resume", "unblock"} {
		for _, path := range []string{"/workflows/nobody/instances/1", "/workflows/wf/instances/9", "/workflows/wf/instances/1/runs/9"} {
			a.refused(404, "PUT", path+"/actions/"+action, "")
		}
		a.refused(400, "PUT", "/workflows/wf/instances/x/actions/"+action, "")
		a.refused(400, "PUT", instance+"/actions/"+action, `{"why": 1}`)
	}
	for _, action := range []string{"stop", "kill", "unblock"} {
		a.refused(404, "PUT", "/workflows/nobody/actions/"+action, "")
	}
	a.refused(404, "POST", "/workflows/wf/instances/9/actions/restart", `{"restart_policy": "RESTART_FROM_BEGINNING"}`)
}

func TestPinned11StartOfADeletedWorkflow(t *testing.T) {
	a, _ := working(t, "", step("a", "NoOp"))
	a.must("DELETE", "/workflows/wf", "")
	a.refused(404, "POST", "/workflows/wf/versions/1/actions/start", `{}`)
}

func TestStartsBeyondTheLimitOfTheQueue(t *testing.T) {
	a, _ := working(t, "", step("job", "Process"))
	const start = "/workflows/wf/versions/active/actions/start"
	expect(t, "properties", a.must("POST", "/workflows/wf/properties", `{"max_queued": 2}`)["max_queued"], 2)
	for range 3 {
		a.must("POST", start, `{}`)
	}
	a.refused(429, "POST", start, `{}`)
	a.must("POST", "/workflows/wf/properties", `{"step_concurrency": 5}`) // what is absent stays
	a.refused(429, "POST", start, `{}`)
	a.must("POST", "/workflows/wf/properties", `{"max_queued": 0}`)
	a.must("POST", start, `{}`)
	a.refused(400, "POST", "/workflows/wf/properties", `{"max_queued": -1}`)
}

func TestCustomisedStart(t *testing.T) {
	a, _ := working(t, "", step("a", "NoOp", "b")+","+step("b", "NoOp", "c")+","+step("c", "NoOp", "d")+","+step("d", "NoOp"))
	const start = "/workflows/wf/versions/active/actions/start"
	a.refused(400, "POST", start, `{"run_config": {"start_step_ids": ["x"]}}`)
	a.refused(400, "POST", start, `{"run_config": {"start_step_ids": ["c"], "end_step_ids": ["a"]}}`)
	a.refused(400, "POST", start, `{"run_config": {"steps": []}}`)
	a.must("POST", start, `{"run_config": {"start_step_ids": ["b"], "end_step_ids": ["c"], "skip_step_ids": ["b"]}}`)
	a.Drain(time.Minute)
	document := a.must("GET", instance, "")
	expect(t, "policy", at(document, "run_config", "policy"), "START_CUSTOMIZED_RUN")
	expect(t, "config", at(document, "run_config", "end_step_ids", 0), "c")
	for id, want := range map[string]string{"a": "NOT_CREATED", "b": "SKIPPED", "c": "SUCCEEDED", "d": "NOT_CREATED"} {
		expect(t, id, a.stepStatus(id), want)
	}
	expect(t, "status", document["status"], "SUCCEEDED")
}

func TestStartThatIsKeptAlthoughItFails(t *testing.T) {
	a := newAPI(t, nil)
	a.must("POST", "/workflows", `{"properties": {"owner": "x"}, "workflow": {"id": "wf", "params":
		{"p": {"type": "LONG", "value": 1}, "q": {"type": "LONG", "expression": "10 / p"}}, "steps": [`+noop("a", "")+`]}}`)
	const start = "/workflows/wf/versions/active/actions/start"
	const params = `"run_params": {"p": {"type": "LONG", "value": 0}}`
	a.refused(400, "POST", start, `{`+params+`}`)
	a.must("POST", start, `{"persist_failed_run": true, `+params+`}`)
	expect(t, "status", a.status(1), "FAILED")
}
