package localstack

import (
	"testing"
	"time"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/workflow"
)

// testStoredSchedules pushes a sample of the reference with three time triggers, of which one is due every two minutes:
// a run starts at such a time, sooner than the sweep behind it would find it.
func testStoredSchedules(t *testing.T) {
	need(t)
	t.Parallel()
	_, c := open(t, nil)
	if _, err := c.Push(t.Context(), sample(t, "sample-time-trigger-wf.json"), false); err != nil {
		t.Fatal(err)
	}
	schedule, err := c.Schedule(t.Context(), "sample-time-trigger-wf")
	if err != nil || len(schedule.Extras.Times) == 0 {
		t.Fatalf("%+v %v", schedule, err)
	}
	run := awaitRun(t, c, "sample-time-trigger-wf", 3*time.Minute)
	if run.Status != workflow.InstanceSucceeded {
		t.Errorf("the run is %s", run.Status)
	}
}

// awaitRun waits until the first instance of a workflow has ended.
func awaitRun(t *testing.T, c *client.Client, wf workflow.ID, patience time.Duration) *client.Run {
	t.Helper()
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); {
		run, err := c.LatestRun(t.Context(), wf, 1)
		if err == nil && run.Status.Terminal() {
			return run
		}
		select {
		case <-t.Context().Done():
		case <-time.After(time.Second):
		}
	}
	t.Fatalf("no instance of %s ended in %s", wf, patience)
	return nil
}
