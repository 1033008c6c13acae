package workflow

import (
	"cmp"
	"encoding/json"
	"strconv"
	"time"
)

// Request is what a user pushes: one workflow, and the properties that go with it.
type Request struct {
	Properties *Properties   `json:"properties,omitempty"`
	Workflow   *Workflow     `json:"workflow"`
	IsActive   bool          `json:"is_active"` // defaults to true
	GitInfo    *GitInfo      `json:"git_info,omitempty"`
	Extras     *Ordered[any] `json:"-"` // every other key; it goes into the metadata
}

// MarshalJSON writes the extras beside the known keys.
func (r *Request) MarshalJSON() ([]byte, error) {
	var doc Ordered[any]
	if r.Properties != nil {
		doc.Set("properties", r.Properties)
	}
	doc.Set("workflow", r.Workflow)
	doc.Set("is_active", r.IsActive)
	if r.GitInfo != nil {
		doc.Set("git_info", r.GitInfo)
	}
	for key, value := range r.Extras.All() {
		doc.Set(key, value)
	}
	return doc.MarshalJSON()
}

// GitInfo says where a definition came from.
type GitInfo struct {
	Origin             string `json:"origin,omitempty"`
	Branch             string `json:"branch,omitempty"`
	SHA                string `json:"sha,omitempty"`
	Path               string `json:"path,omitempty"`
	Author             string `json:"author,omitempty"`
	Timestamp          any    `json:"timestamp,omitempty"`
	UncommittedChanges any    `json:"uncommitted_changes,omitempty"`
}

// Workflow is the body of a definition.
type Workflow struct {
	ID                      ID              `json:"id"`
	Name                    string          `json:"name,omitempty"`
	Description             string          `json:"description,omitempty"`
	Tags                    []Tag           `json:"tags,omitempty"`
	Timeout                 *ParsableLong   `json:"timeout,omitempty"`
	TimeTriggers            []TimeTrigger   `json:"time_triggers,omitempty"`
	SignalTriggers          []SignalTrigger `json:"signal_triggers,omitempty"`
	Criticality             string          `json:"criticality,omitempty"` // CRITICAL, HIGH, MEDIUM, LOW
	InstanceStepConcurrency int64           `json:"instance_step_concurrency,omitempty"`
	Params                  *Params         `json:"params,omitzero"`
	Steps                   []*Step         `json:"steps"`
}

// Title is what people call the workflow: its name, and without one its id.
func (w *Workflow) Title() string { return cmp.Or(w.Name, w.ID) }

// StepKind is the wrapper of a step.
type StepKind string

const (
	KindStep        StepKind = "step"
	KindSubworkflow StepKind = "subworkflow"
	KindForeach     StepKind = "foreach"
	KindWhile       StepKind = "while"
	KindTemplate    StepKind = "template"
)

// FailureMode says what a fatally failed step does to its run.
type FailureMode string

const (
	FailAfterRunning FailureMode = "FAIL_AFTER_RUNNING" // other branches go on to their end
	FailImmediately  FailureMode = "FAIL_IMMEDIATELY"   // everything unfinished is stopped
	IgnoreFailure    FailureMode = "IGNORE_FAILURE"     // the step counts as completed with error
)

// Step is a node of the definition. Which fields may be set depends on Kind.
type Step struct {
	Kind StepKind `json:"-"`

	ID                 StepID             `json:"id"`
	Name               string             `json:"name,omitempty"`
	Description        string             `json:"description,omitempty"`
	Transition         Transition         `json:"transition"`
	FailureMode        FailureMode        `json:"failure_mode,omitempty"` // "" is FailAfterRunning
	Tags               []Tag              `json:"tags,omitempty"`
	Timeout            *ParsableLong      `json:"timeout,omitempty"`
	SignalDependencies []SignalDependency `json:"signal_dependencies,omitempty"`
	SignalOutputs      []SignalOutput     `json:"signal_outputs,omitempty"`
	Params             *Params            `json:"params,omitzero"`

	// typed step
	Type           string       `json:"type,omitempty"` // canonical case: NoOp, Sleep, Http …
	SubType        string       `json:"sub_type,omitempty"`
	SubTypeVersion string       `json:"sub_type_version,omitempty"`
	RetryPolicy    *RetryPolicy `json:"retry_policy,omitempty"`
	DeliveryPolicy *Delivery    `json:"delivery_policy,omitempty"` // nil: the deployment's

	// subworkflow
	Sync           *bool `json:"sync,omitempty"` // nil is true
	ExplicitParams *bool `json:"explicit_params,omitempty"`

	// foreach and while
	Concurrency       int64   `json:"concurrency,omitempty"`
	StrictOrdering    bool    `json:"strict_ordering,omitempty"`
	ContinueOnFailure bool    `json:"continue_on_failure,omitempty"` // further iterations begin although one failed
	Condition         string  `json:"condition,omitempty"`
	Steps             []*Step `json:"steps,omitempty"`
}

