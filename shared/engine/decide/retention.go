package decide

import (
	"time"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Retention bounds, and what is used where a deployment states nothing.
const (
	DefaultRetention = 90 * day
	MinRetention     = day
	MaxRetention     = 3650 * day

	day = 24 * time.Hour
)

// Expiry returns when what a run writes in a state may be removed: its deadline, beyond which nothing of it
// moves, and the retention. A run that has not begun has no deadline yet: it is taken to begin within a day
// and to have the longest one. Should it begin later, what it wrote before is given a later end then.
func (s Settings) Expiry(header *record.Header, state *record.State) time.Time {
	last := state.Created + (day + workflow.MaxTimeout).Milliseconds()
	if state.Start != 0 {
		last = state.Start + min(header.Timeout, workflow.MaxTimeout.Milliseconds())
	}
	return time.UnixMilli(last).Add(s.Retention).UTC()
}

// ExpiryOf returns when an item may be removed that belongs to a run of which only the time is known at which
// something of it is written.
func (s Settings) ExpiryOf(now time.Time) time.Time {
	return now.Add(workflow.MaxTimeout + s.Retention)
}
