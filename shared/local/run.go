package local

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/segue-workflows/segue/shared/engine/dispatch"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/queue"
)

const (
	sweepEvery = time.Minute     // how often the sweep is seeded again, and what expired is removed
	patience   = 5 * time.Second // how long work under way may go on when the server is to end
)

// Run works until ctx ends. Then it begins nothing new, gives what is under way a few seconds, and returns.
func (l *Local) Run(ctx context.Context) {
	work, interrupt := context.WithCancelCause(context.WithoutCancel(ctx))
	defer interrupt(nil)
	stop := context.AfterFunc(ctx, func() {
		_ = l.clock.Sleep(work, patience)
		interrupt(dispatch.ErrShutdown)
	})
	defer stop()

	var loops sync.WaitGroup
	for name, handle := range l.handlers() {
		loops.Go(func() { l.receive(ctx, work, name, handle) })
		loops.Go(func() { l.receive(ctx, work, deadLetters(name), l.letters(name)) })
	}
	loops.Go(func() { l.keepTime(ctx) })
	for _, pump := range l.pumps {
		loops.Go(func() { pump.Run(ctx) })
	}
	loops.Wait()
}

// keepTime is the schedule: once a minute it seeds the sweep and removes what expired. Before that it
// recovers what an earlier process left behind; until then nothing may expire.
func (l *Local) keepTime(ctx context.Context) {
	for pause := time.Second; ; pause = min(2*pause, sweepEvery) {
		err := l.recover(ctx)
		if err == nil {
			break
		}
		if ctx.Err() != nil {
			return
		}
		l.log.Error("recovery failed; it is tried again", "error", err)
		if l.clock.Sleep(ctx, pause) != nil {
			return
		}
	}
	for l.clock.Sleep(ctx, sweepEvery) == nil {
		l.seedSweep(ctx, 0)
		if l.expiry == nil {
			continue
		}
		if _, err := l.expiry.Sweep(ctx, l.clock.Now()); err != nil && ctx.Err() == nil {
			l.log.Error("removing what expired failed", "error", err)
		}
	}
}

func (l *Local) seedSweep(ctx context.Context, generation int64) {
	m := hint.Message{Kind: hint.Sweep, Generation: generation}
	if err := l.queues.Send(ctx, hint.Evaluate, queue.Message{Body: m.Encode()}); err != nil && ctx.Err() == nil {
		l.log.Error("seeding the sweep failed", "error", err)
	}
}

// letters looks up what dead letters speak of. None of them is believed: whoever looks counts the failed deliveries of
// what is still to be done, and sends what follows from the state of the run.
func (l *Local) letters(name string) handler {
	return each(func(ctx context.Context, m hint.Message) error {
		l.log.Error("looking up a dead letter", "queue", name, "kind", m.Kind, "run", m.Run.String(), "reason", m.Reason)
		if m.Kind == hint.Sweep {
			return nil // the clock has seeded others since, and will again
		}
		return l.evaluate().DeadLetter(ctx, m)
	})
}

func stackOf(err error) string {
	if p := (*panicError)(nil); errors.As(err, &p) {
		return p.stack
	}
	return ""
}