// MarshalJSON writes the step under the key of its kind.
func (s *Step) MarshalJSON() ([]byte, error) {
	type plain Step
	return json.Marshal(map[StepKind]*plain{s.Kind: (*plain)(s)})
}

// UnmarshalJSON reads what MarshalJSON writes. Definitions that users push are read with positions and checked by
// package definition.
func (s *Step) UnmarshalJSON(data []byte) error {
	type plain Step
	var wrapper map[StepKind]*plain
	if err := json.Unmarshal(data, &wrapper); err != nil {
		return err
	}
	for kind, body := range wrapper {
		if len(wrapper) == 1 && body != nil {
			*s = Step(*body)
			s.Kind = kind
			return nil
		}
	}
	return Errorf(CodeInvalid, "want an object with one field that names the kind of the step")
}

// RuntimeType returns the name under which the step's runtime is registered, in upper case.
func (s *Step) RuntimeType() string {
	switch s.Kind {
	case KindSubworkflow:
		return "SUBWORKFLOW"
	case KindForeach:
		return "FOREACH"
	case KindWhile:
		return "WHILE"
	case KindTemplate:
		return "TEMPLATE"
	}
	return upper(s.Type)
}

// Leaf tells whether a rollup counts the step as one leaf.
func (s *Step) Leaf() bool { return s.Kind == KindStep }

// Transition holds the outgoing edges: step id to condition, "true" for always.
type Transition struct {
	Successors   *Ordered[string] `json:"successors,omitzero"`
	Predecessors []StepID         `json:"predecessors,omitempty"`
}

// ParsableLong is a non-negative integer, or a text that becomes one after interpolation.
type ParsableLong struct {
	Text   string // set when the field was given as a string
	Number int64
	IsText bool
}

// MarshalJSON writes the form in which it was given.
func (p ParsableLong) MarshalJSON() ([]byte, error) {
	if p.IsText {
		return json.Marshal(p.Text)
	}
	return strconv.AppendInt(nil, p.Number, 10), nil
}

// UnmarshalJSON reads a number or a string.
func (p *ParsableLong) UnmarshalJSON(data []byte) error {
	*p = ParsableLong{}
	if len(data) > 0 && data[0] == '"' {
		p.IsText = true
		return json.Unmarshal(data, &p.Text)
	}
	return json.Unmarshal(data, &p.Number)
}

// String returns the text, or the number in decimal.
func (p ParsableLong) String() string {
	if p.IsText {
		return p.Text
	}
	return strconv.FormatInt(p.Number, 10)
}

// RetryPolicy limits automatic retries by cause; nil fields take the defaults.
type RetryPolicy struct {
	ErrorRetryLimit    *ParsableLong `json:"error_retry_limit,omitempty"`
	PlatformRetryLimit *ParsableLong `json:"platform_retry_limit,omitempty"`
	TimeoutRetryLimit  *ParsableLong `json:"timeout_retry_limit,omitempty"`
	Backoff            *Backoff      `json:"backoff,omitempty"`
}

// Backoff kinds.
const (
	ExponentialBackoff = "EXPONENTIAL_BACKOFF"
	FixedBackoff       = "FIXED_BACKOFF"
)

