package local

import (
	"context"
	"errors"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/schedule"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// lookBack is how far before the last tick of the sweep the recovery looks: a hint that the sweep had sent
// for an older wake item may have been waiting in the queues that are gone.
const lookBack = 24 * time.Hour

// recoveries is how many runs are looked at side by side: their wake items then share fsyncs.
const recoveries = 64

// recover looks at every run that an earlier process left work behind for: it sends a hint for each run
// with a wake item from long before the last tick up to now, and begins the sweep. In the cloud the queues
// outlive the functions, and nothing like it is needed.
func (l *Local) recover(ctx context.Context) error {
	items, err := l.Loop.Store.Get(ctx, store.Fresh, record.TickKey())
	if err != nil {
		return err
	}
	if items[0].Rev == 0 {
		l.seedSweep(ctx, 0) // a new store
		return nil
	}
	tick, err := record.Decode[record.Tick]("tick", items[0].Body)
	if err != nil {
		return err
	}
	now := l.clock.Now()
	runs, err := l.wakeItems(ctx, time.UnixMilli(tick.At).Add(-lookBack), now)
	if err != nil {
		return err
	}
	group, grouped := errgroup.WithContext(ctx)
	group.SetLimit(recoveries)
	for _, run := range runs {
		group.Go(func() error { return l.recoverRun(grouped, run, now) })
	}
	if err := group.Wait(); err != nil {
		return err
	}
	l.seedSweep(ctx, tick.Generation) // the sweep of the earlier process does not come any more
	return nil
}

// wakeItems lists the runs that have a wake item in the time, each once, in the order of their first one.
func (l *Local) wakeItems(ctx context.Context, from, to time.Time) ([]workflow.RunKey, error) {
	var runs []workflow.RunKey
	seen := map[workflow.RunKey]bool{}
	for minute := from.Truncate(time.Minute); !minute.After(to); minute = minute.Add(time.Minute) {
		for shard := range record.Shards {
			r := record.WakeRange(minute, shard)
			for more := true; more; more = r.From != "" {
				items, next, err := l.Loop.Store.List(ctx, r)
				if err != nil {
					return nil, err
				}
				for _, item := range items {
					named, _, err := record.ParseWake(item)
					if err != nil {
						return nil, err
					}
					for _, run := range named {
						if !seen[run] {
							seen[run] = true
							runs = append(runs, run)
						}
					}
				}
				r.From = next
			}
		}
	}
	return runs, nil
}

// recoverRun sends a hint for a run. One that has not ended gets a fresh wake item too: the hint waits in
// memory, and the next start may come before anybody has read it.
func (l *Local) recoverRun(ctx context.Context, key workflow.RunKey, now time.Time) error {
	if key.Instance == 0 {
		return l.recoverTimes(ctx, key.Workflow, now)
	}
	run, err := l.Loop.LoadRun(ctx, key)
	if errors.Is(err, workflow.ErrNotFound) {
		return nil
	}
	if err != nil {
		l.log.Error("a run could not be recovered", "run", key.String(), "code", string(workflow.CodeOf(err)), "error", err)
		if workflow.CodeOf(err) == workflow.CodeUnavailable {
			return err
		}
		return nil // one broken run must not hold up the others
	}
	if !run.State.Status.Terminal() {
		if err := l.Loop.PutWake(ctx, key, now.Add(sweepEvery)); err != nil {
			return err
		}
	}
	wake := hint.Message{Kind: hint.Run, Run: key, Reason: hint.ReasonRecover}
	return l.Loop.Send(ctx, hint.Evaluate, advance.Delayed{Message: wake})
}

// recoverTimes sends a hint about the time triggers of a workflow, and sees to a later one.
func (l *Local) recoverTimes(ctx context.Context, wf workflow.ID, now time.Time) error {
	wake := record.ScheduleWake(wf, now.Add(sweepEvery))
	if err := l.Loop.Store.Put(ctx, store.Write{Item: wake}); err != nil {
		return err
	}
	return l.Loop.Send(ctx, hint.Trigger, advance.Delayed{Message: schedule.Message(wf)})
}
