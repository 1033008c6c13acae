package catalog

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Activation is the answer to Activate and Deactivate.
type Activation struct {
	WorkflowID string         `json:"workflow_id"`
	VersionID  int64          `json:"workflow_version_id"`
	Event      workflow.Event `json:"timeline_event"`
}

// Activate makes a version (latest, default or a number) the active one. It returns CodeNotFound and CodeUnavailable.
func (c *Catalog) Activate(ctx context.Context, user workflow.User, wf workflow.ID, version string) (*Activation, error) {
	var text string
	number, err := c.decide(ctx, user, wf, func(p *place) (int64, string, error) {
		number, err := p.resolve(version)
		if err != nil {
			return 0, "", err
		}
		before := "there was no active version before"
		if p.head.Active != 0 {
			before = fmt.Sprintf("the active version before was %d", p.head.Active)
		}
		p.head.Active, p.head.ActiveAt, p.head.ActiveBy = number, c.now(), user.Name
		text = fmt.Sprintf("activated version %d; %s", number, before)
		return number, text, nil
	})
	if err != nil {
		return nil, err
	}
	return &Activation{wf, number, c.action("ACTIVATE", user, text)}, nil
}

// Deactivate leaves a workflow without an active version. It returns CodeNotFound, CodeInvalid when there is none
// already, and CodeUnavailable.
func (c *Catalog) Deactivate(ctx context.Context, user workflow.User, wf workflow.ID) (*Activation, error) {
	var text string
	number, err := c.decide(ctx, user, wf, func(p *place) (int64, string, error) {
		number := p.head.Active
		if number == 0 {
			return 0, "", workflow.Errorf(workflow.CodeInvalid, "workflow %q has no active version", wf)
		}
		p.head.Active, p.head.ActiveAt, p.head.ActiveBy = 0, 0, ""
		text = fmt.Sprintf("deactivated the workflow; its active version was %d", number)
		return number, text, nil
	})
	if err != nil {
		return nil, err
	}
	return &Activation{wf, number, c.action("DEACTIVATE", user, text)}, nil
}

// Delete marks a workflow as deleted. It returns CodeNotFound, CodeInvalid while an instance is not terminal, and
// CodeUnavailable.
func (c *Catalog) Delete(ctx context.Context, user workflow.User, wf workflow.ID) (workflow.Event, error) {
	const text = "deleted the workflow"
	_, err := c.decide(ctx, user, wf, func(p *place) (int64, string, error) {
		busy, err := c.settle(ctx, p)
		if err != nil {
			return 0, "", err
		}
		if busy > 0 {
			return 0, "", workflow.Errorf(workflow.CodeInvalid,
				"workflow %q has non-terminal instances (%d); stop them before you delete it", wf, busy)
		}
		p.head.Deleted, p.head.Active, p.head.ActiveAt, p.head.ActiveBy = true, 0, 0, ""
		return 0, text, nil
	})
	if err != nil {
		return workflow.Event{}, err
	}
	return c.action("DELETE", user, text), nil
}

// decide lets edit change the head of an existing workflow, puts it, and tells what was done.
func (c *Catalog) decide(ctx context.Context, user workflow.User, wf workflow.ID,
	edit func(*place) (number int64, text string, err error)) (number int64, err error) {
	var timed bool
	var signalled bool
	err = c.Again(ctx, func() error {
		p, err := c.find(ctx, wf)
		if err != nil {
			return err
		}
		active := p.head.Active
		line := record.TimelineNote{Author: user.Name, At: c.now()}
		if number, line.Log, err = edit(p); err != nil {
			return err
		}
		p.head.ModifiedAt = line.At
		if timed, err = c.watchTimes(ctx, wf, active, p.head.Active); err != nil {
			return err
		}
		if signalled, err = c.watchSignals(ctx, wf, active, p.head.Active); err != nil {
			return err
		}
		line.Change = &record.WorkflowChange{Active: p.head.Active, Previous: active, Internal: p.head.InternalID, Deleted: p.head.Deleted}
		return c.put(ctx, p, p.head, line)
	})
	if err != nil {
		return 0, err
	}
	if err := c.lookAtTimes(ctx, wf, timed); err != nil {
		return 0, err
	}
	return number, c.listen(ctx, wf, signalled)
}

// settle takes runs that ended out of the head that was read, and returns how many are left. It stops counting
// what holds a place as soon as one of them is found at work.
func (c *Catalog) settle(ctx context.Context, p *place) (int, error) {
	if _, err := c.Verify(ctx, p.wf, p.head); err != nil {
		return 0, err
	}
	for _, ref := range append([]strategy.Ref(nil), p.head.Running...) {
		run, err := c.LoadRun(ctx, workflow.RunKey{Workflow: p.wf, Instance: ref.Instance, Run: ref.Run})
		if err != nil && !errors.Is(err, workflow.ErrNotFound) {
			return 0, err
		}
		if err != nil || !run.State.Status.Terminal() {
			break
		}
		p.head.End(advance.EndOf(run))
	}
	return p.head.Open(), nil
}

// checkStrategy refuses a rule that could not make sense of the runs that there are.
func (c *Catalog) checkStrategy(ctx context.Context, p *place, to workflow.RunStrategy) error {
	if !p.exists() || to.Rule == p.head.Strategy.Rule {
		return nil
	}
	copied := *p
	copied.head = p.head.Clone() // what settles here is not part of the change
	if _, err := c.settle(ctx, &copied); err != nil {
		return err
	}
	return strategy.CheckChange(copied.head, to)
}

// resolve finds the number of the version that is asked for: active, latest, default or a number.
func (p *place) resolve(version string) (int64, error) {
	switch version {
	case "active":
		if p.head.Active == 0 {
			return 0, workflow.Errorf(workflow.CodeNotFound, "workflow %q has no active version; activate one first", p.wf)
		}
		return p.head.Active, nil
	case "latest":
		return p.head.Latest, nil
	case "default":
		return p.head.Default(), nil
	}
	n, err := strconv.ParseInt(version, 10, 64)
	if err != nil || n < 1 {
		return 0, workflow.Errorf(workflow.CodeInvalid, "version %q is none of active, latest, default or a number", version)
	}
	if !p.head.HasVersion(n) {
		return 0, workflow.Errorf(workflow.CodeNotFound, "workflow %q has no version %d", p.wf, n)
	}
	return n, nil
}

// action is the event with which a use case answers.
func (c *Catalog) action(name string, user workflow.User, message string) workflow.Event {
	return workflow.Event{Timestamp: c.now(), Type: workflow.EventAction, Action: name, Author: &user, Message: message}
}
