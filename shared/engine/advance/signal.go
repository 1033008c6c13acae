package advance

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/segue-workflows/segue/shared/engine/board"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Board returns the signals of the loop's store.
func (l *Loop) Board() *board.Board { return &board.Board{Store: l.Store, Indexed: l.indexed} }

// Signal returns an announced signal. It returns CodeNotFound when there is none.
func (l *Loop) Signal(ctx context.Context, name string, seq int64) (in *signal.Instance, err error) {
	err = l.Again(ctx, func() error {
		in, err = l.Board().Get(ctx, name, seq)
		return err
	})
	return in, err
}

// Watch makes sure that signals of a name can be looked up, and their subscribers found, by conditions of the shape of
// wanted. It returns CodeInvalid when there are too many shapes.
func (l *Loop) Watch(ctx context.Context, name string, wanted signal.Matches) error {
	shape := signal.ShapeOf(wanted)
	return l.Again(ctx, func() error { return l.Board().Ensure(ctx, name, shape, shape) })
}

// LatestSignal returns the latest signal that satisfies conditions, which are watched; nil when there is none.
func (l *Loop) LatestSignal(ctx context.Context, name string, wanted signal.Matches) (in *signal.Instance, err error) {
	err = l.Again(ctx, func() error {
		in, err = l.Board().Latest(ctx, name, wanted)
		return err
	})
	return in, err
}

// Announce puts a signal into the log of its name, and tells who waits for such. in gets its number, and an identity
// from its content when it has none. A signal that was announced before is found, and who waits is told again:
// whoever announced it may have died before he did. It returns CodeInvalid for a signal over a limit.
func (l *Loop) Announce(ctx context.Context, in *signal.Instance) (fresh bool, err error) {
	if fresh, err = l.AppendSignal(ctx, in); err != nil {
		return false, err
	}
	return fresh, l.SendSignal(ctx, in)
}

// AppendSignal is Announce, and tells nobody.
func (l *Loop) AppendSignal(ctx context.Context, in *signal.Instance) (fresh bool, err error) {
	if err := l.Complete(in); err != nil {
		return false, err
	}
	err = l.Again(ctx, func() error {
		fresh, err = l.Board().Append(ctx, in)
		return err
	})
	return fresh, err
}

// SendSignal has the trigger queue tell those who wait for a signal that is in the log.
func (l *Loop) SendSignal(ctx context.Context, in *signal.Instance) error {
	return l.Send(ctx, hint.Trigger, Delayed{Message: hint.Message{Kind: hint.Signal, Signal: in.Name, Seq: in.Seq}})
}

// Complete fills in what a signal to be announced lacks, but for its number. It returns CodeInvalid for one over a limit.
func (l *Loop) Complete(in *signal.Instance) error {
	if in.CreateTime = l.Clock.Now().UnixMilli(); in.RequestTime == 0 {
		in.RequestTime = in.CreateTime
	}
	if in.Identity == "" {
		in.Identity = decide.NameUUID(signal.Content(in.Name, in.Params))
	}
	return in.Check()
}

// ParamsOf returns what the deployment adds to the evaluation of a run that initiator began: it can read the signals
// that did.
func (l *Loop) ParamsOf(initiator *workflow.Initiator) param.Runtime {
	out := l.Settings.Params
	if initiator != nil && initiator.Type == workflow.InitiatorSignal {
		out.SignalParam = decide.SignalParam(l, initiator)
	}
	return out
}

// Consumed notes for the lineage who consumed signals: the run that they started, or a step of it.
func (l *Loop) Consumed(ctx context.Context, signals map[string]int64, run workflow.RunKey, step workflow.StepID) error {
	who := board.Consumer{Run: run, Step: step, Expire: l.Settings.ExpiryOf(l.Clock.Now())}
	return l.Again(ctx, func() error {
		var all []error
		for _, name := range slices.Sorted(maps.Keys(signals)) {
			all = append(all, l.Board().Consume(ctx, name, signals[name], who))
		}
		return errors.Join(all...)
	})
}

// Listens tells whether a message about a run is one after which its steps look for signals: it brings news of one,
// or somebody may have missed some.
func Listens(m hint.Message) bool {
	switch m.Reason {
	case hint.ReasonSignal, hint.ReasonRecover, hint.ReasonContinue:
		return true
	}
	return m.Again || m.Hops > 0
}

// waiterKept is how long after its run a subscription is kept at the most.
const waiterKept = 24 * time.Hour

// putSignals writes, before a commit, who waits for which signals from then on, and for the lineage who consumed which.
func (l *Loop) putSignals(ctx context.Context, run *decide.Run, turn *decide.Turn) error {
	for _, w := range turn.Waiters() {
		who := board.Subscriber{ID: fmt.Sprintf("i/%s/%d", w.Attempt, w.Number), Wanted: w.Wanted, Run: run.Key}
		if deadline := turn.State().Deadline; deadline != 0 {
			who.Expire = time.UnixMilli(deadline).Add(waiterKept).UTC()
		}
		if err := l.Board().Subscribe(ctx, w.Name, who); err != nil {
			return err
		}
	}
	for _, match := range turn.Matches() {
		if err := l.Board().Consume(ctx, match.Name, match.Seq, board.Consumer{Run: run.Key, Step: match.Step, Expire: l.Settings.Expiry(run.Header, turn.State())}); err != nil {
			return err
		}
	}
	return nil
}

// hintSignals has evaluate look at a run whose steps began to wait for signals, now that the subscriptions are there,
// or have some to announce. When the message comes again somebody may have died before he did so.
func (l *Loop) hintSignals(ctx context.Context, v Visited, cause hint.Message) error {
	wanted := v.Committed && v.Turn.Signals()
	if !wanted && cause.Repairs() && cause.Kind != hint.Run {
		wanted = decide.Signalling(v.Run)
	}
	if !wanted {
		return nil
	}
	return l.Send(ctx, hint.Evaluate, Delayed{Message: hint.Message{Kind: hint.Run, Run: v.Run.Key, Reason: hint.ReasonSignal}})
}

// Sent is the signals of one attempt, announced.
type Sent struct {
	Ordinal int
	Attempt int64
	Signals []record.Announcement
}

// AnnounceAll announces the signals of the attempts of a run that have finished; again, they are the same signals. It
// returns CodeNotFound when there is no such run.
func (l *Loop) AnnounceAll(ctx context.Context, key workflow.RunKey) ([]Sent, error) {
	run, err := l.LoadRun(ctx, key)
	if err != nil {
		return nil, err
	}
	var out []Sent
	for _, i := range decide.Announcing(run) {
		at, n := run.DetailAt(i)
		detail, err := l.Detail(ctx, at, n, i)
		if err != nil {
			return nil, err
		}
		sent := Sent{Ordinal: i, Attempt: detail.Attempt, Signals: slices.Clone(detail.Announces)}
		source := workflow.AttemptKey{RunKey: key, Step: run.Definition.Steps[i].ID, Attempt: detail.Attempt}
		for n := range sent.Signals {
			s := &sent.Signals[n]
			in := &signal.Instance{Name: s.Name, Identity: s.Identity, Params: s.Params, Payload: s.Payload, Source: &source}
			if _, err := l.Announce(ctx, in); err != nil {
				return nil, err
			}
			s.Seq, s.At = in.Seq, in.CreateTime
		}
		out = append(out, sent)
	}
	return out, nil
}
