package client

import (
	"context"
	"encoding/json"
	"net/http"
	"net/url"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Target is what an action is about: a workflow, one of its instances, or a step of that.
type Target struct {
	Workflow workflow.ID
	Instance int64           // 0: the whole workflow
	Step     workflow.StepID // "": the whole instance
}

// Acted is the server's answer to an action.
type Acted struct {
	Event struct {
		Message string `json:"message"`
	} `json:"timeline_event"`
	Message string          `json:"message"` // of an action on a whole workflow, whose answer is an event
	Raw     json.RawMessage `json:"-"`       // all of it
}

// Text returns what the server says that it did.
func (a *Acted) Text() string {
	if a.Message != "" {
		return a.Message
	}
	return a.Event.Message
}

// Act asks for an action: stop, kill, skip, pause, resume or unblock.
func (c *Client) Act(ctx context.Context, on Target, action, reason string) (*Acted, error) {
	body, err := json.Marshal(struct {
		Reason string `json:"reason,omitempty"`
	}{reason})
	if err != nil {
		return nil, err
	}
	return c.act(ctx, http.MethodPut, on.path(action), body)
}

// Restart runs an instance again, or one step of it, by a policy.
func (c *Client) Restart(ctx context.Context, on Target, policy string) (*Acted, error) {
	body, err := json.Marshal(map[string]string{"restart_policy": policy})
	if err != nil {
		return nil, err
	}
	return c.act(ctx, http.MethodPost, on.path("restart"), body)
}

const breakpoints = "/workflows/steps/breakpoints"

// SetBreakpoint stops the attempts of a step from now on.
func (c *Client) SetBreakpoint(ctx context.Context, wf workflow.ID, step workflow.StepID) (*Acted, error) {
	body, err := json.Marshal(map[string]string{"workflow_id": wf, "step_id": step})
	if err != nil {
		return nil, err
	}
	return c.act(ctx, http.MethodPost, breakpoints, body)
}

// DeleteBreakpoint lets a step go on again, and what it stopped.
func (c *Client) DeleteBreakpoint(ctx context.Context, wf workflow.ID, step workflow.StepID) (*Acted, error) {
	query := url.Values{"workflowId": {wf}, "stepId": {step}}
	return c.act(ctx, http.MethodDelete, breakpoints+"?"+query.Encode(), nil)
}

func (c *Client) act(ctx context.Context, method, path string, body []byte) (*Acted, error) {
	answer, err := c.call(ctx, method, path, jsonType, body)
	if err != nil {
		return nil, err
	}
	out, err := decode[Acted](c, answer)
	if err == nil {
		out.Raw = answer
	}
	return out, err
}

func (t Target) path(action string) string {
	parts := []any{"workflows", t.Workflow}
	if t.Instance != 0 {
		parts = append(parts, "instances", t.Instance)
	}
	if t.Step != "" {
		parts = append(parts, "steps", t.Step)
	}
	return path(append(parts, "actions", action)...)
}
