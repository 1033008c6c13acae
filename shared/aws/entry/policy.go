package entry

import (
	"log/slog"

	"github.com/segue-workflows/segue/shared/workflow"
)

// verdict says what becomes of a message.
type verdict uint8

const (
	acknowledge verdict = iota
	leave               // it comes again, and in the end becomes a dead letter
	park                // people have to look at it
)

// ruling is what the policy says of an error code.
type ruling struct {
	verdict verdict
	level   slog.Level
}

// policy is what becomes of a message whose handler returned an error of a code. Conflicts are not left by
// the loop, which decides again until half of its time is used; one that gets here is left all the same,
// since nothing was recorded.
var policy = map[workflow.Code]ruling{
	workflow.CodeInvalid:      {acknowledge, slog.LevelWarn},
	workflow.CodeNotFound:     {acknowledge, slog.LevelWarn},
	workflow.CodePrecondition: {acknowledge, slog.LevelWarn},
	workflow.CodeUnprocessed:  {acknowledge, slog.LevelWarn},
	workflow.CodeStale:        {acknowledge, slog.LevelDebug},
	workflow.CodeConflict:     {leave, slog.LevelWarn},
	workflow.CodeTimeout:      {leave, slog.LevelWarn},
	workflow.CodeOverloaded:   {leave, slog.LevelWarn},
	workflow.CodeUnavailable:  {leave, slog.LevelWarn},
	workflow.CodeDenied:       {leave, slog.LevelError},
	workflow.CodeInternal:     {leave, slog.LevelError},
}

// rule returns the ruling for an error of a handler; one that the policy does not know is a bug, and left.
func rule(err error) ruling {
	if err == nil {
		return ruling{acknowledge, slog.LevelDebug}
	}
	if found, ok := policy[workflow.CodeOf(err)]; ok {
		return found
	}
	return policy[workflow.CodeInternal]
}
