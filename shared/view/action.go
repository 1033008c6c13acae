package view

import (
	"fmt"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/workflow"
)

// InstanceActions returns which actions an instance allows in each status.
func InstanceActions() *workflow.Ordered[[]string] {
	out := &workflow.Ordered[[]string]{}
	for _, status := range workflow.InstanceStatuses {
		switch {
		case !status.Terminal():
			out.Set(string(status), []string{"STOP", "KILL"})
		case status == workflow.InstanceFailed:
			out.Set(string(status), []string{"RESTART", "UNBLOCK"})
		default:
			out.Set(string(status), []string{"RESTART"})
		}
	}
	return out
}

// StepActions returns which actions a step allows in each status.
func StepActions() *workflow.Ordered[[]string] {
	out := &workflow.Ordered[[]string]{}
	for _, status := range workflow.StepStatuses() {
		out.Set(status.String(), append([]string{}, decide.StepActions(status)...))
	}
	return out
}

// Started is the answer to a start.
type Started struct {
	WorkflowID workflow.ID    `json:"workflow_id"`
	VersionID  int64          `json:"workflow_version_id"`
	InstanceID int64          `json:"workflow_instance_id"`
	RunID      int64          `json:"workflow_run_id"`
	UUID       string         `json:"workflow_uuid"`
	Status     string         `json:"status"` // CREATED, DUPLICATED or STOPPED
	Event      workflow.Event `json:"timeline_event"`
}

// NewStarted makes the answer to a start by a user.
func NewStarted(started trigger.Started, user workflow.User, now int64) *Started {
	key := started.Key
	out := &Started{WorkflowID: key.Workflow, VersionID: started.Version, InstanceID: key.Instance, RunID: key.Run, UUID: started.UUID}
	var text string
	switch {
	case started.Duplicated:
		out.Status, text = "DUPLICATED", "the request id had started this run before"
	case started.Stopped:
		out.Status, text = "STOPPED", "the run strategy turned the run away; its timeline says why"
	default:
		out.Status, text = "CREATED", fmt.Sprintf("user %q started the run", user.Name)
	}
	out.Event = workflow.LogEvent(now, text)
	return out
}
