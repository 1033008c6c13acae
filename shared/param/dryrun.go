package param

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// dryRunDate is what FROM_DATE and TO_DATE are in a dry run, and dryRunSignals are what lookups in signals
// yield: a date that is a number or a text, whichever the definition can work with.
const dryRunDate = "20210101"

var dryRunSignals = []any{int64(20220101), "20220101"}

// DryRun does at push what the first run would do: merges and evaluates workflow params, merges the params
// of top-level steps, and compiles every expression. It returns CodeInvalid with one detail line per fault.
func DryRun(ctx context.Context, request *workflow.Request, runtime Runtime, now time.Time) error {
	var faults []string
	for _, at := range sitesOf(request, runtime) {
		if _, err := at.refs(); err != nil {
			faults = append(faults, at.path+": "+workflow.TextOf(err))
		}
	}
	if len(faults) == 0 { // otherwise the same faults would be told again, with less of their place
		params, err := dryRunWorkflow(ctx, request, runtime.withDummies(), now)
		if err != nil {
			faults = append(faults, workflow.TextOf(err))
		}
		for _, step := range request.Workflow.Steps {
			if err := dryRunStep(ctx, step, params, runtime); err != nil {
				faults = append(faults, "steps."+step.ID+": "+workflow.TextOf(err))
			}
		}
	}
	if len(faults) == 0 {
		return nil
	}
	err := workflow.Errorf(workflow.CodeInvalid, "the dry run failed: %s", faults[0])
	err.Detail = faults
	return err
}

// dryRunWorkflow evaluates the params of the workflow, again with the other dummy if a signal was read.
func dryRunWorkflow(ctx context.Context, request *workflow.Request, runtime Runtime, now time.Time) (*workflow.Params, error) {
	in := WorkflowInput{Definition: withDates(request.Workflow), Now: now, Runtime: runtime,
		Initiator: &workflow.Initiator{Type: workflow.InitiatorValidation}}
	if request.Properties != nil && request.Properties.Owner != nil {
		in.Owner = request.Properties.Owner.Name
	}
	var failure error
	for _, dummy := range dryRunSignals {
		merged, err := workflowLayers(in)
		if err != nil {
			return nil, err
		}
		asked, err := evaluateWorkflow(ctx, in, merged, dummy)
		if err == nil {
			return merged, nil
		}
		failure = err
		if !asked {
			break
		}
	}
	return nil, failure
}

// withDates returns the definition with fixed dates where the deployment's backfill would set them.
func withDates(definition *workflow.Workflow) *workflow.Workflow {
	out := *definition
	out.Params = workflow.CloneParams(definition.Params)
	for _, name := range []string{"FROM_DATE", "TO_DATE"} {
		if p, ok := out.Params.Get(name); ok && p.Type == workflow.String {
			p.Value, p.HasExpr, p.Expression = dryRunDate, false, ""
		}
	}
	return &out
}

// dryRunStep merges the params of a step and does not evaluate them: its names may come at run time.
func dryRunStep(ctx context.Context, step *workflow.Step, params *workflow.Params, runtime Runtime) error {
	in := StepInput{Step: step, Scope: Scope{Runtime: runtime, Workflow: params}}
	in.Identity.Step = step.ID
	if runtime.Template == nil && step.SubType != "" {
		return nil // what its template brings is known only where the templates are
	}
	if step.SubType != "" {
		found, err := runtime.Template(ctx, step, params)
		if err != nil {
			return err
		}
		in.Defaults = found.Params
	}
	_, err := stepLayers(in)
	return err
}

// withDummies lets functions that need the deployment answer something in a dry run.
func (r Runtime) withDummies() Runtime {
	if r.UniqueID == nil {
		r.UniqueID = func() int64 { return 1 }
	}
	if r.Random == nil {
		r.Random = func() float64 { return 0.5 }
	}
	if r.UUID == nil {
		r.UUID = func() string { return "00000000-0000-4000-8000-000000000000" }
	}
	return r
}
