package decide

import (
	"context"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/permit"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// RuntimeTag is the tag by which a deployment limits the jobs of a runtime type; a limit that is configured for it goes
// before the deployment's.
func RuntimeTag(runtimeType string) string { return "maestro_runtime_" + runtimeType }

// LimitedTags returns the tags of step i that limit how many execute at once: those with a configured limit, those
// by which the workflow limits itself, and that of its runtime where the deployment limits it.
func LimitedTags(ctx context.Context, facts Facts, settings Settings, run *Run, i int) ([]permit.Tag, error) {
	step := run.Definition.Steps[i]
	if !step.Leaf() {
		return nil, nil
	}
	var out []permit.Tag
	if n := run.Definition.Version.Workflow.InstanceStepConcurrency; n > 0 {
		out = append(out, permit.Tag{Name: "maestro_" + run.Header.CorrelationID, Inline: n})
	}
	if n := run.Header.Properties.StepConcurrency; n != nil {
		out = append(out, permit.Tag{Name: "maestro_" + HomeOf(run.Key, run.Header), Inline: *n})
	}
	if n := settings.Concurrency[step.RuntimeType()]; n > 0 {
		out = append(out, permit.Tag{Name: RuntimeTag(step.RuntimeType()), Inline: n})
	}
	for _, tag := range step.Tags {
		limited, err := facts.Limited(ctx, tag.Name)
		if err != nil {
			return nil, err
		}
		named := slices.ContainsFunc(out, func(t permit.Tag) bool { return t.Name == tag.Name })
		if limited && !named {
			out = append(out, permit.Tag{Name: tag.Name})
		}
	}
	return out, nil
}

// waits tells whether a light step has to take the way through dispatch, because of its permits. One that is done
// at once never executes beside another, so what the workflow sets as its own limit does not slow it down; a limit
// that somebody configured for a tag does.
func (t *Turn) waits(i int, light runtime.Light) (bool, error) {
	tags, err := LimitedTags(t.ctx, t.facts, t.settings, t.run, i)
	if err != nil || len(tags) == 0 {
		return false, err
	}
	for _, tag := range tags {
		if configured, err := t.facts.Limited(t.ctx, tag.Name); err != nil || configured {
			return true, err
		}
	}
	call := t.call(i, t.details[i])
	call.Started = t.now
	return light.Execute(call).State == runtime.Continue, nil
}

// NeedsPermit tells whether an attempt in status s holds permits, or waits for them.
func NeedsPermit(s workflow.StepStatus) bool {
	return s == workflow.WaitingForPermits || s == workflow.Starting || s == workflow.Running || s == workflow.Finishing
}

// Limited returns the limited tags of step i when it is about to be claimed for the first time, and who asks.
func (t *Turn) Limited(i int) ([]permit.Tag, permit.Holder, error) {
	step := &t.state.Steps[i]
	who := permit.Holder{Run: t.run.Key, Ordinal: i, Attempt: step.Attempt}
	if step.Status != workflow.WaitingForPermits {
		return nil, who, nil
	}
	tags, err := LimitedTags(t.ctx, t.facts, t.settings, t.run, i)
	return tags, who, err
}

// Ended returns the attempts that ended in this turn after they may have held permits.
func (t *Turn) Ended() []permit.Holder { return t.over }

// Over returns the newest attempts of a run that have ended.
func Over(run *Run) []permit.Holder {
	var out []permit.Holder
	for i := range run.State.Steps {
		if step := &run.State.Steps[i]; step.Status.Terminal() && step.Status != workflow.Unsatisfied && step.Part.Runs() {
			out = append(out, permit.Holder{Run: run.Key, Ordinal: i, Attempt: step.Attempt})
		}
	}
	return out
}
