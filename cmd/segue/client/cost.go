package client

import (
	"context"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Cost is what the orchestration of an instance is billed as.
type Cost struct {
	WorkflowID workflow.ID `json:"workflow_id"`
	InstanceID int64       `json:"workflow_instance_id"`
	Runs       int64       `json:"runs"`
	Commits    int64       `json:"commits"`
	Own        Units       `json:"own_units"`  // of it alone
	Most       Units       `json:"most_units"` // if it had shared nothing with others
	Partial    bool        `json:"partial"`
}

// Units is what is billed.
type Units struct {
	Writes       int64 `json:"write_units"`
	Reads        int64 `json:"read_units"`
	Requests     int64 `json:"queue_requests"`
	Invocations  int64 `json:"invocations"`
	Milliseconds int64 `json:"invocation_milliseconds"`
}

// Cost returns what an instance cost so far.
func (c *Client) Cost(ctx context.Context, wf workflow.ID, instance int64) (*Cost, error) {
	return get[Cost](ctx, c, path("workflows", wf, "instances", instance, "cost"))
}
