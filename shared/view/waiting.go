package view

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/permit"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Why is a step that may wait, with what was read of the things that it may wait for. What was not read is zero, and the
// reason does not speak of it.
type Why struct {
	Run         *decide.Run
	Step        int
	Settings    decide.Settings
	Queue       string              // what Queue says of the run
	Detail      *record.Detail      // of the newest attempt
	Timeline    workflow.Timeline   // of the run
	Standing    *permit.Standing    // of the attempt that waits for permits
	Holders     []string            // names of those that hold such permits, the first few
	Breakpoints []decide.Breakpoint // of the step; nil: not read
	Below       string              // the instance below that is itself held, and why
}

// Waiting says in plain words why the step does not go on at this moment; "" when nothing is left to wait for.
func (w Why) Waiting(ctx context.Context) string {
	run, step := w.Run, w.step()
	switch {
	case run.State.Status.Terminal():
		return ""
	case w.Queue != "":
		return "the instance has not begun: " + w.Queue
	case step.Status == workflow.NotCreated && !step.Part.Runs():
		return ""
	case step.Status == workflow.NotCreated && Halting(run):
		return "will not run: the instance is " + Ending(run, w.Timeline)
	case run.State.Status == workflow.InstancePaused && (step.Status == workflow.NotCreated || step.Status.Retrying()):
		return "the instance is " + Pause(w.Timeline)
	case step.Status == workflow.NotCreated:
		return waitsFor(run, w.Step)
	case step.Ending != workflow.NotCreated && step.Status.Live():
		return w.ending()
	case step.Status.Retrying():
		return w.retries(ctx)
	case step.Status.Terminal():
		return ""
	}
	return w.live()
}

func (w Why) step() *record.Step { return &w.Run.State.Steps[w.Step] }

// live is the reason of an attempt that has not ended and that nobody is ending.
func (w Why) live() string {
	switch step := w.step(); {
	case step.Status == workflow.Paused:
		return w.breakpoint()
	case step.Claim != 0:
		return fmt.Sprintf("its job is being called; the claim holds until %s", clock(step.Claim))
	case step.Status == workflow.WaitingForSignals:
		return w.signals()
	case step.Status == workflow.Finishing:
		return "announces its signals"
	case step.Status == workflow.WaitingForPermits && w.Standing != nil:
		return w.permits()
	case step.Status == workflow.WaitingForPermits:
		return "ready since " + since(w.Run, w.Step) + ", waits for a dispatcher"
	case step.Nest != nil && step.Status == workflow.Running:
		return w.nest()
	case step.Due != 0 && step.Failures > 0:
		return fmt.Sprintf("%d deliveries failed; ready since %s, waits for a dispatcher", step.Failures, clock(step.Due))
	case step.Handed != 0 && step.Status == workflow.Running:
		return w.callback()
	case step.Due != 0:
		if _, light := w.Settings.Runtimes.Light(w.Run.Definition.Steps[w.Step].RuntimeType()); light {
			return "sleeps until " + clock(step.Due)
		}
		return fmt.Sprintf("its job is running since %s; it is looked at again at %s", clock(step.Start), clock(step.Due))
	}
	return "is on its way"
}

// callback is the reason of an attempt whose job was handed over.
func (w Why) callback() string {
	step := w.step()
	text := "its job is running since " + clock(step.Start) + " and reports by callback"
	if step.Due != 0 {
		text += "; without a sign of life it is taken for lost at " + clock(step.Due)
	}
	return text
}

// waitsFor is the reason of a step that was not created.
func waitsFor(run *decide.Run, i int) string {
	var open, failed []string
	for _, edge := range run.Definition.Graph.Preds(i) {
		status := run.State.Steps[edge.From].Status
		id := run.Definition.Steps[edge.From].ID
		switch {
		case run.State.Steps[edge.From].Part == record.Absent || status.Complete():
		case status.Terminal() && !status.Retrying():
			failed = append(failed, fmt.Sprintf("%s is %s", id, status))
		default:
			open = append(open, id)
		}
	}
	switch {
	case len(failed) > 0:
		return "will not run: " + strings.Join(failed, ", ")
	case len(open) > 0:
		return "waits for " + strings.Join(open, ", ")
	}
	return "is on its way"
}

// retries is the reason of an attempt that failed and that another one follows. It begins with the status, for those who
// do not show it beside.
func (w Why) retries(ctx context.Context) string {
	step := w.step()
	limits := limitsOf(ctx, w.Run, w.Step, w.Settings.Params)
	count, limit := step.Retries[record.UserCause], limits.Error
	switch step.Status {
	case workflow.PlatformFailed:
		count, limit = step.Retries[record.PlatformCause], limits.Platform
	case workflow.TimeoutFailed:
		count, limit = step.Retries[record.TimeoutCause], limits.Timeout
	}
	text := fmt.Sprintf("%s: retry %d of %d at %s", step.Status, count, limit, clock(step.Due))
	if cause := w.cause(); cause != "" {
		text += ", because " + cause
	}
	return text
}

