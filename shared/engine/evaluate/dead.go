package evaluate

import (
	"context"
	"errors"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/workflow"
)

// DeadLetter counts what a message failed to deliver, and then looks at its run: what follows from its state is sent
// once more. A letter that comes again is not counted again, for nobody knows where its first delivery died; so
// counts may be too low, and are never too high. It returns CodeUnavailable when the letter must come again.
func (e *Evaluate) DeadLetter(ctx context.Context, letter hint.Message) error {
	switch letter.Kind {
	case hint.Signal, hint.Subscribe, hint.Due:
		return e.onceMore(ctx, letter)
	}
	if letter.Kind == hint.Steps && !letter.Again {
		_, err := e.Visit(ctx, letter.Run, func(turn *decide.Turn) error {
			for _, step := range letter.Steps {
				if err := turn.Undelivered(int(step[0]), step[1]); err != nil {
					return err
				}
			}
			return turn.Advance()
		})
		if err != nil && !errors.Is(err, workflow.ErrNotFound) {
			return err
		}
	}
	for _, one := range letter.Each() {
		if err := e.Handle(ctx, hint.Message{Kind: hint.Run, Run: one.Run, Reason: hint.ReasonRecover, Again: true}); err != nil {
			return err
		}
	}
	return nil
}

// letterHops is what the way by the dead letters counts for: after a few rounds nobody will ever handle the hint.
const letterHops = hint.MaxHops / 5

// onceMore sends a hint that is about no run to its queue again. Its handler compares what it finds with what it did,
// so nothing needs to be looked up here.
func (e *Evaluate) onceMore(ctx context.Context, letter hint.Message) error {
	if letter.Hops += letterHops; letter.Hops >= hint.MaxHops {
		return nil
	}
	return e.Send(ctx, hint.Trigger, advance.Delayed{Message: letter})
}
