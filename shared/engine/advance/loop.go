package advance

import (
	"context"
	"errors"
	"time"

	"github.com/segue-workflows/segue/shared/engine/board"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Clock is where the loop gets its time from; decisions get it as an argument.
type Clock interface {
	Now() time.Time
	// Sleep pauses for d, or until ctx ends.
	Sleep(ctx context.Context, d time.Duration) error
}

// Sender is the half of a queue that the engine needs; its host owns the other half.
type Sender interface {
	Send(ctx context.Context, name string, messages ...queue.Message) error
}

// Loop is what all handlers of a process share.
type Loop struct {
	Store    store.Store
	Sender   Sender
	Clock    Clock
	Settings decide.Settings
	Random   func() float64 // in [0, 1): jitter

	cache   *cache
	indexed *board.Indexed
}

// New returns a loop over the ports. It panics when one is missing: that is a bug of the wiring.
func New(l Loop) *Loop {
	if l.Store == nil || l.Sender == nil || l.Clock == nil || l.Random == nil {
		panic("advance: a port is missing")
	}
	l.Settings = l.Settings.WithDefaults()
	l.cache, l.indexed = newCache(), &board.Indexed{}
	return &l
}

// ErrContended means that the guard kept failing until half of the invocation's time was used.
var errContended = workflow.Errorf(workflow.CodeUnavailable, "too many writers at once; try again")

// Between two tries of a guarded write lies a random pause, which is never longer than maxPause.
const (
	minPause = time.Millisecond
	maxPause = 250 * time.Millisecond
)

// Again calls try until it returns anything but store.ErrGuard, until half of ctx's time is used; then it returns
// CodeUnavailable. Who lost a race lets others go first: he pauses for up to the time of two tries, of four after
// another loss, and so on. So writers make way for each other in a table far away as in one that answers at once.
func (l *Loop) Again(ctx context.Context, try func() error) error {
	began := l.Clock.Now()
	give := began.Add(l.timeLeft(ctx) / 2)
	for writers := time.Duration(2); ; writers += 2 {
		err := try()
		if !errors.Is(err, store.ErrGuard) {
			return coded(err)
		}
		now := l.Clock.Now()
		if !now.Before(give) {
			return errContended
		}
		pause := min(max(writers*now.Sub(began), minPause), maxPause)
		if err := l.Clock.Sleep(ctx, time.Duration(l.Random()*float64(pause))); err != nil {
			return workflow.Errorf(workflow.CodeUnavailable, "interrupted: %w", err)
		}
		began = l.Clock.Now()
	}
}

// defaultTime is the time of an invocation that states none.
const defaultTime = 10 * time.Second

func (l *Loop) timeLeft(ctx context.Context) time.Duration {
	deadline, ok := ctx.Deadline()
	if !ok {
		return defaultTime
	}
	return deadline.Sub(l.Clock.Now())
}

// coded gives errors of the ports their code.
func coded(err error) error {
	var known *workflow.Error
	switch {
	case err == nil, errors.As(err, &known):
		return err
	case errors.Is(err, store.ErrThrottled), errors.Is(err, store.ErrUnavailable),
		errors.Is(err, queue.ErrThrottled), errors.Is(err, queue.ErrUnavailable),
		errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return &workflow.Error{Code: workflow.CodeUnavailable, Text: "the store or a queue did not answer", Cause: err}
	}
	return &workflow.Error{Code: workflow.CodeInternal, Text: "internal error", Cause: err}
}

// Send sends hints to a queue, in tens.
func (l *Loop) Send(ctx context.Context, name string, messages ...Delayed) error {
	for len(messages) > 0 {
		n := min(len(messages), queue.MaxBatch)
		batch := make([]queue.Message, n)
		for i, m := range messages[:n] {
			batch[i] = queue.Message{Body: m.Message.Encode(), Delay: min(max(m.Delay, 0), queue.MaxDelay)}
		}
		if err := l.Sender.Send(ctx, name, batch...); err != nil {
			return workflow.Wrap("send to "+name, coded(err))
		}
		messages = messages[n:]
	}
	return nil
}

// Delayed is a hint that arrives after a delay.
type Delayed struct {
	hint.Message
	Delay time.Duration
}
