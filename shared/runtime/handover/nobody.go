package handover

import (
	"context"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Nobody is the other end of both ports where there is none: on one machine.
type Nobody struct{}

// Invoke returns CodeDenied.
func (Nobody) Invoke(context.Context, Invocation) (Answer, error) {
	return Answer{}, workflow.Errorf(workflow.CodeDenied,
		"Lambda steps call functions of AWS, which this server does not reach: deploy to run the step, or make it an Http or a Container step here")
}

// Send returns CodeDenied.
func (Nobody) Send(context.Context, string, []byte) error {
	return workflow.Errorf(workflow.CodeDenied,
		"Queue steps send to queues of AWS, which this server does not reach: deploy to run the step, or make it an Http or a Container step here")
}
