package client

import (
	"context"
	"encoding/json"
	"net/http"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Definition is a pushed version of a workflow.
type Definition struct {
	Metadata struct {
		WorkflowID workflow.ID `json:"workflow_id"`
		Version    int64       `json:"workflow_version_id"`
	} `json:"metadata"`
	Workflow Workflow `json:"workflow"`
	IsActive bool     `json:"is_active"`
}

// Workflow is the body of a definition, as far as commands show it.
type Workflow struct {
	ID     workflow.ID      `json:"id"`
	Params *workflow.Params `json:"params"`
	Steps  []Step           `json:"steps"`
}

// Step is a step of a definition, without its wrapper.
type Step struct {
	Kind workflow.StepKind `json:"-"`

	ID         workflow.StepID     `json:"id"`
	Type       string              `json:"type"`
	Transition workflow.Transition `json:"transition"`
	Steps      []Step              `json:"steps"` // the body of a loop
}

// UnmarshalJSON takes the step out of its wrapper, whose key is its kind.
func (s *Step) UnmarshalJSON(data []byte) error {
	type plain Step
	var wrapper map[workflow.StepKind]*plain
	if err := json.Unmarshal(data, &wrapper); err != nil {
		return err
	}
	for kind, step := range wrapper {
		if step != nil {
			*s = Step(*step)
		}
		s.Kind = kind
	}
	if s.Type == "" {
		s.Type = string(s.Kind)
	}
	return nil
}

// Push stores a new version of a workflow. The text is JSON or YAML.
func (c *Client) Push(ctx context.Context, text []byte, yaml bool) (*Definition, error) {
	where, contentType := path("workflows"), jsonType
	if yaml {
		where, contentType = path("workflows", "yaml"), yamlType
	}
	answer, err := c.call(ctx, http.MethodPost, where, contentType, text)
	if err != nil {
		return nil, err
	}
	doc, err := decode[struct {
		Definition Definition `json:"workflow_definition"`
	}](c, answer)
	if err != nil {
		return nil, err
	}
	return &doc.Definition, nil
}

// Version returns a version of a workflow: active, latest, default or a number.
func (c *Client) Version(ctx context.Context, wf workflow.ID, version string) (*Definition, error) {
	return get[Definition](ctx, c, path("workflows", wf, "versions", version))
}

// Schedule is when the time triggers of a version run next.
type Schedule struct {
	Workflow struct {
		Triggers []workflow.TimeTrigger `json:"time_triggers"`
	} `json:"workflow"`
	Extras struct {
		Times []int64 `json:"next_execution_times"` // epoch milliseconds
	} `json:"enriched_extras"`
}

// Schedule returns the time triggers of the version that default names, and their next executions.
func (c *Client) Schedule(ctx context.Context, wf workflow.ID) (*Schedule, error) {
	return get[Schedule](ctx, c, path("workflows", wf, "versions", "default")+"?enriched=true")
}

// Overview is what is known of all instances of a workflow.
type Overview struct {
	Latest     int64                           `json:"latest_instance_id"` // 0: there is none
	Open       map[workflow.InstanceStatus]int `json:"nonterminal_instances"`
	Failed     int64                           `json:"failed_instances"` // that nobody unblocked
	Properties struct {
		RunStrategy *workflow.RunStrategy `json:"run_strategy"`
	} `json:"properties_snapshot"`
}

// Strategy returns the run strategy of the workflow.
func (o *Overview) Strategy() workflow.RunStrategy {
	if o.Properties.RunStrategy == nil {
		return workflow.DefaultRunStrategy
	}
	return *o.Properties.RunStrategy
}

// Overview returns what is known of all instances of a workflow.
func (c *Client) Overview(ctx context.Context, wf workflow.ID) (*Overview, error) {
	return get[Overview](ctx, c, path("workflows", wf, "overview"))
}
