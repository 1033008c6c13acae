package entry

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime"
	"runtime/debug"
	"sync"

	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Each handles the messages of a batch side by side, so that a slow one holds up no other and one that
// panics takes no other with it.
func Each(one func(context.Context, hint.Message) error) func(context.Context, []hint.Message) []error {
	return func(ctx context.Context, messages []hint.Message) []error {
		errs := make([]error, len(messages))
		var all sync.WaitGroup
		for i, m := range messages {
			all.Go(func() { errs[i] = guarded(func() error { return one(ctx, m) }) })
		}
		all.Wait()
		return errs
	}
}

// Unknown handles messages that nobody sends yet.
func Unknown(_ context.Context, m hint.Message) error {
	return workflow.Errorf(workflow.CodeInvalid, "nobody handles a message of kind %q", m.Kind)
}

// guarded turns a panic into an error: one bad message must not end the process.
func guarded(call func() error) (err error) {
	defer func() {
		if value := recover(); value != nil {
			err = &workflow.Error{Code: workflow.CodeInternal, Text: "a handler panicked", Cause: &panicError{value, debug.Stack()}}
		}
	}()
	return call()
}

// panicError is what a handler panicked with, and where.
type panicError struct {
	value any
	stack []byte
}

func (p *panicError) Error() string { return "panic: " + p.cause() }

// cause is what the runtime says of its own panics. Any other value may hold a payload, so only its type is told.
func (p *panicError) cause() string {
	if fault, ok := p.value.(runtime.Error); ok {
		return fault.Error()
	}
	return fmt.Sprintf("%T", p.value)
}

// about says which message it is, and what is wrong with it: keys and codes, never a body.
func (b *Batch) about(d *delivery, err error) []slog.Attr {
	attributes := []slog.Attr{
		slog.String("queue", b.Queue),
		slog.String("message", d.record.MessageId),
		slog.Int("receives", receives(d.record)),
	}
	if d.foreign == nil {
		attributes = append(attributes, slog.String("kind", d.message.Kind), slog.String("run", d.message.Run.String()))
	}
	return append(attributes, faulty(err)...)
}

func faulty(err error) []slog.Attr {
	if err == nil {
		return nil
	}
	attributes := []slog.Attr{slog.String("code", string(workflow.CodeOf(err))), slog.String("error", err.Error())}
	if p := (*panicError)(nil); errors.As(err, &p) {
		attributes = append(attributes, slog.String("panic", p.cause()), slog.String("stack", string(p.stack)))
	}
	return attributes
}