// maxCause bounds what is quoted of a failure; the timeline has all of it.
const maxCause = 120

// cause returns the first line of what the timeline of the attempt says last.
func (w Why) cause() string {
	if w.Detail == nil || len(w.Detail.Timeline) == 0 {
		return ""
	}
	last := w.Detail.Timeline[len(w.Detail.Timeline)-1]
	if last.Type == workflow.EventAction {
		return ""
	}
	text, _, _ := strings.Cut(last.Message, "\n")
	if short := []rune(text); len(short) > maxCause {
		text = string(short[:maxCause]) + "…"
	}
	return text
}

// breakpoint is the reason of an attempt that a breakpoint stopped: the one that was there first, if it is there still.
func (w Why) breakpoint() string {
	const still = "until somebody resumes it"
	if w.Detail == nil || w.Breakpoints == nil {
		return "a breakpoint holds it " + still
	}
	var found *decide.Breakpoint
	for i, b := range w.Breakpoints {
		if b.Matches(w.Run, w.Run.Definition.Steps[w.Step].ID, w.step().Attempt) && b.At <= entered(w.Detail, workflow.Paused) && (found == nil || b.At < found.At) {
			found = &w.Breakpoints[i]
		}
	}
	if found == nil {
		return "a breakpoint that is gone held it; it stays " + still
	}
	return fmt.Sprintf("breakpoint set by %s (%s)", found.Author, workflow.Scope{Version: found.Version, Instance: found.Instance, Run: found.Run, Attempt: found.Attempt})
}

// entered returns when the attempt came into a status last.
func entered(detail *record.Detail, status workflow.StepStatus) (at int64) {
	for _, move := range detail.Moves {
		if move.To == status {
			at = move.At
		}
	}
	return at
}

// signals is the reason of an attempt that waits for signals.
func (w Why) signals() string {
	var missing []string
	if w.Detail != nil {
		for _, dependency := range w.Detail.Signals {
			if dependency.Status == record.DependencyPending {
				missing = append(missing, wanted(dependency))
			}
		}
	}
	switch len(missing) {
	case 0:
		return "waits for a signal"
	case 1:
		if len(w.Detail.Signals) == 1 {
			return "waits for the signal " + missing[0]
		}
	}
	return fmt.Sprintf("waits for %d of %d signals: %s", len(missing), len(w.Detail.Signals), list(missing[:min(len(missing), fewNames)], int64(len(missing))))
}

func wanted(d record.Dependency) string {
	text := "`" + d.Name + "`"
	for n, match := range d.Wanted {
		joint := " and"
		if n == 0 {
			joint = " with"
		}
		text += fmt.Sprintf("%s %s %s %v", joint, match.Param, match.Operator, match.Value)
	}
	return text
}

// permits is the reason of an attempt that stands in the queue of a tag.
func (w Why) permits() string {
	s := w.Standing
	text := fmt.Sprintf("%s in the queue of %s", ordinal(s.Place), w.limit())
	if s.Place == 0 {
		text = fmt.Sprintf("behind the first %d in the queue of %s", permit.MaxPlaces, w.limit())
	}
	used := fmt.Sprintf("%d of %d in use", len(s.Holders), s.Limit)
	if len(w.Holders) > 0 {
		used += " by " + list(w.Holders, int64(len(s.Holders)))
	}
	return text + " (" + used + ")"
}

// limit names what the tag of the standing limits.
func (w Why) limit() string {
	header, step := w.Run.Header, w.Run.Definition.Steps[w.Step]
	switch tag := w.Standing.Tag; tag.Name {
	case decide.RuntimeTag(step.RuntimeType()):
		return "the runtime " + step.Type
	case decide.WorkflowTag(decide.HomeOf(w.Run.Key, header)):
		return "the step concurrency of workflow " + decide.HomeOf(w.Run.Key, header)
	case decide.InstanceTag(header.CorrelationID):
		return "the step concurrency of the instance"
	default:
		return "tag `" + tag.Name + "`"
	}
}

// nest is the reason of a step that started other instances.
func (w Why) nest() string {
	nest, text := w.step().Nest, ""
	switch w.Run.Definition.Steps[w.Step].Kind {
	case workflow.KindForeach:
		text = fmt.Sprintf("waits for its iterations: %d of %d ended, %d run", nest.Sums().Ends.Total(), nest.Total, nest.Running()+int64(len(nest.Again)))
	case workflow.KindWhile:
		text = fmt.Sprintf("waits for iteration %d", nest.Next)
	default:
		text = "waits for the instance that it called"
	}
	if w.Below != "" {
		text += "; " + w.Below
	}
	return text
}

// since returns when the step became ready: the state does not know, but no later than its newest predecessor ended
// or the run began.
func since(run *decide.Run, i int) string {
	at := run.State.Start
	for _, edge := range run.Definition.Graph.Preds(i) {
		at = max(at, run.State.Steps[edge.From].End)
	}
	return clock(at)
}

func clock(at int64) string { return time.UnixMilli(at).UTC().Format("15:04:05Z") }
