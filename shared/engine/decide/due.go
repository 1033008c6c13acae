package decide

import (
	"iter"
	"math"
	"slices"
	"time"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// InHandGrace is how long work in our own hands may rest before somebody looks whether it was lost.
const InHandGrace = 45 * time.Second

// lookAhead keeps wake items away from seconds that a sweep may be reading.
const lookAhead = 2 * time.Second

// NextTimer returns the earliest time at which something is due by itself, 0 for never, now for what is overdue.
func NextTimer(state *record.State, now int64) (next int64) {
	for t := range timers(state) {
		if next == 0 || t < next {
			next = t
		}
	}
	if next != 0 && next < now {
		return now
	}
	return next
}

// Timers lists the times after now at which something is due by itself, the earliest first, at most limit.
func Timers(state *record.State, now int64, limit int) []int64 {
	var out []int64
	for t := range timers(state) {
		if at, known := slices.BinarySearch(out, t); t > now && !known && at < limit {
			out = slices.Insert(out[:min(len(out), limit-1)], at, t)
		}
	}
	return out
}

// timers yields when something is due by itself: retries, polls, sleeps, time-outs, claims that end.
func timers(state *record.State) iter.Seq[int64] {
	return func(yield func(int64) bool) {
		if state.Status.Terminal() || state.Deadline != 0 && !yield(state.Deadline) {
			return
		}
		for i := range state.Steps {
			step := &state.Steps[i]
			if !step.Status.Live() {
				continue
			}
			deadline := step.Deadline
			if step.Ending != workflow.NotCreated {
				deadline = 0 // its time-out has done its part
			}
			for _, t := range [...]int64{step.Due, deadline, step.Claim} {
				if t != 0 && !yield(t) {
					return
				}
			}
		}
	}
}

// InHand tells whether the next move is ours: a step is ready or claimed, the run ended and its place
// must be given back, or it waits to begin.
func InHand(definition *Definition, settings Settings, state *record.State, now int64) bool {
	if state.Status != workflow.InstanceInProgress && state.Status != workflow.InstancePaused {
		return true
	}
	for i := range state.Steps {
		if state.Steps[i].Claim > now || unreached(&state.Steps[i]) || Callable(definition, settings, state, i, now) {
			return true
		}
	}
	return false
}

// Look returns when somebody must look at the run although nobody told him to, and whether a wake item
// has to be put for it. It writes the time into the state.
func (t *Turn) Look() (time.Time, bool) {
	grace := t.ms + InHandGrace.Milliseconds()
	claim := LastClaim(t.state)
	if t.state.Look > t.ms && t.state.Look >= claim && t.state.Look < grace+1000 && t.state.Look <= earliest(t.state) {
		return time.Time{}, false // a look that comes soon after the last claim is over finds them all
	}
	at := NextTimer(t.state, t.ms)
	if InHand(t.run.Definition, t.settings, t.state, t.ms) || t.Unfinished() {
		if at == 0 || grace < at {
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

// earliest returns the earliest time, but of claims, at which something is due by itself; a far one for never.
func earliest(state *record.State) int64 {
	next := int64(math.MaxInt64)
	sooner := func(t int64) {
		if t != 0 {
			next = min(next, t)
		}
	}
	sooner(state.Deadline)
	for i := range state.Steps {
		if step := &state.Steps[i]; step.Status.Live() {
			sooner(step.Due)
			if step.Ending == workflow.NotCreated {
				sooner(step.Deadline)
			}
		}
	}
	return (next-1)/1000*1000 + 1000 // wake items know seconds
}

// LastClaim returns when the last claim of a run is over; 0 for none.
func LastClaim(state *record.State) (last int64) {
	for i := range state.Steps {
		last = max(last, state.Steps[i].Claim)
	}
	return last
}

// Covered says that somebody else looks at the run at a time (epoch milliseconds): until then it needs no wake item.
func (t *Turn) Covered(at int64) { t.state.Look = at }
