package dispatch

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/expression"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/secret"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Secrets puts secrets into the params of a job.
type Secrets interface {
	// Bind returns the params with the secrets of their definitions, and the mask that knows them.
	Bind(ctx context.Context, params *workflow.Params, definitions ...secret.Definition) (*workflow.Params, *secret.Mask, error)
}

// reveal puts the secrets of a step into its call. What was not resolved ends the attempt, or is tried again when
// that may help; a job that is to be terminated is called in any case.
func (s *session) reveal(ctx context.Context, claimed *decide.Claimed, out *decide.Outcome) (mask *secret.Mask, ok bool) {
	call := &claimed.Call
	mask = &secret.Mask{}
	mask.Add(call.Token) // whoever reads the run must not be able to speak for its job
	if s.Secrets == nil {
		return mask, true
	}
	definitions := []secret.Definition{{Params: call.Step.Params, Authors: []string{s.author}}}
	if template := s.Settings.Params.Template; template != nil && call.Step.SubType != "" {
		found, err := template(ctx, call.Step, s.params)
		if err != nil {
			out.Err = err
			return mask, claimed.Ending
		}
		// Whoever uses a template may change other params of the job, and with them where the secret goes.
		definitions = append(definitions, secret.Definition{Params: found.Written, Authors: append(found.Authors, s.author)})
	}
	bound, secrets, err := s.Secrets.Bind(ctx, call.Params, definitions...)
	switch {
	case err == nil:
		call.Params = bound
		secrets.Add(call.Token)
		return secrets, true
	case claimed.Ending:
		return mask, true
	case errors.Is(err, workflow.ErrUnavailable):
		out.Err = err
	default:
		event := workflow.Event{Timestamp: call.Now.UnixMilli(), Type: workflow.EventLog, Level: "ERROR", Message: workflow.TextOf(err)}
		out.Result = runtime.Result{State: runtime.FatalError, Timeline: []workflow.Event{event}}
	}
	return mask, false
}

// hide takes the secrets out of everything that came of a call, before anything of it is recorded.
func hide(mask *secret.Mask, out decide.Outcome) decide.Outcome {
	if mask.Empty() {
		return out
	}
	if out.Err != nil {
		out.Err = &workflow.Error{Code: workflow.CodeOf(out.Err), Text: mask.Text(workflow.TextOf(out.Err))}
	}
	out.Result.Artifacts = hideArtifacts(mask, out.Result.Artifacts)
	out.Result.Output = hideParams(mask, out.Result.Output)
	events := make([]workflow.Event, len(out.Result.Timeline))
	for i, event := range out.Result.Timeline {
		event.Message, event.Reason = mask.Text(event.Message), mask.Text(event.Reason)
		event.Info = hideJSON(mask, event.Info)
		errs := make([]string, len(event.Errors))
		for n, text := range event.Errors {
			errs[n] = mask.Text(text)
		}
		event.Errors = errs
		events[i] = event
	}
	out.Result.Timeline = events
	return out
}

func hideArtifacts(mask *secret.Mask, artifacts *workflow.Ordered[json.RawMessage]) *workflow.Ordered[json.RawMessage] {
	out := &workflow.Ordered[json.RawMessage]{}
	for key, raw := range artifacts.All() {
		var value any
		if json.Unmarshal(raw, &value) == nil && expression.JSON(mask.Value(value)) != expression.JSON(value) {
			raw, _ = json.Marshal(mask.Value(value)) // what came from JSON goes back to it
		}
		out.Set(mask.Text(key), raw)
	}
	return out
}

func hideParams(mask *secret.Mask, params *workflow.Params) *workflow.Params {
	if params.Len() == 0 {
		return params
	}
	out := &workflow.Params{}
	for name, p := range params.All() {
		p = p.Clone()
		if nested, ok := p.Value.(*workflow.Params); ok {
			p.Value = hideParams(mask, nested)
		} else {
			p.Value = mask.Value(p.Value)
		}
		p.Result = mask.Value(p.Result)
		p.Expression = mask.Text(p.Expression)
		out.Set(mask.Text(name), p)
	}
	return out
}

// hideJSON masks a document that may have any Go type.
func hideJSON(mask *secret.Mask, document any) any {
	if document == nil {
		return nil
	}
	raw, err := json.Marshal(document)
	var value any
	if err != nil || json.Unmarshal(raw, &value) != nil {
		return nil
	}
	return mask.Value(value)
}
