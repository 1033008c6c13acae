package view

import (
	"context"
	"encoding/json"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Step is the document of one attempt of a step.
type Step struct {
	WorkflowID    workflow.ID     `json:"workflow_id"`
	InstanceID    int64           `json:"workflow_instance_id"`
	RunID         int64           `json:"workflow_run_id"`
	StepID        workflow.StepID `json:"step_id"`
	StepInstance  int64           `json:"step_instance_id"`
	Attempt       int64           `json:"step_attempt_id"` // 0: the step was not created yet
	WorkflowUUID  string          `json:"workflow_uuid"`
	StepUUID      string          `json:"step_uuid,omitempty"`
	CorrelationID string          `json:"correlation_id"`
	VersionID     int64           `json:"workflow_version_id"`
	Owner         *workflow.User  `json:"owner,omitempty"`

	Definition *workflow.Step   `json:"definition"`
	Tags       []workflow.Tag   `json:"tags,omitempty"`
	Params     *workflow.Params `json:"params,omitzero"`
	Transition Outgoing         `json:"transition"`
	Retry      *Retry           `json:"step_retry,omitempty"`
	Timeout    int64            `json:"timeout_in_millis,omitempty"`
	Failures   int64            `json:"failed_deliveries,omitempty"` // of this attempt; a retry begins with none
	DeadLetter bool             `json:"dead_letter,omitempty"`       // the attempt was set aside
	Runtime    RuntimeState     `json:"runtime_state"`

	Artifacts     *workflow.Ordered[json.RawMessage] `json:"artifacts,omitzero"`
	Timeline      workflow.Timeline                  `json:"timeline,omitempty"`
	StepRunParams *workflow.Params                   `json:"step_run_params,omitzero"`
	Waiting       string                             `json:"waiting_reason,omitempty"`
	Dependencies  *Dependencies                      `json:"signal_dependencies,omitempty"`
	Outputs       *Outputs                           `json:"signal_outputs,omitempty"`
}

// Outgoing are the conditions of the edges that leave a step; once the step is complete they are evaluated.
type Outgoing struct {
	Successors *workflow.Params `json:"successors,omitzero"`
}

// Retry counts automatic retries by cause.
type Retry struct {
	Errors        int64             `json:"error_retries"`
	ErrorLimit    int64             `json:"error_retry_limit"`
	Platform      int64             `json:"platform_retries"`
	PlatformLimit int64             `json:"platform_retry_limit"`
	Timeouts      int64             `json:"timeout_retries"`
	TimeoutLimit  int64             `json:"timeout_retry_limit"`
	Manual        int64             `json:"manual_retries"`
	Retryable     bool              `json:"retryable"`
	Backoff       *workflow.Backoff `json:"backoff,omitempty"`
}

// RuntimeState is the status of an attempt, and when it entered each status on its way.
type RuntimeState struct {
	Status        workflow.StepStatus `json:"status"`
	Create        int64               `json:"create_time,omitempty"`
	Initialize    int64               `json:"initialize_time,omitempty"`
	Pause         int64               `json:"pause_time,omitempty"`
	WaitSignal    int64               `json:"wait_signal_time,omitempty"`
	EvaluateParam int64               `json:"evaluate_param_time,omitempty"`
	WaitPermit    int64               `json:"wait_permit_time,omitempty"`
	Start         int64               `json:"start_time,omitempty"`
	Execute       int64               `json:"execute_time,omitempty"`
	Finish        int64               `json:"finish_time,omitempty"`
	End           int64               `json:"end_time,omitempty"`
	Modify        int64               `json:"modify_time,omitempty"`
}

// Attempt is what there is to know of one attempt.
type Attempt struct {
	Run     *decide.Run
	Ordinal int
	Detail  *record.Detail // nil: the step was not created yet
	Retries [4]int64       // so far, by cause, this attempt's own failure included
	Newest  bool
}

// NewStep makes the document of an attempt.
func NewStep(ctx context.Context, a Attempt, settings param.Runtime) *Step {
	run, definition := a.Run, a.Run.Definition.Steps[a.Ordinal]
	out := &Step{WorkflowID: run.Key.Workflow, InstanceID: run.Key.Instance, RunID: run.Key.Run, StepID: definition.ID,
		StepInstance: int64(a.Ordinal) + 1, WorkflowUUID: run.Header.UUID, CorrelationID: run.Header.CorrelationID,
		VersionID: run.Header.Version, Definition: definition, Tags: definition.Tags}
	if run.Header.Properties != nil {
		out.Owner = run.Header.Properties.Owner
	}
	out.StepRunParams, _ = run.Header.StepRunParams.Get(definition.ID)
	if a.Detail == nil {
		out.Runtime.Status = workflow.NotCreated
		out.Transition = outgoing(a, workflow.NotCreated, 0)
		return out
	}
	key := workflow.AttemptKey{RunKey: run.Key, Step: definition.ID, Attempt: a.Detail.Attempt}
	out.Attempt, out.StepUUID = key.Attempt, decide.AttemptUUID(run.Header.UUID, key)
	out.Params, out.Artifacts, out.Timeline, out.Timeout = a.Detail.Params, a.Detail.Artifacts, a.Detail.Timeline, a.Detail.Timeout
	if len(a.Detail.Tags) > 0 {
		out.Tags = a.Detail.Tags
	}
	out.Failures, out.DeadLetter = a.Detail.Failures, a.Detail.Aside
	out.Runtime = NewRuntimeState(a.Detail.Moves)
	out.Transition = outgoing(a, out.Runtime.Status, out.Runtime.End)
	out.Dependencies, out.Outputs = dependencies(a.Detail), outputs(a.Detail)
	out.Retry = retry(ctx, a, out.Runtime.Status, settings)
	return out
}

// NewRuntimeState reads the times from the moves of an attempt.
func NewRuntimeState(moves []record.Move) RuntimeState {
	var s RuntimeState
	for _, move := range moves {
		s.Status, s.Modify = move.To, move.At
		if at := s.time(move.To); at != nil {
			*at = move.At
		}
	}
	return s
}

// time returns where the time of entering a status is kept; nil for NOT_CREATED.
func (s *RuntimeState) time(status workflow.StepStatus) *int64 {
	switch status {
	case workflow.Created:
		return &s.Create
	case workflow.Initialized:
		return &s.Initialize
	case workflow.Paused:
		return &s.Pause
	case workflow.WaitingForSignals:
		return &s.WaitSignal
	case workflow.EvaluatingParams:
		return &s.EvaluateParam
	case workflow.WaitingForPermits:
		return &s.WaitPermit
	case workflow.Starting:
		return &s.Start
	case workflow.Running:
		return &s.Execute
	case workflow.Finishing:
		return &s.Finish
	}
	if status.Terminal() {
		return &s.End
	}
	return nil
}

// outgoing turns the edges of a step into BOOLEAN params. Only the newest attempt can be the one that decided.
func outgoing(a Attempt, status workflow.StepStatus, at int64) Outgoing {
	edges := a.Run.Definition.Graph.Succs(a.Ordinal)
	if len(edges) == 0 {
		return Outgoing{}
	}
	out := &workflow.Params{}
	step := &a.Run.State.Steps[a.Ordinal]
	for i, edge := range edges {
		p := &workflow.Param{Type: workflow.Boolean, Expression: edge.Condition, HasExpr: true}
		if a.Newest && status.Complete() {
			p.Evaluated, p.Result, p.EvaluatedAt = true, step.Taken(i), at
		}
		out.Set(a.Run.Definition.Steps[edge.To].ID, p)
	}
	return Outgoing{Successors: out}
}

func retry(ctx context.Context, a Attempt, status workflow.StepStatus, settings param.Runtime) *Retry {
	limits := limitsOf(ctx, a.Run, a.Ordinal, settings)
	out := &Retry{Errors: a.Retries[record.UserCause], ErrorLimit: limits.Error,
		Platform: a.Retries[record.PlatformCause], PlatformLimit: limits.Platform,
		Timeouts: a.Retries[record.TimeoutCause], TimeoutLimit: limits.Timeout, Manual: a.Retries[record.ManualCause]}
	ended := status.Terminal() && !status.Complete() && !status.Retrying()
	out.Retryable = a.Run.Definition.Steps[a.Ordinal].Kind == workflow.KindStep && !ended
	if policy := a.Run.Definition.Steps[a.Ordinal].RetryPolicy; policy != nil {
		out.Backoff = policy.Backoff
	}
	return out
}

// limitsOf returns the retry limits of a step; only typed steps are retried automatically.
func limitsOf(ctx context.Context, run *decide.Run, ordinal int, settings param.Runtime) param.RetryLimits {
	step := run.Definition.Steps[ordinal]
	if step.Kind != workflow.KindStep {
		return param.RetryLimits{}
	}
	limits, _ := param.Retry(ctx, step.RetryPolicy, param.Scope{Initiator: run.Header.Initiator, RunPolicy: run.Header.Policy,
		Workflow: run.Header.Params, Now: time.UnixMilli(run.State.Created).UTC(), Runtime: settings})
	return limits
}

// Enrich puts the changes of status into the timeline of the document.
func (s *Step) Enrich(moves []record.Move) {
	statuses := make([]workflow.Event, 0, len(moves))
	for _, move := range moves {
		statuses = append(statuses, status(move.At, move.To.String()))
	}
	s.Timeline = enrich(s.Timeline, statuses)
}
