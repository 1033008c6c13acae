package callback

import (
	"context"
	"errors"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/token"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Ended takes the word of somebody who saw that the job of an attempt has ended: its runtime is asked now, and not only
// when its next look is due. So is that of the attempt that followed, whose job may be the same one under a key that its
// author chose. What is over or gone is left alone. It returns CodeUnavailable when the word must come again.
func (c *Callback) Ended(ctx context.Context, h token.Holder) error {
	run, err := c.LoadRun(ctx, h.Attempt.RunKey)
	if errors.Is(err, workflow.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	i, known := run.Definition.Graph.Index(h.Attempt.Step)
	if !known || decide.AttemptUUID(run.Header.UUID, h.Attempt) != h.UUID {
		return nil
	}
	busy := false
	v, err := c.Visit(ctx, run.Key, func(turn *decide.Turn) error {
		busy = turn.Ask(i)
		return nil
	})
	if err != nil {
		return err
	}
	if err := c.Follow(ctx, v, hint.Message{Reason: hint.ReasonAction}, nil); err != nil {
		return err
	}
	if busy {
		return workflow.Errorf(workflow.CodeUnavailable, "the runtime of the step is being called; it may have looked too early")
	}
	return nil
}
