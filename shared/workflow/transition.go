package workflow

import (
	"fmt"
	"slices"
	"strings"
)

// ended are the ways in which an attempt ends from outside. Who skips it, or lets its run go on after it failed, may
// find that the condition of a transition fails.
var ended = []StepStatus{Skipped, Stopped, TimedOut, FatallyFailed, CompletedWithError, InternallyFailed}

// failed are the ways in which an attempt whose runtime was called ends other than well.
var failed = append([]StepStatus{UserFailed, PlatformFailed, TimeoutFailed}, ended...)

// stepMoves is the state machine of an attempt: every legal change of status and no other.
// A terminal status leads to CREATED only, which is the next attempt of the step: a retry after the
// retryable statuses, a restart in the running instance after the others.
var stepMoves = [stepStatusEnd][]StepStatus{
	NotCreated:         {Created},
	Created:            append([]StepStatus{Initialized, Unsatisfied}, ended...),
	Initialized:        append([]StepStatus{Paused, WaitingForSignals}, ended...),
	Paused:             append([]StepStatus{WaitingForSignals}, ended...),
	WaitingForSignals:  append([]StepStatus{EvaluatingParams}, ended...),
	EvaluatingParams:   append([]StepStatus{WaitingForPermits}, ended...),
	WaitingForPermits:  append([]StepStatus{Starting}, ended...),
	Starting:           append([]StepStatus{Running}, failed...),
	Running:            append([]StepStatus{Finishing}, failed...),
	Finishing:          append([]StepStatus{Succeeded}, failed...),
	Unsatisfied:        {Created},
	Disabled:           {Created},
	Skipped:            {Created},
	Succeeded:          {Created},
	CompletedWithError: {Created},
	UserFailed:         append([]StepStatus{Created}, ended...),
	PlatformFailed:     append([]StepStatus{Created}, ended...),
	TimeoutFailed:      append([]StepStatus{Created}, ended...),
	FatallyFailed:      {Created},
	InternallyFailed:   {Created},
	Stopped:            {Created},
	TimedOut:           {Created},
}

// instanceMoves is the state machine of a run.
var instanceMoves = map[InstanceStatus][]InstanceStatus{
	InstanceCreated:    {InstanceInProgress, InstanceStopped, InstanceFailed},
	InstanceInProgress: {InstancePaused, InstanceSucceeded, InstanceFailed, InstanceStopped, InstanceTimedOut},
	InstancePaused:     {InstanceInProgress, InstanceFailed, InstanceStopped, InstanceTimedOut},
}

// StepMoves returns the statuses that may follow s.
func StepMoves(s StepStatus) []StepStatus { return stepMoves[s] }

// CanMove tells whether an attempt in status s may change to status to.
func (s StepStatus) CanMove(to StepStatus) bool { return slices.Contains(stepMoves[s], to) }

// CanMove tells whether a run in status s may change to status to.
func (s InstanceStatus) CanMove(to InstanceStatus) bool { return slices.Contains(instanceMoves[s], to) }

// StepDiagram draws the state machine of an attempt in Mermaid's words.
func StepDiagram() string {
	var out strings.Builder
	out.WriteString("stateDiagram-v2\n")
	for from, targets := range stepMoves {
		for _, to := range targets {
			fmt.Fprintf(&out, "    %s --> %s\n", StepStatus(from), to)
		}
	}
	return out.String()
}

// InstanceDiagram draws the state machine of a run in Mermaid's words.
func InstanceDiagram() string {
	var out strings.Builder
	out.WriteString("stateDiagram-v2\n    [*] --> CREATED\n")
	for _, from := range InstanceStatuses {
		for _, to := range instanceMoves[from] {
			fmt.Fprintf(&out, "    %s --> %s\n", from, to)
		}
		if from.Terminal() {
			fmt.Fprintf(&out, "    %s --> [*]\n", from)
		}
	}
	return out.String()
}
