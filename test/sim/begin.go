package sim

import (
	"slices"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// first takes note of a run's first commit.
func (l *ledger) first(key workflow.RunKey, commit *entry) *history {
	n := len(commit.State.Steps)
	h := &history{key: key, moves: make([]int, n), claims: make([]claim, n),
		state: &record.State{Status: workflow.InstanceCreated, Steps: make([]record.Step, n)}}
	l.runs[key] = h
	l.order = append(l.order, h)
	if key.Run > 1 {
		l.follows(h, commit.State)
	}
	if commit.Header == nil {
		l.world.fail("the first commit of %s has no header", key)
		return h
	}
	h.request, h.stopped = commit.Header.UUID, commit.Header.Interrupted
	l.begot(h, commit.Header.Link)
	if h.stopped || workflow.Inline(key.Workflow) {
		return h
	}
	if other, taken := l.requests[h.request]; taken {
		l.world.fail("request %s starts %s, and had started %s", h.request, key, other)
	}
	l.requests[h.request] = key
	return h
}

// follows checks that a restart follows a run that is over, and takes over what it does not run again.
func (l *ledger) follows(h *history, state *record.State) {
	key := h.key
	key.Run--
	previous := l.runs[key]
	for ; previous == nil && key.Run > 1 && !root(key.Workflow); key.Run-- { // not every run of a loop reaches every iteration
		previous = l.runs[workflow.RunKey{Workflow: key.Workflow, Instance: key.Instance, Run: key.Run - 1}]
	}
	if previous == nil && !root(key.Workflow) {
		return
	}
	if previous == nil || !previous.state.Status.Terminal() {
		l.world.fail("%s is made, and run %d is not over", h.key, key.Run)
		return
	}
	for i, step := range state.Steps {
		if old := previous.state.Steps[i]; step.Part == record.Outside {
			if step.Status != old.Status || step.Attempt != old.Attempt {
				l.world.fail("%s: step %d stands as %s, attempt %d, and was %s, attempt %d", h.key, i, step.Status, step.Attempt, old.Status, old.Attempt)
			}
			h.state.Steps[i] = record.Step{Status: old.Status, Attempt: old.Attempt}
		}
	}
}

// checkResumed checks that an attempt which a breakpoint stopped goes on only when somebody said so.
func (l *ledger) checkResumed(h *history, d *change, from, to workflow.StepStatus) {
	if from != workflow.Paused || !slices.Contains(onwards, to) {
		return
	}
	attempt := workflow.AttemptKey{RunKey: h.key, Step: l.world.body.Steps[d.Ordinal].ID, Attempt: d.Attempt}
	if !l.resumed[attempt] {
		l.world.fail("%s: attempt %d of step %d was paused and becomes %s; nobody resumed it", h.key, d.Attempt, d.Ordinal, to)
	}
}

// onwards is what a step becomes that goes on to its job.
var onwards = []workflow.StepStatus{workflow.WaitingForSignals, workflow.EvaluatingParams, workflow.WaitingForPermits, workflow.Starting}