// Backoff says how long to wait before a retry, by cause, in seconds.
type Backoff struct {
	Type   string `json:"type"`             // "" is ExponentialBackoff
	Jitter string `json:"jitter,omitempty"` // "" is none; FullJitter

	ErrorBackoff     *ParsableLong `json:"error_retry_backoff_in_secs,omitempty"`
	ErrorExponent    *ParsableLong `json:"error_retry_exponent,omitempty"`
	ErrorLimit       *ParsableLong `json:"error_retry_limit_in_secs,omitempty"`
	PlatformBackoff  *ParsableLong `json:"platform_retry_backoff_in_secs,omitempty"`
	PlatformExponent *ParsableLong `json:"platform_retry_exponent,omitempty"`
	PlatformLimit    *ParsableLong `json:"platform_retry_limit_in_secs,omitempty"`
	TimeoutBackoff   *ParsableLong `json:"timeout_retry_backoff_in_secs,omitempty"`
	TimeoutExponent  *ParsableLong `json:"timeout_retry_exponent,omitempty"`
	TimeoutLimit     *ParsableLong `json:"timeout_retry_limit_in_secs,omitempty"`
}

// FullJitter spreads the delays before retries over everything from nothing up to what the backoff says.
const FullJitter = "FULL"

// SignalDependency is a signal that a step waits for.
type SignalDependency struct {
	Name        string                `json:"name"`
	MatchParams *Ordered[*MatchParam] `json:"match_params,omitzero"`
}

// MatchParam is one condition on a signal param. Dependencies give a param, triggers a plain value.
type MatchParam struct {
	Param    *Param `json:"param,omitempty"`
	Value    any    `json:"value,omitempty"` // string or int64
	Operator string `json:"operator"`        // = > >= < <=
}

// UnmarshalJSON keeps integers exact.
func (m *MatchParam) UnmarshalJSON(data []byte) error {
	type plain MatchParam
	var exact struct {
		plain
		Value json.RawMessage `json:"value"`
	}
	if err := json.Unmarshal(data, &exact); err != nil {
		return err
	}
	*m = MatchParam(exact.plain)
	if exact.Value == nil {
		return nil
	}
	value, err := DecodeAny(exact.Value)
	m.Value = Plain(value)
	return err
}

// SignalOutput is a signal that a step announces when it finishes.
type SignalOutput struct {
	Name    string  `json:"name"`
	Params  *Params `json:"params,omitzero"`
	Payload *Params `json:"payload,omitzero"`
}

// SignalTrigger starts the workflow when the joined signals arrived.
type SignalTrigger struct {
	Definitions *Ordered[*SignalMatch] `json:"definitions"`
	Params      *Params                `json:"params,omitzero"`
	Condition   string                 `json:"condition,omitempty"`
	DedupExpr   string                 `json:"dedup_expr,omitempty"`
}

// SignalMatch selects the instances of one signal of a trigger.
type SignalMatch struct {
	MatchParams *Ordered[*MatchParam] `json:"match_params,omitzero"`
	JoinKeys    []string              `json:"join_keys,omitempty"`
}

// Time trigger types.
const (
	TriggerCron       = "CRON"
	TriggerPredefined = "PREDEFINED"
	TriggerInterval   = "INTERVAL"
)

// TimeTrigger starts the workflow at times.
type TimeTrigger struct {
	Type          string        `json:"type"`
	Cron          string        `json:"cron,omitempty"`
	Expression    string        `json:"expression,omitempty"` // @hourly, @daily, @weekly, @monthly, @yearly
	Interval      any           `json:"interval,omitempty"`
	Start         any           `json:"start,omitempty"`
	Timezone      string        `json:"timezone,omitempty"`
	FuzzyMaxDelay *ParsableLong `json:"fuzzy_max_delay,omitempty"`
}

// Version is one immutable definition as it is stored.
type Version struct {
	Number     int64         `json:"version"`
	Author     string        `json:"author"`
	CreateTime int64         `json:"create_time"`
	InternalID int64         `json:"internal_id"`
	GitInfo    *GitInfo      `json:"git_info,omitempty"`
	Extras     *Ordered[any] `json:"extras,omitzero"`
	Workflow   *Workflow     `json:"workflow"`
}

// MaxTimeout is the longest time-out of a workflow or a step.
const MaxTimeout = 120 * 24 * time.Hour

// DefaultTimeout is the time-out of workflows and steps that state none.
const DefaultTimeout = 10 * 24 * time.Hour
