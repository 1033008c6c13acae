package view

import (
	"fmt"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Names of actions.
const (
	Pause   = "PAUSE"
	Resume  = "RESUME"
	Stop    = "STOP"
	Kill    = "KILL"
	Skip    = "SKIP"
	Restart = "RESTART"
	Unblock = "UNBLOCK"
	Bypass  = "BYPASS_STEP_DEPENDENCIES"
)

// InstanceActions returns which actions an instance allows in each status.
func InstanceActions() *workflow.Ordered[[]string] {
	out := &workflow.Ordered[[]string]{}
	for _, status := range workflow.InstanceStatuses {
		switch {
		case !status.Terminal():
			out.Set(string(status), []string{Stop, Kill})
		case status == workflow.InstanceFailed:
			out.Set(string(status), []string{Restart, Unblock})
		default:
			out.Set(string(status), []string{Restart})
		}
	}
	return out
}

// StepActions returns which actions a step allows in each status.
func StepActions() *workflow.Ordered[[]string] {
	out := &workflow.Ordered[[]string]{}
	for _, status := range workflow.StepStatuses() {
		out.Set(status.String(), stepActions(status))
	}
	return out
}

func stepActions(status workflow.StepStatus) []string {
	switch status {
	case workflow.NotCreated:
		return []string{}
	case workflow.Created:
		return []string{Pause, Stop, Kill}
	case workflow.Initialized:
		return []string{Pause, Stop, Kill, Skip}
	case workflow.Paused:
		return []string{Resume, Stop, Kill, Skip}
	case workflow.WaitingForSignals:
		return []string{Stop, Kill, Skip, Bypass}
	case workflow.Disabled, workflow.Unsatisfied:
		return []string{Restart}
	}
	if status.Live() {
		return []string{Stop, Kill, Skip}
	}
	return []string{Restart, Skip}
}

// Started is the answer to a start.
type Started struct {
	WorkflowID workflow.ID    `json:"workflow_id"`
	VersionID  int64          `json:"workflow_version_id"`
	InstanceID int64          `json:"workflow_instance_id"`
	RunID      int64          `json:"workflow_run_id"`
	UUID       string         `json:"workflow_uuid"`
	Status     string         `json:"status"` // CREATED or DUPLICATED
	Event      workflow.Event `json:"timeline_event"`
}

// NewStarted makes the answer to a start by a user.
func NewStarted(key workflow.RunKey, version int64, uuid string, duplicated bool, user workflow.User, now int64) *Started {
	out := &Started{WorkflowID: key.Workflow, VersionID: version, InstanceID: key.Instance, RunID: key.Run, UUID: uuid, Status: "CREATED"}
	text := fmt.Sprintf("user %q started the instance", user.Name)
	if duplicated {
		out.Status = "DUPLICATED"
		text = "the request id had started this instance before"
	}
	out.Event = workflow.LogEvent(now, text)
	return out
}
