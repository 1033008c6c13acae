package view_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

// The time of all tests, and seconds later, in epoch milliseconds.
func later(seconds int64) int64 {
	return time.Date(2026, 1, 2, 14, 3, 0, 0, time.UTC).UnixMilli() + 1000*seconds
}

func TestWaitingOfEveryRestingStatus(t *testing.T) {
	t.Parallel()
	for want, step := range map[string]record.Step{
		"ready since 14:03:00Z, waits for a dispatcher":                      {Status: workflow.WaitingForPermits},
		"its job is being called; the claim holds until 14:03:30Z":           {Status: workflow.Starting, Claim: later(30)},
		"2 deliveries failed; ready since 14:03:05Z, waits for a dispatcher": {Status: workflow.Running, Due: later(5), Failures: 2},
		"its job is running; it is looked at again at 14:03:05Z":             {Status: workflow.Running, Due: later(5)},
		"USER_FAILED: retry 2 of 2 at 14:03:10Z":                             {Status: workflow.UserFailed, Due: later(10), Retries: [4]int64{2, 1, 1, 0}},
		"PLATFORM_FAILED: retry 1 of 10 at 14:03:10Z":                        {Status: workflow.PlatformFailed, Due: later(10), Retries: [4]int64{2, 1, 0, 0}},
		"its job is being terminated; then it is STOPPED":                    {Status: workflow.Running, Due: later(5), Ending: workflow.Stopped},
		"": {Status: workflow.Succeeded},
	} {
		run := runOf(workflow.InstanceInProgress, 1, workflow.Running)
		run.Definition.Steps[0].Type = "Process"
		run.State.Start = later(0)
		step.Attempt = 1
		run.State.Steps[0] = step
		if got := view.Waiting(t.Context(), run, 0, "", decide.Settings{}.WithDefaults()); got != want {
			t.Errorf("%s: got %q, want %q", step.Status, got, want)
		}
	}
}

func TestWaitingForPredecessors(t *testing.T) {
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
		if got := view.Waiting(t.Context(), run, 2, "", decide.Settings{}.WithDefaults()); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
	}
}

func TestQueueReasons(t *testing.T) {
	t.Parallel()
	me := strategy.Ref{Instance: 7, Run: 1}
	others := []strategy.Ref{{Instance: 1, Run: 1}, {Instance: 2, Run: 1}, {Instance: 3, Run: 1}, {Instance: 4, Run: 1}}
	for want, head := range map[string]*strategy.Head{
		"waits for its turn":                         nil,
		"is about to begin":                          {Strategy: workflow.DefaultRunStrategy, Running: []strategy.Ref{me}},
		"strategy SEQUENTIAL: its turn comes next":   {Strategy: workflow.DefaultRunStrategy, Queued: strategy.QueueOf(me)},
		"strategy SEQUENTIAL: instance 1 is running": {Strategy: workflow.DefaultRunStrategy, Running: others[:1], Queued: strategy.QueueOf(me)},
		"strategy PARALLEL of 4: instances 1, 2, 3 and 1 more are running; 1 more wait before it": {
			Strategy: workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 4}, Running: others, Queued: strategy.QueueOf(strategy.Ref{Instance: 6, Run: 1}, me)},
	} {
		if got := view.Queue(runOf(workflow.InstanceCreated, 1, workflow.NotCreated), head); got != want {
			t.Errorf("got %q, want %q", got, want)
		}
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
