package view

import (
	"github.com/segue-workflows/segue/shared/engine/decide"
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

// Aggregate lays a run over what the runs before it came to (nil: there is none, or they do not count). covers
// tells whether the run has a step; what it has not keeps its earlier state. nil: it has all of them.
func Aggregate(previous *Aggregated, run *decide.Run, covers func(ordinal int) bool) *Aggregated {
	out := &Aggregated{Steps: &workflow.Ordered[*StepOutcome]{}}
	for i, definition := range run.Definition.Steps {
		step := &run.State.Steps[i]
		if covers != nil && !covers(i) {
			before := &StepOutcome{Status: workflow.NotCreated}
			if previous != nil {
				if known, ok := previous.Steps.Get(definition.ID); ok {
					before = known
				}
			}
			out.Steps.Set(definition.ID, before)
			continue
		}
		outcome := &StepOutcome{Status: step.Status, Start: step.Start, End: step.End}
		if step.Status != workflow.NotCreated {
			outcome.Run = run.Key.Run
		}
		out.Steps.Set(definition.ID, outcome)
	}
	out.Status = aggregateStatus(previous, run.State.Status, out.Steps)
	return out
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
