package view

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Queue says in plain words why a run has not begun; "" when it has. head may be nil.
func Queue(run *decide.Run, head *strategy.Head) string {
	if run.State.Status != workflow.InstanceCreated {
		return ""
	}
	if head == nil {
		return "waits for its turn"
	}
	ref := strategy.Ref{Instance: run.Key.Instance, Run: run.Key.Run}
	if head.IsRunning(ref) {
		return "is about to begin"
	}
	rule := head.Strategy.Rule
	if rule == workflow.Parallel {
		rule = fmt.Sprintf("%s of %d", rule, head.Strategy.Concurrency)
	}
	if n := head.FailedRuns(); n > 0 && head.Strategy.Rule == workflow.StrictSequential {
		return fmt.Sprintf("strategy %s: %d failed runs block it until they are restarted or unblocked", rule, n)
	}
	if len(head.Running) == 0 {
		return fmt.Sprintf("strategy %s: its turn comes next", rule)
	}
	text := fmt.Sprintf("strategy %s: %s", rule, running(head.Running))
	if ahead := head.Queued.Ahead(ref); ahead > 0 {
		text += fmt.Sprintf("; %d more wait before it", ahead)
	}
	return text
}

const fewRuns = 3

func running(refs []strategy.Ref) string {
	if len(refs) == 1 {
		return fmt.Sprintf("instance %d is running", refs[0].Instance)
	}
	var names []string
	for _, ref := range refs[:min(len(refs), fewRuns)] {
		names = append(names, fmt.Sprint(ref.Instance))
	}
	text := "instances " + strings.Join(names, ", ")
	if more := len(refs) - fewRuns; more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text + " are running"
}

// Waiting says in plain words why step i of a run does not go on at this moment; "" when nothing is left to wait
// for. queue is what Queue says of the run.
func Waiting(ctx context.Context, run *decide.Run, i int, queue string, settings decide.Settings) string {
	step := &run.State.Steps[i]
	switch {
	case run.State.Status.Terminal():
		return ""
	case queue != "":
		return "the instance has not begun: " + queue
	case step.Status == workflow.NotCreated && !step.Part.Runs():
		return ""
	case run.State.Status == workflow.InstancePaused && (step.Status == workflow.NotCreated || step.Status.Retrying()):
		return "the instance is paused until somebody resumes it"
	case step.Status == workflow.NotCreated:
		return waitsFor(run, i)
	case step.Status == workflow.Paused:
		return "a breakpoint holds it until somebody resumes it"
	case step.Status.Retrying():
		return retries(ctx, run, i, settings.Params)
	case step.Status.Terminal():
		return ""
	case step.Ending != workflow.NotCreated:
		return fmt.Sprintf("its job is being terminated; then it is %s", step.Ending)
	case step.Claim != 0:
		return fmt.Sprintf("its job is being called; the claim holds until %s", clock(step.Claim))
	case step.Status == workflow.WaitingForSignals:
		return "waits for a signal; a bypass lets it go on without"
	case step.Status == workflow.Finishing:
		return "announces its signals"
	case step.Status == workflow.WaitingForPermits:
		return "ready since " + since(run, i) + ", waits for a dispatcher"
	case step.Nest != nil && step.Status == workflow.Running:
		return "waits for what it started"
	case step.Due != 0 && step.Failures > 0:
		return fmt.Sprintf("%d deliveries failed; ready since %s, waits for a dispatcher", step.Failures, clock(step.Due))
	case step.Due != 0:
		if _, light := settings.Runtimes.Light(run.Definition.Steps[i].RuntimeType()); light {
			return "sleeps until " + clock(step.Due)
		}
		return "its job is running; it is looked at again at " + clock(step.Due)
	}
	return "is on its way"
}

func waitsFor(run *decide.Run, i int) string {
	var open, failed []string
	for _, edge := range run.Definition.Graph.Preds(i) {
		status := run.State.Steps[edge.From].Status
		id := run.Definition.Steps[edge.From].ID
		switch {
		case status.Complete():
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

func retries(ctx context.Context, run *decide.Run, i int, settings param.Runtime) string {
	step := &run.State.Steps[i]
	limits := limitsOf(ctx, run, i, settings)
	count, limit := step.Retries[record.UserCause], limits.Error
	switch step.Status {
	case workflow.PlatformFailed:
		count, limit = step.Retries[record.PlatformCause], limits.Platform
	case workflow.TimeoutFailed:
		count, limit = step.Retries[record.TimeoutCause], limits.Timeout
	}
	return fmt.Sprintf("%s: retry %d of %d at %s", step.Status, count, limit, clock(step.Due))
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
