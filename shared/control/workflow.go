package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// endBatch is after how many instances EndAll looks at the clock, endTime how long it goes on.
const (
	endBatch = 10
	endTime  = 10 * time.Second
)

// EndAll brings all open instances of a workflow to their end. Those that wait come first, the newest of them before
// the others, so that none begins in the place of another. Where there are too many for one call, the answer says how
// many are left. It returns CodeNotFound.
func (c *Control) EndAll(ctx context.Context, wf workflow.ID, ending Ending, who Who) (workflow.Event, error) {
	head, _, err := c.head(ctx, wf)
	if err != nil {
		return workflow.Event{}, err
	}
	open := append(slices.Clone(head.Running), slices.Collect(head.Queued.All())...)
	slices.Reverse(open)
	until, done := c.Clock.Now().Add(endTime), 0
	for len(open) > 0 && c.Clock.Now().Before(until) {
		n := min(endBatch, len(open))
		for _, ref := range open[:n] {
			if err := c.endOne(ctx, workflow.RunKey{Workflow: wf, Instance: ref.Instance, Run: ref.Run}, ending, who); err != nil {
				return workflow.Event{}, err
			}
		}
		open, done = open[n:], done+n
	}
	text := fmt.Sprintf("asked %d open instances to %s", done, ending)
	if len(open) > 0 {
		text += fmt.Sprintf("; %d are left: ask again", len(open))
	}
	if err := c.note(ctx, wf, who, text); err != nil {
		return workflow.Event{}, err
	}
	return c.event(string(ending), who, text), nil
}

// endOne ends one of many: that it is over, being ended, or not there yet is no fault.
func (c *Control) endOne(ctx context.Context, key workflow.RunKey, ending Ending, who Who) error {
	_, err := c.act(ctx, key, func(turn *decide.Turn) error { return turn.EndRun(ending.instance(), who.order(string(ending))) })
	if errors.Is(err, workflow.ErrInvalid) || errors.Is(err, workflow.ErrConflict) || errors.Is(err, workflow.ErrNotFound) {
		return nil
	}
	return err
}

// UnblockAll lets a workflow go on after all instances that failed. It returns CodeNotFound.
func (c *Control) UnblockAll(ctx context.Context, wf workflow.ID, who Who) (workflow.Event, error) {
	n := int64(0)
	err := c.decide(ctx, wf, func(head *strategy.Head) (bool, error) {
		n = head.UnblockAll()
		return n > 0, nil
	})
	if err != nil {
		return workflow.Event{}, err
	}
	text := fmt.Sprintf("unblocked %d failed instances", n)
	if n > 0 {
		err = c.note(ctx, wf, who, text)
	}
	return c.event("UNBLOCK", who, text), err
}
