package main

import (
	"context"
	"fmt"
	"time"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// marks is when the commits became durable with which runs began and ended, by instance.
type marks struct{ began, ended map[int64]time.Time }

func newMarks() *marks { return &marks{map[int64]time.Time{}, map[int64]time.Time{}} }

// note looks at what was put.
func (m *marks) note(w store.Write, now time.Time) {
	key, _, ok := record.ParseCommitKey(w.Key)
	if !ok {
		return
	}
	commit, err := record.Decode[record.Commit]("commit", w.Body)
	if err != nil {
		return
	}
	of := m.began
	switch status := commit.State.Status; {
	case status.Terminal():
		of = m.ended
	case status != workflow.InstanceInProgress:
		return
	}
	if of[key.Instance].IsZero() {
		of[key.Instance] = now
	}
}

// relay starts instances of a SEQUENTIAL workflow that wait for each other, and returns how long each of them waited after
// the one before it had ended. The first is not counted: on it the functions warm up.
func relay(ctx context.Context, w *world, body *workflow.Workflow, instances int) ([]time.Duration, error) {
	if err := w.push(ctx, body); err != nil {
		return nil, err
	}
	w.marks = newMarks()
	for range instances + 2 {
		start := trigger.Start{Initiator: &workflow.Initiator{Type: workflow.InitiatorManual, User: &workflow.User{Name: "latency"}}}
		if _, err := w.trigger.Start(ctx, body.ID, "active", start); err != nil {
			return nil, err
		}
	}
	if err := w.drain(ctx); err != nil {
		return nil, err
	}
	var out []time.Duration
	for i := int64(2); i < int64(instances)+2; i++ {
		ended, began := w.marks.ended[i], w.marks.began[i+1]
		if ended.IsZero() || !began.After(ended) {
			return nil, fmt.Errorf("instance %d began at %v, the one before it ended at %v", i+1, began, ended)
		}
		out = append(out, began.Sub(ended))
	}
	return out, nil
}
