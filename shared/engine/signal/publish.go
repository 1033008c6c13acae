package signal

import (
	"context"
	"errors"
	"math"
	"time"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/board"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Signals announces signals and wakes who waits for them.
type Signals struct{ *trigger.Trigger }

// safety is when somebody looks whether a signal was announced and told: who meant to may have died in between.
const safety = 10 * time.Second

// Publish announces a signal for somebody who may not ask again, and does not rely on living to its end; its number and,
// unless given, its identity are filled in. An identity that is known announces nothing, but what follows from the first
// time is repeated. It returns CodeInvalid for a signal over a limit, and CodeUnavailable: then the signal may have been
// announced, and if it was, everybody hears of it. Those whom a queue or a commit has come again need Announce only.
func (s *Signals) Publish(ctx context.Context, in *signal.Instance) (fresh bool, err error) {
	if err := s.Complete(in); err != nil {
		return false, err
	}
	look := hint.Message{Kind: hint.Signal, Signal: in.Name, Identity: in.Identity, Reason: hint.ReasonRecover}
	if err := s.Send(ctx, hint.Trigger, advance.Delayed{Message: look, Delay: safety}); err != nil {
		return false, err
	}
	return s.Announce(ctx, in)
}

// Latest returns the newest signal of a name. It returns CodeNotFound when there is none.
func (s *Signals) Latest(ctx context.Context, name string) (in *signal.Instance, err error) {
	err = s.Again(ctx, func() error {
		in, err = s.Board().Newest(ctx, name)
		return err
	})
	if err == nil && in == nil {
		err = workflow.Errorf(workflow.CodeNotFound, "there is no signal of that name")
	}
	return in, err
}

// Get returns a signal. It returns CodeNotFound when there is none.
func (s *Signals) Get(ctx context.Context, name string, seq int64) (*signal.Instance, error) {
	return s.Signal(ctx, name, seq)
}

// Handle takes the messages of the trigger queue that are about signals. It returns CodeUnavailable when the message
// must come again.
func (s *Signals) Handle(ctx context.Context, message hint.Message) error {
	switch message.Kind {
	case hint.Signal:
		in, err := s.named(ctx, message)
		if err != nil || in == nil {
			return err
		}
		_, err = s.deliver(ctx, in, math.MaxInt)
		return err
	case hint.Subscribe:
		return s.Reconcile(ctx, message.Workflow)
	}
	return workflow.Errorf(workflow.CodeInvalid, "nobody handles a message of kind %q here", message.Kind)
}

// named returns the signal that a message is about; nil when there is none.
func (s *Signals) named(ctx context.Context, message hint.Message) (in *signal.Instance, err error) {
	if message.Seq == 0 {
		err = s.Again(ctx, func() error {
			in, err = s.Board().Find(ctx, message.Signal, message.Identity)
			return err
		})
		return in, err
	}
	if in, err = s.Get(ctx, message.Signal, message.Seq); errors.Is(err, workflow.ErrNotFound) {
		return nil, nil
	}
	return in, err
}

// Announce puts a signal into the log of its name, and tells who waits for such: a few at once, more of them, or those
// whom it does not reach, by a message. It is Loop.Announce otherwise.
func (s *Signals) Announce(ctx context.Context, in *signal.Instance) (fresh bool, err error) {
	if fresh, err = s.AppendSignal(ctx, in); err != nil {
		return false, err
	}
	if all, err := s.deliver(ctx, in, maxAtOnce); err == nil && all {
		return fresh, nil
	}
	return fresh, s.SendSignal(ctx, in)
}

// maxAtOnce is how many an announcer tells himself while his caller waits.
const maxAtOnce = 10

// deliver brings a signal to all who wait for it, unless they are more than limit: then it returns false. The indexes have
// time: until they have the signal, who looks for it finds it at the end of the log, and nothing is announced behind it.
func (s *Signals) deliver(ctx context.Context, in *signal.Instance, limit int) (all bool, err error) {
	var shapes board.Shapes
	var found []board.Subscriber
	err = s.Again(ctx, func() (err error) {
		found = nil
		if shapes, err = s.Board().Shapes(ctx, in); err != nil {
			return err
		}
		return s.Board().Subscribers(ctx, in, shapes, func(who board.Subscriber) (bool, error) {
			found = append(found, who)
			return len(found) > limit, nil
		})
	})
	if err != nil || len(found) > limit {
		return false, err
	}
	for _, who := range found {
		if err := s.tell(ctx, in, who); err != nil {
			return false, err
		}
	}
	return true, s.Again(ctx, func() error { return s.Board().Index(ctx, in, shapes) })
}

// tell brings a signal to one who waits. The subscription of a step has done its work then: a step that begins to
// wait only now looks at the signals after that.
func (s *Signals) tell(ctx context.Context, in *signal.Instance, who board.Subscriber) error {
	if who.Trigger.UUID != "" {
		return s.look(ctx, who.Trigger, in)
	}
	wake := hint.Message{Kind: hint.Run, Run: who.Run, Reason: hint.ReasonSignal}
	if err := s.Send(ctx, hint.Evaluate, advance.Delayed{Message: wake}); err != nil {
		return err
	}
	return s.Again(ctx, func() error { return s.Board().Drop(ctx, who) })
}
