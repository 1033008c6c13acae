package catalog

import (
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// mergePush lays the properties of a push over the current ones. Run strategy, step concurrency and alerting
// are replaced, so they become unset when the push has properties without them; everything else keeps its
// value when absent. A push without properties changes nothing.
func mergePush(current, pushed *workflow.Properties) *workflow.Properties {
	out := overlay(current, pushed)
	if pushed != nil {
		out.RunStrategy, out.StepConcurrency, out.Alerting = pushed.RunStrategy, pushed.StepConcurrency, pushed.Alerting
	}
	return out
}

// mergeUpdate lays an update over the current properties: what is absent keeps its value, and only an
// explicit reset unsets.
func mergeUpdate(current *workflow.Properties, update *workflow.PropertiesUpdate) *workflow.Properties {
	out := overlay(current, &update.Properties)
	if update.ResetRunStrategyRule {
		out.RunStrategy = nil
	}
	if s := out.RunStrategy; update.ResetWorkflowConcurrency && s != nil && s.Rule == workflow.Parallel {
		out.RunStrategy = &workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: workflow.DefaultParallel}
	}
	if update.ResetStepConcurrency {
		out.StepConcurrency = nil
	}
	return out
}

// overlay returns a copy of current in which what is set in over takes the place of what was. Tags are never
// part of it: they have endpoints of their own.
func overlay(current, over *workflow.Properties) *workflow.Properties {
	out := &workflow.Properties{}
	if current != nil {
		*out = *current
	}
	if over == nil {
		return out
	}
	replace(&out.Owner, over.Owner)
	replace(&out.RunStrategy, over.RunStrategy)
	replace(&out.StepConcurrency, over.StepConcurrency)
	replace(&out.MaxQueued, over.MaxQueued)
	replace(&out.Alerting, over.Alerting)
	replace(&out.AlertingDisabled, over.AlertingDisabled)
	replace(&out.SignalTriggerDisabled, over.SignalTriggerDisabled)
	replace(&out.TimeTriggerDisabled, over.TimeTriggerDisabled)
	if over.AccessControl != nil {
		out.AccessControl = over.AccessControl
	}
	if over.Description != "" {
		out.Description = over.Description
	}
	return out
}

func replace[T any](value **T, by *T) {
	if by != nil {
		*value = by
	}
}

// govern lets a head follow the properties.
func govern(head *strategy.Head, p *workflow.Properties) {
	head.Strategy, head.MaxQueued = strategyOf(p), 0
	if p.MaxQueued != nil {
		head.MaxQueued = *p.MaxQueued
	}
}

// strategyOf returns the run strategy that holds under the properties.
func strategyOf(p *workflow.Properties) workflow.RunStrategy {
	if p.RunStrategy == nil {
		return workflow.DefaultRunStrategy
	}
	return *p.RunStrategy
}
