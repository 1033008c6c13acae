package definition

import (
	"encoding/json"

	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

var propertiesShape = &document.Shape[workflow.Properties]{
	What:    "properties",
	Fields:  propertyFields(func(p *workflow.Properties) *workflow.Properties { return p }),
	Refused: map[string]string{"tags": "the tags of a workflow's properties are changed with the property-tag endpoints only"},
}

type updateFields = map[string]func(*workflow.PropertiesUpdate, *document.Value)

var updateShape = &document.Shape[workflow.PropertiesUpdate]{
	What:    "a properties update",
	Fields:  withResets(propertyFields(func(u *workflow.PropertiesUpdate) *workflow.Properties { return &u.Properties })),
	Refused: propertiesShape.Refused,
}

func withResets(fields updateFields) updateFields {
	fields["reset_run_strategy_rule"] = func(u *workflow.PropertiesUpdate, v *document.Value) { u.ResetRunStrategyRule = v.Flag() }
	fields["reset_workflow_concurrency"] = func(u *workflow.PropertiesUpdate, v *document.Value) { u.ResetWorkflowConcurrency = v.Flag() }
	fields["reset_step_concurrency"] = func(u *workflow.PropertiesUpdate, v *document.Value) { u.ResetStepConcurrency = v.Flag() }
	return fields
}

// readUpdate also refuses a value together with its own reset.
func readUpdate(v *document.Value) *workflow.PropertiesUpdate {
	update := &workflow.PropertiesUpdate{}
	if !updateShape.Read(v, update) {
		return update
	}
	for _, pair := range []struct {
		reset, value string
		both         bool
	}{
		{"reset_run_strategy_rule", "run_strategy", update.ResetRunStrategyRule && update.RunStrategy != nil},
		{"reset_workflow_concurrency", "run_strategy", update.ResetWorkflowConcurrency && update.RunStrategy != nil},
		{"reset_step_concurrency", "step_concurrency", update.ResetStepConcurrency && update.StepConcurrency != nil},
	} {
		if pair.both {
			v.Child(pair.reset).Fault("%s and %s exclude each other", pair.reset, pair.value)
		}
	}
	return update
}

func propertyFields[T any](of func(*T) *workflow.Properties) map[string]func(*T, *document.Value) {
	return map[string]func(*T, *document.Value){
		"owner": func(t *T, v *document.Value) { of(t).Owner = user(v) },
		"access_control": func(t *T, v *document.Value) {
			of(t).AccessControl, _ = json.Marshal(v.Any()) // a tree from a document always marshals
		},
		"run_strategy": func(t *T, v *document.Value) { of(t).RunStrategy = runStrategy(v) },
		"step_concurrency": func(t *T, v *document.Value) {
			limit := v.Int(1, workflow.MaxConcurrency)
			of(t).StepConcurrency = &limit
		},
		"max_queued": func(t *T, v *document.Value) {
			limit := v.Int(0, workflow.MaxQueued)
			of(t).MaxQueued = &limit
		},
		"alerting":                func(t *T, v *document.Value) { of(t).Alerting = readAlerting(v) },
		"alerting_disabled":       func(t *T, v *document.Value) { of(t).AlertingDisabled = flag(v) },
		"signal_trigger_disabled": func(t *T, v *document.Value) { of(t).SignalTriggerDisabled = flag(v) },
		"time_trigger_disabled":   func(t *T, v *document.Value) { of(t).TimeTriggerDisabled = flag(v) },
		"description":             func(t *T, v *document.Value) { of(t).Description = longText(v) },
	}
}

func flag(v *document.Value) *bool { set := v.Flag(); return &set }

var strategyRules = []string{workflow.Sequential, workflow.StrictSequential, workflow.FirstOnly, workflow.LastOnly,
	workflow.Parallel, workflow.SerialLatestOnly}

// runStrategy reads a rule, a number (that many in parallel), or an object with both.
func runStrategy(v *document.Value) *workflow.RunStrategy {
	strategy := &workflow.RunStrategy{}
	switch v.Kind {
	case document.String:
		strategy.Rule = v.Enum(strategyRules...)
	case document.Number:
		strategy.Rule, strategy.Concurrency = workflow.Parallel, v.Int(1, workflow.MaxConcurrency)
	case document.Object:
		strategyShape.Read(v, strategy)
	default:
		v.Fault("found %s, want a run strategy: a rule, a number of runs in parallel, or an object", v.Describe())
	}
	if strategy.Rule == "" {
		strategy.Rule = workflow.Sequential
	}
	if strategy.BlockOnAll && strategy.Rule != workflow.StrictSequential {
		v.Fault("block_on_unsuccessful needs the rule STRICT_SEQUENTIAL; nothing blocks %s", strategy.Rule)
	}
	switch {
	case strategy.Concurrency == 0 && strategy.Rule == workflow.Parallel:
		strategy.Concurrency = workflow.DefaultParallel
	case strategy.Concurrency == 0:
		strategy.Concurrency = 1
	case strategy.Concurrency > 1 && strategy.Rule != workflow.Parallel:
		v.Fault("workflow_concurrency %d needs the rule PARALLEL; %s runs one at a time", strategy.Concurrency, strategy.Rule)
	}
	return strategy
}

var strategyShape = &document.Shape[workflow.RunStrategy]{
	What: "a run strategy",
	Fields: map[string]func(*workflow.RunStrategy, *document.Value){
		"rule":                  func(s *workflow.RunStrategy, v *document.Value) { s.Rule = v.Enum(strategyRules...) },
		"workflow_concurrency":  func(s *workflow.RunStrategy, v *document.Value) { s.Concurrency = v.Int(1, workflow.MaxConcurrency) },
		"block_on_unsuccessful": func(s *workflow.RunStrategy, v *document.Value) { s.BlockOnAll = v.Flag() },
	},
}
