package decide

import (
	"time"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// InHandGrace is how long work in our own hands may rest before somebody looks whether it was lost.
const InHandGrace = 45 * time.Second

// lookAhead keeps wake items away from seconds that a sweep may be reading.
const lookAhead = 2 * time.Second

// NextTimer returns the earliest time at which something is due by itself, 0 for never: retries, polls,
// sleeps, time-outs, and claims that expire.
func NextTimer(state *record.State, now int64) int64 {
	next := timer(state)
	for i := range state.Steps {
		if step := &state.Steps[i]; step.Status.Live() {
			next = sooner(next, step.Claim)
		}
	}
	if next != 0 && next < now {
		return now
	}
	return next
}

// timer returns the earliest time at which something is due that is in nobody's hands.
func timer(state *record.State) int64 {
	if state.Status.Terminal() {
		return 0
	}
	next := state.Deadline
	for i := range state.Steps {
		if step := &state.Steps[i]; step.Status.Live() {
			next = sooner(sooner(next, step.Due), step.Deadline)
		}
	}
	return next
}

// sooner returns the earlier of two times, of which 0 is never.
func sooner(a, b int64) int64 {
	if a == 0 || b != 0 && b < a {
		return b
	}
	return a
}

// InHand tells whether the next move is ours: a step is ready or claimed, the run ended and its place
// must be given back, or it waits to begin.
func InHand(definition *Definition, settings Settings, state *record.State, now int64) bool {
	if state.Status != workflow.InstanceInProgress && state.Status != workflow.InstancePaused {
		return true
	}
	for i := range state.Steps {
		if state.Steps[i].Claim > now || Callable(definition, settings, state, i, now) {
			return true
		}
	}
	return false
}

// Look returns when somebody must look at the run although nobody told him to, and whether a wake item
// has to be put for it. It writes the time into the state.
func (t *Turn) Look() (time.Time, bool) {
	at := timer(t.state)
	if InHand(t.run.Definition, t.settings, t.state, t.ms) || t.Unfinished() {
		if grace := t.ms + InHandGrace.Milliseconds(); at == 0 || grace < at {
			at = grace
		}
	}
	if at == 0 {
		return time.Time{}, false
	}
	at = max(at, t.ms+lookAhead.Milliseconds())
	at = (at + 999) / 1000 * 1000 // wake items know seconds; never look too early
	if t.state.Look > t.ms && t.state.Look <= at {
		return time.Time{}, false
	}
	t.state.Look = at
	return time.UnixMilli(at).UTC(), true
}
