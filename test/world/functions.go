package world

import (
	"context"
	"sync"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/dispatch"
	"github.com/segue-workflows/segue/shared/engine/evaluate"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/rollup"
)

// Functions handle batches, by the name of their queue. There is an error for each message.
type Functions map[string]func(context.Context, []hint.Message) []error

// One handles a single message.
type One = func(context.Context, hint.Message) error

// Functions returns the functions of one environment each: loop is called for each of them, so what they remember is
// their own, or what the caller lets them share. How many messages of a batch are handled side by side is the caller's
// choice as well: batch is SideBySide or InTurn.
func (w *World) Functions(loop func() *advance.Loop, batch func(One) func(context.Context, []hint.Message) []error) Functions {
	evaluating := loop()
	e := &evaluate.Evaluate{Loop: evaluating, Admit: w.Trigger(evaluating)}
	d, r := &dispatch.Dispatch{Loop: loop()}, &rollup.Rollup{Loop: loop()}
	return Functions{hint.Evaluate: batch(e.Handle), hint.Dispatch: batch(d.Handle), hint.Rollup: r.Handle}
}

// SideBySide handles all messages of a batch together, as the functions do on AWS.
func SideBySide(handle One) func(context.Context, []hint.Message) []error {
	return func(ctx context.Context, batch []hint.Message) []error {
		errs := make([]error, len(batch))
		var working sync.WaitGroup
		for i, m := range batch {
			working.Go(func() { errs[i] = handle(ctx, m) })
		}
		working.Wait()
		return errs
	}
}

// InTurn handles them one after the other.
func InTurn(handle One) func(context.Context, []hint.Message) []error {
	return func(ctx context.Context, batch []hint.Message) (errs []error) {
		for _, m := range batch {
			errs = append(errs, handle(ctx, m))
		}
		return errs
	}
}
