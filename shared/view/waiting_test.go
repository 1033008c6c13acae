package view_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/permit"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

// The time of all tests, and seconds later, in epoch milliseconds.
func later(seconds int64) int64 {
	return time.Date(2026, 1, 2, 14, 3, 0, 0, time.UTC).UnixMilli() + 1000*seconds
}

func acted(action, reason string) workflow.Event {
	return workflow.Event{Timestamp: later(1), Type: workflow.EventAction, Action: action, Author: &workflow.User{Name: "ann"}, Reason: reason}
}

func TestWhyAStepWaits(t *testing.T) {
	t.Parallel()
	failed := &record.Detail{Timeline: workflow.Timeline{workflow.LogEvent(later(0), "exit code 3\nand more")}}
	paused := &record.Detail{Moves: []record.Move{{To: workflow.Initialized, At: later(2)}, {To: workflow.Paused, At: later(3)}}}
	signals := &record.Detail{Signals: []record.Dependency{
		{Name: "orders", Status: record.DependencyPending, Wanted: signal.Matches{{Param: "day", Operator: "=", Value: int64(5)}, {Param: "region", Operator: ">=", Value: "eu"}}},
		{Name: "rates", Status: record.DependencyMatched}, {Name: "users", Status: record.DependencyPending}}}
	standing := func(tag string, place int, limit int) *permit.Standing {
		return &permit.Standing{Tag: permit.Tag{Name: tag}, Place: place, Limit: limit, Holders: make([]permit.Permit, 20)}
	}
	names := []string{"wf/1/a", "wf/2/a", "wf/3/loop/4/a"}
	for name, tt := range map[string]struct {
		step  record.Step
		about view.Why
		want  string
	}{
		"nothing": {record.Step{Status: workflow.Succeeded}, view.Why{}, ""},
		"ready":   {record.Step{Status: workflow.WaitingForPermits}, view.Why{}, "ready since 14:03:00Z, waits for a dispatcher"},
		"called":  {record.Step{Status: workflow.Starting, Claim: later(30)}, view.Why{}, "its job is being called; the claim holds until 14:03:30Z"},
		"deliveries": {record.Step{Status: workflow.Running, Due: later(5), Failures: 2}, view.Why{},
			"2 deliveries failed; ready since 14:03:05Z, waits for a dispatcher"},
		"job": {record.Step{Status: workflow.Running, Due: later(5), Start: later(1)}, view.Why{},
			"its job is running since 14:03:01Z; it is looked at again at 14:03:05Z"},
		"callback":  {record.Step{Status: workflow.Running, Handed: 1, Start: later(1)}, view.Why{}, "its job is running since 14:03:01Z and reports by callback"},
		"heartbeat": {record.Step{Status: workflow.Running, Handed: 9, Start: later(1), Due: later(9)}, view.Why{}, "its job is running since 14:03:01Z and reports by callback; without a sign of life it is taken for lost at 14:03:09Z"},
		"finishing": {record.Step{Status: workflow.Finishing}, view.Why{}, "announces its signals"},

		"error":    {record.Step{Status: workflow.UserFailed, Due: later(10), Retries: [4]int64{2, 1, 1, 0}}, view.Why{Detail: failed}, "USER_FAILED: retry 2 of 2 at 14:03:10Z, because exit code 3"},
		"platform": {record.Step{Status: workflow.PlatformFailed, Due: later(10), Retries: [4]int64{2, 1, 0, 0}}, view.Why{}, "PLATFORM_FAILED: retry 1 of 10 at 14:03:10Z"},
		"time-out": {record.Step{Status: workflow.TimeoutFailed, Due: later(10), Retries: [4]int64{2, 3, 1, 0}}, view.Why{}, "TIMEOUT_FAILED: retry 1 of 0 at 14:03:10Z"},

		"breakpoint": {record.Step{Status: workflow.Paused}, view.Why{Detail: paused, Breakpoints: []decide.Breakpoint{
			{Step: "a", Author: "late", At: later(4)}, {Step: "a", Author: "ann", At: later(2)}, {Step: "a", Author: "bob", At: later(3)}}},
			"breakpoint set by ann (all instances)"},
		"breakpoint of some": {record.Step{Status: workflow.Paused}, view.Why{Detail: paused, Breakpoints: []decide.Breakpoint{
			{Step: "a", Author: "other", Instance: 8}, {Step: "a", Author: "ann", Version: 1, Instance: 7, Run: 1, Attempt: 1}}},
			"breakpoint set by ann (version 1, instance 7, run 1, attempt 1)"},
		"breakpoint that is gone": {record.Step{Status: workflow.Paused}, view.Why{Detail: paused, Breakpoints: []decide.Breakpoint{}}, "a breakpoint that is gone held it; it stays until somebody resumes it"},
		"breakpoint that came later": {record.Step{Status: workflow.Paused}, view.Why{Detail: paused, Breakpoints: []decide.Breakpoint{{Step: "a", Author: "late", At: later(4)}}},
			"a breakpoint that is gone held it; it stays until somebody resumes it"},
		"breakpoint that was not read": {record.Step{Status: workflow.Paused}, view.Why{}, "a breakpoint holds it until somebody resumes it"},

		"signals":     {record.Step{Status: workflow.WaitingForSignals}, view.Why{Detail: signals}, "waits for 2 of 3 signals: `orders` with day = 5 and region >= eu, `users`"},
		"one of many": {record.Step{Status: workflow.WaitingForSignals}, view.Why{Detail: &record.Detail{Signals: signals.Signals[1:]}}, "waits for 1 of 2 signals: `users`"},
		"one signal":  {record.Step{Status: workflow.WaitingForSignals}, view.Why{Detail: &record.Detail{Signals: signals.Signals[2:]}}, "waits for the signal `users`"},
		"some signal": {record.Step{Status: workflow.WaitingForSignals}, view.Why{}, "waits for a signal"},

		"tag": {record.Step{Status: workflow.WaitingForPermits}, view.Why{Standing: standing("spark-large", 2, 20), Holders: names},
			"2nd in the queue of tag `spark-large` (20 of 20 in use by wf/1/a, wf/2/a, wf/3/loop/4/a and 17 more)"},
		"far behind at a tag": {record.Step{Status: workflow.WaitingForPermits}, view.Why{Standing: standing("t", 0, 20)}, "behind the first 100 in the queue of tag `t` (20 of 20 in use)"},
		"workflow":            {record.Step{Status: workflow.WaitingForPermits}, view.Why{Standing: standing("maestro_wf", 11, 20)}, "11th in the queue of the step concurrency of workflow wf (20 of 20 in use)"},
		"instance":            {record.Step{Status: workflow.WaitingForPermits}, view.Why{Standing: standing("maestro_wf:7:1", 1, 20)}, "1st in the queue of the step concurrency of the instance (20 of 20 in use)"},
		"runtime":             {record.Step{Status: workflow.WaitingForPermits}, view.Why{Standing: standing("maestro_runtime_PROCESS", 23, 20)}, "23rd in the queue of the runtime Process (20 of 20 in use)"},

		"stopped": {record.Step{Status: workflow.Running, Due: later(5), Ending: workflow.Stopped}, view.Why{Detail: &record.Detail{Timeline: workflow.Timeline{acted("STOP", "odd"), workflow.LogEvent(1, "polled")}}},
			"being stopped by ann: odd; its job is being terminated"},
		"killed": {record.Step{Status: workflow.Running, Ending: workflow.FatallyFailed}, view.Why{Detail: &record.Detail{Timeline: workflow.Timeline{acted("KILL", "")}}},
			"being killed by ann; its job is being terminated"},
		"skipped while it starts": {record.Step{Status: workflow.Starting, Claim: later(9), Ending: workflow.Skipped}, view.Why{Detail: &record.Detail{Timeline: workflow.Timeline{acted("SKIP", "")}}},
			"being skipped by ann; its job is being terminated"},
		"a loop that is stopped": {record.Step{Status: workflow.Running, Nest: &record.Nest{}, Ending: workflow.Stopped}, view.Why{Detail: &record.Detail{Timeline: workflow.Timeline{acted("STOP", "")}}},
			"being stopped by ann; what it started is being stopped"},
		"timed out":       {record.Step{Status: workflow.Running, Ending: workflow.TimeoutFailed}, view.Why{}, "it timed out; its job is being terminated"},
		"ended somehow":   {record.Step{Status: workflow.Running, Ending: workflow.Stopped}, view.Why{}, "it is being brought to STOPPED; its job is being terminated"},
		"a lost platform": {record.Step{Status: workflow.Running, Ending: workflow.PlatformFailed}, view.Why{}, "it is being brought to PLATFORM_FAILED; its job is being terminated"},
	} {
		run := runOf(workflow.InstanceInProgress, 1, workflow.Running)
		run.Definition.Steps[0].Type, run.Header.CorrelationID = "Process", "wf:7:1"
		run.State.Start = later(0)
		tt.step.Attempt = 1
		run.State.Steps[0] = tt.step
		tt.about.Run, tt.about.Settings = run, decide.Settings{}.WithDefaults()
		if got := tt.about.Waiting(t.Context()); got != tt.want {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}

func TestWhyAStepWaitsForWhatItStarted(t *testing.T) {
	t.Parallel()
	nest := &record.Nest{Total: 100, Next: 60, Launched: 60, Own: 40, Closed: record.Sums{Ends: record.Ends{39, 1}}}
	for kind, want := range map[workflow.StepKind]string{
		workflow.KindForeach:     "waits for its iterations: 40 of 100 ended, 20 run; wf/7/a/3: paused by bob",
		workflow.KindWhile:       "waits for iteration 60; wf/7/a/3: paused by bob",
		workflow.KindSubworkflow: "waits for the instance that it called; wf/7/a/3: paused by bob",
	} {
		run := runOf(workflow.InstanceInProgress, 1, workflow.Running)
		run.Definition.Steps[0].Kind, run.State.Steps[0].Nest = kind, nest
		if got := (view.Why{Run: run, Below: "wf/7/a/3: paused by bob"}).Waiting(t.Context()); got != want {
			t.Errorf("%s: got %q, want %q", kind, got, want)
		}
	}
}

func TestWhyAStepWaitsForPredecessors(t *testing.T) {
	t.Parallel()
	for want, statuses := range map[string][2]workflow.StepStatus{
		"waits for a, b":                    {workflow.Running, workflow.NotCreated},
		"waits for b":                       {workflow.Succeeded, workflow.UserFailed},
		"will not run: a is FATALLY_FAILED": {workflow.FatallyFailed, workflow.Running},
	} {
		run := runOf(workflow.InstanceInProgress, 1, statuses[0], statuses[1], workflow.NotCreated)
		for _, step := range run.Definition.Steps[:2] {
			step.Transition.Successors = &workflow.Ordered[string]{}
			step.Transition.Successors.Set("c", "true")
		}
		definition, err := decide.Compile(run.Definition.Version)
		if err != nil {
			t.Fatal(err)
		}
		run.Definition = definition
		why := view.Why{Run: run, Step: 2}
		if got := why.Waiting(t.Context()); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
		why.Queue = "strategy SEQUENTIAL: instance 3 is running"
		if got := why.Waiting(t.Context()); got != "the instance has not begun: "+why.Queue {
			t.Errorf("queued: got %q", got)
		}
		run.State.Status, why.Queue, why.Timeline = workflow.InstancePaused, "", workflow.Timeline{acted("PAUSE", "lunch")}
		if got := why.Waiting(t.Context()); got != "the instance is paused by ann at 14:03:01Z: lunch" {
			t.Errorf("paused: got %q", got)
		}
		run.State.Status, run.State.Ending, why.Timeline = workflow.InstanceInProgress, workflow.InstanceStopped, workflow.Timeline{acted("STOP", "")}
		if got := why.Waiting(t.Context()); got != "will not run: the instance is being stopped by ann" {
			t.Errorf("stopped: got %q", got)
		}
		run.State.Status = workflow.InstanceStopped
		if got := why.Waiting(t.Context()); got != "" {
			t.Errorf("over: got %q", got)
		}
	}
}

func TestWhyARunHasNotBegun(t *testing.T) {
	t.Parallel()
	me, before := strategy.Ref{Instance: 7, Run: 1}, strategy.Ref{Instance: 6, Run: 1}
	others := []strategy.Ref{{Instance: 1, Run: 1}, {Instance: 2, Run: 1}, {Instance: 3, Run: 1}, {Instance: 4, Run: 1}}
	rule := func(name string) workflow.RunStrategy { return workflow.RunStrategy{Rule: name, Concurrency: 4} }
	strict, all := rule(workflow.StrictSequential), rule(workflow.StrictSequential)
	all.BlockOnAll = true
	for want, head := range map[string]*strategy.Head{
		"waits for its turn":                         nil,
		"is about to begin":                          {Strategy: workflow.DefaultRunStrategy, Running: []strategy.Ref{me}},
		"strategy SEQUENTIAL: its turn comes next":   {Strategy: workflow.DefaultRunStrategy, Queued: strategy.QueueOf(me)},
		"strategy SEQUENTIAL: 2nd in the queue":      {Strategy: workflow.DefaultRunStrategy, Queued: strategy.QueueOf(before, me)},
		"strategy SEQUENTIAL: instance 1 is running": {Strategy: workflow.DefaultRunStrategy, Running: others[:1], Queued: strategy.QueueOf(me)},
		"strategy SEQUENTIAL: instances 1, 2, 3 and 1 more are running; 2nd in the queue": {
			Strategy: workflow.DefaultRunStrategy, Running: others, Queued: strategy.QueueOf(before, me)},
		"strategy PARALLEL: 4 of 4 instances run (1, 2, 3 and 1 more); 2nd in the queue": {
			Strategy: rule(workflow.Parallel), Running: others, Queued: strategy.QueueOf(before, me)},
		"strategy STRICT_SEQUENTIAL: instance 3 FAILED and blocks it: restart it, or \"segue unblock wf 3\"": {
			Strategy: strict, Failed: others[2:3], Queued: strategy.QueueOf(me)},
		"strategy STRICT_SEQUENTIAL: instances 1, 2, 3 and 6 more FAILED and block it: restart them, or \"segue unblock wf\"; 2nd in the queue": {
			Strategy: strict, Failed: others, Failures: 5, Queued: strategy.QueueOf(before, me)},
		"strategy STRICT_SEQUENTIAL: 5 runs that did not succeed block it: \"segue unblock wf\"": {
			Strategy: all, Failures: 5, Queued: strategy.QueueOf(me)},
		"strategy LAST_ONLY: it makes way for instance 9": {
			Strategy: rule(workflow.LastOnly), Evicted: []strategy.Eviction{{Ref: me, By: strategy.Ref{Instance: 9, Run: 1}}}},
	} {
		if got := view.Queue(runOf(workflow.InstanceCreated, 1, workflow.NotCreated), head); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
	unknown := &strategy.Head{Strategy: workflow.DefaultRunStrategy, Running: others[:1]}
	if got := view.Queue(runOf(workflow.InstanceCreated, 1, workflow.NotCreated), unknown); got != "waits for its turn" {
		t.Errorf("what the head does not know: %q", got)
	}
}

func TestWhatHoldsUpARun(t *testing.T) {
	t.Parallel()
	by := func(action, reason string) workflow.Timeline { return workflow.Timeline{acted(action, reason)} }
	for want, tt := range map[string]struct {
		state    record.State
		timeline workflow.Timeline
	}{
		"":                                 {record.State{Status: workflow.InstanceInProgress}, nil},
		"paused by ann at 14:03:01Z":       {record.State{Status: workflow.InstancePaused}, by("PAUSE", "")},
		"paused until somebody resumes it": {record.State{Status: workflow.InstancePaused}, nil},
		"being stopped by ann: late":       {record.State{Status: workflow.InstanceInProgress, Ending: workflow.InstanceStopped}, by("STOP", "late")},
		"being killed by ann":              {record.State{Status: workflow.InstanceInProgress, Ending: workflow.InstanceFailed}, by("KILL", "")},
		"being stopped":                    {record.State{Status: workflow.InstanceInProgress, Ending: workflow.InstanceStopped}, by("PAUSE", "")},
		"being ended: it timed out":        {record.State{Status: workflow.InstanceInProgress, Ending: workflow.InstanceTimedOut}, nil},
		"being stopped: step b failed":     {record.State{Status: workflow.InstanceInProgress, Halted: true}, nil},
	} {
		run := runOf(tt.state.Status, 1, workflow.Running, workflow.FatallyFailed)
		run.Definition.Steps[1].FailureMode = workflow.FailImmediately
		tt.state.Steps, run.State = run.State.Steps, &tt.state
		if got := view.HoldsUp(run, tt.timeline, nil); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestTheStepThatHoldsUpARun(t *testing.T) {
	t.Parallel()
	const nested = 1
	for name, tt := range map[string]struct {
		status workflow.InstanceStatus
		steps  []workflow.StepStatus
		want   int // -1: none
	}{
		"one waits":                       {workflow.InstanceInProgress, []workflow.StepStatus{workflow.Succeeded, workflow.Succeeded, workflow.Paused, workflow.NotCreated}, 2},
		"another is at work":              {workflow.InstanceInProgress, []workflow.StepStatus{workflow.Running, workflow.Succeeded, workflow.Paused}, -1},
		"one waits beside a loop":         {workflow.InstanceInProgress, []workflow.StepStatus{workflow.Succeeded, workflow.Running, workflow.UserFailed}, 2},
		"only a loop is there":            {workflow.InstanceInProgress, []workflow.StepStatus{workflow.Succeeded, workflow.Running, workflow.NotCreated}, nested},
		"the instance itself is held":     {workflow.InstancePaused, []workflow.StepStatus{workflow.Paused, workflow.Succeeded}, -1},
		"the first of several that wait":  {workflow.InstanceInProgress, []workflow.StepStatus{workflow.WaitingForPermits, workflow.Succeeded, workflow.WaitingForSignals}, 0},
		"nothing of it is there any more": {workflow.InstanceInProgress, []workflow.StepStatus{workflow.Succeeded, workflow.Succeeded}, -1},
	} {
		run := runOf(tt.status, 1, tt.steps...)
		run.State.Steps[nested].Nest = &record.Nest{}
		if got, ok := view.Held(run); got != tt.want || ok != (tt.want >= 0) {
			t.Errorf("%s: got %d %v, want %d", name, got, ok, tt.want)
		}
	}
}

func TestNamesOfStepsForPeople(t *testing.T) {
	t.Parallel()
	run := runOf(workflow.InstanceInProgress, 1, workflow.Running)
	if got := view.Name(run, 0); got != "wf/7/a" {
		t.Error(got)
	}
	run.Key.Workflow, run.Header.Link = "maestro_foreach_inner", &record.Link{Inline: true}
	run.Header.Initiator.Ancestors = []workflow.Ancestor{{Workflow: "root", Instance: 1, Step: "call"}, {Workflow: "home", Instance: 3, Step: "outer"},
		{Workflow: "maestro_foreach_outer", Instance: 5, Step: "inner"}}
	if got := view.Name(run, 0); got != "home/3/outer/5/inner/7/a" {
		t.Error(got)
	}
}

func TestTimesOfAnAttempt(t *testing.T) {
	t.Parallel()
	moves := []record.Move{{To: workflow.Created, At: 1}, {To: workflow.Initialized, At: 2}, {To: workflow.Paused, At: 3},
		{To: workflow.WaitingForSignals, At: 4}, {To: workflow.EvaluatingParams, At: 5}, {To: workflow.WaitingForPermits, At: 6},
		{To: workflow.Starting, At: 7}, {To: workflow.Running, At: 8}, {To: workflow.Finishing, At: 9}, {To: workflow.Succeeded, At: 10}}
	want := view.RuntimeState{Status: workflow.Succeeded, Create: 1, Initialize: 2, Pause: 3, WaitSignal: 4, EvaluateParam: 5,
		WaitPermit: 6, Start: 7, Execute: 8, Finish: 9, End: 10, Modify: 10}
	if got := view.NewRuntimeState(moves); got != want {
		t.Errorf("got %+v", got)
	}
	for n := 2; n < len(moves); n++ {
		if got := view.NewRuntimeState(moves[:n]); got.Status != moves[n-1].To || got.Modify != int64(n) || got.End != 0 {
			t.Errorf("after %d moves: %+v", n, got)
		}
	}
}

func TestActionMaps(t *testing.T) {
	t.Parallel()
	expectJSON(t, view.InstanceActions(), `{"CREATED":["STOP","KILL"],"IN_PROGRESS":["STOP","KILL"],"PAUSED":["STOP","KILL"],`+
		`"SUCCEEDED":["RESTART"],"FAILED":["RESTART","UNBLOCK"],"STOPPED":["RESTART"],"TIMED_OUT":["RESTART"]}`)
	const live, over = `["STOP","KILL","SKIP"]`, `["RESTART","SKIP"]`
	for status, want := range map[workflow.StepStatus]string{
		workflow.NotCreated: `[]`, workflow.Created: `["PAUSE","STOP","KILL"]`, workflow.Initialized: `["PAUSE","STOP","KILL","SKIP"]`,
		workflow.Paused: `["RESUME","STOP","KILL","SKIP"]`, workflow.WaitingForSignals: `["STOP","KILL","SKIP","BYPASS_STEP_DEPENDENCIES"]`,
		workflow.EvaluatingParams: live, workflow.WaitingForPermits: live, workflow.Starting: live, workflow.Running: live, workflow.Finishing: live,
		workflow.UserFailed: live, workflow.PlatformFailed: live, workflow.TimeoutFailed: live,
		workflow.Disabled: `["RESTART"]`, workflow.Unsatisfied: `["RESTART"]`,
		workflow.Skipped: over, workflow.Succeeded: over, workflow.CompletedWithError: over, workflow.FatallyFailed: over,
		workflow.InternallyFailed: over, workflow.Stopped: over, workflow.TimedOut: over,
	} {
		actions, ok := view.StepActions().Get(status.String())
		if text, _ := json.Marshal(actions); !ok || string(text) != want {
			t.Errorf("%s: %s, want %s", status, text, want)
		}
	}
	if n := view.StepActions().Len(); n != len(workflow.StepStatuses()) {
		t.Errorf("%d statuses", n)
	}
}

func TestEnrichedTimelineIsInOrder(t *testing.T) {
	t.Parallel()
	run := runOf(workflow.InstanceSucceeded, 1, workflow.Succeeded)
	run.State.Created, run.State.Start, run.State.End = 10, 20, 30
	document := view.NewInstance(run, workflow.Timeline{workflow.LogEvent(20, "begun"), workflow.LogEvent(25, "half")})
	document.Enrich()
	var got []string
	for _, event := range document.Timeline {
		got = append(got, event.Status+event.Message)
	}
	want := []string{"CREATED", "IN_PROGRESS", "begun", "half", "SUCCEEDED"}
	for i := range want {
		if len(got) != len(want) || got[i] != want[i] {
			t.Fatalf("got %v", got)
		}
	}
}
