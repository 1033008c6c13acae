package survey

import (
	"context"
	"errors"
	"fmt"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/permit"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Bounds of what is read to tell why something waits.
const (
	maxWhyReads = 24 // for one answer, whatever it lists
	maxHolders  = 3  // of permits, that are named
	maxSearched = 5  // instances below a step, among which one that is held is looked for
)

// Reasons tells why runs and steps wait. It serves one answer, and reads only for what waits.
type Reasons struct{ *look }

// Reasons returns the reasons of one answer.
func (s Survey) Reasons() *Reasons {
	look := s.look()
	look.reads = maxWhyReads
	return &Reasons{look}
}

// Run says why a run as a whole does not go on; "" when it has ended, or something of it is at work. head may be nil.
func (r *Reasons) Run(ctx context.Context, run *decide.Run, head *strategy.Head) (string, error) {
	text, err := r.run(ctx, run, head)
	if err != nil || text == "" || r.spent() {
		return text, err
	}
	caller, err := r.caller(ctx, run)
	if caller != "" {
		text += "; " + caller + " waits for it"
	}
	return text, err
}

func (r *Reasons) run(ctx context.Context, run *decide.Run, head *strategy.Head) (string, error) {
	timeline, err := r.timeline(ctx, run)
	if err != nil {
		return "", err
	}
	if text := view.HoldsUp(run, timeline, head); text != "" {
		return text, nil
	}
	i, ok := view.Held(run)
	if !ok || r.spent() {
		return "", nil
	}
	why, err := r.why(ctx, run, i, "")
	if err != nil || run.State.Steps[i].Status == workflow.Running && why.Below == "" {
		return "", err // what is below it is at work
	}
	return "step " + run.Definition.Steps[i].ID + ": " + why.Waiting(ctx), nil
}

// Step says why step i of a run does not go on; "" when nothing is left to wait for. head may be nil.
func (r *Reasons) Step(ctx context.Context, run *decide.Run, i int, head *strategy.Head) (string, error) {
	why, err := r.why(ctx, run, i, view.Queue(run, head))
	if err != nil {
		return "", err
	}
	return why.Waiting(ctx), nil
}

// why reads what step i may wait for.
func (r *Reasons) why(ctx context.Context, run *decide.Run, i int, queue string) (view.Why, error) {
	step, out := &run.State.Steps[i], view.Why{Run: run, Step: i, Settings: r.Settings, Queue: queue}
	if run.State.Status.Terminal() || queue != "" {
		return out, nil
	}
	var err error
	if out.Timeline, err = r.timeline(ctx, run); err != nil || !step.Status.Live() {
		return out, err
	}
	if out.Detail, err = r.detail(ctx, run, i); err != nil || r.spent() {
		return out, err
	}
	switch {
	case step.Ending != workflow.NotCreated:
	case step.Status == workflow.Paused:
		err = r.breakpoints(ctx, &out)
	case step.Status == workflow.WaitingForPermits:
		err = r.permits(ctx, &out)
	case step.Nest != nil && step.Status == workflow.Running:
		err = r.below(ctx, &out)
	}
	return out, err
}

// timeline reads that of a run which somebody paused or is ending.
func (r *Reasons) timeline(ctx context.Context, run *decide.Run) (workflow.Timeline, error) {
	if run.State.Note == 0 || run.State.Status != workflow.InstancePaused && !view.Halting(run) {
		return nil, nil
	}
	return r.Timeline(ctx, run.Key, run.State.Note)
}

func (r *Reasons) breakpoints(ctx context.Context, why *view.Why) error {
	r.reads--
	list, err := r.ListBreakpoints(ctx, record.BreakpointRange(decide.HomeOf(why.Run.Key, why.Run.Header), why.Run.Definition.Steps[why.Step].ID))
	why.Breakpoints = append([]decide.Breakpoint{}, list...)
	return err
}

func (r *Reasons) permits(ctx context.Context, why *view.Why) error {
	tags, err := decide.LimitedTags(ctx, r.Loop, r.Settings, why.Run, why.Step)
	if err != nil || len(tags) == 0 {
		return err
	}
	r.reads -= 1 + len(tags)
	who := permit.Holder{Run: why.Run.Key, Ordinal: why.Step, Attempt: why.Run.State.Steps[why.Step].Attempt}
	standing, ok, err := r.Standing(ctx, tags, who)
	if err != nil || !ok {
		return err
	}
	why.Standing = &standing
	for _, held := range standing.Holders[:min(len(standing.Holders), maxHolders)] {
		if r.spent() {
			return nil
		}
		name, err := r.holder(ctx, held.Holder)
		if err != nil {
			return err
		}
		if name != "" {
			why.Holders = append(why.Holders, name)
		}
	}
	return nil
}

// holder names who holds a permit; "" when that attempt is over: its permit is about to be given back.
func (r *Reasons) holder(ctx context.Context, who permit.Holder) (string, error) {
	run, err := r.load(ctx, who.Run)
	if run == nil || who.Ordinal >= len(run.State.Steps) {
		return "", err
	}
	if step := &run.State.Steps[who.Ordinal]; step.Attempt > who.Attempt || step.Attempt == who.Attempt && !decide.NeedsPermit(step.Status) {
		return "", nil
	}
	return view.Name(run, who.Ordinal), nil
}

// load returns a run, the latest one of the instance where the key names none; nil when there is none yet.
func (r *Reasons) load(ctx context.Context, key workflow.RunKey) (run *decide.Run, err error) {
	r.reads--
	if key.Run == 0 {
		run, err = r.LoadLatest(ctx, key.Workflow, key.Instance)
	} else {
		run, err = r.LoadRun(ctx, key)
	}
	if errors.Is(err, workflow.ErrNotFound) {
		return nil, nil
	}
	return run, err
}

// below looks below a step for the first instance that is itself held.
func (r *Reasons) below(ctx context.Context, why *view.Why) error {
	home, err := r.home(ctx, why.Run, why.Step)
	if err != nil {
		return err
	}
	searched := 0
	return r.each(ctx, home, why.Step, nil, false, func(child *decide.Run) (more bool, err error) {
		var head *strategy.Head
		if child.State.Status == workflow.InstanceCreated && !child.Header.Inline() {
			r.reads--
			if head, _, err = r.LoadHead(ctx, child.Key.Workflow); err != nil && !errors.Is(err, workflow.ErrNotFound) {
				return false, err
			}
		}
		reason, err := r.run(ctx, child, head)
		if err != nil {
			return false, err
		}
		if reason != "" {
			why.Below = fmt.Sprintf("%s: %s", view.RunName(child), reason)
		}
		searched++
		return why.Below == "" && searched < maxSearched, nil
	})
}

// caller names the step that called a run and waits for its end; "" when none does.
func (r *Reasons) caller(ctx context.Context, run *decide.Run) (string, error) {
	link := run.Header.Link
	if link == nil || link.Inline {
		return "", nil
	}
	if above := run.Header.Initiator.Ancestors; len(above) > 0 && above[len(above)-1].Sync != nil && !*above[len(above)-1].Sync {
		return "", nil
	}
	parent, err := r.load(ctx, link.Parent)
	if parent == nil || link.Ordinal >= len(parent.State.Steps) {
		return "", err
	}
	if step := &parent.State.Steps[link.Ordinal]; parent.State.Status.Terminal() || step.Attempt != link.Attempt || step.Status != workflow.Running {
		return "", nil
	}
	return view.Name(parent, link.Ordinal), nil
}
