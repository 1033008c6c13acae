package view

import (
	"fmt"
	"strings"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Queue says in plain words why a run has not begun; "" when it has. head may be nil.
func Queue(run *decide.Run, head *strategy.Head) string {
	if run.State.Status != workflow.InstanceCreated {
		return ""
	}
	ref := strategy.Ref{Instance: run.Key.Instance, Run: run.Key.Run}
	switch {
	case head == nil:
		return "waits for its turn"
	case head.IsRunning(ref):
		return "is about to begin"
	}
	text := "strategy " + head.Strategy.Rule + ": "
	if eviction, ok := head.FindEviction(ref); ok {
		return text + fmt.Sprintf("it makes way for instance %d", eviction.By.Instance)
	}
	ahead := head.Queued.Ahead(ref)
	switch blocked := head.Strategy.Rule == workflow.StrictSequential && head.FailedRuns() > 0; {
	case !head.IsQueued(ref):
		return "waits for its turn" // the head was read later than the run
	case blocked:
		text += blocking(run.Key.Workflow, head)
	case head.Strategy.Rule == workflow.Parallel && len(head.Running) > 0:
		text += fmt.Sprintf("%d of %d instances run (%s)", len(head.Running), max(head.Strategy.Concurrency, 1), numbers(head.Running, 0))
	case len(head.Running) > 0:
		text += instances(head.Running, 0) + " running"
	case ahead == 0:
		return text + "its turn comes next"
	default:
		return text + fmt.Sprintf("%s in the queue", ordinal(ahead+1))
	}
	if ahead > 0 {
		text += fmt.Sprintf("; %s in the queue", ordinal(ahead+1))
	}
	return text
}

// blocking says which runs block STRICT_SEQUENTIAL, and what lets it go on.
func blocking(wf workflow.ID, head *strategy.Head) string {
	verb := "FAILED"
	if head.Strategy.BlockOnAll {
		verb = "did not succeed" // the head does not know how each of them ended
	}
	switch {
	case len(head.Failed) == 0:
		return fmt.Sprintf("%d runs that %s block it: \"segue unblock %s\"", head.Failures, verb, wf)
	case head.FailedRuns() == 1:
		n := head.Failed[0].Instance
		return fmt.Sprintf("instance %d %s and blocks it: restart it, or \"segue unblock %s %d\"", n, verb, wf, n)
	}
	return fmt.Sprintf("instances %s %s and block it: restart them, or \"segue unblock %s\"", numbers(head.Failed, head.Failures), verb, wf)
}

// fewNames is how many of those are named that something waits for.
const fewNames = 3

// instances names the instances of runs, with the verb that tells of them.
func instances(refs []strategy.Ref, more int64) string {
	if len(refs) == 1 && more == 0 {
		return fmt.Sprintf("instance %d is", refs[0].Instance)
	}
	return "instances " + numbers(refs, more) + " are"
}

// numbers lists the first instances; more is how many there are beside refs.
func numbers(refs []strategy.Ref, more int64) string {
	names := make([]string, 0, fewNames)
	for _, ref := range refs[:min(len(refs), fewNames)] {
		names = append(names, fmt.Sprint(ref.Instance))
	}
	return list(names, int64(len(refs))+more)
}

// list names some of count things.
func list(names []string, count int64) string {
	text := strings.Join(names, ", ")
	if more := count - int64(len(names)); more > 0 {
		text += fmt.Sprintf(" and %d more", more)
	}
	return text
}

// ordinal writes 1st, 2nd, 3rd …
func ordinal(n int) string {
	suffix := "th"
	if n/10%10 != 1 {
		switch n % 10 {
		case 1:
			suffix = "st"
		case 2:
			suffix = "nd"
		case 3:
			suffix = "rd"
		}
	}
	return fmt.Sprintf("%d%s", n, suffix)
}
