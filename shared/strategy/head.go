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

	// Admission.
	Strategy workflow.RunStrategy `json:"strategy"`
	First    int64                `json:"first,omitempty"` // the first instance id since the workflow was last created
	Next     int64                `json:"next"`            // the next instance id; never reused, also after a delete
	Running  []Ref                `json:"running,omitempty"`
	Queued   []Ref                `json:"queued,omitempty"` // in the order in which they may begin
	Pending  []Pending            `json:"pending,omitempty"`
}

// Pending is an admitted start whose first commit is not verified yet.
type Pending struct {
	Request string `json:"q"`
	Client  bool   `json:"c,omitempty"` // the client named the request: an item remembers it for ever
	Ref     Ref    `json:"r"`
	Queued  bool   `json:"w,omitempty"` // it waits; otherwise it runs
	At      int64  `json:"t"`           // when it was admitted, epoch milliseconds
}

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
	out.Queued = slices.Clone(h.Queued)
	out.Pending = slices.Clone(h.Pending)
	return &out
}

// IsRunning tells whether ref may execute.
func (h *Head) IsRunning(ref Ref) bool { return slices.Contains(h.Running, ref) }

// IsQueued tells whether ref waits for its turn.
func (h *Head) IsQueued(ref Ref) bool { return slices.Contains(h.Queued, ref) }

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

// Drop takes ref out of the running and the queued runs, and tells whether it was in one of them.
func (h *Head) Drop(ref Ref) bool {
	n := len(h.Running) + len(h.Queued)
	same := func(r Ref) bool { return r == ref }
	h.Running = slices.DeleteFunc(h.Running, same)
	h.Queued = slices.DeleteFunc(h.Queued, same)
	return len(h.Running)+len(h.Queued) < n
}
