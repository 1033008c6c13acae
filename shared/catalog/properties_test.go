package catalog_test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

func TestPropertiesOfAPush(t *testing.T) {
	const all = `{"owner": "alice", "run_strategy": 5, "step_concurrency": 7, "alerting": {"emails": ["a@b"]}, "description": "d", "alerting_disabled": true}`
	for name, c := range map[string]struct{ pushed, want string }{
		"none":               {"", `{"owner":"alice","run_strategy":{"rule":"PARALLEL","workflow_concurrency":5},"step_concurrency":7,"alerting":{"emails":["a@b"]},"alerting_disabled":true,"description":"d"}`},
		"empty unsets three": {"{}", `{"owner":"alice","alerting_disabled":true,"description":"d"}`},
		"some":               {`{"description": "e", "step_concurrency": 1}`, `{"owner":"alice","step_concurrency":1,"alerting_disabled":true,"description":"e"}`},
		"false is a value":   {`{"alerting_disabled": false}`, `{"owner":"alice","alerting_disabled":false,"description":"d"}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.push("wf", "NoOp", all)
			expectJSON(t, w.push("wf", "NoOp", c.pushed).Properties.Properties, c.want)
		})
	}
}

func TestPropertiesUpdate(t *testing.T) {
	const parallel = `{"owner": "alice", "run_strategy": 5, "step_concurrency": 7, "description": "d"}`
	const sequential = `{"owner": "alice", "run_strategy": "strict_sequential"}`
	for name, c := range map[string]struct{ before, update, want string }{
		"absent keeps":        {parallel, `{"description": "e"}`, `{"owner":"alice","run_strategy":{"rule":"PARALLEL","workflow_concurrency":5},"step_concurrency":7,"description":"e"}`},
		"empty":               {parallel, `{}`, `{"owner":"alice","run_strategy":{"rule":"PARALLEL","workflow_concurrency":5},"step_concurrency":7,"description":"d"}`},
		"reset rule":          {parallel, `{"reset_run_strategy_rule": true}`, `{"owner":"alice","step_concurrency":7,"description":"d"}`},
		"reset concurrency":   {parallel, `{"reset_workflow_concurrency": true}`, `{"owner":"alice","run_strategy":{"rule":"PARALLEL","workflow_concurrency":20},"step_concurrency":7,"description":"d"}`},
		"only when parallel":  {sequential, `{"reset_workflow_concurrency": true}`, `{"owner":"alice","run_strategy":{"rule":"STRICT_SEQUENTIAL","workflow_concurrency":1}}`},
		"reset steps":         {parallel, `{"reset_step_concurrency": true}`, `{"owner":"alice","run_strategy":{"rule":"PARALLEL","workflow_concurrency":5},"description":"d"}`},
		"strategy by a value": {parallel, `{"run_strategy": "sequential"}`, `{"owner":"alice","run_strategy":{"rule":"SEQUENTIAL","workflow_concurrency":1},"step_concurrency":7,"description":"d"}`},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.push("wf", "NoOp", c.before)
			out, err := w.catalog.Update(t.Context(), bob, "wf", update(t, c.update))
			if err != nil {
				t.Fatal(err)
			}
			expectJSON(t, out.Properties, c.want)
			if n := w.version("wf", "latest"); n != 1 {
				t.Errorf("an update made version %d", n)
			}
		})
	}
}

func expectJSON(t *testing.T, got any, want string) {
	t.Helper()
	text, err := json.Marshal(got)
	if err != nil || string(text) != want {
		t.Errorf("got  %s %v\nwant %s", text, err, want)
	}
}

func TestClaimOfOwnershipIsOnTheTimeline(t *testing.T) {
	w := newWorld(t)
	w.push("wf", "NoOp", owned)
	w.Drain(time.Second)
	snapshot, err := w.catalog.Update(t.Context(), bob, "wf", update(t, `{"owner": "bob"}`))
	if err != nil || snapshot.Owner.Name != "bob" || snapshot.Author != "bob" {
		t.Fatalf("%+v %v", snapshot, err)
	}
	timeline, err := w.catalog.Timeline(t.Context(), "wf")
	if err != nil || len(timeline.Events) != 2 {
		t.Fatalf("%+v %v", timeline, err)
	}
	if line := timeline.Events[0]; line.Author != "bob" || !strings.Contains(line.Log, `the owner was "alice" and is "bob"`) {
		t.Errorf("%+v", line)
	}
	if w.version("wf", "latest") != 1 {
		t.Error("a claim made a version")
	}
}

func TestPropertyTags(t *testing.T) {
	w := newWorld(t)
	w.push("wf", "NoOp", owned)
	for _, name := range []string{"a", "b", "a"} {
		if _, err := w.catalog.PutTag(t.Context(), bob, "wf", workflow.Tag{Name: name, Namespace: "SYSTEM"}); err != nil {
			t.Fatal(err)
		}
	}
	w.push("wf", "NoOp", "{}") // a push leaves tags alone
	snapshot, err := w.catalog.Properties(t.Context(), "wf")
	if err != nil || len(snapshot.Tags) != 2 {
		t.Fatalf("%+v %v", snapshot, err)
	}
	expectJSON(t, snapshot.Tags[0], `{"name":"a","namespace":"PLATFORM","creator":"bob","created_at_milli":1767323045000}`)
	if snapshot, err = w.catalog.DeleteTag(t.Context(), bob, "wf", "a"); err != nil || len(snapshot.Tags) != 1 || snapshot.Tags[0].Name != "b" {
		t.Errorf("%+v %v", snapshot, err)
	}
	_, err = w.catalog.DeleteTag(t.Context(), bob, "wf", "a")
	want(t, err, workflow.CodeNotFound)
}

func TestNewStrategyLetsWaitingRunsBegin(t *testing.T) {
	for _, byPush := range []bool{false, true} {
		w := newWorld(t)
		w.push("wf", "Sleep", owned)
		for range 4 {
			w.Start("wf", "")
		}
		if byPush {
			w.push("wf", "Sleep", `{"run_strategy": 3}`)
		} else if _, err := w.catalog.Update(t.Context(), alice, "wf", update(t, `{"run_strategy": 3}`)); err != nil {
			t.Fatal(err)
		}
		overview, err := w.catalog.Overview(t.Context(), "wf")
		if err != nil || overview.Nonterminal[workflow.InstanceInProgress] != 3 || overview.Nonterminal[workflow.InstanceCreated] != 1 {
			t.Errorf("%+v %v", overview, err)
		}
		if run := w.Run("wf", 3); run.State.Status != workflow.InstanceInProgress {
			t.Errorf("instance 3 is %s", run.State.Status)
		}
	}
}

func TestStrategyThatThePresentRunsForbid(t *testing.T) {
	w := newWorld(t)
	w.push("wf", "Sleep", owned)
	w.Start("wf", "r1")
	w.Start("wf", "r2")
	_, err := w.catalog.Update(t.Context(), alice, "wf", update(t, `{"run_strategy": "last_only"}`))
	want(t, err, workflow.CodePrecondition)
	_, err = w.catalog.Push(t.Context(), alice, request(t, "wf", "NoOp", `{"run_strategy": "first_only"}`))
	want(t, err, workflow.CodePrecondition)
	if w.version("wf", "latest") != 1 {
		t.Error("the refused push left a version")
	}
	w.push("wf", "NoOp", "") // and nothing that a later push would adopt
	if w.version("wf", "latest") != 2 {
		t.Error("the refused push was adopted")
	}
	w.Drain(time.Minute)
	if _, err = w.catalog.Update(t.Context(), alice, "wf", update(t, `{"run_strategy": "last_only"}`)); err != nil {
		t.Error(err)
	}
}

// Two updates at once: both take effect, the second on top of the first.
func TestUpdatesThatOverlap(t *testing.T) {
	w := newWorld(t)
	w.push("wf", "NoOp", owned)
	slow := w.over(func(s store.Store) store.Store {
		return &before{Store: s, at: isHead, hook: func() {
			if _, err := w.catalog.Update(t.Context(), bob, "wf", update(t, `{"description": "fast"}`)); err != nil {
				t.Error(err)
			}
		}}
	})
	out, err := slow.Update(t.Context(), alice, "wf", update(t, `{"step_concurrency": 9}`))
	if err != nil {
		t.Fatal(err)
	}
	expectJSON(t, out.Properties, `{"owner":"alice","step_concurrency":9,"description":"fast"}`)
}
