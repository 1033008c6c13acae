package view_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

func rollup(t *testing.T, text string) *view.Rollup {
	t.Helper()
	out := &view.Rollup{}
	if err := json.Unmarshal([]byte(text), out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestPinned47Rollups(t *testing.T) {
	t.Parallel()
	big := rollup(t, `{"total_leaf_count": 10079, "overview": {"RUNNING": {"cnt": 27, "ref": {"wf:1": ["1:a:1"]}}, "SUCCEEDED": {"cnt": 10052}}}`)
	small := rollup(t, `{"total_leaf_count": 2, "overview": {"CREATED": {"cnt": 1}, "RUNNING": {"cnt": 1, "ref": {"wf:1": ["2:a:1"]}}}}`)
	sum := big.Add(small)
	expectJSON(t, sum, `{"total_leaf_count":10081,"overview":{"CREATED":{"cnt":1},"RUNNING":{"cnt":28,"ref":{"wf:1":["1:a:1","2:a:1"]}},"SUCCEEDED":{"cnt":10052}}}`)
	expectJSON(t, sum.Subtract(small), `{"total_leaf_count":10079,"overview":{"RUNNING":{"cnt":27,"ref":{"wf:1":["1:a:1"]}},"SUCCEEDED":{"cnt":10052}}}`)
	if n := big.Subtract(rollup(t, `{"total_leaf_count": 2, "overview": {"SUCCEEDED": {"cnt": 2}}}`)).Total; n != 10077 {
		t.Errorf("subtracting 2 leaves %d", n)
	}
	if big.Overview.Len() != 2 {
		t.Error("adding changed what was added to")
	}
}

func expectJSON(t *testing.T, got any, want string) {
	t.Helper()
	text, err := json.Marshal(got)
	if err != nil || string(text) != want {
		t.Errorf("got  %s %v\nwant %s", text, err, want)
	}
}

func TestRollupsAddUp(t *testing.T) {
	t.Parallel()
	draw := rapid.Custom(func(t *rapid.T) *view.Rollup {
		sum := &view.Rollup{}
		for _, n := range rapid.SliceOfN(rapid.IntRange(0, 21), 0, 6).Draw(t, "statuses") {
			leaf := &workflow.Ordered[*view.LeafCount]{}
			leaf.Set(workflow.StepStatus(n).String(), &view.LeafCount{Count: 1})
			sum = sum.Add(&view.Rollup{Total: 1, Overview: leaf})
		}
		return sum
	})
	rapid.Check(t, func(t *rapid.T) {
		a, b := draw.Draw(t, "a"), draw.Draw(t, "b")
		ab, ba := encode(t, a.Add(b)), encode(t, b.Add(a))
		if ab != ba {
			t.Fatalf("the order matters: %s and %s", ab, ba)
		}
		if back := encode(t, a.Add(b).Subtract(b)); back != encode(t, a.Add(nil)) {
			t.Fatalf("subtracting does not undo adding: %s, %s", back, encode(t, a))
		}
		total := int64(0)
		for _, leaf := range a.Add(b).Overview.All() {
			total += leaf.Count
		}
		if total != a.Total+b.Total {
			t.Fatalf("%d leaves, %d counted", a.Total+b.Total, total)
		}
	})
}

func encode(t *rapid.T, value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// runOf makes a run of unconnected steps in the statuses.
func runOf(status workflow.InstanceStatus, number int64, statuses ...workflow.StepStatus) *decide.Run {
	version := &workflow.Version{Number: 1, Workflow: &workflow.Workflow{ID: "wf"}}
	state := &record.State{Status: status, Created: 1, Start: 2}
	for i, s := range statuses {
		version.Workflow.Steps = append(version.Workflow.Steps, &workflow.Step{Kind: workflow.KindStep, ID: string(rune('a' + i)), Type: "NoOp"})
		step := record.Step{Status: s}
		if s != workflow.NotCreated {
			step.Attempt, step.Start, step.End = 1, 10, 20
		}
		if s == workflow.Running {
			step.End = 0
		}
		state.Steps = append(state.Steps, step)
	}
	definition, err := decide.Compile(version)
	if err != nil {
		panic(err)
	}
	return &decide.Run{Key: workflow.RunKey{Workflow: "wf", Instance: 7, Run: number}, Definition: definition, State: state,
		Header: &record.Header{Version: 1, Initiator: &workflow.Initiator{Type: workflow.InitiatorManual}}}
}

func TestOverviewOfARun(t *testing.T) {
	t.Parallel()
	run := runOf(workflow.InstanceInProgress, 1, workflow.Succeeded, workflow.Running, workflow.NotCreated, workflow.Succeeded)
	expectJSON(t, view.NewOverview(run), `{"total_step_count":4,"run_status":"IN_PROGRESS","step_overview":{"NOT_CREATED":{"cnt":1},`+
		`"RUNNING":{"cnt":1,"steps":[[2,10,null]]},"SUCCEEDED":{"cnt":2,"steps":[[1,10,20],[4,10,20]]}},`+
		`"rollup_overview":{"total_leaf_count":4,"overview":{"NOT_CREATED":{"cnt":1},"RUNNING":{"cnt":1,"ref":{"wf:1":["7:b:1"]}},"SUCCEEDED":{"cnt":2}}}}`)
}

// restart returns the next run after prev, in which the steps have the statuses and all others stand.
func restart(prev *decide.Run, status workflow.InstanceStatus, ran map[int]workflow.StepStatus) *decide.Run {
	next := *prev
	next.Key.Run++
	next.State = prev.State.Clone()
	next.State.Status = status
	for i := range next.State.Steps {
		step := &next.State.Steps[i]
		now, runs := ran[i]
		key, _ := prev.DetailAt(i)
		switch {
		case runs:
			*step = record.Step{Status: now, Attempt: 1, Start: 30, End: 40}
		default:
			step.Part, step.Home = record.Outside, key.Run
		}
	}
	return &next
}

func TestPinned46AggregatedStatus(t *testing.T) {
	t.Parallel()
	first := runOf(workflow.InstanceFailed, 1, workflow.Succeeded, workflow.FatallyFailed, workflow.FatallyFailed)
	if got := view.Aggregate(nil, first).Status; got != workflow.InstanceFailed {
		t.Errorf("first run: %s", got)
	}
	second := restart(first, workflow.InstanceSucceeded, map[int]workflow.StepStatus{1: workflow.Succeeded})
	repaired := view.Aggregate(nil, second)
	if repaired.Status != workflow.InstanceFailed {
		t.Errorf("one of two failures was repaired: %s", repaired.Status)
	}
	expectJSON(t, repaired.Steps, `{"a":{"workflow_run_id":1,"status":"SUCCEEDED","start_time":10,"end_time":20},`+
		`"b":{"workflow_run_id":2,"status":"SUCCEEDED","start_time":30,"end_time":40},"c":{"workflow_run_id":1,"status":"FATALLY_FAILED","start_time":10,"end_time":20}}`)
	expectJSON(t, view.NewOverview(second), `{"total_step_count":1,"run_status":"SUCCEEDED","step_overview":{"SUCCEEDED":{"cnt":1,"steps":[[1,30,40]]}},`+
		`"rollup_overview":{"total_leaf_count":3,"overview":{"SUCCEEDED":{"cnt":2},"FATALLY_FAILED":{"cnt":1,"ref":{"wf:2":["7:c:0"]}}}}}`)
	third := restart(second, workflow.InstanceSucceeded, map[int]workflow.StepStatus{2: workflow.Succeeded})
	if got := view.Aggregate(nil, third).Status; got != workflow.InstanceSucceeded {
		t.Errorf("both were repaired: %s", got)
	}
	running := restart(second, workflow.InstanceInProgress, map[int]workflow.StepStatus{2: workflow.Running})
	if got := view.Aggregate(nil, running).Status; got != workflow.InstanceInProgress {
		t.Errorf("a run under way: %s", got)
	}
	killed := runOf(workflow.InstanceFailed, 1, workflow.Succeeded, workflow.NotCreated)
	left := restart(killed, workflow.InstanceSucceeded, map[int]workflow.StepStatus{0: workflow.Succeeded})
	if !view.NeedsPrevious(left) || view.NeedsPrevious(third) || view.NeedsPrevious(killed) {
		t.Error("what came before matters only to steps that were never created")
	}
	if got := view.Aggregate(view.Aggregate(nil, killed), left).Status; got != workflow.InstanceFailed {
		t.Errorf("steps that were never created keep the earlier status: %s", got)
	}
}
