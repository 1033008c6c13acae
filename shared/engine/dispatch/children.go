package dispatch

import (
	"context"
	"errors"
	"sync"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// children begins iterations of a loop whose first steps are jobs: the first commit of each is the claim of its jobs,
// so that an iteration with one job comes to two commits. Those that end while this goes on are folded together. What
// is there already is left to evaluate, and so is everything when the message comes again.
func (d *Dispatch) children(ctx context.Context, m hint.Message) error {
	if m.Again || m.Reason == hint.ReasonRecover {
		return d.handOver(ctx, m)
	}
	parent, err := d.LoadRun(ctx, m.Run)
	if errors.Is(err, workflow.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	i := int(m.Steps[0][0])
	if i < 0 || i >= len(parent.State.Steps) {
		return nil
	}
	step := &parent.State.Steps[i]
	if step.Attempt != m.Steps[0][1] || step.Status != workflow.Running || step.Nest == nil || step.Ending != workflow.NotCreated {
		return d.handOver(ctx, m)
	}
	wanted, _, err := d.Wanted(ctx, parent, i, m.From, min(m.To, step.Nest.Next))
	if err != nil {
		return err
	}
	c := &crowd{Dispatch: d, parent: parent, i: i, missed: false}
	c.begin(ctx, wanted)
	if err := c.fold(ctx, m); err != nil {
		return err
	}
	if c.err != nil {
		return c.err // the message comes again when the claims are over
	}
	if c.missed {
		return d.handOver(ctx, m)
	}
	return nil
}

// handOver leaves a message to evaluate, which looks whether somebody died with it.
func (d *Dispatch) handOver(ctx context.Context, m hint.Message) error {
	m.Reason, m.Hops = hint.ReasonRecover, m.Hops+1
	return d.Send(ctx, hint.Evaluate, advance.Delayed{Message: m})
}

// crowd is the iterations that one invocation begins.
type crowd struct {
	*Dispatch
	parent *decide.Run
	i      int

	mu     sync.Mutex
	ended  []*decide.Run
	missed bool // some were there already, or could not be begun
	err    error
}

// begin begins the iterations, side by side where the host does so.
func (c *crowd) begin(ctx context.Context, wanted []record.Again) {
	if c.NewCalls != nil {
		for _, which := range wanted {
			c.note(c.one(ctx, which))
		}
		return
	}
	var group sync.WaitGroup
	for _, which := range wanted {
		group.Go(func() { c.note(c.one(ctx, which)) })
	}
	group.Wait()
}

func (c *crowd) note(run *decide.Run, err error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	switch {
	case err != nil:
		c.err = err
	case run == nil:
		c.missed = true
	case run.State.Status.Terminal():
		c.ended = append(c.ended, run)
	}
}

// one begins an iteration, works on it as far as one invocation gets, and returns it as it is then; nil when it was
// there already.
func (c *crowd) one(ctx context.Context, which record.Again) (*decide.Run, error) {
	s := c.session(ctx, hint.Message{Kind: hint.Steps, Reason: hint.ReasonStart})
	s.quiet = true
	v, err := c.CreateIteration(ctx, c.parent, c.i, which, func(turn *decide.Turn) error {
		c.Cover(turn, c.parent, c.i, which.Iteration)
		if err := turn.Begin(); err != nil {
			return err
		}
		return s.claim(turn)
	})
	if err != nil || !v.Committed {
		return nil, err
	}
	return s.work(v)
}

// fold tells the loop of the iterations that ended.
func (c *crowd) fold(ctx context.Context, m hint.Message) error {
	if len(c.ended) == 0 {
		return nil
	}
	link := record.Link{Parent: c.parent.Key, Ordinal: c.i, Attempt: m.Steps[0][1]}
	v, err := c.Fold(ctx, link, c.ended)
	if errors.Is(err, workflow.ErrUnavailable) {
		return c.Report(ctx, m.Hops, c.ended...) // too many at once: few handlers of rollup fold them in larger batches
	}
	if err != nil {
		return err
	}
	return c.Follow(ctx, v, m, nil)
}
