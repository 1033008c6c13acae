package job

import (
	"context"
	"errors"

	"github.com/aws/smithy-go/middleware"

	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"

	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Sender is the part of queue.Queue that hands over messages.
type Sender interface {
	Send(ctx context.Context, name string, messages ...queue.Message) error
}

// Queues sends tasks to the queues of workers: those that the Sender knows by their names.
type Queues struct{ Sender Sender }

// Send sends one task.
func (q Queues) Send(ctx context.Context, name string, task []byte) error {
	err := q.Sender.Send(ctx, name, queue.Message{Body: task})
	var refused *queue.SendError
	switch {
	case err == nil:
		return nil
	case errors.Is(err, queue.ErrNoQueue):
		return workflow.Errorf(workflow.CodeDenied, "this deployment has no queue of the name that the step gives: whoever deploys adds it to the choice %q", "workerQueues")
	case errors.Is(err, queue.ErrMalformed) && !errors.As(err, &refused):
		return workflow.Errorf(workflow.CodeInvalid, "the task of the step is no message that the queue takes")
	}
	return &workflow.Error{Code: workflow.CodeUnavailable, Text: "the queue did not take the task", Cause: err}
}

func requestID(of middleware.Metadata) string {
	id, _ := awsmiddleware.GetRequestIDMetadata(of)
	return id
}
