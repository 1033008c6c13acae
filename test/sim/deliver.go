package sim

import (
	"context"
	"fmt"

	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/workflow"
)

// deliver begins an invocation for a message.
func (w *World) deliver() bool {
	if len(w.tasks) >= maxTasks {
		return false
	}
	i := w.post.next()
	if i < 0 {
		return false
	}
	letters := w.post.take(i)
	for _, l := range letters {
		l.message.Again = l.receives > 1
	}
	w.handle(letters)
	return true
}

const sweepName = "sweep"

// handle begins an invocation for letters of one queue. What it does not acknowledge comes again.
func (w *World) handle(letters []*letter) {
	first := letters[0]
	name := fmt.Sprintf("%s: %s, receive %d", first.queue, describe(first.message), first.receives)
	if first.message.Kind == hint.Sweep {
		name = sweepName
	}
	var failed []error
	w.spawn(name, lifetime[first.queue], func(ctx context.Context, h *host) error {
		switch first.queue {
		case hint.Trigger:
			return h.signals.Handle(ctx, first.message)
		case hint.Evaluate:
			return h.evaluate.Handle(ctx, first.message)
		case hint.Dispatch:
			return h.dispatch.Handle(ctx, first.message)
		}
		messages := make([]hint.Message, len(letters))
		for i, l := range letters {
			messages[i] = l.message
		}
		failed = h.rollup.Handle(ctx, messages)
		return nil
	}, func(t *task) { w.acknowledge(t, letters, failed) })
	w.tasks[len(w.tasks)-1].about = first
}

func (w *World) acknowledge(t *task, letters []*letter, failed []error) {
	for i, l := range letters {
		err := t.err
		if err == nil && failed != nil {
			err = failed[i]
		}
		switch {
		case t.dead:
			// Who begins other runs, and dies before he tells the steps that wait for their ends, leaves that to their wake
			// items: the message that comes again speaks of his own run.
			if w.Still && w.Nested && !w.roused {
				w.roused, w.seeded = true, w.now
			}
		case err == nil:
			w.post.remove(l)
		case workflow.CodeOf(err) != workflow.CodeUnavailable:
			w.fail("task %d (%s) fails for good: %v", t.id, t.name, err)
		}
		if l.receives > 1 {
			w.tally.redelivered++
		}
		if l.message.Reason == hint.ReasonRecover && t.committed {
			w.tally.found++
		}
	}
}
