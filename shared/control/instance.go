package control

import (
	"context"
	"fmt"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

// InstanceAction is the answer to an action on an instance.
type InstanceAction struct {
	WorkflowID workflow.ID             `json:"workflow_id"`
	InstanceID int64                   `json:"workflow_instance_id"`
	RunID      int64                   `json:"workflow_run_id"`
	Status     workflow.InstanceStatus `json:"workflow_instance_status"`
	Completed  bool                    `json:"completed"` // false: it is at work
	Event      workflow.Event          `json:"timeline_event"`
}

func newInstanceAction(run *decide.Run, completed bool, event workflow.Event) *InstanceAction {
	return &InstanceAction{WorkflowID: run.Key.Workflow, InstanceID: run.Key.Instance, RunID: run.Key.Run,
		Status: run.State.Status, Completed: completed, Event: event}
}

// End brings an instance to its end: at once while it waits, through its steps when it has begun. It returns
// CodeNotFound, CodeInvalid when it ended otherwise, and CodeConflict while another order is at work.
func (c *Control) End(ctx context.Context, at workflow.RunKey, ending Ending, who Who) (*InstanceAction, error) {
	run, err := c.newest(ctx, at)
	if err != nil {
		return nil, err
	}
	to := ending.instance()
	if run, err = c.act(ctx, run.Key, func(turn *decide.Turn) error { return turn.EndRun(to, who.order(string(ending))) }); err != nil {
		return nil, err
	}
	text := fmt.Sprintf("the instance is being brought to %s", to)
	completed := run.State.Status == to
	if completed {
		text = fmt.Sprintf("the instance is %s", to)
	}
	return newInstanceAction(run, completed, c.event(string(ending), who, text)), nil
}

// Pause keeps an instance from starting further steps. It returns CodeNotFound, and CodeInvalid when it does not run.
func (c *Control) Pause(ctx context.Context, at workflow.RunKey, who Who) (*InstanceAction, error) {
	return c.turn(ctx, at, who.order("PAUSE"), (*decide.Turn).PauseRun)
}

// Resume lets a paused instance go on. It returns CodeNotFound, and CodeInvalid when it is not paused.
func (c *Control) Resume(ctx context.Context, at workflow.RunKey, who Who) (*InstanceAction, error) {
	return c.turn(ctx, at, who.order("RESUME"), (*decide.Turn).ResumeRun)
}

// turn gives an order that takes effect at once.
func (c *Control) turn(ctx context.Context, at workflow.RunKey, order decide.Order, give func(*decide.Turn, decide.Order) error) (*InstanceAction, error) {
	run, err := c.newest(ctx, at)
	if err != nil {
		return nil, err
	}
	if run, err = c.act(ctx, run.Key, func(turn *decide.Turn) error { return give(turn, order) }); err != nil {
		return nil, err
	}
	event := c.event(order.Action, Who{*order.By, order.Reason}, fmt.Sprintf("the instance is %s", run.State.Status))
	return newInstanceAction(run, true, event), nil
}

// Unblock lets a workflow of the strategy STRICT_SEQUENTIAL go on after an instance that failed. It returns
// CodeNotFound, and CodeInvalid when the instance did not fail.
func (c *Control) Unblock(ctx context.Context, at workflow.RunKey, who Who) (*InstanceAction, error) {
	run, err := c.newest(ctx, at)
	if err != nil {
		return nil, err
	}
	refused := workflow.Errorf(workflow.CodeInvalid, "only an instance that FAILED, or blocks as its run strategy says, can be unblocked; %s is %s",
		run.Key, run.State.Status)
	failed := run.State.Status == workflow.InstanceFailed
	if !failed && (!run.State.Status.Terminal() || run.State.Status == workflow.InstanceSucceeded) {
		return nil, refused
	}
	if run.Header.Inline() && failed { // no strategy governs iterations
		return newInstanceAction(run, true, c.event("UNBLOCK", who, "an iteration blocks nothing")), nil
	}
	ref := strategy.Ref{Instance: run.Key.Instance, Run: run.Key.Run}
	unblocked := false
	err = c.decide(ctx, run.Key.Workflow, func(head *strategy.Head) (bool, error) {
		ended := head.End(strategy.Ended{Ref: ref, Status: run.State.Status}) // nobody may have told the head yet
		if unblocked = head.Unblock(ref); !unblocked && !failed {
			return false, refused
		}
		return ended || unblocked, nil
	})
	if err != nil {
		return nil, err
	}
	text := "the instance did not block anything any more"
	if unblocked {
		text = fmt.Sprintf("unblocked instance %d run %d", ref.Instance, ref.Run)
		if err := c.note(ctx, run.Key.Workflow, who, text); err != nil {
			return nil, err
		}
	}
	return newInstanceAction(run, true, c.event("UNBLOCK", who, text)), nil
}

// decide changes the head of a workflow, and lets those begin that it makes room for. It also begins them when
// nothing changes: whoever changed it before may have died.
func (c *Control) decide(ctx context.Context, wf workflow.ID, edit func(*strategy.Head) (changed bool, err error)) error {
	err := c.Again(ctx, func() error {
		head, rev, err := c.head(ctx, wf)
		if err != nil {
			return err
		}
		changed, err := edit(head)
		if err != nil || !changed {
			return err
		}
		return c.PutHead(ctx, wf, head, rev)
	})
	if err != nil {
		return err
	}
	return c.Release(ctx, wf)
}

// Restart makes the next run of an instance. It returns CodeNotFound, and CodeInvalid while its newest run is open, when
// nothing is left to run, and for an instance that another one started.
func (c *Control) Restart(ctx context.Context, at workflow.RunKey, body *definition.Restart, who Who) (*view.Started, error) {
	run, err := c.newest(ctx, at)
	if err != nil {
		return nil, err
	}
	return c.restart(ctx, run, who, trigger.Restart{RequestID: body.RequestID, Policy: body.Policy,
		RunParams: body.RunParams, RequestTime: body.RequestTime})
}

func (c *Control) restart(ctx context.Context, run *decide.Run, who Who, r trigger.Restart) (*view.Started, error) {
	if run.Header.Link != nil {
		return c.restartNested(ctx, run, who, r)
	}
	r.By = &who.User
	started, err := c.Trigger.Restart(ctx, run.Key.Workflow, run.Key.Instance, r)
	if err != nil {
		return nil, err
	}
	out := view.NewStarted(started, who.User, c.Clock.Now().UnixMilli())
	if out.Status == "CREATED" {
		out.Event = c.event("RESTART", who, fmt.Sprintf("restarted as run %d", started.Key.Run))
	}
	if who.Reason == "" || started.Duplicated {
		return out, nil
	}
	// The reason is a remark about the run, not a part of the decision to make it.
	_, err = c.act(ctx, started.Key, func(turn *decide.Turn) error {
		return turn.Note(c.event("RESTART", who, fmt.Sprintf("restarted by %s", r.Policy)))
	})
	return out, err
}
