package workflow

import (
	"slices"
	"strings"
)

func upper(text string) string { return strings.ToUpper(text) }

// InstanceStatus is the status of one run of an instance.
type InstanceStatus string

const (
	InstanceCreated    InstanceStatus = "CREATED"     // accepted; queued until the strategy lets it begin
	InstanceInProgress InstanceStatus = "IN_PROGRESS" // begun
	InstancePaused     InstanceStatus = "PAUSED"      // begun; starts no further step until resumed
	InstanceSucceeded  InstanceStatus = "SUCCEEDED"
	InstanceFailed     InstanceStatus = "FAILED"
	InstanceStopped    InstanceStatus = "STOPPED"
	InstanceTimedOut   InstanceStatus = "TIMED_OUT"
)

// Terminal tells whether the run has ended; a terminal status is never overwritten.
func (s InstanceStatus) Terminal() bool {
	switch s {
	case InstanceSucceeded, InstanceFailed, InstanceStopped, InstanceTimedOut:
		return true
	}
	return false
}

// InstanceStatuses lists all statuses in the order of their life.
var InstanceStatuses = []InstanceStatus{InstanceCreated, InstanceInProgress, InstancePaused,
	InstanceSucceeded, InstanceFailed, InstanceStopped, InstanceTimedOut}

// StepStatus is the status of one attempt of a step. Its number is the wire form of packed run state:
// never renumber.
type StepStatus uint8

const (
	NotCreated StepStatus = iota
	Created
	Initialized
	Paused
	WaitingForSignals
	EvaluatingParams
	WaitingForPermits
	Starting
	Running
	Finishing
	Disabled
	Unsatisfied
	Skipped
	Succeeded
	CompletedWithError
	UserFailed
	PlatformFailed
	TimeoutFailed
	FatallyFailed
	InternallyFailed
	Stopped
	TimedOut
	stepStatusEnd
)

type stepTraits struct {
	name                                   string
	terminal, complete, referred, retrying bool
}

// steps is the status table of the specification: T terminal for the attempt, C successors may proceed,
// O shown with references in rollups, R retried automatically.
var steps = [stepStatusEnd]stepTraits{
	NotCreated:         {name: "NOT_CREATED"},
	Created:            {name: "CREATED"},
	Initialized:        {name: "INITIALIZED"},
	Paused:             {name: "PAUSED", referred: true},
	WaitingForSignals:  {name: "WAITING_FOR_SIGNALS", referred: true},
	EvaluatingParams:   {name: "EVALUATING_PARAMS", referred: true},
	WaitingForPermits:  {name: "WAITING_FOR_PERMITS", referred: true},
	Starting:           {name: "STARTING"},
	Running:            {name: "RUNNING", referred: true},
	Finishing:          {name: "FINISHING"},
	Disabled:           {name: "DISABLED", terminal: true, complete: true},
	Unsatisfied:        {name: "UNSATISFIED", terminal: true, complete: true},
	Skipped:            {name: "SKIPPED", terminal: true, complete: true},
	Succeeded:          {name: "SUCCEEDED", terminal: true, complete: true},
	CompletedWithError: {name: "COMPLETED_WITH_ERROR", terminal: true, complete: true},
	UserFailed:         {name: "USER_FAILED", terminal: true, referred: true, retrying: true},
	PlatformFailed:     {name: "PLATFORM_FAILED", terminal: true, referred: true, retrying: true},
	TimeoutFailed:      {name: "TIMEOUT_FAILED", terminal: true, referred: true, retrying: true},
	FatallyFailed:      {name: "FATALLY_FAILED", terminal: true, referred: true},
	InternallyFailed:   {name: "INTERNALLY_FAILED", terminal: true, referred: true},
	Stopped:            {name: "STOPPED", terminal: true, referred: true},
	TimedOut:           {name: "TIMED_OUT", terminal: true, referred: true},
}

// StepStatuses lists all statuses in the order of their life.
func StepStatuses() []StepStatus {
	out := make([]StepStatus, stepStatusEnd)
	for i := range out {
		out[i] = StepStatus(i)
	}
	return out
}

// ParseStepStatus reads the wire name. It returns CodeInvalid for an unknown one.
func ParseStepStatus(name string) (StepStatus, error) {
	i := slices.IndexFunc(steps[:], func(t stepTraits) bool { return t.name == name })
	if i < 0 {
		return 0, Errorf(CodeInvalid, "unknown step status %q", name)
	}
	return StepStatus(i), nil
}

// String returns the wire name.
func (s StepStatus) String() string { return steps[s].name }

// Terminal tells whether the attempt has ended.
func (s StepStatus) Terminal() bool { return steps[s].terminal }

// Complete tells whether successors may proceed.
func (s StepStatus) Complete() bool { return steps[s].complete }

// Referred tells whether rollups list the attempts in this status.
func (s StepStatus) Referred() bool { return steps[s].referred }

// Retrying tells whether another attempt follows by itself.
func (s StepStatus) Retrying() bool { return steps[s].retrying }

// Failed tells whether a run that ends with this step failed.
func (s StepStatus) Failed() bool { return s == FatallyFailed || s == InternallyFailed }

// Live tells whether the step was created and its attempt has not ended for good: an action can still reach it.
func (s StepStatus) Live() bool { return s != NotCreated && (!s.Terminal() || s.Retrying()) }

// MarshalText writes the wire name.
func (s StepStatus) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// UnmarshalText reads the wire name.
func (s *StepStatus) UnmarshalText(text []byte) (err error) {
	*s, err = ParseStepStatus(string(text))
	return err
}
