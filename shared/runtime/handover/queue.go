package handover

import (
	"context"
	"errors"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// QueueArtifact is the key of what a Queue step records.
const QueueArtifact = "segue_queue"

// queueParam describes the job of a Queue step: name, and heartbeat_seconds.
const queueParam = "queue"

// Sender sends tasks to queues of the deployment.
type Sender interface {
	// Send sends one task at least once. It returns CodeDenied for a queue that is not the deployment's to use,
	// CodeNotFound for one that is gone, and CodeUnavailable when it may succeed later.
	Send(ctx context.Context, queue string, task []byte) error
}

// Queue is the runtime of Queue steps.
type Queue struct{ Sender Sender }

// Start sends the task.
func (q Queue) Start(ctx context.Context, call runtime.Call) (runtime.Result, error) {
	o, task, err := q.prepare(call)
	if err == nil {
		err = q.Sender.Send(ctx, o.name, task)
	}
	switch {
	case err == nil:
		return runtime.Result{State: runtime.Done, Artifacts: artifact(QueueArtifact, map[string]string{"type": "QUEUE", "queue": o.name})}, nil
	case errors.Is(err, workflow.ErrUnavailable):
		return runtime.Result{}, err
	case errors.Is(err, workflow.ErrDenied), errors.Is(err, workflow.ErrInvalid), errors.Is(err, workflow.ErrNotFound):
		return ended(call, runtime.FatalError, err), nil
	}
	return ended(call, runtime.PlatformError, err), nil
}

func (q Queue) prepare(call runtime.Call) (o orders, task []byte, err error) {
	if o, err = read(call, queueParam, "name"); err != nil {
		return o, nil, err
	}
	if err = needsToken(call); err != nil {
		return o, nil, err
	}
	task, err = taskOf(call, queueParam)
	return o, task, err
}

// Execute waits for the worker.
func (q Queue) Execute(_ context.Context, call runtime.Call) (runtime.Result, error) {
	o, err := read(call, queueParam, "name")
	if err != nil {
		return ended(call, runtime.FatalError, err), nil
	}
	return o.waiting(), nil
}

// Terminate returns Stopped: a message cannot be called back. Its worker learns from the answer to its next report.
func (Queue) Terminate(context.Context, runtime.Call) (runtime.Result, error) {
	return runtime.Result{State: runtime.Stopped}, nil
}
