package param

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// WorkflowInput is all that the params of an instance follow from.
type WorkflowInput struct {
	Definition    *workflow.Workflow
	Owner         string
	Initiator     *workflow.Initiator
	RunParams     *workflow.Params
	RestartParams *workflow.Params // only when this instance is the one that the user named
	Previous      *workflow.Params // evaluated params of the previous run; nil for a fresh run
	RunPolicy     string
	Now           time.Time
	Runtime       Runtime
}

// Workflow merges and evaluates the params of an instance.
// It returns CodeInvalid when a layer breaks a rule or an expression fails.
func Workflow(ctx context.Context, in WorkflowInput) (*workflow.Params, error) {
	return nil, workflow.Errorf(workflow.CodeInternal, "not ready")
}

// StepInput is all that the params of one attempt follow from. Scope.Params is ignored.
type StepInput struct {
	Scope
	Step          *workflow.Step
	Defaults      *workflow.Params // of the job template, source TEMPLATE_SCHEMA
	Injected      *workflow.Params // by the engine
	RunParams     *workflow.Params // step_run_params of this step
	RestartParams *workflow.Params // step_restart_params of this step; only at path length 1
}

// Step merges and evaluates the params of one attempt.
// It returns CodeInvalid when a layer breaks a rule or an expression fails.
func Step(ctx context.Context, in StepInput) (*workflow.Params, error) {
	return nil, workflow.Errorf(workflow.CodeInternal, "not ready")
}

// DryRun does at push what the first run would do: merges and evaluates workflow params, merges the params
// of top-level steps, and compiles every expression. It returns CodeInvalid with one detail line per fault.
func DryRun(ctx context.Context, request *workflow.Request, runtime Runtime, now time.Time) error {
	return workflow.Errorf(workflow.CodeInternal, "not ready")
}

// Problem is one expression that cannot work.
type Problem struct {
	Path string // as in "steps.job_1.params.date"
	Text string
}

// Check finds expressions that do not compile and names that no param in scope has.
func Check(request *workflow.Request) []Problem { return nil }
