package rest_test

import (
	"fmt"
	"strings"
	"testing"
	"time"
)

// reason returns why a step of an instance of wf waits, as both documents of it and the list of all steps say it.
func (a *api) reason(instance int, step string) string {
	a.t.Helper()
	path := fmt.Sprintf("/workflows/wf/instances/%d", instance)
	text := fmt.Sprint(a.must("GET", path+"/steps/"+step, "")["waiting_reason"])
	expect(a.t, "of the attempt", a.must("GET", path+"/runs/1/steps/"+step+"/attempts/latest", "")["waiting_reason"], text)
	for _, one := range a.list(path + "/runs/1/steps") {
		if one["step_id"] == step {
			expect(a.t, "in the list", one["waiting_reason"], text)
		}
	}
	return text
}

// whole returns why an instance of wf waits, as its document and the page of all say it.
func (a *api) whole(instance int) string {
	a.t.Helper()
	text := fmt.Sprint(a.must("GET", fmt.Sprintf("/workflows/wf/instances/%d", instance), "")["waiting_reason"])
	elements, _ := a.must("GET", "/workflows/wf/instances?first=10", "")["elements"].([]any)
	for _, one := range elements {
		if fmt.Sprint(at(one, "workflow_instance_id")) == fmt.Sprint(instance) {
			expect(a.t, "in the page", at(one, "waiting_reason"), text)
		}
	}
	return text
}

func TestWhyAStepWaitsForATag(t *testing.T) {
	a, job := working(t, "parallel", `{"step": {"id": "job", "type": "Process", "tags": ["spark-large"]}}`)
	a.must("POST", "/tag-permits", `{"tag": "spark-large", "max_allowed": 2}`)
	for range 4 {
		a.start()
	}
	expect(t, "third", a.reason(3, "job"), "1st in the queue of tag `spark-large` (2 of 2 in use by wf/1/job, wf/2/job)")
	expect(t, "fourth", a.reason(4, "job"), "2nd in the queue of tag `spark-large` (2 of 2 in use by wf/1/job, wf/2/job)")
	expect(t, "its run", a.whole(4), "step job: "+a.reason(4, "job"))
	expect(t, "at work", a.whole(1), nil)
	a.must("POST", "/tag-permits", `{"tag": "spark-large", "max_allowed": 0}`)
	expect(t, "closed", a.reason(3, "job"), "1st in the queue of tag `spark-large` (2 of 0 in use by wf/1/job, wf/2/job)")
	job.done = true
	a.Drain(time.Minute)
	expect(t, "nobody holds", a.reason(3, "job"), "1st in the queue of tag `spark-large` (0 of 0 in use)")
}

func TestWhyAStepWaitsForConcurrency(t *testing.T) {
	for where, want := range map[string]string{
		`"instance_step_concurrency": 1, `: "1st in the queue of the step concurrency of the instance (1 of 1 in use by wf/1/job)",
		"":                                 "1st in the queue of the step concurrency of workflow wf (1 of 1 in use by wf/1/job)",
	} {
		a, _ := working(t, "", step("other", "NoOp"))
		properties := ""
		if where == "" {
			properties = `"properties": {"step_concurrency": 1}, `
		}
		a.must("POST", "/workflows", `{`+properties+`"workflow": {"id": "wf", `+where+`"steps": [`+step("job", "Process")+`, `+step("next", "Process")+`]}}`)
		a.start()
		expect(t, "next", a.reason(1, "next"), want)
		expect(t, "the run is at work", a.whole(1), nil)
	}
}

func TestWhyAStepWaitsAtABreakpoint(t *testing.T) {
	a, _ := working(t, "parallel", step("a", "NoOp", "b")+","+step("b", "NoOp"))
	a.must("POST", breakpoints, `{"workflow_id": "wf", "step_id": "b", "workflow_instance_id": 1}`)
	a.start()
	expect(t, "held", a.reason(1, "b"), "breakpoint set by tester (instance 1)")
	expect(t, "run", a.whole(1), "step b: breakpoint set by tester (instance 1)")
	a.must("DELETE", breakpoints+"?workflowId=wf&stepId=b&workflowInstanceId=1&resume=false", "")
	expect(t, "gone", a.reason(1, "b"), "a breakpoint that is gone held it; it stays until somebody resumes it")
}

func TestWhyAnInstanceIsHeldUp(t *testing.T) {
	a, job := working(t, "", step("job", "Process", "next")+","+step("next", "NoOp"))
	a.start()
	a.must("PUT", instance+"/actions/pause", `{"reason": "lunch"}`)
	if got := a.whole(1); !strings.HasPrefix(got, "paused by tester at ") || !strings.HasSuffix(got, "Z: lunch") {
		t.Error(got)
	}
	expect(t, "next", a.reason(1, "next"), "the instance is "+a.whole(1))
	job.deaf = true
	a.must("PUT", instance+"/actions/stop?blocking=false", "")
	expect(t, "run", a.whole(1), "being stopped by tester")
	expect(t, "job", a.reason(1, "job"), "the instance is being stopped by tester; its job is being terminated")
	expect(t, "next", a.reason(1, "next"), "will not run: the instance is being stopped by tester")
	job.deaf = false
	a.Drain(time.Minute)
	expect(t, "over", a.whole(1), nil)
	expect(t, "its job", a.reason(1, "job"), nil)
}

func TestWhyAStrictWorkflowWaits(t *testing.T) {
	a, job := working(t, "strict_sequential", step("job", "Process"))
	job.failed = true
	a.start()
	a.Drain(time.Minute)
	a.start()
	expect(t, "blocked", a.whole(2), `strategy STRICT_SEQUENTIAL: instance 1 FAILED and blocks it: restart it, or "segue unblock wf 1"`)
	a.must("PUT", instance+"/actions/unblock", "")
	a.Drain(time.Second)
	expect(t, "goes on", a.whole(2), nil)
}

func TestWhyACallerAndALoopWait(t *testing.T) {
	a, _ := working(t, "", `{"subworkflow": {"id": "call", "params": {"subworkflow_id": {"type": "STRING", "value": "sub"}, "subworkflow_version": {"type": "STRING", "value": "active"}}}}, `+
		loop("loop", 2, step("inner", "NoOp")))
	a.must("POST", "/workflows", `{"properties": {"owner": "tester"}, "workflow": {"id": "sub", "steps": [`+step("job", "Process")+`]}}`)
	a.must("POST", breakpoints, `{"workflow_id": "wf", "step_id": "inner"}`)
	a.must("POST", "/workflows/sub/versions/active/actions/start", `{"initiator": {"type": "MANUAL"}}`)
	a.start()
	expect(t, "call", a.reason(1, "call"), "waits for the instance that it called; sub/2: strategy SEQUENTIAL: instance 1 is running")
	expect(t, "callee", a.must("GET", "/workflows/sub/instances/2", "")["waiting_reason"],
		"strategy SEQUENTIAL: instance 1 is running; wf/1/call waits for it")
	expect(t, "loop", a.reason(1, "loop"), "waits for its iterations: 0 of 2 ended, 2 run; wf/1/loop/1: step inner: breakpoint set by tester (all instances)")
	expect(t, "run", a.whole(1), "step call: "+a.reason(1, "call"))
	a.must("PUT", "/workflows/sub/instances/1/actions/stop", "")
	a.Drain(time.Minute)
	expect(t, "callee at work", a.must("GET", "/workflows/sub/instances/2", "")["waiting_reason"], nil)
	expect(t, "call of what is at work", a.reason(1, "call"), "waits for the instance that it called")
}
