package view

import (
	"slices"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Aggregated is the state of an instance over all its runs.
type Aggregated struct {
	Status workflow.InstanceStatus         `json:"workflow_instance_status"`
	Steps  *workflow.Ordered[*StepOutcome] `json:"step_aggregated_views"`
}

// StepOutcome is where a step stands, and in which run it came there.
type StepOutcome struct {
	Run    int64               `json:"workflow_run_id,omitempty"`
	Status workflow.StepStatus `json:"status"`
	Start  int64               `json:"start_time,omitempty"`
	End    int64               `json:"end_time,omitempty"`
}

// Aggregate returns where an instance stands after a run. The run itself carries the steps that it did not run as
// earlier runs left them; previous is what those came to, and only asked when some step was never created (nil: nothing).
func Aggregate(previous *Aggregated, run *decide.Run) *Aggregated {
	out := &Aggregated{Steps: &workflow.Ordered[*StepOutcome]{}}
	for i, definition := range run.Definition.Steps {
		step := &run.State.Steps[i]
		outcome := &StepOutcome{Status: step.Status, Start: step.Start, End: step.End}
		if step.Status != workflow.NotCreated {
			key, _ := run.DetailAt(i)
			outcome.Run = key.Run
		}
		out.Steps.Set(definition.ID, outcome)
	}
	out.Status = aggregateStatus(previous, run.State.Status, out.Steps)
	return out
}

// NeedsPrevious tells whether the aggregate of a run depends on what the runs before it came to.
func NeedsPrevious(run *decide.Run) bool {
	return run.Key.Run > 1 && run.Header.Policy != decide.FromBeginning && run.State.Status == workflow.InstanceSucceeded &&
		slices.ContainsFunc(run.State.Steps, func(s record.Step) bool { return s.Status == workflow.NotCreated })
}

func aggregateStatus(previous *Aggregated, current workflow.InstanceStatus, steps *workflow.Ordered[*StepOutcome]) workflow.InstanceStatus {
	if current != workflow.InstanceSucceeded {
		return current
	}
	seen := map[workflow.StepStatus]bool{}
	for _, step := range steps.All() {
		seen[step.Status] = true
	}
	switch {
	case seen[workflow.FatallyFailed], seen[workflow.InternallyFailed]:
		return workflow.InstanceFailed
	case seen[workflow.TimedOut]:
		return workflow.InstanceTimedOut
	case seen[workflow.Stopped]:
		return workflow.InstanceStopped
	case seen[workflow.NotCreated] && previous != nil:
		return previous.Status
	}
	return workflow.InstanceSucceeded
}
