package local

import (
	"context"
	"sync"
	"time"

	"github.com/segue-workflows/segue/shared/engine/dispatch"
	"github.com/segue-workflows/segue/shared/engine/evaluate"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/rollup"
	"github.com/segue-workflows/segue/shared/engine/signal"
	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Time limits of the functions and of their queues: a message stays hidden six times as long as its function may run.
const (
	functionTime     = 10 * time.Second
	dispatchTime     = 30 * time.Second
	visibilityFactor = 6
)

// maxReceives is far above what failing deliveries need: those are counted on the attempt.
const maxReceives = 50

// invocations is how many batches of one queue are at work at once.
const invocations = 64

// deadLetters is the name of the queue behind a queue.
func deadLetters(name string) string { return name + "-dead" }

func timeOf(name string) time.Duration {
	if name == hint.Dispatch {
		return dispatchTime
	}
	return functionTime
}

func queueConfigs() []memory.QueueConfig {
	var out []memory.QueueConfig
	for _, name := range hint.Queues {
		out = append(out, memory.QueueConfig{Name: name, Visibility: visibilityFactor * timeOf(name),
			MaxReceives: maxReceives, DeadLetter: deadLetters(name), Exact: true})
	}
	return out
}

// fanOut is how many iterations of a loop one invocation begins side by side: their writes share one sync of the disk.
const fanOut = 32

// handler handles a batch and returns an error for each message that must come again.
type handler func(ctx context.Context, batch []hint.Message) []error

// handlers returns the use cases by the name of their queue.
func (l *Local) handlers() map[string]handler {
	return map[string]handler{
		hint.Trigger:  each(l.wake),
		hint.Evaluate: each(l.evaluate().Handle),
		hint.Dispatch: each(l.dispatch().Handle),
		hint.Rollup:   (&rollup.Rollup{Loop: l.Loop}).Handle,
	}
}

// wake handles what the trigger queue brings: due times and signals.
func (l *Local) wake(ctx context.Context, m hint.Message) error {
	if m.Kind == hint.Due {
		return l.Times.Handle(ctx, m)
	}
	return (&signal.Signals{Trigger: l.Trigger}).Handle(ctx, m)
}

// each handles the messages of a batch side by side, so that a slow one holds up no other.
func each(one func(context.Context, hint.Message) error) handler {
	return func(ctx context.Context, batch []hint.Message) []error {
		errs := make([]error, len(batch))
		var wg sync.WaitGroup
		for i, m := range batch {
			wg.Go(func() { errs[i] = guarded(func() error { return one(ctx, m) }) })
		}
		wg.Wait()
		return errs
	}
}

// guarded turns a panic into an error: one bad message must not end the server.
func guarded(call func() error) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = &workflow.Error{Code: workflow.CodeInternal, Text: "a handler panicked", Cause: panicked(r)}
		}
	}()
	return call()
}

func (l *Local) evaluate() *evaluate.Evaluate {
	return &evaluate.Evaluate{Loop: l.Loop, Admit: l.Trigger, Parallel: fanOut}
}

func (l *Local) dispatch() *dispatch.Dispatch {
	d := &dispatch.Dispatch{Loop: l.Loop, Signer: l.tokens, Callback: l.home}
	if l.binder != nil {
		d.Secrets = l.binder
	}
	return d
}
