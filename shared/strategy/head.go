package strategy

import (
	"encoding/json"
	"slices"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Ref names a run within its workflow.
type Ref struct{ Instance, Run int64 }

// MarshalJSON writes [instance, run].
func (r Ref) MarshalJSON() ([]byte, error) { return json.Marshal([2]int64{r.Instance, r.Run}) }

// UnmarshalJSON reads [instance, run].
func (r *Ref) UnmarshalJSON(data []byte) error {
	var pair [2]int64
	err := json.Unmarshal(data, &pair)
	*r = Ref{pair[0], pair[1]}
	return err
}

// Head is the one item per workflow on which all its decisions meet.
type Head struct {
	// Definition: which versions there are, and which one new instances run.
	InternalID int64  `json:"internal"`         // counts the times that the workflow was created
	Oldest     int64  `json:"oldest,omitempty"` // the first version since then; those before belong to what was deleted
	Latest     int64  `json:"latest"`
	Active     int64  `json:"active,omitempty"` // 0: none
	ActiveAt   int64  `json:"active_at,omitempty"`
	ActiveBy   string `json:"active_by,omitempty"`
	Properties int64  `json:"properties"` // number of the latest snapshot
	Deleted    bool   `json:"deleted,omitempty"`
	ModifiedAt int64  `json:"modified,omitempty"`
	Changes    int64  `json:"changes,omitempty"` // how often people changed the workflow; numbers its events, never reused

	// Admission.
	Strategy  workflow.RunStrategy `json:"strategy"`
	First     int64                `json:"first,omitempty"`      // the first instance id since the workflow was last created
	Next      int64                `json:"next"`                 // the next instance id; never reused, also after a delete
	MaxQueued int64                `json:"max_queued,omitempty"` // how many may wait; 0: any number
	Running   Running              `json:"running,omitempty"`
	Queued    Queue                `json:"queued,omitzero"`
	Pending   []Pending            `json:"pending,omitempty"`
	Evicted   []Eviction           `json:"evicted,omitempty"`
	Failed    []Ref                `json:"failed,omitempty"`   // runs that FAILED and were not unblocked: they block STRICT_SEQUENTIAL
	Failures  int64                `json:"failures,omitempty"` // how many more of them there are than Failed has room for
}

// maxFailed is how many failed runs the head names; beyond it they are only counted.
const maxFailed = 64

// Pending is an admitted start whose first commit is not verified yet.
type Pending struct {
	Request string  `json:"q"`
	Client  bool    `json:"c,omitempty"` // the client named the request: an item remembers it for ever
	Ref     Ref     `json:"r"`
	Outcome Outcome `json:"o,omitempty"`
	Blocker Ref     `json:"b,omitzero"` // Refused: the run that was there first
	At      int64   `json:"t"`          // when it was admitted, epoch milliseconds
}

// Eviction is a run that had to make way for a newer one: it is to be stopped.
type Eviction struct {
	Ref Ref `json:"r"`
	By  Ref `json:"b"`
}

// Outcome is what the strategy made of a start.
type Outcome uint8

const (
	Runs    Outcome = iota // it begins at once
	Waits                  // it is queued
	Refused                // it is STOPPED at once: FIRST_ONLY lets no second one in
	Broken                 // it is FAILED at once: its params cannot be evaluated, and its start is to be kept
)

// Default returns the version that "default" names: the active one if any, else the latest.
func (h *Head) Default() int64 {
	if h.Active != 0 {
		return h.Active
	}
	return h.Latest
}

// HasVersion tells whether n is the number of a version of the workflow as it is now.
func (h *Head) HasVersion(n int64) bool { return n > 0 && h.Oldest <= n && n <= h.Latest }

// Clone returns a copy that shares nothing with h.
func (h *Head) Clone() *Head {
	out := *h
	out.Running = slices.Clone(h.Running)
	out.Queued = h.Queued.Clone()
	out.Pending = slices.Clone(h.Pending)
	out.Evicted = slices.Clone(h.Evicted)
	out.Failed = slices.Clone(h.Failed)
	return &out
}

// IsRunning tells whether ref may execute.
func (h *Head) IsRunning(ref Ref) bool { return slices.Contains(h.Running, ref) }

// IsQueued tells whether ref waits for its turn.
func (h *Head) IsQueued(ref Ref) bool { return h.Queued.Has(ref) }

// Open returns how many runs are admitted and have not ended.
func (h *Head) Open() int { return len(h.Running) + h.Queued.Len() }

// FindPending returns the pending entry of a request id.
func (h *Head) FindPending(request string) (Pending, bool) {
	i := slices.IndexFunc(h.Pending, func(p Pending) bool { return p.Request == request })
	if i < 0 {
		return Pending{}, false
	}
	return h.Pending[i], true
}

// Verified drops the pending entry of ref: its consequences were all seen.
func (h *Head) Verified(ref Ref) {
	h.Pending = slices.DeleteFunc(h.Pending, func(p Pending) bool { return p.Ref == ref })
}

// FindEviction returns the eviction of ref, if it is to make way.
func (h *Head) FindEviction(ref Ref) (Eviction, bool) {
	i := slices.IndexFunc(h.Evicted, func(e Eviction) bool { return e.Ref == ref })
	if i < 0 {
		return Eviction{}, false
	}
	return h.Evicted[i], true
}

// Settled drops the eviction of ref: it is being stopped, or has ended.
func (h *Head) Settled(ref Ref) {
	h.Evicted = slices.DeleteFunc(h.Evicted, func(e Eviction) bool { return e.Ref == ref })
}

// Drop takes ref out of the running and the queued runs, and tells whether it was in one of them.
func (h *Head) Drop(ref Ref) bool {
	n := len(h.Running)
	h.Running = slices.DeleteFunc(h.Running, func(r Ref) bool { return r == ref })
	return h.Queued.Remove(ref) || len(h.Running) < n
}

// End takes an ended run out of the head, remembers a failure, and tells whether the head changed.
func (h *Head) End(run Ended) bool {
	if !h.Drop(run.Ref) {
		return false
	}
	if blocks(h.Strategy, run.Status) {
		h.fail(run.Ref)
	}
	return true
}

// fail remembers a failed run.
func (h *Head) fail(ref Ref) {
	switch {
	case slices.Contains(h.Failed, ref):
	case len(h.Failed) < maxFailed:
		h.Failed = append(h.Failed, ref)
	default:
		h.Failures++
	}
}

// FailedRuns returns how many runs failed and were not unblocked.
func (h *Head) FailedRuns() int64 { return int64(len(h.Failed)) + h.Failures }

// Unblock takes a failed run out of those that block STRICT_SEQUENTIAL, and tells whether it was one.
func (h *Head) Unblock(ref Ref) bool {
	n := len(h.Failed)
	h.Failed = slices.DeleteFunc(h.Failed, func(r Ref) bool { return r == ref })
	return len(h.Failed) < n
}

// UnblockInstance does the same for all runs of an instance: a restart takes their place.
func (h *Head) UnblockInstance(instance int64) {
	h.Failed = slices.DeleteFunc(h.Failed, func(r Ref) bool { return r.Instance == instance })
}

// UnblockAll does the same for all, and tells how many there were.
func (h *Head) UnblockAll() int64 {
	n := h.FailedRuns()
	h.Failed, h.Failures = nil, 0
	return n
}
