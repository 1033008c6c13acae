package param

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/shared/expression"
	"github.com/segue-workflows/segue/shared/workflow"
)

// TriggerInput is what a signal trigger is decided from.
type TriggerInput struct {
	Trigger   *workflow.SignalTrigger
	Workflow  workflow.ID
	Initiator *workflow.Initiator // of type SIGNAL, with the ids of the joined signals
	Now       time.Time
	Runtime   Runtime // its SignalParam reads the joined signals
}

// Triggered is what a signal trigger decided.
type Triggered struct {
	Params *workflow.Params // evaluated; they become the initiator's
	Starts bool             // the condition holds, or there is none
	Dedup  string           // "" when the trigger gives none
}

// Trigger evaluates the params, the condition and the dedup text of a signal trigger.
// It returns CodeInvalid when one of them fails.
func Trigger(ctx context.Context, in TriggerInput) (Triggered, error) {
	none := Triggered{}
	merged, err := Cleanup(in.Trigger.Params)
	if err != nil {
		return none, err
	}
	asWorkflow := WorkflowInput{Definition: &workflow.Workflow{ID: in.Workflow}, Initiator: in.Initiator, Now: in.Now, Runtime: in.Runtime}
	w := newWorkflowScope(ctx, asWorkflow, merged, nil)
	if err := w.all(); err != nil {
		return none, err
	}
	out := Triggered{Params: merged, Starts: true}
	if text := in.Trigger.Condition; text != "" {
		value, err := w.run(text, w.find)
		if err != nil {
			return none, err
		}
		var ok bool
		if out.Starts, ok = value.(bool); !ok {
			return none, invalidf("the condition of a trigger must be BOOLEAN, not %s", expression.TypeOf(value))
		}
	}
	if text := in.Trigger.DedupExpr; text != "" && out.Starts {
		value, err := w.run(text, w.find)
		if err != nil {
			return none, err
		}
		out.Dedup = display(value)
	}
	return out, nil
}
