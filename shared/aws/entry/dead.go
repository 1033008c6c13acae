package entry

import (
	"context"
	"log/slog"

	"github.com/segue-workflows/segue/shared/engine/hint"
)

// DeadLetters looks up what dead letters speak of. A message that came too often proves nothing: its run may
// have ended, be held by a live claim, or wait. So what it says is not repeated; whoever looks at it counts the
// failed deliveries of what is still to be done, visits the run, and sends whatever follows from its state.
type DeadLetters struct {
	Look func(ctx context.Context, m hint.Message) error // evaluate: counts, and visits the run
	Log  *slog.Logger
}

// Handle looks at the run of each message, and returns an error for each that must come again.
func (d DeadLetters) Handle(ctx context.Context, messages []hint.Message) []error {
	return Each(d.one)(ctx, messages)
}

func (d DeadLetters) one(ctx context.Context, m hint.Message) error {
	about := []slog.Attr{slog.String("kind", m.Kind), slog.String("run", m.Run.String()), slog.String("reason", m.Reason)}
	if m.Kind == hint.Sweep {
		// The schedule has sent others since, and will again.
		d.Log.LogAttrs(ctx, slog.LevelError, "dropped the dead letter of a sweep", about...)
		return nil
	}
	d.Log.LogAttrs(ctx, slog.LevelError, "looking up a dead letter", about...)
	// Also a hint that a run ended: the visit of an ended run gives its place back, and the visit of one
	// that goes on does not.
	return d.Look(ctx, m)
}
