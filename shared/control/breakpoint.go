package control

import (
	"context"
	"errors"
	"fmt"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Breakpoint is the document of a breakpoint, or of an attempt that one stopped; absent numbers match all.
type Breakpoint struct {
	WorkflowID workflow.ID     `json:"workflow_id"`
	StepID     workflow.StepID `json:"step_id"`
	VersionID  int64           `json:"workflow_version_id,omitempty"`
	InstanceID int64           `json:"workflow_instance_id,omitempty"`
	RunID      int64           `json:"workflow_run_id,omitempty"`
	Attempt    int64           `json:"step_attempt_id,omitempty"`
	Author     string          `json:"author,omitempty"`
	CreateTime int64           `json:"create_time"`
}

func newBreakpoint(wf workflow.ID, b decide.Breakpoint) *Breakpoint {
	return &Breakpoint{WorkflowID: wf, StepID: b.Step, VersionID: b.Version, InstanceID: b.Instance, RunID: b.Run,
		Attempt: b.Attempt, Author: b.Author, CreateTime: b.At}
}

// SetBreakpoint stops the attempts of a step that match, from now on. Setting it again changes nothing. It returns
// CodeNotFound when there is no such workflow.
func (c *Control) SetBreakpoint(ctx context.Context, body *definition.Breakpoint, who Who) (*Breakpoint, error) {
	if _, _, err := c.head(ctx, body.Workflow); err != nil {
		return nil, err
	}
	wanted := scope(body)
	wanted.Author, wanted.At = who.User.Name, c.Clock.Now().UnixMilli()
	set, err := c.PutBreakpoint(ctx, body.Workflow, wanted)
	if err != nil {
		return nil, err
	}
	return newBreakpoint(body.Workflow, set), nil
}

func scope(b *definition.Breakpoint) decide.Breakpoint {
	return decide.Breakpoint{Step: b.Step, Version: b.Version, Instance: b.Instance, Run: b.Run, Attempt: b.Attempt}
}

// BreakpointsOf lists the breakpoints of a step. It returns CodeNotFound when there is no such workflow.
func (c *Control) BreakpointsOf(ctx context.Context, wf workflow.ID, step workflow.StepID) ([]*Breakpoint, error) {
	if _, _, err := c.head(ctx, wf); err != nil {
		return nil, err
	}
	list, err := c.ListBreakpoints(ctx, record.BreakpointRange(wf, step))
	out := make([]*Breakpoint, 0, len(list))
	for _, b := range list {
		out = append(out, newBreakpoint(wf, b))
	}
	return out, err
}

// BreakpointDeleted is the answer to the end of a breakpoint.
type BreakpointDeleted struct {
	WorkflowID workflow.ID     `json:"workflow_id"`
	StepID     workflow.StepID `json:"step_id"`
	Event      workflow.Event  `json:"timeline_event"`
}

// RemoveBreakpoint takes a breakpoint away; with resume the attempts that it matches go on, otherwise they stay paused.
// It returns CodeNotFound.
func (c *Control) RemoveBreakpoint(ctx context.Context, body *definition.Breakpoint, resume bool, who Who) (*BreakpointDeleted, error) {
	if _, _, err := c.head(ctx, body.Workflow); err != nil {
		return nil, err
	}
	if err := c.DeleteBreakpoint(ctx, body.Workflow, scope(body)); err != nil {
		return nil, err
	}
	text := "deleted the breakpoint; what it stopped stays paused"
	if resume {
		n, err := c.resumeAll(ctx, body, who)
		if err != nil {
			return nil, err
		}
		text = fmt.Sprintf("deleted the breakpoint; %d attempts go on", n)
	}
	return &BreakpointDeleted{body.Workflow, body.Step, c.event("DELETE", who, text)}, nil
}

func (c *Control) resumeAll(ctx context.Context, body *definition.Breakpoint, who Who) (resumed int, err error) {
	paused, err := c.PausedAttempts(ctx, body.Workflow, body.Step)
	if err != nil {
		return 0, err
	}
	for _, p := range paused {
		if !matches(body, p) {
			continue
		}
		key := workflow.AttemptKey{RunKey: workflow.RunKey{Workflow: p.WorkflowID, Instance: p.InstanceID, Run: p.RunID}, Step: p.StepID, Attempt: p.Attempt}
		run, err := c.LoadRun(ctx, key.RunKey)
		if err != nil {
			return resumed, err
		}
		i, _ := run.Definition.Graph.Index(key.Step)
		if _, err = c.resume(ctx, key, i, who); err == nil {
			resumed++
		} else if !errors.Is(err, workflow.ErrInvalid) { // somebody else was faster
			return resumed, err
		}
	}
	return resumed, nil
}

func matches(b *definition.Breakpoint, p *Breakpoint) bool {
	same := func(wanted, got int64) bool { return wanted == 0 || wanted == got }
	return same(b.Version, p.VersionID) && same(b.Instance, p.InstanceID) && same(b.Run, p.RunID) && same(b.Attempt, p.Attempt)
}

// PausedAttempts lists the attempts of a step that breakpoints stopped. The list in the store may name attempts that
// went on since: those are left out, and taken off it. It returns CodeNotFound when there is no such workflow.
func (c *Control) PausedAttempts(ctx context.Context, wf workflow.ID, step workflow.StepID) ([]*Breakpoint, error) {
	if _, _, err := c.head(ctx, wf); err != nil {
		return nil, err
	}
	out := []*Breakpoint{}
	for r := record.PausedRange(wf, step); ; {
		items, next, err := c.Store.List(ctx, r)
		if err != nil {
			return nil, unavailable(err)
		}
		for _, item := range items {
			key, err := record.ParsePausedKey(item.Key)
			if err != nil {
				return nil, err
			}
			paused, err := c.pausedAttempt(ctx, key)
			if err != nil {
				return nil, err
			}
			if paused != nil {
				out = append(out, paused)
			}
		}
		if next == "" {
			return out, nil
		}
		r.From = next
	}
}

// pausedAttempt returns the document of an attempt, nil when it is not paused.
func (c *Control) pausedAttempt(ctx context.Context, key workflow.AttemptKey) (*Breakpoint, error) {
	run, err := c.LoadRun(ctx, key.RunKey)
	if errors.Is(err, workflow.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	i, ok := run.Definition.Graph.Index(key.Step)
	if !ok {
		return nil, nil
	}
	state := &run.State.Steps[i]
	if state.Attempt > key.Attempt || state.Status.Terminal() {
		return nil, c.remove(ctx, record.PausedKey(decide.HomeOf(run.Key, run.Header), key)) // it can never be paused again
	}
	if state.Attempt != key.Attempt || state.Status != workflow.Paused {
		return nil, nil // listed before the commit that pauses it
	}
	out := &Breakpoint{WorkflowID: key.Workflow, StepID: key.Step, VersionID: run.Header.Version, InstanceID: key.Instance,
		RunID: key.Run, Attempt: key.Attempt}
	at, n := run.DetailAt(i)
	detail, err := c.Detail(ctx, at, n, i)
	if err != nil {
		return nil, err
	}
	for _, move := range detail.Moves {
		if move.To == workflow.Paused {
			out.CreateTime = move.At
		}
	}
	return out, nil
}
