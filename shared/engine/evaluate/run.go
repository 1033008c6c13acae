package evaluate

import (
	"context"
	"errors"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Evaluate handles the messages of the evaluate queue.
type Evaluate struct {
	*advance.Loop
	Admit    advance.Admitter // of subworkflows
	Parallel int              // how many iterations of a loop it begins at once, and how many lists of wake items it reads; 0: one
}

// Handle looks at the run of a hint, or sweeps. It returns CodeUnavailable when the message must come again.
func (e *Evaluate) Handle(ctx context.Context, message hint.Message) error {
	if message.Kind == hint.Sweep {
		return e.Sweep(ctx, message.Generation)
	}
	if message.Kind == hint.Children {
		return e.tend(ctx, message)
	}
	sent, err := e.announce(ctx, message)
	if errors.Is(err, workflow.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	v, err := e.Visit(ctx, message.Run, func(turn *decide.Turn) error {
		if advance.Listens(message) {
			turn.Listen()
		}
		for _, s := range sent {
			if err := turn.Announced(s.Ordinal, s.Attempt, s.Signals); err != nil {
				return err
			}
		}
		if err := turn.Expire(); err != nil {
			return err
		}
		return turn.Advance()
	})
	if errors.Is(err, workflow.ErrNotFound) {
		return nil // its first commit is not there: whoever admitted it, or the next look at the head, puts it
	}
	if err != nil {
		return err
	}
	if v.Run.State.Status == workflow.InstanceCreated {
		return e.Consider(ctx, message.Run)
	}
	return e.Follow(ctx, v, message, nil)
}

// announce announces what steps of the run have to announce: the commit before says what, and only now is it done.
func (e *Evaluate) announce(ctx context.Context, message hint.Message) ([]advance.Sent, error) {
	if !advance.Listens(message) {
		return nil, nil
	}
	return e.AnnounceAll(ctx, message.Run)
}
