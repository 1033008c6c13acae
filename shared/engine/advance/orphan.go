package advance

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Unborn looks after a run that a wake item names and that has no first commit. Whoever admitted it may have died and
// left it with a place in the head: those behind it were told nothing, for a restart overtakes them. So somebody looks
// again and again until the run is there or given up.
func (l *Loop) Unborn(ctx context.Context, key workflow.RunKey) error {
	head, err := l.findHead(ctx, key.Workflow)
	if head == nil {
		return err
	}
	ref := refOf(key)
	if !admitted(head.Head, ref) {
		return nil
	}
	if err := l.PutWake(ctx, key, l.givenUp(head.Head, ref)); err != nil {
		return err
	}
	return l.Release(ctx, key.Workflow)
}

// admitted tells whether the head has a place for ref that nobody has verified.
func admitted(head *strategy.Head, ref strategy.Ref) bool {
	for _, p := range head.Pending {
		if p.Ref == ref {
			return true
		}
	}
	return false
}

// givenUp returns when an admission may be given up, at least a look from now.
func (l *Loop) givenUp(head *strategy.Head, ref strategy.Ref) time.Time {
	at := l.Clock.Now().Add(2 * time.Second)
	for _, p := range head.Pending {
		if given := time.UnixMilli(p.At).Add(interrupted + time.Second); p.Ref == ref && given.After(at) {
			at = given
		}
	}
	return at
}

// stillborn returns the run of an admission that is given up. One that was to follow another run of its instance stands
// as that one left everything: the next restart goes on from there.
func (l *Loop) stillborn(ctx context.Context, wf workflow.ID, head *strategy.Head, p strategy.Pending, now time.Time) (*decide.Run, error) {
	key := keyOf(wf, p.Ref)
	if p.Ref.Run > 1 {
		previous, err := l.LoadRun(ctx, keyOf(wf, strategy.Ref{Instance: p.Ref.Instance, Run: p.Ref.Run - 1}))
		if err != nil {
			return nil, err
		}
		header := *previous.Header
		header.UUID, header.RequestTime, header.Interrupted, header.Restart, header.Config = p.Request, p.At, true, nil, nil
		return decide.Unchanged(previous, key, &header, now), nil
	}
	def, err := l.Definition(ctx, wf, head.Default())
	if err != nil {
		return nil, err
	}
	// A restart of it is bound by what the workflow says of its owner and its concurrency, as any other run is.
	properties, err := l.Properties(ctx, wf, head.Properties)
	if err != nil {
		return nil, err
	}
	header := &record.Header{Version: def.Version.Number, UUID: p.Request, InternalID: head.InternalID, CorrelationID: key.String(),
		Initiator: &workflow.Initiator{Type: workflow.InitiatorManual}, Properties: properties, Interrupted: true,
		RequestTime: p.At}
	return decide.NewRun(key, header, def, now), nil
}
