package tree_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/cmd/segue/tree"
	"github.com/segue-workflows/segue/shared/workflow"
)

// steps makes NoOp steps of lines such as "a: b c", successors behind the colon.
func steps(t *testing.T, lines ...string) *client.Workflow {
	t.Helper()
	w := &client.Workflow{}
	for _, line := range lines {
		id, successors, _ := strings.Cut(line, ":")
		step := client.Step{ID: id, Type: "NoOp"}
		step.Transition.Successors = &workflow.Ordered[string]{}
		for _, to := range strings.Fields(successors) {
			step.Transition.Successors.Set(to, "true")
		}
		w.Steps = append(w.Steps, step)
	}
	return w
}

func TestStepsAreDrawnInTheOrderOfTheGraph(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct{ given, want []string }{
		"a chain stays at the left":  {[]string{"c", "b: c", "a: b"}, []string{"a", "b", "c"}},
		"a diamond":                  {[]string{"a: b c", "b: d", "c: d", "d"}, []string{"a", "  b", "  c", "d"}},
		"branches stay together":     {[]string{"a: b c", "b: b2", "b2: d", "c: c2", "c2: d", "d"}, []string{"a", "  b", "  b2", "  c", "  c2", "d"}},
		"a fork in a fork":           {[]string{"a: b c", "b: x y", "x: z", "y: z", "z: d", "c: d", "d: e", "e"}, []string{"a", "  b", "    x", "    y", "  z", "  c", "d", "e"}},
		"two roots that meet":        {[]string{"a: c", "b: c", "c: d", "d"}, []string{"a", "b", "c", "d"}},
		"a branch with a short cut":  {[]string{"a: b d", "b: d", "d"}, []string{"a", "  b", "d"}},
		"two workflows in one":       {[]string{"a: b", "b", "x: y", "y"}, []string{"a", "b", "x", "y"}},
		"a branch that ends nowhere": {[]string{"a: b c", "b", "c: d", "d"}, []string{"a", "  b", "  c", "  d"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			view := tree.Build(&client.Run{Workflow: steps(t, tt.given...)}, nil)
			var got []string
			for _, row := range view.Rows {
				got = append(got, strings.Repeat("  ", row.Depth)+row.Step)
			}
			if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
				t.Errorf("drawn:\n%s\nwant:\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestReasons(t *testing.T) {
	t.Parallel()
	failure := workflow.Timeline{workflow.LogEvent(1, "first"), {Type: workflow.EventDetails, Message: "the second\x1b[2J word\nand more"}, {Type: workflow.EventStatus, Status: "FATALLY_FAILED"}}
	ended := workflow.Timeline{{Type: workflow.EventAction, Action: "STOP", Author: &workflow.User{Name: "ann"}, Reason: "odd"}, {Type: workflow.EventAction, Action: "PAUSE", Reason: "lunch"}}
	for name, tt := range map[string]struct {
		run     workflow.InstanceStatus
		attempt client.Attempt
		want    string
	}{
		"who ended it, and why":            {workflow.InstanceStopped, client.Attempt{State: client.State{Status: workflow.Stopped}, Timeline: ended}, "stopped by ann: odd"},
		"the run says that it is paused":   {workflow.InstancePaused, client.Attempt{Waiting: "the instance is paused by ann"}, ""},
		"nor has a run begun step by step": {workflow.InstanceCreated, client.Attempt{Waiting: "the instance has not begun: waits"}, ""},
		"waits as the server says":         {workflow.InstanceInProgress, client.Attempt{Waiting: "waits for a"}, "waits for a"},
		"a run that ended did not come by": {workflow.InstanceFailed, client.Attempt{}, "not reached"},
		"no way led there":                 {workflow.InstanceSucceeded, client.Attempt{State: client.State{Status: workflow.Unsatisfied}}, "no condition led here"},
		"the newest message, made safe":    {workflow.InstanceFailed, client.Attempt{State: client.State{Status: workflow.FatallyFailed}, Timeline: failure}, "the second[2J word"},
		"success needs no reason":          {workflow.InstanceSucceeded, client.Attempt{State: client.State{Status: workflow.Succeeded}, Timeline: failure}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			tt.attempt.Step, tt.attempt.Attempt = "a", 1
			view := tree.Build(&client.Run{Workflow: steps(t, "a"), Status: tt.run, Waiting: "paused by ann"}, []client.Attempt{tt.attempt})
			if got := view.Rows[0].Reason; got != tt.want {
				t.Errorf("%q, want %q", got, tt.want)
			}
		})
	}
}

func TestATreeOnPaper(t *testing.T) {
	t.Parallel()
	run := &client.Run{WorkflowID: "w", Version: 2, Instance: 3, Run: 1, Status: workflow.InstanceInProgress, Start: 1000, Workflow: steps(t, "first: second", "second")}
	view := tree.Build(run, []client.Attempt{
		{Step: "first", Attempt: 1, State: client.State{Status: workflow.TimeoutFailed, Start: 1000, End: 1500}},
		{Step: "first", Attempt: 2, State: client.State{Status: workflow.Running, Start: 3000}},
		{Step: "second", Waiting: "waits for first"},
	})
	want := `w instance 3 run 1 version 2
  > first   NoOp  RUNNING        2.0s  attempt 2
  · second  NoOp  NOT_CREATED  waits for first
w instance 3 run 1: IN_PROGRESS since 4.0s (1 not created, 1 running)
`
	var paper bytes.Buffer
	if got := tree.NewPainter(&paper).Tree(view, time.UnixMilli(5000), ">"); got != want {
		t.Errorf("drawn:\n%swant:\n%s", got, want)
	}
}

func TestJSONOfAView(t *testing.T) {
	t.Parallel()
	view := tree.Build(&client.Run{WorkflowID: "w", Version: 1, Instance: 1, Run: 1, Status: workflow.InstanceSucceeded, Start: 5, End: 7, Workflow: steps(t, "a")},
		[]client.Attempt{{Step: "a", Attempt: 1, State: client.State{Status: workflow.Succeeded, Start: 5, End: 6}}})
	got, err := json.Marshal(view)
	if err != nil {
		t.Fatal(err)
	}
	want := `{"workflow_id":"w","workflow_version_id":1,"workflow_instance_id":1,"workflow_run_id":1,"status":"SUCCEEDED","start_time":5,"end_time":7,` +
		`"steps":[{"step_id":"a","type":"NoOp","status":"SUCCEEDED","step_attempt_id":1,"start_time":5,"end_time":6}]}`
	if string(got) != want {
		t.Errorf("%s\nwant %s", got, want)
	}
}

func TestElapsed(t *testing.T) {
	t.Parallel()
	for ms, want := range map[int64]string{-5: "0.0s", 40: "0.0s", 1250: "1.2s", 12_900: "12s", 65_000: "1m05s", 7_380_000: "2h03m"} {
		if got := tree.Elapsed(ms); got != want {
			t.Errorf("%d ms: %q, want %q", ms, got, want)
		}
	}
}
