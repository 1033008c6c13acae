package local

import (
	"context"
	"fmt"
	"log/slog"
	"runtime/debug"
	"sync"
	"time"

	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/workflow"
)

// longPoll is how long a receiver waits for the first message. It gets it the moment it is sent.
const longPoll = 20 * time.Second

// longestPause bounds the pause before a failed message is tried again.
const longestPause = time.Minute

// receive begins an invocation for each batch of a queue until ctx ends, and then waits for those under way.
// They have work of their own, which is why ending ctx does not interrupt them at once.
func (l *Local) receive(ctx, work context.Context, name string, handle handler) {
	var underWay sync.WaitGroup
	defer underWay.Wait()
	slots := make(chan struct{}, invocations)
	for {
		select {
		case slots <- struct{}{}:
		case <-ctx.Done():
			return
		}
		batch, err := l.queues.Receive(ctx, name, queue.MaxBatch, longPoll)
		if ctx.Err() != nil {
			return // a batch that slipped in is lost with its queue: the next start finds its runs
		}
		if err != nil {
			l.log.Error("receive failed", "queue", name, "error", err)
		}
		underWay.Go(func() {
			defer func() { <-slots }()
			if len(batch) > 0 {
				l.invoke(work, name, handle, batch)
			}
		})
	}
}

// invoke handles a batch and settles each of its messages: those that are done are deleted, the others
// come again after a pause that grows.
func (l *Local) invoke(ctx context.Context, name string, handle handler, batch []queue.Delivery) {
	limited, cancel := context.WithTimeout(ctx, timeOf(name))
	defer cancel()
	var hints []hint.Message
	var known, done []queue.Delivery
	for _, delivery := range batch {
		m, err := hint.Decode(delivery.Body)
		if err != nil {
			l.log.Error("dropped a message that is no hint", "queue", name, "message", delivery.ID)
			done = append(done, delivery)
			continue
		}
		m.Again = delivery.Receives > 1
		hints, known = append(hints, m), append(known, delivery)
	}
	errs := l.handle(limited, handle, hints)
	for i, delivery := range known {
		if l.again(name, hints[i], delivery, errs[i]) {
			l.hide(ctx, name, delivery)
		} else {
			done = append(done, delivery)
		}
	}
	if err := l.queues.Delete(ctx, name, receipts(done)...); err != nil {
		l.log.Error("delete failed", "queue", name, "error", err)
	}
}

// handle calls the handler. When it panics as a whole, all messages come again.
func (l *Local) handle(ctx context.Context, handle handler, hints []hint.Message) (errs []error) {
	if len(hints) == 0 {
		return nil
	}
	err := guarded(func() error {
		errs = handle(ctx, hints)
		return nil
	})
	if err != nil {
		errs = make([]error, len(hints))
		for i := range errs {
			errs[i] = err
		}
	}
	return errs
}

// again tells whether a message must come again, and logs what went wrong: codes and keys, never payloads.
func (l *Local) again(name string, m hint.Message, delivery queue.Delivery, err error) bool {
	if err == nil {
		return false
	}
	code := workflow.CodeOf(err)
	level, again := slog.LevelWarn, true
	switch code {
	case workflow.CodeStale:
		return false
	case workflow.CodeInvalid, workflow.CodeNotFound:
		again = false
	case workflow.CodeInternal:
		level = slog.LevelError
	}
	attributes := []any{"queue", name, "kind", m.Kind, "run", m.Run.String(), "code", string(code), "error", err.Error(),
		"receives", delivery.Receives}
	if stack := stackOf(err); stack != "" {
		attributes = append(attributes, "stack", stack)
	}
	l.log.Log(context.Background(), level, "a message failed", attributes...)
	return again
}

func (l *Local) hide(ctx context.Context, name string, delivery queue.Delivery) {
	pause := longestPause
	if n := delivery.Receives - 1; n < 6 {
		pause = min(time.Second<<n, longestPause)
	}
	if err := l.queues.Hide(ctx, name, pause, delivery.Receipt); err != nil {
		l.log.Error("hide failed", "queue", name, "error", err)
	}
}

func receipts(deliveries []queue.Delivery) []string {
	out := make([]string, len(deliveries))
	for i, delivery := range deliveries {
		out[i] = delivery.Receipt
	}
	return out
}

// panicError is what a handler panicked with, and where.
type panicError struct {
	value any
	stack string
}

func (p *panicError) Error() string { return fmt.Sprintf("panic: %v", p.value) }

func panicked(value any) error { return &panicError{value, string(debug.Stack())} }
