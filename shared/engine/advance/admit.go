package advance

import (
	"context"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Admitter starts the instances of subworkflow steps through their run strategies. Repeating a request is harmless.
type Admitter interface {
	StartChild(ctx context.Context, request ChildRequest) (ChildStarted, error)
}

// ChildRequest asks for an instance that a step starts, or for the next run of one that it started before.
type ChildRequest struct {
	Workflow  workflow.ID
	Version   string
	RequestID string
	Header    *record.Header // of the parent
	Initiator *workflow.Initiator
	RunParams *workflow.Params
	Link      *record.Link
	Instance  int64 // 0: a new one
	Policy    string
	Restart   *record.Restart
}

// ChildStarted names the run that was started.
type ChildStarted struct {
	Key     workflow.RunKey
	Version int64
	UUID    string
}
