package control

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Control acts on runs and steps. The loop and the source of ids are those of the trigger.
type Control struct{ *trigger.Trigger }

// Who says who asks for an action, and why.
type Who struct {
	User   workflow.User
	Reason string
}

func (w Who) order(action string) decide.Order {
	return decide.Order{Action: action, By: &w.User, Reason: w.Reason}
}

// event tells of an action in an answer.
func (c *Control) event(action string, who Who, message string) workflow.Event {
	return workflow.Event{Timestamp: c.Clock.Now().UnixMilli(), Type: workflow.EventAction, Action: action,
		Author: &who.User, Message: message, Reason: who.Reason}
}

// head loads the head of a workflow. It returns CodeNotFound also when the workflow is deleted.
func (c *Control) head(ctx context.Context, wf workflow.ID) (*strategy.Head, int64, error) {
	head, rev, err := c.LoadHead(ctx, wf)
	if err == nil && head.Deleted {
		return nil, 0, workflow.Errorf(workflow.CodeNotFound, "there is no workflow %q", wf)
	}
	return head, rev, err
}

// newest loads the newest run of an instance. When at names a run, it must be that one.
func (c *Control) newest(ctx context.Context, at workflow.RunKey) (*decide.Run, error) {
	if !workflow.Inline(at.Workflow) { // the body of a loop has no head
		head, _, err := c.head(ctx, at.Workflow)
		if err != nil {
			return nil, err
		}
		if at.Instance < head.First {
			return nil, workflow.Errorf(workflow.CodeNotFound, "workflow %q has no instance %d", at.Workflow, at.Instance)
		}
	}
	run, err := c.LoadLatest(ctx, at.Workflow, at.Instance)
	switch {
	case err != nil:
		return nil, err
	case at.Run > run.Key.Run:
		return nil, workflow.Errorf(workflow.CodeNotFound, "there is no run %s", at)
	case at.Run != 0 && at.Run < run.Key.Run:
		return nil, workflow.Errorf(workflow.CodeInvalid, "only the newest run of an instance can be acted on: here that is run %d", run.Key.Run)
	}
	return run, nil
}

// act commits an order, and sends what follows from it. An order that changes nothing sends it again: whoever gave it
// first may have died before he did.
func (c *Control) act(ctx context.Context, key workflow.RunKey, order func(*decide.Turn) error) (*decide.Run, error) {
	v, err := c.Visit(ctx, key, order)
	if err != nil {
		return nil, err
	}
	return v.Run, c.Follow(ctx, v, hint.Message{Reason: hint.ReasonAction, Again: !v.Committed}, nil)
}

// How long a caller waits for the effect of an action, and how often he looks.
const (
	patience = 5 * time.Second
	glance   = 500 * time.Millisecond
)

// await looks at a run until it is as it should be. It returns CodeTimeout when that takes too long.
func (c *Control) await(ctx context.Context, key workflow.RunKey, done func(*decide.Run) bool) (*decide.Run, error) {
	until := c.Clock.Now().Add(patience)
	for {
		run, err := c.LoadRun(ctx, key)
		if err != nil || done(run) {
			return run, err
		}
		if !c.Clock.Now().Before(until) {
			return nil, workflow.Errorf(workflow.CodeTimeout, "the action is accepted, but took no effect within %s; it goes on", patience)
		}
		if err := c.Clock.Sleep(ctx, glance); err != nil {
			return nil, workflow.Errorf(workflow.CodeUnavailable, "interrupted: %w", err)
		}
	}
}

// note puts a line on the timeline of a workflow.
func (c *Control) note(ctx context.Context, wf workflow.ID, who Who, text string) error {
	if who.Reason != "" {
		text += ": " + who.Reason
	}
	at := c.Clock.Now().UnixMilli()
	return c.put(ctx, record.NoteKey(wf, at, c.NewID()), record.TimelineNote{Author: who.User.Name, Log: text, At: at})
}

func (c *Control) put(ctx context.Context, key store.Key, body any) error {
	err := c.Store.Put(ctx, store.Write{Item: store.Item{Key: key, Body: record.Encode(body)}, If: store.Any})
	return unavailable(err)
}

func (c *Control) remove(ctx context.Context, key store.Key) error {
	return unavailable(c.Store.Put(ctx, store.Write{Item: store.Item{Key: key}, If: store.Any}))
}

func unavailable(err error) error {
	if err == nil {
		return nil
	}
	return &workflow.Error{Code: workflow.CodeUnavailable, Text: "the store did not answer", Cause: err}
}

// Ending is an action that ends things.
type Ending string

// The endings; SKIP is for steps only.
const (
	Stop Ending = "STOP"
	Kill Ending = "KILL"
	Skip Ending = "SKIP"
)

// instance returns what the ending brings an instance to.
func (e Ending) instance() workflow.InstanceStatus {
	if e == Kill {
		return workflow.InstanceFailed
	}
	return workflow.InstanceStopped
}
