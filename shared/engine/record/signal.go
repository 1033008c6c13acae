package record

import (
	"encoding/json"

	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Status of a signal that a step waits for.
const (
	DependencyPending = "PENDING"
	DependencyMatched = "MATCHED"
	DependencySkipped = "SKIPPED"
)

// Dependency is a signal that an attempt waits for.
type Dependency struct {
	Name   string         `json:"name"`
	Status string         `json:"status"`
	Wanted signal.Matches `json:"wanted,omitempty"`
	Seq    int64          `json:"seq,omitempty"`    // of the signal that matched
	Params signal.Params  `json:"params,omitempty"` // what it says
}

// Announcement is a signal that an attempt sends when it is done. Its identity follows from the attempt, so that it
// is sent once whoever sends it.
type Announcement struct {
	Name     string                             `json:"name"`
	Params   signal.Params                      `json:"params,omitempty"`
	Payload  *workflow.Ordered[json.RawMessage] `json:"payload,omitzero"`
	Identity string                             `json:"id"`
	Seq      int64                              `json:"seq,omitempty"` // once it is announced
	At       int64                              `json:"at,omitempty"`
}
