package e2e

import (
	"testing"
	"time"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/local"
	"github.com/segue-workflows/segue/shared/workflow"
)

// later is a clock that is ahead of the machine's.
type later struct {
	local.SystemClock
	by time.Duration
}

func (l later) Now() time.Time { return l.SystemClock.Now().Add(l.by) }

const (
	patient = `{"properties": {"owner": "teller"}, "workflow": {"id": "patient", "steps": [{"step": {"id": "load", "type": "NoOp",
 "signal_dependencies": [{"name": "file", "match_params": {"kind": {"param": {"value": "new", "type": "STRING"}, "operator": "="}}}]}}]}}`
	scheduled = `{"properties": {"owner": "teller"}, "workflow": {"id": "scheduled", "time_triggers": [{"type": "CRON", "cron": "*/10 * * * *"}],
 "steps": [{"step": {"id": "report", "type": "NoOp"}}]}}`
)

// TestKillWhatWaits kills a server with SIGKILL while a step waits for a signal, and again while a time trigger waits for
// its time. The next server wakes the step, and the one that is started an hour later has run each time that was missed,
// once.
func TestKillWhatWaits(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	s := serveIn(t, dir)
	for _, text := range []string{patient, scheduled} {
		if _, err := s.client.Push(t.Context(), []byte(text), false); err != nil {
			t.Fatal(err)
		}
	}
	before, err := s.client.Schedule(t.Context(), "scheduled")
	if err != nil || len(before.Extras.Times) == 0 {
		t.Fatalf("%+v %v", before, err)
	}
	if _, err := s.client.Start(t.Context(), "patient", "active", client.Start{}); err != nil {
		t.Fatal(err)
	}
	run := workflow.RunKey{Workflow: "patient", Instance: 1, Run: 1}
	eventually(t, "the step waits", func() bool {
		attempt, err := s.client.Attempt(t.Context(), run, "load")
		return err == nil && attempt.State.Status == workflow.WaitingForSignals
	})
	s.kill()

	s = serveIn(t, dir)
	params := &workflow.Ordered[any]{}
	params.Set("kind", "new")
	if _, err := s.client.Announce(t.Context(), "file", params, ""); err != nil {
		t.Fatal(err)
	}
	eventually(t, "the run has succeeded", func() bool {
		found, err := s.client.LoadRun(t.Context(), run)
		return err == nil && found.Status == workflow.InstanceSucceeded
	})
	s.kill()

	l := working(t, local.Options{Dir: dir, Clock: later{by: time.Hour}})
	const missed = 6 // in an hour
	due := time.UnixMilli(before.Extras.Times[0])
	for n := range int64(missed) {
		key := workflow.RunKey{Workflow: "scheduled", Instance: n + 1, Run: 1}
		eventually(t, key.String()+" has succeeded", func() bool {
			found, err := l.Loop.LoadRun(t.Context(), key)
			return err == nil && found.State.Status == workflow.InstanceSucceeded &&
				found.Header.Initiator.TriggerTime == due.Add(time.Duration(n)*10*time.Minute).UnixMilli()
		})
	}
}

// eventually looks again and again until it is so.
func eventually(t *testing.T, what string, so func() bool) {
	t.Helper()
	ticker := time.NewTicker(50 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.After(allEnd); !so(); {
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("not within %v: %s", allEnd, what)
		}
	}
}
