package enginetest

import (
	"context"
	"sync"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Job is a runtime whose answers a test decides. It is registered as the type Echo.
type Job struct {
	Answer     func(call runtime.Call) (runtime.Result, error) // of execute; nil: Done
	Calls      []workflow.AttemptKey                           // of start, in order
	Terminated []workflow.AttemptKey

	mu sync.Mutex // runtimes are called side by side
}

// Register puts the job into a registry.
func (j *Job) Register(r *runtime.Registry) { r.Add("Echo", j) }

// Start notes the call.
func (j *Job) Start(_ context.Context, call runtime.Call) (runtime.Result, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.Calls = append(j.Calls, call.Key)
	return runtime.Result{State: runtime.Done}, nil
}

// Execute answers as the test decides.
func (j *Job) Execute(_ context.Context, call runtime.Call) (runtime.Result, error) {
	if j.Answer == nil {
		return runtime.Result{State: runtime.Done}, nil
	}
	return j.Answer(call)
}

// Terminate notes the call and returns Stopped.
func (j *Job) Terminate(_ context.Context, call runtime.Call) (runtime.Result, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.Terminated = append(j.Terminated, call.Key)
	return runtime.Result{State: runtime.Stopped}, nil
}
