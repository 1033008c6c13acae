package rest_test

import (
	"fmt"
	"testing"
	"time"
)

const jobStep = instance + "/steps/job/actions/"

func TestStopKillAndSkipOfAStep(t *testing.T) {
	for action, want := range map[string]struct{ step, next, run string }{
		"stop": {"STOPPED", "NOT_CREATED", "STOPPED"},
		"kill": {"FATALLY_FAILED", "NOT_CREATED", "FAILED"},
		"skip": {"SKIPPED", "SUCCEEDED", "SUCCEEDED"},
	} {
		t.Run(action, func(t *testing.T) {
			a, _ := working(t, "", step("job", "Process", "next")+","+step("next", "NoOp"))
			a.start()
			a.refused(400, "PUT", instance+"/steps/next/actions/"+action, "")
			answer := a.must("PUT", jobStep+action, `{"reason": "odd"}`)
			expect(t, "at once", at(answer, "step_runtime_state", "status"), want.step)
			expect(t, "attempt", answer["step_attempt_id"], 1)
			a.Drain(time.Minute)
			expect(t, "next", a.stepStatus("next"), want.next)
			expect(t, "run", a.status(1), want.run)
			if got := told(a.must("GET", instance+"/steps/job", "")); len(got) != 1 || got[0] != fmt.Sprint(at(answer, "timeline_event", "action"), " tester odd") {
				t.Errorf("timeline: %v", got)
			}
			if action != "skip" {
				a.refused(400, "PUT", jobStep+action, "")
			}
		})
	}
}

func TestAStepThatDoesNotEndInTime(t *testing.T) {
	a, job := working(t, "", step("job", "Process"))
	job.deaf = true
	a.start()
	before := a.Now()
	answer := a.refused(408, "PUT", jobStep+"stop", "")
	expect(t, "code", fmt.Sprint(answer["status"], answer["retryable"]), "REQUEST_TIMEOUTtrue")
	expect(t, "waited", a.Now().Sub(before), 5*time.Second)
	a.refused(409, "PUT", jobStep+"kill?blocking=false", "") // one order at a time
	a.refused(400, "PUT", jobStep+"kill?blocking=maybe", "")
	job.deaf = false
	a.Drain(time.Minute)
	expect(t, "in the end", a.stepStatus("job"), "STOPPED")
}

func TestWhoDoesNotWaitIsAnsweredAtOnce(t *testing.T) {
	a, _ := working(t, "", step("job", "Process"))
	a.start()
	before := a.Now()
	answer := a.must("PUT", jobStep+"stop?blocking=false", "")
	expect(t, "still", at(answer, "step_runtime_state", "status"), "RUNNING")
	expect(t, "waited", a.Now().Sub(before), time.Duration(0))
}

func TestRestartOfAStepInARunThatGoesOn(t *testing.T) {
	a, job := working(t, "", step("job", "Process", "next")+","+step("next", "NoOp")+
		`,{"step": {"id": "nap", "type": "Sleep", "params": {"sleep_seconds": {"type": "LONG", "value": 600}}}}`)
	a.start()
	const body = `{"restart_policy": "RESTART_FROM_INCOMPLETE"`
	a.refused(400, "POST", jobStep+"restart", body+"}") // it runs
	job.failed = true
	a.Drain(time.Minute)
	expect(t, "failed", a.stepStatus("job"), "FATALLY_FAILED")
	a.refused(400, "POST", instance+"/steps/next/actions/restart", body+"}")
	a.refused(400, "POST", jobStep+"restart", `{}`)
	a.refused(400, "POST", jobStep+"restart", body+`, "upstream_restart_mode": "RESTART_FROM_INLINE_ROOT"}`)
	job.failed, job.done = false, true
	answer := a.must("POST", jobStep+"restart", body+`, "step_run_params": {"p": {"type": "LONG", "value": 7}}}`)
	expect(t, "attempt", fmt.Sprint(answer["workflow_run_id"], answer["step_attempt_id"], answer["status"]), "1 2CREATED")
	a.Drain(time.Minute)
	document := a.must("GET", instance+"/steps/job", "")
	expect(t, "again", at(document, "runtime_state", "status"), "SUCCEEDED")
	expect(t, "manual", at(document, "step_retry", "manual_retries"), 1)
	expect(t, "param", fmt.Sprint(at(document, "params", "p", "value"), at(document, "params", "p", "source")), "7RESTART")
	expect(t, "next", a.stepStatus("next"), "SUCCEEDED")
	a.refused(400, "POST", jobStep+"restart", body+"}") // complete
	a.refused(400, "PUT", jobStep+"skip", "")
}

