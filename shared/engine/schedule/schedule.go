package schedule

import (
	"cmp"
	"context"
	"errors"
	"time"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/schedule"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Limits of one look.
const (
	maxDue   = 100                 // executions; the rest is left to a look that follows at once
	maxBatch = 10                  // starts that are admitted together
	punctual = 5 * time.Minute     // an execution so late was not missed, whatever CatchUp says
	soon     = 90 * time.Second    // a wake item nearer than this may lie in what the sweep has seen already
	catchUp  = 30 * 24 * time.Hour // how far back missed executions are started, by default
)

// SkipMissed is the CatchUp with which missed executions are skipped.
const SkipMissed = -time.Second

// Timer is a clock outside of the engine that calls Look. It may be early, late, double or silent.
type Timer interface {
	// Keep makes the timer fit the triggers of a workflow; a nil plan: none. It fails with CodeUnavailable.
	Keep(ctx context.Context, wf workflow.ID, plan *schedule.Plan) error
	// Expect is told the next execution, for times that Keep could not express. It fails with CodeUnavailable.
	Expect(ctx context.Context, wf workflow.ID, plan *schedule.Plan, next time.Time) error
}

// Schedules starts workflows at their times.
type Schedules struct {
	*advance.Loop
	Starter *trigger.Trigger
	Timer   Timer         // nil: wake items alone
	Grace   time.Duration // how much later than an execution its wake item is: what a Timer may take
	CatchUp time.Duration // how far back missed executions are started; 0: 30 days; SkipMissed: not at all
}

// Handle looks at the time triggers of the workflow that a hint names. It returns CodeInvalid for other hints, and
// CodeUnavailable when the message must come again.
func (s *Schedules) Handle(ctx context.Context, m hint.Message) error {
	if m.Kind != hint.Due {
		return workflow.Errorf(workflow.CodeInvalid, "nobody handles a message of kind %q", m.Kind)
	}
	return s.look(ctx, m.Run.Workflow, m.Again) // an earlier delivery may have failed to set timers
}

// Look starts what is due of a workflow, and keeps its timers in step. It returns CodeUnavailable, and CodeOverloaded
// when the workflow has too many instances that wait.
func (s *Schedules) Look(ctx context.Context, wf workflow.ID) error {
	return s.look(ctx, wf, false)
}

func (s *Schedules) look(ctx context.Context, wf workflow.ID, keep bool) error {
	var silent error
	err := s.Again(ctx, func() error {
		l := &look{Schedules: s, wf: wf, now: s.Clock.Now(), keep: keep}
		keep = true // whoever was faster may have set timers that ours came after
		err := l.load(ctx)
		if err == nil {
			err = l.run(ctx)
		}
		silent = l.silent
		return err
	})
	return cmp.Or(err, silent)
}

// look is one try of Look.
type look struct {
	*Schedules
	wf      workflow.ID
	now     time.Time
	keep    bool // make the timers fit, although the item says that they do
	trigger record.TimeTrigger
	rev     int64
	head    *strategy.Head
	plan    *schedule.Plan // nil: the workflow has no time triggers now
	silent  error          // of a timer that could not be set: wake items do its work, and the message comes again
}

// load reads how far the triggers are, and then what the workflow wants: whoever changes it looks after that.
func (l *look) load(ctx context.Context) error {
	items, err := l.Store.Get(ctx, store.Fresh, record.TimeTriggerKey(l.wf))
	if err != nil {
		return err
	}
	if l.rev = items[0].Rev; l.rev != 0 {
		stored, err := record.Decode[record.TimeTrigger]("time trigger of "+l.wf, items[0].Body)
		if err != nil {
			return err
		}
		l.trigger = *stored
	}
	l.head, l.plan, err = l.Plan(ctx, l.wf)
	if errors.Is(err, workflow.ErrNotFound) {
		return nil
	}
	return err
}

// Plan returns the time triggers that a workflow has now; nil when it has none, is inactive or deleted, or disables
// them. It returns CodeNotFound for a workflow that was never pushed.
func (s *Schedules) Plan(ctx context.Context, wf workflow.ID) (*strategy.Head, *schedule.Plan, error) {
	head, _, err := s.LoadHead(ctx, wf)
	if err != nil || head.Deleted || head.Active == 0 {
		return head, nil, err
	}
	definition, err := s.Definition(ctx, wf, head.Active)
	if err != nil {
		return nil, nil, err
	}
	triggers := definition.Version.Workflow.TimeTriggers
	if len(triggers) == 0 {
		return head, nil, nil
	}
	properties, err := s.Properties(ctx, wf, head.Properties)
	if err != nil {
		return nil, nil, err
	}
	if disabled := properties.TimeTriggerDisabled; disabled != nil && *disabled {
		return head, nil, nil
	}
	plan, err := schedule.NewPlan(wf, triggers)
	return head, plan, err
}

// run does what the triggers need now.
func (l *look) run(ctx context.Context) error {
	switch {
	case l.plan == nil && l.trigger.UUID == "":
		return l.fit(ctx)
	case l.plan == nil:
		l.keep = true
		if err := l.fit(ctx); err != nil {
			return err
		}
		return l.put(ctx, record.TimeTrigger{})
	case l.trigger.UUID != l.plan.UUID || l.trigger.Life != l.head.InternalID:
		return l.subscribe(ctx)
	}
	if err := l.fit(ctx); err != nil {
		return err
	}
	return l.fire(ctx)
}

// fit makes the timer fit the triggers, if it may not.
func (l *look) fit(ctx context.Context) error {
	if l.Timer == nil || !l.keep {
		return nil
	}
	l.keep = false
	l.silent = cmp.Or(l.silent, l.Timer.Keep(ctx, l.wf, l.plan))
	return nil
}

// subscribe begins with triggers that are new, at the moment of the change that brought them.
func (l *look) subscribe(ctx context.Context) error {
	l.keep = true
	if err := l.fit(ctx); err != nil {
		return err
	}
	mark := min(l.head.ModifiedAt, l.now.UnixMilli())
	if mark == 0 {
		mark = l.now.UnixMilli()
	}
	fresh := record.TimeTrigger{UUID: l.plan.UUID, Life: l.head.InternalID, Mark: mark}
	if err := l.expect(ctx, &fresh); err != nil {
		return err
	}
	if err := l.put(ctx, fresh); err != nil {
		return err
	}
	return l.fire(ctx)
}

// expect sees to it that somebody looks when the first execution after the watermark is due. It comes before the
// watermark moves.
func (l *look) expect(ctx context.Context, t *record.TimeTrigger) error {
	next, ok := l.plan.Next(time.UnixMilli(t.Mark))
	if t.Next = 0; !ok {
		return nil
	}
	t.Next = next.At.UnixMilli()
	// A wake item in the past would never be read.
	at := next.At.Add(l.Grace)
	if at.Before(l.now) {
		at = l.now.Add(soon)
	}
	if err := l.Store.Put(ctx, store.Write{Item: record.ScheduleWake(l.wf, at)}); err != nil {
		return err
	}
	if l.Timer != nil {
		l.silent = cmp.Or(l.silent, l.Timer.Expect(ctx, l.wf, l.plan, next.At))
	}
	wait := next.At.Sub(l.now)
	if wait > soon {
		return nil
	}
	return l.Send(ctx, hint.Trigger, advance.Delayed{Message: Message(l.wf), Delay: wait})
}

// put moves the watermark if nobody else did.
func (l *look) put(ctx context.Context, t record.TimeTrigger) error {
	guard := store.Absent
	if l.rev > 0 {
		guard = store.At(l.rev)
	}
	err := l.Store.Put(ctx, store.Write{Item: store.Item{Key: record.TimeTriggerKey(l.wf), Body: record.Encode(t)}, If: guard})
	if err == nil {
		l.trigger, l.rev = t, l.rev+1
	}
	return err
}

// Message is the hint about a workflow's time triggers.
func Message(wf workflow.ID) hint.Message {
	return hint.Message{Kind: hint.Due, Run: workflow.RunKey{Workflow: wf}, Reason: hint.ReasonTimer}
}
