package sim

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// command is an order that a client gives about a run, or about a step of it.
type command struct {
	name string
	key  workflow.RunKey
	to   workflow.InstanceStatus // that an acknowledged order promises; "": none
	act  func(*decide.Turn) error
	give func(context.Context, *host) error // nil: a visit that acts
}

// afterOrders is how long after the faults the last order can still be under way.
const afterOrders = 30 * time.Second

// drawOrders draws when orders are given until the faults stop. What they are about is drawn when they are due.
func (w *World) drawOrders() {
	for range 2 + w.random.IntN(10) {
		at := time.Duration(w.random.Int64N(int64(w.calm.Sub(epoch))))
		w.callers = append(w.callers, &caller{due: epoch.Add(at), tries: 1 + w.random.IntN(3), order: w.drawOrder})
	}
	for range w.random.IntN(4) {
		at := time.Duration(w.random.Int64N(int64(w.calm.Sub(epoch))))
		w.callers = append(w.callers, &caller{due: epoch.Add(at), tries: 1, order: w.drawLimit})
	}
	for range w.random.IntN(3) { // set before most steps begin, for what is held gives other orders something to meet
		w.callers = append(w.callers, &caller{due: epoch.Add(time.Duration(w.random.IntN(3_000)) * time.Millisecond), tries: 1, order: w.drawBreakpoint})
	}
	w.callers = append(w.callers, &caller{due: w.calm.Add(afterOrders), tries: 1, order: w.resumeAll},
		&caller{due: w.calm.Add(afterOrders), tries: 1, order: w.clear})
}

// drawOrder draws an order about a run that is there, nil when there is none.
func (w *World) drawOrder() *command {
	if len(w.ledger.order) == 0 {
		return nil
	}
	if standing := w.standing(); len(standing) > 0 && w.random.IntN(2) == 0 {
		return w.drawStepOrder(standing[w.random.IntN(len(standing))])
	}
	switch w.random.IntN(8) {
	case 0, 1:
		return w.drawRestart()
	case 2:
		return w.drawBreakpoint()
	case 3:
		return w.drawResume()
	}
	key := w.ledger.order[w.random.IntN(len(w.ledger.order))].key
	order := decide.Order{By: &workflow.User{Name: "sim"}}
	switch w.random.IntN(8) {
	case 0:
		order.Action = "STOP"
		return &command{name: "STOP", key: key, to: workflow.InstanceStopped, act: func(t *decide.Turn) error { return t.EndRun(workflow.InstanceStopped, order) }}
	case 1:
		order.Action = "KILL"
		return &command{name: "KILL", key: key, to: workflow.InstanceFailed, act: func(t *decide.Turn) error { return t.EndRun(workflow.InstanceFailed, order) }}
	case 2, 3:
		order.Action = "PAUSE"
		return &command{name: "PAUSE", key: key, act: func(t *decide.Turn) error { return t.PauseRun(order) }}
	case 4:
		return resume(key)
	default:
		return w.drawStepOrder(place{key, w.random.IntN(len(w.body.Steps))})
	}
}

// place is a step of a run.
type place struct {
	key     workflow.RunKey
	ordinal int
}

// standing are the steps that a breakpoint or a tag holds: by chance an order meets hardly any.
func (w *World) standing() (out []place) {
	for _, h := range w.ledger.order {
		for i := range h.state.Steps {
			if status := h.state.Steps[i].Status; status == workflow.Paused || status == workflow.WaitingForPermits {
				out = append(out, place{h.key, i})
			}
		}
	}
	return out
}

// drawStepOrder draws an order about a step.
func (w *World) drawStepOrder(at place) *command {
	action := []string{"STOP", "KILL", "SKIP", "RESTART"}[w.random.IntN(4)]
	order := decide.Order{Action: action, By: &workflow.User{Name: "sim"}}
	return &command{name: fmt.Sprintf("%s step %d", action, at.ordinal), key: at.key, act: func(t *decide.Turn) error {
		if action == "RESTART" || t.State().Steps[at.ordinal].Status.Terminal() {
			return t.RestartStep(at.ordinal, order, nil)
		}
		return t.EndStep(at.ordinal, order)
	}}
}

func resume(key workflow.RunKey) *command {
	return &command{name: "RESUME", key: key, act: func(t *decide.Turn) error { return t.ResumeRun(decide.Order{Action: "RESUME"}) }}
}

// resumeAll lets everything go on that an order has paused: nothing else would.
func (w *World) resumeAll() *command {
	for _, h := range w.ledger.order {
		if h.state.Status == workflow.InstancePaused {
			c := resume(h.key)
			w.callers = append(w.callers, &caller{due: w.now, tries: 100, order: func() *command { return c }})
		}
	}
	return nil
}

// command lets a caller give its order. An order that is refused is over; one that failed may be repeated.
func (w *World) command(c *caller) {
	w.callers = without(w.callers, c)
	c.tries--
	order := c.order()
	if order == nil {
		return
	}
	w.spawn(fmt.Sprintf("%s %s", order.name, order.key), 10*time.Second, func(ctx context.Context, h *host) error {
		if order.give != nil {
			return order.give(ctx, h)
		}
		v, err := h.trigger.Visit(ctx, order.key, order.act)
		if err != nil {
			return err
		}
		return h.trigger.Follow(ctx, v, hint.Message{Reason: hint.ReasonAction}, nil)
	}, func(t *task) {
		refused := []workflow.Code{workflow.CodeInvalid, workflow.CodeConflict, workflow.CodeNotFound}
		switch {
		case t.err == nil && !t.dead:
			w.tally.ordered++
			w.ledger.acknowledged(order)
		case t.err != nil && slices.Contains(refused, workflow.CodeOf(t.err)):
		case t.err != nil && workflow.CodeOf(t.err) != workflow.CodeUnavailable:
			w.fail("%s fails: %v", t.name, t.err)
		case c.tries > 0:
			c.due, c.order = w.now.Add(time.Second), func() *command { return order }
			w.callers = append(w.callers, c)
		}
	})
}

// acknowledged checks that a run is, or will be, what the client of an order was told.
func (l *ledger) acknowledged(order *command) {
	if order.to == "" {
		return
	}
	h := l.runs[order.key]
	h.promised = order.to
	l.checkOrders(h, h.state)
}

// checkOrders checks that a run ends as was promised, and that a paused one begins nothing.
func (l *ledger) checkOrders(h *history, before *record.State) {
	if now := h.state.Status; h.promised != "" && now.Terminal() && now != h.promised {
		l.world.fail("%s is %s, and %s was promised", h.key, now, h.promised)
	}
	if before.Status != workflow.InstancePaused || h.state.Status != workflow.InstancePaused {
		return
	}
	for i := range h.state.Steps {
		old, now := &before.Steps[i], &h.state.Steps[i]
		if now.Attempt > old.Attempt || old.Status == workflow.WaitingForPermits && now.Status == workflow.Starting {
			l.world.fail("%s is paused, and attempt %d of step %d begins", h.key, now.Attempt, i)
		}
	}
}