func TestSkipOfAStepThatFailed(t *testing.T) {
	nap := `,{"step": {"id": "nap", "type": "Sleep", "params": {"sleep_seconds": {"type": "LONG", "value": 600}}}}`
	for name, more := range map[string]string{"in a run that goes on": nap, "in a run that is over": ""} {
		t.Run(name, func(t *testing.T) {
			a, job := working(t, "", step("job", "Process", "next")+","+step("next", "NoOp")+more)
			job.failed = true
			a.start()
			a.Drain(time.Minute)
			answer := a.must("PUT", jobStep+"skip", "")
			expect(t, "skipped", at(answer, "step_runtime_state", "status"), "SKIPPED")
			a.Drain(time.Minute)
			expect(t, "job", a.stepStatus("job"), "SKIPPED")
			expect(t, "next", a.stepStatus("next"), "SUCCEEDED")
			if more == "" {
				document := a.must("GET", instance, "")
				expect(t, "run", fmt.Sprint(document["workflow_run_id"], document["status"]), "2SUCCEEDED")
				expect(t, "skips", at(document, "run_config", "restart_config", "skip_steps", 0), "job")
			}
		})
	}
}

func TestPinned46RestartOfOneOfTwoFailures(t *testing.T) {
	a, job := working(t, "", step("job", "Process")+","+step("other", "Process"))
	job.failed = true
	a.start()
	a.Drain(time.Minute)
	job.failed, job.done = false, true
	const body = `{"restart_policy": "RESTART_FROM_INCOMPLETE", "request_id": "r", "step_run_params": {"p": {"type": "LONG", "value": 7}}}`
	answer := a.must("POST", jobStep+"restart", body)
	expect(t, "answer", fmt.Sprint(answer["workflow_run_id"], answer["step_attempt_id"], answer["step_id"]), "2 1job")
	a.Drain(time.Minute)
	document := a.must("GET", instance, "")
	expect(t, "aggregated", document["status"], "FAILED")
	expect(t, "run", at(document, "runtime_overview", "run_status"), "SUCCEEDED")
	expect(t, "policy", at(document, "run_config", "policy"), "RESTART_FROM_SPECIFIC")
	expect(t, "step", at(document, "run_config", "restart_config", "restart_path", 0, "step_id"), "job")
	expect(t, "params", at(a.must("GET", instance+"/steps/job", ""), "params", "p", "evaluated_result"), 7)
	expect(t, "the same request", a.must("POST", jobStep+"restart", body)["status"], "DUPLICATED")
}

func TestStepActionsOnWhatIsNotThere(t *testing.T) {
	a, _ := working(t, "", step("job", "Process"))
	a.start()
	for _, action := range []string{"stop", "kill", "skip", "bypass"} {
		for _, path := range []string{"/workflows/nobody/instances/1/steps/job", "/workflows/wf/instances/9/steps/job", instance + "/steps/nobody"} {
			a.refused(404, "PUT", path+"/actions/"+action, "")
		}
	}
	a.refused(400, "PUT", jobStep+"bypass", "")
	a.refused(404, "POST", instance+"/steps/nobody/actions/restart", `{"restart_policy": "RESTART_FROM_BEGINNING"}`)
}

const breakpoints = "/workflows/steps/breakpoints"

func TestBreakpointOverHTTP(t *testing.T) {
	for name, resume := range map[string]bool{"resumed": true, "left": false} {
		t.Run(name, func(t *testing.T) {
			a, _ := working(t, "parallel", step("a", "NoOp", "b")+","+step("b", "NoOp"))
			const query = breakpoints + "?workflowId=wf&stepId=b"
			set := a.must("POST", breakpoints, `{"workflow_id": "wf", "step_id": "b"}`)
			a.Drain(time.Minute)
			expect(t, "set again", a.must("POST", breakpoints, `{"workflow_id": "wf", "step_id": "b"}`)["create_time"], set["create_time"])
			a.must("POST", breakpoints, `{"workflow_id": "wf", "step_id": "b", "workflow_instance_id": 9}`)
			expect(t, "list", len(a.list(query)), 2)
			a.start()
			a.start()
			expect(t, "paused", a.stepStatus("b"), "PAUSED")
			paused := a.list(breakpoints + "/paused-step-attempts?workflowId=wf&stepId=b")
			expect(t, "both", fmt.Sprint(len(paused), paused[1]["workflow_instance_id"], paused[1]["step_attempt_id"], paused[0]["workflow_version_id"]), "2 2 1 1")
			one := a.must("PUT", breakpoints+"/wf/instances/2/runs/1/steps/b/attempts/1/actions/resume", "")
			expect(t, "one goes on", at(one, "timeline_event", "action"), "RESUME")
			a.refused(400, "PUT", breakpoints+"/wf/instances/2/runs/1/steps/b/attempts/1/actions/resume", "")
			a.refused(404, "PUT", breakpoints+"/wf/instances/3/runs/1/steps/b/attempts/1/actions/resume", "")
			a.must("DELETE", fmt.Sprintf("%s&resume=%v", query, resume), "")
			a.Drain(time.Minute)
			expect(t, "second", a.status(2), "SUCCEEDED")
			want, left := "SUCCEEDED", 0
			if !resume {
				want, left = "IN_PROGRESS", 1
			}
			expect(t, "first", a.status(1), want)
			expect(t, "left", len(a.list(breakpoints+"/paused-step-attempts?workflowId=wf&stepId=b")), left)
			a.refused(404, "DELETE", query, "")
			a.must("DELETE", query+"&workflowInstanceId=9", "")
			expect(t, "none", len(a.list(query)), 0)
		})
	}
}

