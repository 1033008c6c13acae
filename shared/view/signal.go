package view

import (
	"encoding/json"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Dependencies are the signals that an attempt waits for.
type Dependencies struct {
	Dependencies []Dependency `json:"dependencies"`
}

// Dependency is one of them; SignalID is the number of the signal that matched.
type Dependency struct {
	Name     string                      `json:"name"`
	Status   string                      `json:"status"`
	Match    *workflow.Ordered[Matching] `json:"match_params,omitzero"`
	SignalID int64                       `json:"signal_id,omitempty"`
}

// Matching is a condition on a param of a signal.
type Matching struct {
	Value    any    `json:"value"`
	Operator string `json:"operator"`
}

// Outputs are the signals that an attempt announces.
type Outputs struct {
	Outputs []Output `json:"outputs"`
}

// Output is one of them; SignalID is its number once it is announced.
type Output struct {
	Name     string                             `json:"name"`
	Params   signal.Params                      `json:"params,omitempty"`
	Payload  *workflow.Ordered[json.RawMessage] `json:"payload,omitzero"`
	SignalID int64                              `json:"signal_id,omitempty"`
	Time     int64                              `json:"announce_time,omitempty"`
}

func dependencies(detail *record.Detail) *Dependencies {
	if len(detail.Signals) == 0 {
		return nil
	}
	out := &Dependencies{}
	for _, d := range detail.Signals {
		one := Dependency{Name: d.Name, Status: d.Status, SignalID: d.Seq}
		for _, match := range d.Wanted {
			if one.Match == nil {
				one.Match = &workflow.Ordered[Matching]{}
			}
			one.Match.Set(match.Param, Matching{match.Value, match.Operator})
		}
		out.Dependencies = append(out.Dependencies, one)
	}
	return out
}

func outputs(detail *record.Detail) *Outputs {
	if len(detail.Announces) == 0 {
		return nil
	}
	out := &Outputs{}
	for _, a := range detail.Announces {
		out.Outputs = append(out.Outputs, Output{Name: a.Name, Params: a.Params, Payload: a.Payload, SignalID: a.Seq, Time: a.At})
	}
	return out
}

// Signal is the document of an announced signal.
type Signal struct {
	Name        string                             `json:"name"`
	Seq         int64                              `json:"seq_id"`
	InstanceID  string                             `json:"instance_id"`
	Params      signal.Params                      `json:"params,omitempty"`
	Payload     *workflow.Ordered[json.RawMessage] `json:"payload,omitzero"`
	RequestTime int64                              `json:"request_time"`
	CreateTime  int64                              `json:"create_time"`
}

// source is who announced a signal, as its payload names the step.
type source struct {
	Workflow workflow.ID     `json:"workflow_id"`
	Instance int64           `json:"workflow_instance_id"`
	Run      int64           `json:"workflow_run_id"`
	Step     workflow.StepID `json:"step_id"`
	Attempt  int64           `json:"step_attempt_id"`
}

// NewSignal makes the document of a signal.
func NewSignal(in *signal.Instance) *Signal {
	out := &Signal{Name: in.Name, Seq: in.Seq, InstanceID: in.Identity, Params: in.Params, Payload: in.Payload,
		RequestTime: in.RequestTime, CreateTime: in.CreateTime}
	if at := in.Source; at != nil {
		if out.Payload = in.Payload.Clone(); out.Payload == nil {
			out.Payload = &workflow.Ordered[json.RawMessage]{}
		}
		out.Payload.Set("signal_source", record.Encode(source{at.Workflow, at.Instance, at.Run, at.Step, at.Attempt}))
	}
	return out
}
