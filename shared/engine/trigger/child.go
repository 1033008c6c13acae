package trigger

import (
	"context"
	"errors"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/workflow"
)

var _ advance.Admitter = (*Trigger)(nil)

// StartChild starts the instance of a subworkflow step, or the next run of it, through the run strategy of its
// workflow. Whoever repeats a request gets the same run. It returns errors as Start and Restart do.
func (t *Trigger) StartChild(ctx context.Context, r advance.ChildRequest) (advance.ChildStarted, error) {
	var started Started
	var err error
	if r.Instance != 0 {
		restart := Restart{RequestID: r.RequestID, Policy: r.Policy, RunParams: r.RunParams, Link: r.Link, Initiator: r.Initiator}
		if r.Restart != nil {
			restart.By, restart.Step, restart.Path, restart.Final = r.Restart.By, r.Restart.Step, r.Restart.Path, r.Restart.Final
			if restart.Below = r.Restart; len(restart.Path) == 0 {
				restart.StepRunParams = r.Restart.StepParams
			}
		}
		started, err = t.Restart(ctx, r.Workflow, r.Instance, restart)
		if errors.Is(err, workflow.ErrInvalid) && r.Policy == decide.FromIncomplete {
			restart.Policy = decide.FromBeginning // everything of it is complete, and it is to run again
			started, err = t.Restart(ctx, r.Workflow, r.Instance, restart)
		}
	} else {
		var all []Started
		all, err = t.Start(ctx, r.Workflow, r.Version, Start{RequestID: r.RequestID, Initiator: r.Initiator,
			RunParams: r.RunParams, Link: r.Link, CorrelationID: r.Header.CorrelationID, PersistFailed: true})
		if err == nil {
			started = all[0]
		}
	}
	return advance.ChildStarted{Key: started.Key, Version: started.Version, UUID: started.UUID}, err
}
