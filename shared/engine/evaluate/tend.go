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
	"github.com/segue-workflows/segue/shared/workflow"
)

// keepGoing is how long one invocation goes on with further iterations of a loop. What is left then goes back to the
// queue.
const keepGoing = 5 * time.Second

// tend does for instances of one step what the step wants of them: those that were let begin begin, those that are to
// stop stop. It goes on with the iterations that follow from the ends of those that ended at once.
func (e *Evaluate) tend(ctx context.Context, m hint.Message) error {
	until := e.Clock.Now().Add(keepGoing)
	work := []hint.Message{m}
	for len(work) > 0 {
		m, work = work[0], work[1:]
		if e.Clock.Now().After(until) {
			if err := e.Send(ctx, hint.Evaluate, advance.Delayed{Message: m}); err != nil {
				return err
			}
			continue
		}
		next, err := e.tendOnce(ctx, m)
		if err != nil {
			return err
		}
		work = append(work, next...)
	}
	return nil
}

// tendOnce looks after the instances of one message and returns what follows for others of the same step.
func (e *Evaluate) tendOnce(ctx context.Context, m hint.Message) ([]hint.Message, error) {
	parent, err := e.LoadRun(ctx, m.Run)
	if errors.Is(err, workflow.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	i := int(m.Steps[0][0])
	if i < 0 || i >= len(parent.State.Steps) {
		return nil, nil
	}
	step := &parent.State.Steps[i]
	if m.Repairs() || m.Reason == hint.ReasonRecover && parent.State.Status.Terminal() {
		// An earlier delivery, of this message or of the one that dispatch hands on to be repaired, may have died after any
		// of its commits, and before what follows from it was sent. Of a run that ended that is bounded: its place.
		if err := e.Follow(ctx, advance.Visited{Run: parent}, m, nil); err != nil {
			return nil, err
		}
	}
	if step.Attempt != m.Steps[0][1] || step.Status != workflow.Running || step.Nest == nil || parent.State.Status.Terminal() {
		return nil, nil
	}
	if parent.Definition.Steps[i].Kind == workflow.KindSubworkflow {
		return nil, e.tendChild(ctx, parent, i, m)
	}
	t := &tending{Evaluate: e, parent: parent, i: i, message: m, to: min(m.To, step.Nest.Next),
		stopping: step.Ending != workflow.NotCreated}
	ended, err := t.all(ctx)
	if err != nil {
		return nil, err
	}
	if m.Reason == hint.ReasonRecover {
		if err := t.reached(ctx); err != nil {
			return nil, err
		}
	}
	if len(ended) == 0 && len(t.stale) == 0 {
		return nil, nil
	}
	link := record.Link{Parent: parent.Key, Ordinal: i, Attempt: step.Attempt}
	return e.fold(ctx, link, ended, m, t.stale)
}

// fold folds ended instances into their parent and returns the messages for its next iterations, which this
// invocation takes up itself.
func (e *Evaluate) fold(ctx context.Context, link record.Link, ended []*decide.Run, cause hint.Message, stale []int64) ([]hint.Message, error) {
	v, err := e.Fold(ctx, link, ended, stale...)
	if err != nil {
		return nil, err
	}
	var own []hint.Message
	if v.Turn != nil && v.Committed && !v.Run.BeginsWithJobs(link.Ordinal, e.Settings) {
		own = e.taken(v, link.Ordinal)
	}
	return own, e.Follow(ctx, v, cause, nil)
}

// taken takes what is to be done for the instances of step i out of what follows from a visit.
func (e *Evaluate) taken(v advance.Visited, i int) []hint.Message {
	var out []hint.Message
	for _, tend := range v.Turn.TakeTends(i) {
		out = append(out, hint.Message{Kind: hint.Children, Run: v.Run.Key, Reason: hint.ReasonReady,
			Steps: [][2]int64{{int64(tend.Ordinal), tend.Attempt}}, From: tend.From, To: tend.To})
	}
	return out
}

// tending is one look at iterations of a loop.
type tending struct {
	*Evaluate
	parent   *decide.Run
	i        int
	message  hint.Message
	to       int64
	stopping bool
	stale    []int64 // blocks of which the parent does not know all: whoever folded them may have died
}

// all looks after the iterations of the message, and returns those that have ended and of whose end the loop may not
// know.
func (t *tending) all(ctx context.Context) ([]*decide.Run, error) {
	wanted, stale, err := t.Wanted(ctx, t.parent, t.i, t.message.From, t.to)
	if err != nil {
		return nil, err
	}
	t.stale = stale
	loop, flush := t.Loop.Gathered()
	one := *t
	each := *t.Evaluate
	each.Loop, one.Evaluate = loop, &each
	found, outer := make([]*decide.Run, len(wanted)), ctx
	group, ctx := errgroup.WithContext(ctx)
	group.SetLimit(max(t.Parallel, 1))
	for at, which := range wanted {
		begin := func() (err error) {
			found[at], err = one.one(ctx, which)
			return err
		}
		if t.Parallel <= 1 {
			if err := begin(); err != nil {
				return nil, err
			}
			continue
		}
		group.Go(begin)
	}
	if err := group.Wait(); err != nil {
		return nil, err
	}
	if err := flush(outer); err != nil {
		return nil, err
	}
	var ended []*decide.Run
	for _, run := range found {
		if run != nil && run.State.Status.Terminal() {
			ended = append(ended, run)
		}
	}
	return ended, nil
}

// one looks after one iteration.
func (t *tending) one(ctx context.Context, which record.Again) (*decide.Run, error) {
	key := decide.ChildKey(t.parent, t.i, which.Iteration, which.Run)
	if t.stopping || t.message.Reason == hint.ReasonRecover || t.message.Again {
		run, err := t.LoadRun(ctx, key)
		if err == nil {
			return t.known(ctx, run)
		}
		if !errors.Is(err, workflow.ErrNotFound) {
			return nil, err
		}
	}
	v, err := t.CreateIteration(ctx, t.parent, t.i, which, func(turn *decide.Turn) error {
		if t.stopping {
			return turn.Refuse("its loop was stopped before it began")
		}
		if t.message.Reason != hint.ReasonRecover { // that is the look at the loop: after it, each looks after itself
			t.Cover(turn, t.parent, t.i, which.Iteration)
		}
		return turn.Begin()
	})
	if err != nil {
		return nil, err
	}
	if !v.Committed {
		return t.known(ctx, v.Run)
	}
	return v.Run, t.FollowOpen(ctx, v, hint.Message{Reason: hint.ReasonStart}, nil)
}

// known looks after an iteration that has begun.
func (t *tending) known(ctx context.Context, run *decide.Run) (*decide.Run, error) {
	return t.lookAfter(ctx, run, t.stopping, t.message)
}

// stopped is what an instance hears when the step that started it is stopped.
var stopped = decide.Order{Action: "STOP", Reason: "the step that started it is being ended"}

// lookAfter stops an instance, or sees to it that it goes on.
func (e *Evaluate) lookAfter(ctx context.Context, run *decide.Run, stopping bool, m hint.Message) (*decide.Run, error) {
	if run.State.Status.Terminal() {
		return run, nil
	}
	if m.Reason == hint.ReasonRecover {
		// Until now the look at its parent was the look at it: from here on it has wake items of its own.
		now := e.Clock.Now()
		at := time.UnixMilli(run.State.Look)
		if !at.After(now) {
			at = now.Add(decide.InHandGrace)
		}
		if err := e.PutWake(ctx, run.Key, at); err != nil {
			return nil, err
		}
	}
	if stopping {
		v, err := e.Visit(ctx, run.Key, func(turn *decide.Turn) error {
			if status := turn.State().Status; status.Terminal() || turn.State().Ending != "" {
				return nil
			}
			return turn.EndRun(workflow.InstanceStopped, stopped)
		})
		if err == nil {
			err = e.FollowOpen(ctx, v, m, nil)
		}
		if err != nil {
			return nil, err
		}
		run = v.Run
	}
	if run.State.Status.Terminal() || m.Reason != hint.ReasonRecover && !m.Repairs() {
		return run, nil
	}
	wake, wanted, err := e.lookRun(ctx, run.Key, e.Clock.Now())
	if err != nil || !wanted {
		return run, err
	}
	wake.Hops = m.Hops + 1
	return run, e.Send(ctx, hint.Evaluate, wake)
}

// reached notes that the iterations up to the last of the message are looked after, each by itself.
func (t *tending) reached(ctx context.Context) error {
	nest := t.parent.State.Steps[t.i].Nest
	if nest.Seen >= t.to || nest.Seen+1 < t.message.From {
		return nil
	}
	_, err := t.Visit(ctx, t.parent.Key, func(turn *decide.Turn) error {
		turn.Reached(t.i, t.message.Steps[0][1], t.to)
		return nil
	})
	return err
}
