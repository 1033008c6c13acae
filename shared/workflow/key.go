package workflow

import (
	"fmt"
	"strconv"
	"strings"
)

// ID names a workflow: 1 to 128 of A-Z a-z 0-9 _ . -
type ID = string

// StepID names a step; it is unique over the whole definition.
type StepID = string

// RunKey names one run of one instance. Numbers count from 1.
type RunKey struct {
	Workflow ID    `json:"wf"`
	Instance int64 `json:"i"`
	Run      int64 `json:"r"`
}

// String is the form that people read and that correlation ids have: workflow:instance:run.
func (k RunKey) String() string {
	return fmt.Sprintf("%s:%d:%d", k.Workflow, k.Instance, k.Run)
}

// ParseRunKey reads the form that String writes. It returns CodeInvalid for any other text.
func ParseRunKey(text string) (RunKey, error) {
	parts := strings.Split(text, ":")
	if len(parts) == 3 {
		instance, err1 := strconv.ParseInt(parts[1], 10, 64)
		run, err2 := strconv.ParseInt(parts[2], 10, 64)
		if err1 == nil && err2 == nil && instance > 0 && run > 0 && parts[0] != "" {
			return RunKey{parts[0], instance, run}, nil
		}
	}
	return RunKey{}, Errorf(CodeInvalid, "%q is not a run key (workflow:instance:run)", text)
}

// AttemptKey names one attempt of a step in a run.
type AttemptKey struct {
	RunKey
	Step    StepID
	Attempt int64
}

// String is also the idempotency key that a job gets.
func (k AttemptKey) String() string {
	return fmt.Sprintf("%s:%s:%d", k.RunKey, k.Step, k.Attempt)
}
