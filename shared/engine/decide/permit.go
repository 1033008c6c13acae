package decide

import (
	"context"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/permit"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// RuntimeTag is the tag by which a deployment limits the jobs of a runtime type; a limit that is configured for it goes
// before the deployment's.
func RuntimeTag(runtimeType string) string { return "maestro_runtime_" + runtimeType }

// WorkflowTag is the tag by which a workflow limits how many of its steps execute at once, in all its instances.
func WorkflowTag(wf workflow.ID) string { return "maestro_" + wf }

// InstanceTag is the tag by which a workflow limits that for one instance, with all that it starts.
func InstanceTag(correlationID string) string { return "maestro_" + correlationID }

// LimitedTags returns the tags that limit how many attempts like the newest one of step i execute at once: those with
// a configured limit, which the step, its job template or its runtime gave to the attempt, those by which the workflow
// limits itself, and that of its runtime where the deployment limits it.
func LimitedTags(ctx context.Context, facts Facts, settings Settings, run *Run, i int) ([]permit.Tag, error) {
	if !run.Definition.Steps[i].Leaf() {
		return nil, nil
	}
	tags := run.Definition.Steps[i].Tags
	if state := &run.State.Steps[i]; run.Definition.addsTags(settings, i) && state.Detail != 0 {
		key, n := detailAt(run.Key, state)
		detail, err := facts.Detail(ctx, key, n, i)
		if err != nil {
			return nil, err
		}
		tags = tagsOf(run.Definition.Steps[i], detail)
	}
	return limits(ctx, facts, ownLimits(settings, run, i), tags)
}

// tagsOf returns the tags of an attempt: a job template and a runtime add to those of its step.
func tagsOf(step *workflow.Step, detail *record.Detail) []workflow.Tag {
	if detail != nil && len(detail.Tags) > 0 {
		return detail.Tags
	}
	return step.Tags
}

// ownLimits returns by what the workflow, a run's starter or the deployment limits step i, whatever its tags.
func ownLimits(settings Settings, run *Run, i int) []permit.Tag {
	var out []permit.Tag
	if n := run.Definition.Version.Workflow.InstanceStepConcurrency; n > 0 {
		out = append(out, permit.Tag{Name: InstanceTag(run.Header.CorrelationID), Inline: n})
	}
	if n := run.Header.Properties.StepConcurrency; n != nil {
		out = append(out, permit.Tag{Name: WorkflowTag(HomeOf(run.Key, run.Header)), Inline: *n})
	}
	if n := settings.Concurrency[run.Definition.Steps[i].RuntimeType()]; n > 0 {
		out = append(out, permit.Tag{Name: RuntimeTag(run.Definition.Steps[i].RuntimeType()), Inline: n})
	}
	return out
}

// limits adds to own the tags for which somebody configured a limit.
func limits(ctx context.Context, facts Facts, own []permit.Tag, tags []workflow.Tag) ([]permit.Tag, error) {
	for _, tag := range tags {
		limited, err := facts.Limited(ctx, tag.Name)
		if err != nil {
			return nil, err
		}
		named := slices.ContainsFunc(own, func(t permit.Tag) bool { return t.Name == tag.Name })
		if limited && !named {
			own = append(own, permit.Tag{Name: tag.Name})
		}
	}
	return own, nil
}

// limitedTags is LimitedTags for the attempt as this turn has made it.
func (t *Turn) limitedTags(i int) ([]permit.Tag, error) {
	if !t.step(i).Leaf() {
		return nil, nil
	}
	var detail *record.Detail
	if t.run.Definition.addsTags(t.settings, i) {
		var err error
		if detail, err = t.detail(i); err != nil {
			return nil, err
		}
	}
	return limits(t.ctx, t.facts, ownLimits(t.settings, t.run, i), tagsOf(t.step(i), detail))
}

// waits tells whether a light step has to take the way through dispatch, because of its permits. One that is done
// at once never executes beside another, so what the workflow sets as its own limit does not slow it down; a limit
// that somebody configured for a tag does.
func (t *Turn) waits(i int, light runtime.Light) (bool, error) {
	tags, err := t.limitedTags(i)
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
func (t *Turn) Limited(i int) ([]permit.Tag, permit.Ticket, error) {
	step := &t.state.Steps[i]
	if step.Status != workflow.WaitingForPermits {
		return nil, permit.Ticket{}, nil
	}
	tags, err := t.limitedTags(i)
	if err != nil || len(tags) == 0 {
		return nil, permit.Ticket{}, err
	}
	detail, err := t.detail(i)
	if err != nil {
		return nil, permit.Ticket{}, err
	}
	return tags, t.ticket(i, detail), nil
}

// ticket is what step i waits for permits with.
func (t *Turn) ticket(i int, detail *record.Detail) permit.Ticket {
	out := permit.Ticket{Holder: permit.Holder{Run: t.run.Key, Ordinal: i, Attempt: t.state.Steps[i].Attempt}}
	for _, move := range detail.Moves {
		if move.To == workflow.WaitingForPermits {
			out.Since = move.At
		}
	}
	return out
}

// Ended returns the attempts that ended in this turn after they may have held permits, or waited for some.
func (t *Turn) Ended() []permit.Ticket { return t.over }

// Over returns the newest attempts of a run that have ended. When they asked for permits it does not say.
func Over(run *Run) []permit.Ticket {
	var out []permit.Ticket
	for i := range run.State.Steps {
		if step := &run.State.Steps[i]; step.Status.Terminal() && step.Status != workflow.Unsatisfied && step.Part.Runs() {
			out = append(out, permit.Ticket{Holder: permit.Holder{Run: run.Key, Ordinal: i, Attempt: step.Attempt}})
		}
	}
	return out
}
