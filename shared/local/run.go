package local

import (
	"context"
	"errors"
	"sync"
	"time"

	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/queue"
)

const (
	sweepEvery = time.Minute     // how often the sweep is seeded again, and what expired is removed
	patience   = 5 * time.Second // how long work under way may go on when the server is to end
)

// Run works until ctx ends. Then it begins nothing new, gives what is under way a few seconds, and returns.
func (l *Local) Run(ctx context.Context) {
	work, interrupt := context.WithCancel(context.WithoutCancel(ctx))
	defer interrupt()
	stop := context.AfterFunc(ctx, func() {
		_ = l.clock.Sleep(work, patience)
		interrupt()
	})
	defer stop()

	var loops sync.WaitGroup
	for name, handle := range l.handlers() {
		loops.Go(func() { l.receive(ctx, work, name, handle) })
		loops.Go(func() { l.watchDeadLetters(ctx, name) })
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

// watchDeadLetters tells people of messages that failed for good. Their runs stay as they are; a new start
// of the server looks at them again.
func (l *Local) watchDeadLetters(ctx context.Context, name string) {
	dead := deadLetters(name)
	for ctx.Err() == nil {
		batch, err := l.queues.Receive(ctx, dead, queue.MaxBatch, longPoll)
		if err != nil {
			if ctx.Err() == nil {
				l.log.Error("receive failed", "queue", dead, "error", err)
			}
			return
		}
		for _, delivery := range batch {
			m, err := hint.Decode(delivery.Body)
			l.log.Error("gave up on a message", "queue", name, "kind", m.Kind, "run", m.Run.String(), "decodes", err == nil)
		}
		if err := l.queues.Delete(ctx, dead, receipts(batch)...); err != nil {
			l.log.Error("delete failed", "queue", dead, "error", err)
		}
	}
}

func stackOf(err error) string {
	if p := (*panicError)(nil); errors.As(err, &p) {
		return p.stack
	}
	return ""
}
