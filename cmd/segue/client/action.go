package client

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"

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

// why is the body of an action.
type why struct {
	Reason string `json:"reason,omitempty"`
}

// Act asks for an action: stop, kill, skip, pause, resume or unblock.
func (c *Client) Act(ctx context.Context, on Target, action, reason string) (*Acted, error) {
	body, err := json.Marshal(why{reason})
	if err != nil {
		return nil, err
	}
	return c.act(ctx, http.MethodPut, on.path(action), body)
}

// Restart runs an instance again, or one step of it, by a policy.
func (c *Client) Restart(ctx context.Context, on Target, policy, reason string) (*Acted, error) {
	body, err := json.Marshal(map[string]string{"restart_policy": policy})
	if err != nil {
		return nil, err
	}
	return c.act(ctx, http.MethodPost, on.path("restart")+reasonQuery(reason), body)
}

// ResumeAttempt lets the newest attempt of a step go on that a breakpoint stopped.
func (c *Client) ResumeAttempt(ctx context.Context, on Target, reason string) (*Acted, error) {
	run, err := c.LatestRun(ctx, on.Workflow, on.Instance)
	if err != nil {
		return nil, err
	}
	attempt, err := c.Attempt(ctx, workflow.RunKey{Workflow: on.Workflow, Instance: on.Instance, Run: run.Run}, on.Step)
	if err != nil {
		return nil, err
	}
	if attempt.Attempt == 0 {
		return nil, fmt.Errorf("step %s of %s instance %d was not created yet", on.Step, on.Workflow, on.Instance)
	}
	body, err := json.Marshal(why{reason})
	if err != nil {
		return nil, err
	}
	return c.act(ctx, http.MethodPut, breakpoints+path(on.Workflow, "instances", on.Instance, "runs", run.Run, "steps", on.Step,
		"attempts", attempt.Attempt, "actions", "resume"), body)
}

const breakpoints = "/workflows/steps/breakpoints"

// Breakpoint names the attempts of a step that it stops; a number that is 0 matches all.
type Breakpoint struct {
	Workflow workflow.ID     `json:"workflow_id"`
	Step     workflow.StepID `json:"step_id"`
	Version  int64           `json:"workflow_version,omitempty"`
	Instance int64           `json:"workflow_instance_id,omitempty"`
	Run      int64           `json:"workflow_run,omitempty"`
	Attempt  int64           `json:"step_attempt_id,omitempty"`
}

// SetBreakpoint stops the attempts that it names from now on.
func (c *Client) SetBreakpoint(ctx context.Context, b Breakpoint) (*Acted, error) {
	body, err := json.Marshal(b)
	if err != nil {
		return nil, err
	}
	return c.act(ctx, http.MethodPost, breakpoints, body)
}

// DeleteBreakpoint takes a breakpoint away; with resume what it stopped goes on.
func (c *Client) DeleteBreakpoint(ctx context.Context, b Breakpoint, resume bool) (*Acted, error) {
	query := url.Values{"workflowId": {b.Workflow}, "stepId": {b.Step}, "resume": {strconv.FormatBool(resume)}}
	for name, n := range map[string]int64{"workflowVersion": b.Version, "workflowInstanceId": b.Instance, "workflowRun": b.Run, "stepAttemptId": b.Attempt} {
		if n != 0 {
			query.Set(name, strconv.FormatInt(n, 10))
		}
	}
	return c.act(ctx, http.MethodDelete, breakpoints+"?"+query.Encode(), nil)
}

// Stop is a breakpoint that is set, or an attempt that one stopped; a number that is 0 matches all.
type Stop struct {
	Version  int64  `json:"workflow_version_id"`
	Instance int64  `json:"workflow_instance_id"`
	Run      int64  `json:"workflow_run_id"`
	Attempt  int64  `json:"step_attempt_id"`
	Author   string `json:"author"`
	Time     int64  `json:"create_time"` // epoch milliseconds
}

// Scope says which attempts it is about.
func (s Stop) Scope() workflow.Scope {
	return workflow.Scope{Version: s.Version, Instance: s.Instance, Run: s.Run, Attempt: s.Attempt}
}

// Breakpoints lists the breakpoints of a step, and the attempts that they stopped.
func (c *Client) Breakpoints(ctx context.Context, wf workflow.ID, step workflow.StepID) (set, stopped []Stop, err error) {
	query := "?" + url.Values{"workflowId": {wf}, "stepId": {step}}.Encode()
	for where, into := range map[string]*[]Stop{breakpoints: &set, breakpoints + "/paused-step-attempts": &stopped} {
		list, err := get[[]Stop](ctx, c, where+query)
		if err != nil {
			return nil, nil, err
		}
		*into = *list
	}
	return set, stopped, nil
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
