package client

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Start asks for a new instance.
type Start struct {
	RequestID string           `json:"request_id,omitempty"`
	RunParams *workflow.Params `json:"run_params,omitzero"`
	Initiator struct {
		Type string `json:"type"`
	} `json:"initiator"`
}

// Started is the answer to a Start.
type Started struct {
	WorkflowID workflow.ID `json:"workflow_id"`
	Version    int64       `json:"workflow_version_id"`
	Instance   int64       `json:"workflow_instance_id"`
	Run        int64       `json:"workflow_run_id"`
	UUID       string      `json:"workflow_uuid"`
	Status     string      `json:"status"` // CREATED, DUPLICATED, STOPPED
}

// Start starts an instance of a version: active, latest, default or a number.
func (c *Client) Start(ctx context.Context, wf workflow.ID, version string, start Start) (*Started, error) {
	start.Initiator.Type = workflow.InitiatorManual
	body, err := json.Marshal(start)
	if err != nil {
		return nil, err
	}
	answer, err := c.call(ctx, http.MethodPost, path("workflows", wf, "versions", version, "actions", "start"), jsonType, body)
	if err != nil {
		return nil, err
	}
	return decode[Started](c, answer)
}

// Run is one run of an instance.
type Run struct {
	WorkflowID workflow.ID             `json:"workflow_id"`
	Instance   int64                   `json:"workflow_instance_id"`
	Run        int64                   `json:"workflow_run_id"`
	Version    int64                   `json:"workflow_version_id"`
	Status     workflow.InstanceStatus `json:"status"`
	Created    int64                   `json:"create_time"`
	Start      int64                   `json:"start_time"`
	End        int64                   `json:"end_time"`
	Workflow   *Workflow               `json:"runtime_workflow"`
	Timeline   workflow.Timeline       `json:"timeline"`
	Overview   RunOverview             `json:"runtime_overview"`
	Waiting    string                  `json:"waiting_reason"` // why it has not begun
}

// Attempt is the latest attempt of a step in a run; number 0 when the step was not created yet.
type Attempt struct {
	Step      workflow.StepID   `json:"step_id"`
	Attempt   int64             `json:"step_attempt_id"`
	State     State             `json:"runtime_state"`
	Artifacts Artifacts         `json:"artifacts"`
	Timeline  workflow.Timeline `json:"timeline"`
	Waiting   string            `json:"waiting_reason"` // why it does not go on
}

// State is the status of an attempt and its times, in epoch milliseconds; 0 when not reached.
type State struct {
	Status workflow.StepStatus `json:"status"`
	Create int64               `json:"create_time"`
	Start  int64               `json:"start_time"`
	End    int64               `json:"end_time"`
}

// LatestRun returns the newest run of an instance.
func (c *Client) LatestRun(ctx context.Context, wf workflow.ID, instance int64) (*Run, error) {
	return get[Run](ctx, c, path("workflows", wf, "instances", instance, "runs", "latest"))
}

// LoadRun returns a run of an instance; its overview counts leaves, and names none.
func (c *Client) LoadRun(ctx context.Context, key workflow.RunKey) (*Run, error) {
	return get[Run](ctx, c, path("workflows", key.Workflow, "instances", key.Instance, "runs", key.Run)+"?references=false")
}

// Attempts returns the latest attempt of every step of the run.
func (c *Client) Attempts(ctx context.Context, key workflow.RunKey) ([]Attempt, error) {
	attempts, err := get[[]Attempt](ctx, c, path("workflows", key.Workflow, "instances", key.Instance, "runs", key.Run, "steps"))
	if err != nil {
		return nil, err
	}
	return *attempts, nil
}
