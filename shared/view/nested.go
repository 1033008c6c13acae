package view

import (
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Names of the artifacts that tell of the instances a step started.
const (
	ForeachArtifact     = "maestro_foreach"
	WhileArtifact       = "maestro_while"
	SubworkflowArtifact = "maestro_subworkflow"
)

// Foreach is the artifact of a foreach step.
type Foreach struct {
	Type       string           `json:"type"` // FOREACH
	WorkflowID workflow.ID      `json:"foreach_workflow_id"`
	Identity   string           `json:"foreach_identity"`
	ForeachRun int64            `json:"foreach_run_id"`
	Policy     string           `json:"run_policy"`
	Run        int64            `json:"run_id"`
	Ancestor   int64            `json:"ancestor_iteration_count,omitempty"` // how many iterations an earlier attempt let begin
	Total      int64            `json:"total_loop_count"`
	Next       int64            `json:"next_loop_index"` // from 0: how many iterations were let begin
	Overview   *ForeachOverview `json:"foreach_overview"`
	Pending    *ForeachAction   `json:"pending_action,omitempty"`
}

// ForeachAction is the restart of an iteration while its loop goes on, until the new run of that is there.
type ForeachAction struct {
	Instance int64          `json:"instance_id"`
	Run      int64          `json:"instance_run_id"` // that is restarted
	Restart  *RestartConfig `json:"restart_config,omitempty"`
	Action   string         `json:"action"` // RESTART
	User     *workflow.User `json:"user,omitempty"`
}

// NewForeachAction makes the document of a restart of an iteration of the workflow body.
func NewForeachAction(body workflow.ID, again record.Again) *ForeachAction {
	out := &ForeachAction{Instance: again.Iteration, Run: again.Run - 1, Action: "RESTART"}
	if r := again.Restart; r != nil {
		out.User = r.By
		out.Restart = &RestartConfig{Path: []RestartNode{{body, again.Iteration, r.Step}}, Policy: r.Policy, By: r.By,
			Params: r.RestartParams, StepParams: r.StepParams, SkipSteps: r.SkipSteps}
	}
	return out
}

// ForeachOverview is where the iterations of a foreach step stand. Those that have ended and those that have not are
// told apart.
type ForeachOverview struct {
	Checkpoint    int64                         `json:"checkpoint"` // every iteration up to it has ended
	Stats         *workflow.Ordered[int64]      `json:"stats,omitzero"`
	RunningStats  *workflow.Ordered[int64]      `json:"running_stats,omitzero"`
	Rollup        *Rollup                       `json:"rollup,omitempty"`
	RunningRollup *Rollup                       `json:"running_rollup,omitempty"`
	Details       *workflow.Ordered[*Intervals] `json:"details,omitzero"`
	Restarted     *Intervals                    `json:"restart_info,omitempty"` // iterations that run again, or did, one by one
}

// While is the artifact of a while step.
type While struct {
	Type       string                   `json:"type"` // WHILE
	WorkflowID workflow.ID              `json:"loop_workflow_id"`
	Identity   string                   `json:"loop_identity"`
	LoopRun    int64                    `json:"loop_run_id"`
	Policy     string                   `json:"run_policy"`
	Run        int64                    `json:"run_id"`
	First      int64                    `json:"first_iteration"`
	Last       int64                    `json:"last_iteration"`
	LastStatus workflow.InstanceStatus  `json:"last_status,omitempty"`
	LastView   *Overview                `json:"last_overview,omitempty"`
	Rollup     *Rollup                  `json:"rollup,omitempty"`
	Values     *workflow.Ordered[[]any] `json:"loop_param_values,omitzero"`
}

// Subworkflow is what is added to the artifact of a subworkflow step when it is read.
type Subworkflow struct {
	Overview *Overview `json:"subworkflow_overview,omitempty"`
}

// Stats counts iterations by how they ended.
func Stats(ends record.Ends) *workflow.Ordered[int64] {
	out := &workflow.Ordered[int64]{}
	for _, end := range []record.End{record.Failed, record.Stopped, record.Succeeded, record.TimedOut} {
		if n := ends.Of(end); n > 0 {
			out.Set(string(end.Status()), n)
		}
	}
	return out
}
