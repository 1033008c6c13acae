package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/segue-workflows/segue/shared/control"
	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/workflow"
)

// drawNestedOrders draws when clients restart, stop and kill instances at any depth, and steps of them.
func (w *World) drawNestedOrders() {
	for range 2 + w.random.IntN(10) {
		at := w.random.Int64N(int64(w.calm.Sub(epoch)))
		w.callers = append(w.callers, &caller{due: epoch.Add(time.Duration(at)), tries: 1 + w.random.IntN(3), order: w.drawNestedOrder})
	}
}

// drawNestedOrder draws an order about any instance that is there, nil when there is none.
func (w *World) drawNestedOrder() *command {
	if len(w.ledger.order) == 0 {
		return nil
	}
	h := w.ledger.order[w.random.IntN(len(w.ledger.order))]
	i := w.random.IntN(len(h.state.Steps))
	order := decide.Order{By: &workflow.User{Name: "sim"}}
	switch w.random.IntN(8) {
	case 0:
		order.Action = "STOP"
		return &command{name: order.Action, key: h.key, act: func(t *decide.Turn) error { return t.EndRun(workflow.InstanceStopped, order) }}
	case 1:
		order.Action = "KILL"
		return &command{name: order.Action, key: h.key, act: func(t *decide.Turn) error { return t.EndRun(workflow.InstanceFailed, order) }}
	case 2, 3:
		order.Action = []string{"STOP", "KILL", "SKIP"}[w.random.IntN(3)]
		return &command{name: fmt.Sprintf("%s step %d", order.Action, i), key: h.key, act: func(t *decide.Turn) error { return t.EndStep(i, order) }}
	}
	return w.nestedRestart(h.key)
}

// nestedRestart restarts an instance from wherever it stands: as a run of its own, in place in a loop that still goes on,
// or down a path from its root.
func (w *World) nestedRestart(key workflow.RunKey) *command {
	w.restarts++
	body := &definition.Restart{Policy: decide.FromIncomplete, RequestID: fmt.Sprintf("%snested-%d", clientPrefix, w.restarts)}
	if w.random.IntN(2) == 0 {
		body.Policy = decide.FromBeginning
	}
	at := workflow.RunKey{Workflow: key.Workflow, Instance: key.Instance}
	return &command{name: body.Policy, key: key, give: func(ctx context.Context, h *host) error {
		_, err := h.control.Restart(ctx, at, body, control.Who{User: workflow.User{Name: "sim"}})
		if err == nil {
			w.tally.restarted++
		}
		return err
	}}
}
