package workflow

import "encoding/json"

// Run strategy rules.
const (
	Sequential       = "SEQUENTIAL"
	StrictSequential = "STRICT_SEQUENTIAL"
	FirstOnly        = "FIRST_ONLY"
	LastOnly         = "LAST_ONLY"
	Parallel         = "PARALLEL"
	SerialLatestOnly = "SERIAL_LATEST_ONLY"
)

// RunStrategy decides which of a workflow's runs may execute together.
type RunStrategy struct {
	Rule        string `json:"rule"`
	Concurrency int64  `json:"workflow_concurrency"`            // 1..1000
	BlockOnAll  bool   `json:"block_on_unsuccessful,omitempty"` // STRICT_SEQUENTIAL: STOPPED and TIMED_OUT block too
}

// DefaultRunStrategy holds where the properties name none.
var DefaultRunStrategy = RunStrategy{Rule: Sequential, Concurrency: 1}

// Properties belong to a workflow, not to a version; nil fields are absent.
type Properties struct {
	Owner                 *User           `json:"owner,omitempty"`
	AccessControl         json.RawMessage `json:"access_control,omitempty"`
	RunStrategy           *RunStrategy    `json:"run_strategy,omitempty"`
	StepConcurrency       *int64          `json:"step_concurrency,omitempty"`
	MaxQueued             *int64          `json:"max_queued,omitempty"` // how many starts may wait; 0 or absent: any number
	Alerting              *Alerting       `json:"alerting,omitempty"`
	AlertingDisabled      *bool           `json:"alerting_disabled,omitempty"`
	SignalTriggerDisabled *bool           `json:"signal_trigger_disabled,omitempty"`
	TimeTriggerDisabled   *bool           `json:"time_trigger_disabled,omitempty"`
	Description           string          `json:"description,omitempty"`
	Tags                  []Tag           `json:"tags,omitempty"`
}

// PropertiesUpdate is the body of the properties endpoint: new values and explicit resets.
type PropertiesUpdate struct {
	Properties
	ResetRunStrategyRule     bool `json:"reset_run_strategy_rule,omitempty"`
	ResetWorkflowConcurrency bool `json:"reset_workflow_concurrency,omitempty"`
	ResetStepConcurrency     bool `json:"reset_step_concurrency,omitempty"`
}
