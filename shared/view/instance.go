package view

import (
	"encoding/json"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Instance is the document of one run of an instance.
type Instance struct {
	WorkflowID    workflow.ID `json:"workflow_id"`
	InstanceID    int64       `json:"workflow_instance_id"`
	RunID         int64       `json:"workflow_run_id"`
	UUID          string      `json:"workflow_uuid"`
	VersionID     int64       `json:"workflow_version_id"`
	InternalID    int64       `json:"internal_id"`
	CorrelationID string      `json:"correlation_id"`
	ExecutionID   string      `json:"execution_id,omitempty"` // once it has begun

	RunConfig     *RunConfig                          `json:"run_config"`
	RunParams     *workflow.Params                    `json:"run_params,omitzero"`
	StepRunParams *workflow.Ordered[*workflow.Params] `json:"step_run_params,omitzero"`
	RunProperties *RunProperties                      `json:"run_properties"`
	Workflow      *workflow.Workflow                  `json:"runtime_workflow,omitempty"`
	DAG           *workflow.Ordered[*Edges]           `json:"runtime_dag"`
	Timeout       int64                               `json:"timeout_in_millis"`
	Params        *workflow.Params                    `json:"params"`
	Initiator     *workflow.Initiator                 `json:"initiator"`

	Status      workflow.InstanceStatus `json:"status"`
	RequestTime int64                   `json:"request_time"`
	CreateTime  int64                   `json:"create_time"`
	StartTime   int64                   `json:"start_time,omitempty"`
	EndTime     int64                   `json:"end_time,omitempty"`
	ModifyTime  int64                   `json:"modify_time"`

	Overview   *Overview                          `json:"runtime_overview"`
	Artifacts  *workflow.Ordered[json.RawMessage] `json:"artifacts,omitzero"`
	Timeline   workflow.Timeline                  `json:"timeline,omitempty"`
	Aggregated *Aggregated                        `json:"aggregated_info,omitempty"`
	Waiting    string                             `json:"waiting_reason,omitempty"`
}

// RunConfig is how a run was asked for.
type RunConfig struct {
	Policy        string         `json:"policy"`
	RuntimeTags   []workflow.Tag `json:"runtime_tags,omitempty"`
	CorrelationID string         `json:"correlation_id,omitempty"`
	*record.RunConfig
	Restart *RestartConfig `json:"restart_config,omitempty"`
}

// RestartConfig is how a run that follows another was asked for.
type RestartConfig struct {
	Path       []RestartNode                       `json:"restart_path"` // one node: nested instances are restarted at their root
	Policy     string                              `json:"restart_policy"`
	By         *workflow.User                      `json:"by,omitempty"`
	Params     *workflow.Params                    `json:"restart_params,omitzero"`
	StepParams *workflow.Ordered[*workflow.Params] `json:"step_restart_params,omitzero"`
	SkipSteps  []workflow.StepID                   `json:"skip_steps,omitempty"`
}

// RestartNode is an instance, and the step from which it is restarted.
type RestartNode struct {
	WorkflowID workflow.ID     `json:"workflow_id"`
	InstanceID int64           `json:"instance_id"`
	StepID     workflow.StepID `json:"step_id,omitempty"`
}

func newRestartConfig(run *decide.Run) *RestartConfig {
	h := run.Header
	if h.Restart == nil {
		return nil
	}
	return &RestartConfig{Path: []RestartNode{{run.Key.Workflow, run.Key.Instance, h.Restart.Step}}, Policy: h.Policy, By: h.Restart.By,
		Params: h.RunParams, StepParams: h.StepRunParams, SkipSteps: h.Restart.SkipSteps}
}

// RunProperties are the properties that a run took over from its workflow.
type RunProperties struct {
	Owner           *workflow.User     `json:"owner,omitempty"`
	Alerting        *workflow.Alerting `json:"alerting,omitempty"`
	StepConcurrency *int64             `json:"step_concurrency,omitempty"`
	Tags            []workflow.Tag     `json:"tags,omitempty"`
}

// Edges are the steps around a step.
type Edges struct {
	Successors   *workflow.Ordered[string] `json:"successors,omitzero"`
	Predecessors []workflow.StepID         `json:"predecessors,omitempty"`
}

// NewInstance makes the document of a run. timeline is the run's own.
func NewInstance(run *decide.Run, timeline workflow.Timeline) *Instance {
	h, s := run.Header, run.State
	out := &Instance{
		WorkflowID: run.Key.Workflow, InstanceID: run.Key.Instance, RunID: run.Key.Run,
		UUID: h.UUID, VersionID: h.Version, InternalID: h.InternalID, CorrelationID: h.CorrelationID,
		RunConfig: &RunConfig{Policy: h.Policy, RuntimeTags: h.RuntimeTags, CorrelationID: h.CorrelationID,
			RunConfig: h.Config, Restart: newRestartConfig(run)},
		RunParams: h.RunParams, StepRunParams: h.StepRunParams,
		Workflow: body(run), DAG: NewDAG(run), Timeout: h.Timeout, Params: orEmpty(h.Params),
		Initiator: h.Initiator, Status: s.Status, RequestTime: h.RequestTime, CreateTime: s.Created, StartTime: s.Start,
		EndTime: s.End, ModifyTime: modified(run), Overview: NewOverview(run), Artifacts: h.Artifacts, Timeline: timeline,
	}
	if p := h.Properties; p != nil {
		out.RunProperties = &RunProperties{Owner: p.Owner, Alerting: p.Alerting, StepConcurrency: p.StepConcurrency, Tags: p.Tags}
	}
	if s.Start != 0 {
		out.ExecutionID = decide.NameUUID(run.Key.String())
	}
	return out
}

// body is the definition of what the run ran: that of an iteration is named like its instances.
func body(run *decide.Run) *workflow.Workflow {
	out := run.Definition.Version.Workflow
	if run.Header.Inline() {
		inline := *out
		inline.ID, out = run.Key.Workflow, &inline
	}
	return out
}

func orEmpty(params *workflow.Params) *workflow.Params {
	if params == nil {
		return &workflow.Params{}
	}
	return params
}

// NewDAG returns the edges of each step that the run has, in the order of the definition.
func NewDAG(run *decide.Run) *workflow.Ordered[*Edges] {
	out, definition := &workflow.Ordered[*Edges]{}, run.Definition
	for i, step := range definition.Steps {
		if !run.State.Steps[i].Part.Runs() {
			continue
		}
		edges := &Edges{Successors: step.Transition.Successors}
		for _, edge := range definition.Graph.Preds(i) {
			edges.Predecessors = append(edges.Predecessors, definition.Steps[edge.From].ID)
		}
		out.Set(step.ID, edges)
	}
	return out
}

// modified is the time of the newest change that the state tells of.
func modified(run *decide.Run) int64 {
	newest := max(run.State.Created, run.State.Start, run.State.End)
	for i := range run.State.Steps {
		newest = max(newest, run.State.Steps[i].Start, run.State.Steps[i].End)
	}
	return newest
}

// Enrich puts the changes of status into the timeline of the document.
func (i *Instance) Enrich() {
	statuses := []workflow.Event{status(i.CreateTime, string(workflow.InstanceCreated))}
	if i.StartTime != 0 {
		statuses = append(statuses, status(i.StartTime, string(workflow.InstanceInProgress)))
	}
	if i.EndTime != 0 {
		statuses = append(statuses, status(i.EndTime, string(i.Status)))
	}
	i.Timeline = enrich(i.Timeline, statuses)
}
