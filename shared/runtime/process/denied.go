package process

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/shared/runtime/container"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Denied is the backend of a server that may not run jobs.
type Denied struct{}

// Start returns CodeDenied.
func (Denied) Start(context.Context, container.Job) (string, error) {
	return "", workflow.Errorf(workflow.CodeDenied, "this server does not run commands: start it with --allow-exec to let steps run processes on its machine, as its user")
}

// Look reports that there is no job.
func (Denied) Look(context.Context, container.Ref) (container.Report, error) {
	return container.Report{}, nil
}

// Stop reports that the job ended.
func (Denied) Stop(context.Context, container.Ref, time.Time) (bool, error) { return true, nil }
