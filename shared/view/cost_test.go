package view

import (
	"testing"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

func TestCost(t *testing.T) {
	t.Parallel()
	run := workflow.RunKey{Workflow: "w", Instance: 1, Run: 1}
	again := workflow.RunKey{Workflow: "w", Instance: 1, Run: 2}
	commit := func(key workflow.RunKey, n, look int64, header *record.Header) store.Item {
		body := record.Encode(record.Commit{Header: header, State: &record.State{Status: workflow.InstanceInProgress, Look: look}})
		return store.Item{Key: record.CommitKey(key, n), Rev: 1, Body: body}
	}
	items := []store.Item{
		commit(run, 1, 60, &record.Header{}), // and a wake item, perhaps of others too
		commit(run, 2, 60, nil),              // the same one
		commit(run, 3, 90, nil),              // one of its own
		commit(again, 1, 0, &record.Header{Restart: &record.Restart{}}),
		{Key: record.ProgressKey(run, 0, 1, 1), Rev: 4, Body: []byte("{}")}, // written four times
	}
	out, state, err := &Cost{}, (*record.State)(nil), error(nil)
	for _, item := range items {
		if state, err = out.Add(item, state); err != nil {
			t.Fatal(err)
		}
	}
	out.Total()
	want := Cost{Runs: 2, Commits: 4, Own: Units{Writes: 4 + 1 + 4},
		Most: Units{Writes: 10 + 2*3, Reads: 2*3 + 2, Requests: 2 * 3, Invocations: 2 + 2, Milliseconds: 2*40 + 2*25}}
	if *out != want {
		t.Errorf("%+v, want %+v", *out, want)
	}
	if _, err := out.Add(store.Item{Key: record.CommitKey(run, 4), Rev: 1, Body: []byte("{}")}, nil); workflow.CodeOf(err) != workflow.CodeInternal {
		t.Errorf("a commit without a state: %v", err)
	}
}
