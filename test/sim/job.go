package sim

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// jobs is the runtime of the external step type: the world outside, which keeps a record of every call by
// its idempotency key.
type jobs struct {
	world *World
	open  map[workflow.AttemptKey][]visit
}

// visit is one call that goes on.
type visit struct {
	task  *task
	begun time.Time
	call  runtime.Call
}

var _ runtime.Runtime = (*jobs)(nil)

// Start begins a job.
func (j *jobs) Start(_ context.Context, call runtime.Call) (runtime.Result, error) {
	return j.call(PortStart, call, runtime.Done)
}

// Execute looks after it.
func (j *jobs) Execute(_ context.Context, call runtime.Call) (runtime.Result, error) {
	return j.call(PortExecute, call, runtime.Done)
}

// Terminate ends it.
func (j *jobs) Terminate(_ context.Context, call runtime.Call) (runtime.Result, error) {
	return j.call(PortTerminate, call, runtime.Stopped)
}

func (j *jobs) call(port Port, call runtime.Call, good runtime.State) (runtime.Result, error) {
	w, t := j.world, j.world.current
	w.enter(port)
	w.ledger.called(t, call, j.live(call.Key))
	w.trace.line(w, "task %d calls %s of %s/%d, %d failures", t.id, port, call.Key.Step, call.Key.Attempt, call.Failures)
	j.open[call.Key] = append(j.open[call.Key], visit{t, w.now, call})
	defer func() { j.close(t, call.Key) }()
	if d := j.duration(port); d > 0 {
		t.sleep(w.now.Add(d))
	}
	result, err := j.answer(port, good)
	if port == PortExecute && result.State == runtime.Continue {
		w.witness(call)
	}
	w.leave(port)
	return result, err
}

// live returns the calls of a key that go on, without those of invocations that died.
func (j *jobs) live(key workflow.AttemptKey) []visit {
	var out []visit
	for _, v := range j.open[key] {
		if !v.task.over && !v.task.dead {
			out = append(out, v)
		}
	}
	j.open[key] = out
	return out
}

func (j *jobs) close(t *task, key workflow.AttemptKey) {
	for i, v := range j.open[key] {
		if v.task == t {
			j.open[key] = append(j.open[key][:i], j.open[key][i+1:]...)
			return
		}
	}
}

// never is longer than any invocation lives.
const never = time.Hour

func (j *jobs) duration(port Port) time.Duration {
	w := j.world
	if w.strike(Hangs, port) {
		if w.random.IntN(2) == 0 {
			return runtime.CallTimeout
		}
		return never
	}
	if w.random.IntN(20) == 0 {
		return time.Duration(w.random.IntN(9_000)) * time.Millisecond
	}
	return time.Duration(w.random.IntN(60)) * time.Millisecond
}

// endings are the ways in which a job ends other than well, and not by an error of its own.
var endings = []runtime.State{runtime.FatalError, runtime.Stopped, runtime.TimedOut, runtime.PlatformError, runtime.PlatformError,
	runtime.PlatformError, runtime.PlatformError}

func (j *jobs) answer(port Port, good runtime.State) (runtime.Result, error) {
	w := j.world
	switch {
	case w.strike(Panics, port):
		panic("the runtime panics")
	case w.strike(Errors, port):
		if w.random.IntN(6) == 0 {
			return runtime.Result{}, workflow.Errorf(workflow.CodeInternal, "the runtime is broken")
		}
		return runtime.Result{}, workflow.Errorf(workflow.CodeUnavailable, "the runtime is down")
	case w.strike(Polls, port):
		return runtime.Result{State: runtime.Continue, Poll: time.Duration(1+w.random.IntN(4_000)) * time.Millisecond}, nil
	case port == PortTerminate:
		return runtime.Result{State: good}, nil
	case w.strike(UserErrors, port):
		return runtime.Result{State: runtime.UserError}, nil
	case w.strike(PlatformErrors, port):
		return runtime.Result{State: endings[w.random.IntN(len(endings))]}, nil
	}
	return runtime.Result{State: good}, nil
}
