package callback

import (
	"context"
	"errors"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/token"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Callback takes the reports of jobs.
type Callback struct{ *advance.Loop }

// Answer tells a job where its attempt stands after its report.
type Answer struct {
	Workflow workflow.ID         `json:"workflow_id"`
	Instance int64               `json:"workflow_instance_id"`
	Run      int64               `json:"workflow_run_id"`
	Step     workflow.StepID     `json:"step_id"`
	Attempt  int64               `json:"step_attempt_id"`
	Status   workflow.StepStatus `json:"status"`
	Ending   bool                `json:"ending"` // somebody brings the attempt to its end: the job should stop
}

// errForeign is the answer to a token whose attempt is not there.
var errForeign = workflow.Errorf(workflow.CodeStale, "the attempt of the token is gone; nothing was changed")

// Report records what the holder of a token says of its attempt. It returns CodeStale when the attempt is over or
// gone, CodeInvalid for outputs that the step cannot take, and CodeUnavailable; then nothing is changed.
func (c *Callback) Report(ctx context.Context, h token.Holder, result runtime.Result) (*Answer, error) {
	run, err := c.LoadRun(ctx, h.Attempt.RunKey)
	if err != nil {
		if errors.Is(err, workflow.ErrNotFound) {
			return nil, errForeign
		}
		return nil, err
	}
	i, known := run.Definition.Graph.Index(h.Attempt.Step)
	if !known || decide.AttemptUUID(run.Header.UUID, h.Attempt) != h.UUID {
		return nil, errForeign // a workflow of the same id was made after this one was deleted
	}
	report := decide.Report{Ordinal: i, Attempt: h.Attempt.Attempt, Result: result}
	var refused error
	v, err := c.Visit(ctx, run.Key, func(turn *decide.Turn) error {
		if refused = turn.Report(report); errors.Is(refused, workflow.ErrStale) {
			return nil
		}
		return refused
	})
	if err != nil {
		return nil, err
	}
	late := refused != nil
	if result.State != runtime.Continue || late {
		cause := hint.Message{Reason: hint.ReasonAction, Again: late && v.Run.State.Steps[i].Attempt == report.Attempt}
		if err := c.Follow(ctx, v, cause, nil); err != nil {
			return nil, err
		}
	}
	if late {
		return nil, refused
	}
	step := &v.Run.State.Steps[i]
	return &Answer{Workflow: run.Key.Workflow, Instance: run.Key.Instance, Run: run.Key.Run, Step: h.Attempt.Step, Attempt: step.Attempt,
		Status: step.Status, Ending: step.Ending != workflow.NotCreated}, nil
}
