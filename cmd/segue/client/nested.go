package client

import (
	"context"
	"encoding/json"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Artifacts are what a step tells of the instances that it started.
type Artifacts struct {
	Foreach     *Foreach     `json:"maestro_foreach"`
	While       *While       `json:"maestro_while"`
	Subworkflow *Subworkflow `json:"maestro_subworkflow"`
}

// Foreach is where the iterations of a foreach step stand.
type Foreach struct {
	Workflow workflow.ID `json:"foreach_workflow_id"`
	Total    int64       `json:"total_loop_count"`
	Next     int64       `json:"next_loop_index"` // how many were let begin
	Overview struct {
		Stats   map[workflow.InstanceStatus]int64      `json:"stats"`   // of those that ended
		Details map[workflow.InstanceStatus][]Interval `json:"details"` // of all; only where one step was asked for
	} `json:"foreach_overview"`
}

// Interval is the numbers from its first to its last.
type Interval [2]int64

// UnmarshalJSON reads a number, or the first and the last of several.
func (i *Interval) UnmarshalJSON(data []byte) error {
	var one int64
	if json.Unmarshal(data, &one) == nil {
		*i = Interval{one, one}
		return nil
	}
	return json.Unmarshal(data, (*[2]int64)(i))
}

// While is where the iterations of a while step stand.
type While struct {
	Workflow workflow.ID             `json:"loop_workflow_id"`
	Last     int64                   `json:"last_iteration"`
	Status   workflow.InstanceStatus `json:"last_status"`
}

// Subworkflow is the instance that a subworkflow step started.
type Subworkflow struct {
	Workflow workflow.ID `json:"subworkflow_id"`
	Instance int64       `json:"subworkflow_instance_id"`
	Run      int64       `json:"subworkflow_run_id"`
}

// Leaves returns how many leaf steps of all levels have which status; nil before the run began.
func (r *Run) Leaves() map[string]int64 {
	if r.Overview.Rollup.Total == 0 {
		return nil
	}
	out := map[string]int64{}
	for status, leaf := range r.Overview.Rollup.Overview {
		out[status] = leaf.Count
	}
	return out
}

// RunOverview counts the steps of a run.
type RunOverview struct {
	Rollup struct {
		Total    int64 `json:"total_leaf_count"`
		Overview map[string]struct {
			Count int64 `json:"cnt"`
		} `json:"overview"`
	} `json:"rollup_overview"`
}

// Attempt returns the latest attempt of one step of a run, with all that it tells of the instances that it started.
func (c *Client) Attempt(ctx context.Context, key workflow.RunKey, step workflow.StepID) (*Attempt, error) {
	return get[Attempt](ctx, c, path("workflows", key.Workflow, "instances", key.Instance, "runs", key.Run, "steps", step, "attempts", "latest"))
}
