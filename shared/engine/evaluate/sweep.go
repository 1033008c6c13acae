package evaluate

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// SweepEvery is the pace of the sweep.
const SweepEvery = 30 * time.Second

// lateWrites is how far back a sweep looks beyond the begin of the one before it: a wake item may have been
// put while that one was reading, by a host whose clock is behind.
const lateWrites = 15 * time.Second

// How far back a sweep looks: after a long pause, and when there was none before. What a first sweep that
// dies has seen does not count, so the next one must reach further back than the schedule takes to send it.
const (
	maxBacklog   = 24 * time.Hour
	firstBacklog = 15 * time.Minute
)

// maxWindow is how much of a backlog one sweep looks at; the next one goes on at once. So each leaves its
// progress in the tick, long before its invocation is over its time.
const maxWindow = 30 * time.Minute

// Sweep looks at the runs whose wake items are due until the next sweep, and sends itself again. generation
// is the number that the sender gave it; 0 comes from the schedule that re-seeds it, and does nothing while
// another sweep is on its way.
func (e *Evaluate) Sweep(ctx context.Context, generation int64) error {
	now := e.Clock.Now()
	items, err := e.Store.Get(ctx, store.Fresh, record.TickKey())
	if err != nil {
		return workflow.Errorf(workflow.CodeUnavailable, "load the tick: %w", err)
	}
	tick := &record.Tick{At: now.Add(-firstBacklog).UnixMilli()}
	if items[0].Rev != 0 {
		if tick, err = record.Decode[record.Tick]("tick", items[0].Body); err != nil {
			return err
		}
	}
	last := time.UnixMilli(tick.At)
	if since := now.Sub(last); generation != tick.Generation && since < overdue {
		if generation != 0 {
			return nil // another sweep is on its way
		}
		// Probably another sweep is on its way; whether it was lost is known only when it is overdue.
		again := hint.Message{Kind: hint.Sweep, Generation: secondLook}
		return e.Send(ctx, hint.Evaluate, advance.Delayed{Message: again, Delay: overdue - since})
	}
	if now.Sub(last) > maxBacklog {
		last = now.Add(-maxBacklog)
	}
	seen, delay := now, SweepEvery
	if now.Sub(last) > maxWindow {
		seen, delay = last.Add(maxWindow), 0
	}
	if err := e.look(ctx, last.Add(-lateWrites), seen.Add(SweepEvery)); err != nil {
		return err
	}
	next := record.Tick{Generation: tick.Generation + 1, At: seen.UnixMilli()}
	guard := store.Absent
	if items[0].Rev != 0 {
		guard = store.At(items[0].Rev)
	}
	err = e.Store.Put(ctx, store.Write{Item: store.Item{Key: record.TickKey(), Body: record.Encode(next)}, If: guard})
	if errors.Is(err, store.ErrGuard) {
		return nil // another sweep was faster, and sends itself again
	}
	if err != nil {
		return workflow.Errorf(workflow.CodeUnavailable, "put the tick: %w", err)
	}
	return e.Send(ctx, hint.Evaluate, advance.Delayed{Message: hint.Message{Kind: hint.Sweep, Generation: next.Generation}, Delay: delay})
}

// look sends a hint for every run that is due in the window. It reads stale: a wake item that was put a moment ago and
// that this sweep misses is in the window of the next one, too.
func (e *Evaluate) look(ctx context.Context, from, to time.Time) error {
	group, inner := errgroup.WithContext(ctx)
	group.SetLimit(max(e.Parallel, 1))
	for minute := from.Truncate(time.Minute); minute.Before(to); minute = minute.Add(time.Minute) {
		for shard := range record.Shards {
			r := record.WakeRange(minute, shard)
			r.Read = store.Stale
			if e.Parallel > 1 {
				group.Go(func() error { return e.lookShard(inner, r, from, to) })
			} else if err := e.lookShard(ctx, r, from, to); err != nil {
				return err
			}
		}
	}
	return group.Wait()
}

func (e *Evaluate) lookShard(ctx context.Context, r store.Range, from, to time.Time) error {
	for {
		items, next, err := e.Store.List(ctx, r)
		if err != nil {
			return workflow.Errorf(workflow.CodeUnavailable, "list wake items: %w", err)
		}
		var hints []advance.Delayed
		for _, item := range items {
			runs, at, err := record.ParseWake(item)
			if err != nil {
				return err
			}
			if at.Before(from) || !at.Before(to) {
				continue
			}
			found, err := e.lookAll(ctx, runs, at)
			if err != nil {
				return err
			}
			hints = append(hints, found...)
		}
		if err := e.Send(ctx, hint.Evaluate, hints...); err != nil {
			return err
		}
		if next == "" {
			return nil
		}
		r.From = next
	}
}

// lookAll looks at what one wake item names, and returns the hints that it asks for.
func (e *Evaluate) lookAll(ctx context.Context, runs []workflow.RunKey, at time.Time) ([]advance.Delayed, error) {
	var hints []advance.Delayed
	for _, key := range runs {
		if key.Instance == 0 {
			if err := e.lookSchedule(ctx, key.Workflow, at); err != nil {
				return nil, err
			}
			continue
		}
		hint, wanted, err := e.lookRun(ctx, key, at)
		if err != nil {
			return nil, err
		}
		if wanted {
			hints = append(hints, hint)
		}
	}
	return hints, nil
}

// overdue is how old the newest sweep is when the next one must have been lost.
const overdue = SweepEvery + SweepEvery/2

// secondLook is the generation of the message with which the schedule's tick looks whether a sweep was lost.
const secondLook = -1

// lookAgain is how soon after a sweep a wake item may be that it puts itself.
const lookAgain = 2 * time.Second

// lookRun decides what a wake item asks for: a hint at its time when something is due then, the next wake
// item when it is due later, nothing when all is done.
func (e *Evaluate) lookRun(ctx context.Context, key workflow.RunKey, at time.Time) (advance.Delayed, bool, error) {
	now := e.Clock.Now()
	wake := advance.Delayed{Message: hint.Message{Kind: hint.Run, Run: key, Reason: hint.ReasonRecover}, Delay: at.Sub(now)}
	run, err := e.LoadRun(ctx, key)
	if errors.Is(err, workflow.ErrNotFound) {
		return wake, false, e.Unborn(ctx, key)
	}
	if err != nil {
		return wake, false, err
	}
	ms := at.UnixMilli()
	begun := run.State.Start != 0 && !run.State.Status.Terminal()
	if next := decide.NextTimer(run.State, ms); begun && next > ms+time.Second.Milliseconds() &&
		!decide.InHand(run.Definition, e.Settings, run.State, ms) {
		if run.State.Look > ms {
			return wake, false, nil // a later wake item is there already
		}
		// This sweep may be late, or the clock that made the item ahead: an item in the past is never read.
		due := time.UnixMilli((next + 999) / 1000 * 1000)
		return wake, false, e.PutWake(ctx, key, later(due, now.Add(lookAgain)))
	}
	if !begun {
		if wanted, err := e.Concerns(ctx, run); err != nil || !wanted {
			return wake, false, err
		}
	}
	if run.State.Look > ms {
		return wake, true, nil
	}
	// The hint can be lost like any other message, and it may be the only one that knows: look again.
	again := later(at, now).Add(decide.InHandGrace)
	if claim := time.UnixMilli(decide.LastClaim(run.State) + 999); claim.After(now.Add(lookAgain)) && claim.Before(again) {
		again = claim
	}
	return wake, true, e.PutWake(ctx, key, again)
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}