func TestAPausedStepCanBeEnded(t *testing.T) {
	a, _ := working(t, "", step("job", "Process", "b")+","+step("b", "NoOp"))
	a.must("POST", breakpoints, `{"workflow_id": "wf", "step_id": "job", "workflow_version": 1, "workflow_run": 1, "step_attempt_id": 1}`)
	a.start()
	expect(t, "paused", a.stepStatus("job"), "PAUSED")
	a.must("PUT", jobStep+"skip", "")
	a.Drain(time.Minute)
	expect(t, "status", a.status(1), "SUCCEEDED")
	expect(t, "off the list", len(a.list(breakpoints+"/paused-step-attempts?workflowId=wf&stepId=job")), 0)
}

func TestBadBreakpoints(t *testing.T) {
	a, _ := working(t, "", step("job", "Process"))
	a.refused(404, "POST", breakpoints, `{"workflow_id": "nobody", "step_id": "a"}`)
	a.refused(404, "POST", breakpoints, `{"workflow_id": "a/b", "step_id": "a"}`)
	a.refused(400, "POST", breakpoints, `{"workflow_id": "wf"}`)
	for _, path := range []string{breakpoints, breakpoints + "/paused-step-attempts"} {
		a.refused(400, "GET", path, "")
		a.refused(400, "GET", path+"?workflowId=wf&stepId=a&workflowRun=x", "")
		a.refused(404, "GET", path+"?workflowId=nobody&stepId=a", "")
	}
	a.refused(400, "DELETE", breakpoints+"?workflowId=wf&stepId=job&resume=perhaps", "")
}

func TestTagPermitsOverHTTP(t *testing.T) {
	a, job := working(t, "parallel", `{"step": {"id": "job", "type": "Process", "tags": ["gpu"]}}`)
	a.refused(404, "GET", "/tag-permits/gpu", "")
	a.refused(400, "POST", "/tag-permits", `{"tag": "gpu"}`)
	set := a.must("POST", "/tag-permits", `{"tag": "gpu", "max_allowed": 0, "team": "ml"}`)
	expect(t, "set", fmt.Sprint(set["max_allowed"], set["team"]), "0ml")
	a.start()
	a.start()
	expect(t, "waits", a.stepStatus("job"), "WAITING_FOR_PERMITS")
	a.must("POST", "/tag-permits?reason=more", `{"tag": "gpu", "max_allowed": 1}`)
	a.Drain(time.Minute)
	expect(t, "one runs", a.stepStatus("job"), "RUNNING")
	read := a.must("GET", "/tag-permits/gpu", "")
	expect(t, "read", fmt.Sprint(read["max_allowed"], read["team"], at(read, "timeline", 1, "reason")), "1 <nil>more")
	job.done = true
	expect(t, "deleted", a.must("DELETE", "/tag-permits/gpu", "")["action"], "DELETE")
	a.Drain(time.Minute)
	expect(t, "both", fmt.Sprint(a.status(1), a.status(2)), "SUCCEEDEDSUCCEEDED")
	a.refused(404, "GET", "/tag-permits/gpu", "")
	a.refused(404, "DELETE", "/tag-permits/gpu", "")
}

func TestPinned53TimelineKeepsTheNewest(t *testing.T) {
	a, _ := working(t, "", step("a", "NoOp"))
	for n := range 40 {
		a.must("POST", "/tag-permits", fmt.Sprintf(`{"tag": "t", "max_allowed": %d}`, n))
	}
	a.must("POST", "/tag-permits", `{"tag": "t", "max_allowed": 39}`) // equal to the newest but for its time
	timeline := a.must("GET", "/tag-permits/t", "")["timeline"].([]any)
	expect(t, "events", len(timeline), 32)
	expect(t, "oldest", at(timeline, 0, "message"), "at most 8 attempts together")
}
