package record

import (
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// TimeTrigger is how far a workflow's time triggers have come. One list of triggers has one watermark: all of them
// are computed again together.
type TimeTrigger struct {
	UUID string `json:"uuid,omitempty"` // of the list; "": the workflow has none now
	Life int64  `json:"life,omitempty"` // internal id of the workflow
	Mark int64  `json:"mark,omitempty"` // epoch milliseconds: what is due until then was started
	Next int64  `json:"next,omitempty"` // the first execution after it; 0: there is none
}

// TimeTriggerKey is where the watermark of a workflow's time triggers is.
func TimeTriggerKey(wf workflow.ID) store.Key { return store.Key{Part: "g/" + wf, Sort: "time"} }
