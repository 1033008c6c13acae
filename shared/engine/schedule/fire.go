package schedule

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/schedule"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// fire starts what is due, in tens, and moves the watermark after each ten.
func (l *look) fire(ctx context.Context) error {
	from := time.UnixMilli(l.trigger.Mark).Add(time.Millisecond)
	if oldest := l.oldest(); from.Before(oldest) {
		if err := l.skip(ctx, from, oldest); err != nil {
			return err
		}
		from = oldest
	}
	due, all := l.plan.Between(from, l.now, maxDue)
	if len(due) == 0 && l.trigger.Next != 0 && l.trigger.Next <= l.now.UnixMilli() {
		rest := l.trigger // all that was due is skipped
		rest.Mark = l.now.UnixMilli()
		return l.advance(ctx, rest, true)
	}
	for len(due) > 0 {
		n := min(len(due), maxBatch)
		err := l.start(ctx, due[:n])
		if errors.Is(err, workflow.ErrNotFound) {
			return nil // deactivated or deleted since the head was read: that change looks for itself
		}
		if err != nil {
			return err
		}
		next := l.trigger
		next.Mark = due[n-1].At.UnixMilli()
		if err := l.advance(ctx, next, n == len(due) && all); err != nil {
			return err
		}
		due = due[n:]
	}
	if all {
		return l.early(ctx)
	}
	return l.Send(ctx, hint.Trigger, advance.Delayed{Message: Message(l.wf)})
}

// early has the message come again when a timer was early: it may be so by a minute, and is silent until the next time.
func (l *look) early(ctx context.Context) error {
	wait := time.UnixMilli(l.trigger.Next).Sub(l.now)
	if l.Timer == nil || wait <= 0 || wait > time.Minute {
		return nil
	}
	return l.Send(ctx, hint.Trigger, advance.Delayed{Message: Message(l.wf), Delay: wait})
}

// advance moves the watermark; after the last execution that is due it sees to the next one first.
func (l *look) advance(ctx context.Context, next record.TimeTrigger, last bool) error {
	if last {
		if err := l.expect(ctx, &next); err != nil {
			return err
		}
	} else if at, ok := l.plan.Next(time.UnixMilli(next.Mark)); ok {
		next.Next = at.At.UnixMilli()
	}
	return l.put(ctx, next)
}

// oldest is the time before which missed executions are skipped.
func (l *look) oldest() time.Time {
	back := l.CatchUp
	if back == 0 {
		back = catchUp
	}
	return l.now.Add(-max(back, punctual))
}

// skip tells on the workflow's timeline that executions were missed for good. Whoever repeats it writes the same line.
func (l *look) skip(ctx context.Context, from, to time.Time) error {
	missed, all := l.plan.Between(from, to.Add(-time.Millisecond), maxDue)
	if len(missed) == 0 {
		return nil
	}
	count := fmt.Sprint(len(missed))
	if !all {
		count = "more than " + count
	}
	line := record.TimelineNote{Author: "segue", At: l.now.UnixMilli(), Log: fmt.Sprintf(
		"skipped executions of time triggers that were missed (%s of them, from %s on)", count, missed[0].At.Format(time.RFC3339))}
	key := record.NoteKey(l.wf, missed[0].At.UnixMilli(), "skipped")
	err := l.Store.Put(ctx, store.Write{Item: store.Item{Key: key, Body: record.Encode(line)}, If: store.Absent})
	if errors.Is(err, store.ErrGuard) {
		return nil
	}
	return err
}

// start starts executions together. One that cannot run is kept as a FAILED instance, for people to see.
func (l *look) start(ctx context.Context, due []schedule.Execution) error {
	starts := make([]trigger.Start, len(due))
	for i, e := range due {
		at := e.At.UnixMilli()
		params := &workflow.Params{}
		params.Set("RUN_TS", workflow.Literal(workflow.Millis(e.At)))
		starts[i] = trigger.Start{
			RequestID: schedule.RequestID(l.wf, l.plan.UUID, e.At), RequestTime: l.now.UnixMilli(), PersistFailed: true, RunParams: params,
			Initiator: &workflow.Initiator{Type: workflow.InitiatorTime, TriggerUUID: l.plan.UUID, TriggerTime: at, Timezone: e.Timezone},
		}
	}
	_, err := l.Starter.Start(ctx, l.wf, "active", starts...)
	return err
}
