package sim

import (
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/evaluate"
	"github.com/segue-workflows/segue/shared/workflow"
)

// healing is how long a run may rest, after a single crash or a lost message, although its next move is due.
const healing = time.Minute

// checkPace checks, in a world with a single fault, that a run did not rest too long before this commit.
func (l *ledger) checkPace(h *history) {
	w := l.world
	lag := w.late() // also of a sweep that is still under way
	if late := w.now.Sub(h.owed); w.Calm && !w.Still && !h.owed.IsZero() && late > healing+lag {
		w.fail("%s rested for %v although its next move was due; the sweep was late by %v", h.key, late, lag)
	}
	l.owe(h)
}

// owe works out since when the next move of a run is due.
func (l *ledger) owe(h *history) {
	w := l.world
	switch {
	case h.state.Status.Terminal():
		h.owed = time.Time{}
		l.grieve(h)
		for _, other := range l.order { // its place is free
			if other.state.Status == workflow.InstanceCreated {
				l.owe(other)
			}
		}
	case h.state.Status == workflow.InstanceCreated:
		if !l.blocked(h) {
			h.owed = w.now
		} else {
			h.owed = time.Time{}
		}
	case l.inHand(h):
		h.owed = w.now
	default:
		h.owed = time.UnixMilli(decide.NextTimer(h.state, w.now.UnixMilli())).Add(skew)
	}
}

// inHand tells whether a step waits for its job to be called.
func (l *ledger) inHand(h *history) bool {
	for i := range h.state.Steps {
		if h.state.Steps[i].Status == workflow.WaitingForPermits {
			return true
		}
	}
	return false
}

// blocked tells whether a run that waits has to: a run that has its place before it goes on.
func (l *ledger) blocked(h *history) bool {
	if l.head == nil || !root(h.key.Workflow) {
		return true
	}
	for _, ref := range l.head.Running {
		if other := l.run(ref); other != h && other != nil && !other.state.Status.Terminal() {
			return true
		}
	}
	return false
}

// tick takes note of a sweep that came to its end.
func (w *World) tick() {
	w.lag, w.swept = w.late(), w.now
}

// late returns by how much the sweep has been late at the most.
func (w *World) late() time.Duration { return max(w.lag, w.now.Sub(w.swept)-evaluate.SweepEvery) }
