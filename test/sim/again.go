package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/segue-workflows/segue/shared/control"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/workflow"
)

// drawRestart draws a restart of an instance, by any policy.
func (w *World) drawRestart() *command {
	key := w.ledger.order[w.random.IntN(len(w.ledger.order))].key
	w.restarts++
	r := trigger.Restart{RequestID: fmt.Sprintf("%srestart-%d", clientPrefix, w.restarts), By: &workflow.User{Name: "sim"}}
	switch w.random.IntN(4) {
	case 0:
		r.Policy = decide.FromBeginning
	case 1, 2:
		r.Policy = decide.FromIncomplete
	default:
		r.Policy, r.Step = decide.FromSpecific, w.body.Steps[w.random.IntN(len(w.body.Steps))].ID
		if w.random.IntN(3) == 0 {
			r.SkipSteps = []workflow.StepID{r.Step}
		}
	}
	return &command{name: r.Policy, key: key, give: func(ctx context.Context, h *host) error {
		answer, err := h.trigger.Restart(ctx, key.Workflow, key.Instance, r)
		if err == nil {
			w.ledger.answered(r.RequestID, answer)
			w.tally.restarted++
		}
		return err
	}}
}

// drawBreakpoint draws a breakpoint at any step, of all instances or of one.
func (w *World) drawBreakpoint() *command {
	b := decide.Breakpoint{Step: w.body.Steps[w.random.IntN(len(w.body.Steps))].ID, Author: "sim"}
	if len(w.ledger.order) > 0 && w.random.IntN(2) == 0 {
		b.Instance = w.ledger.order[w.random.IntN(len(w.ledger.order))].key.Instance
	}
	w.breakpoints = append(w.breakpoints, b)
	return &command{name: "BREAKPOINT " + b.Step, give: func(ctx context.Context, h *host) error {
		_, err := h.trigger.PutBreakpoint(ctx, w.body.ID, b)
		return err
	}}
}

// drawResume draws an attempt that a breakpoint stopped, and lets it go on; nil when there is none.
func (w *World) drawResume() *command {
	for _, h := range w.ledger.order {
		for i, step := range h.state.Steps {
			if step.Status == workflow.Paused && !h.state.Status.Terminal() {
				return w.resumeStep(workflow.AttemptKey{RunKey: h.key, Step: w.body.Steps[i].ID, Attempt: step.Attempt})
			}
		}
	}
	return nil
}

func (w *World) resumeStep(at workflow.AttemptKey) *command {
	return &command{name: "RESUME " + at.Step, key: at.RunKey, give: func(ctx context.Context, h *host) error {
		w.ledger.resumed[at] = true
		_, err := h.control.ResumeStep(ctx, at, control.Who{User: workflow.User{Name: "sim"}})
		return err
	}}
}

// forgotten is when every host has noticed that a breakpoint is gone.
const forgotten = 10 * time.Second

// clear takes all breakpoints away, and then lets everything go on that they stopped: nothing else would.
func (w *World) clear() *command {
	for _, b := range w.breakpoints {
		c := &command{name: "DELETE BREAKPOINT " + b.Step, give: func(ctx context.Context, h *host) error {
			return h.trigger.DeleteBreakpoint(ctx, w.body.ID, b)
		}}
		w.callers = append(w.callers, &caller{due: w.now, tries: 100, order: func() *command { return c }})
	}
	w.resumeLater()
	return nil
}

// resumeLater resumes one paused attempt after the other until none is left.
func (w *World) resumeLater() {
	w.callers = append(w.callers, &caller{due: w.now.Add(forgotten), tries: 100, order: func() *command {
		next := w.drawResume()
		if next != nil {
			w.resumeLater()
		}
		return next
	}})
}

// drawStart draws what is special about a start: only some of the steps, or params that cannot be evaluated.
func (w *World) drawStart() (special trigger.Start) {
	if !w.Orders || w.Nested {
		return special
	}
	some := func() []workflow.StepID { return []workflow.StepID{w.body.Steps[w.random.IntN(len(w.body.Steps))].ID} }
	switch w.random.IntN(8) {
	case 0:
		special.Config = &record.RunConfig{StartSteps: some(), SkipSteps: some()}
	case 1:
		special.PersistFailed, special.RunParams = true, &workflow.Params{}
		special.RunParams.Set("broken", &workflow.Param{Type: workflow.Long, Expression: "no_such_param + 1", HasExpr: true})
	}
	return special
}
