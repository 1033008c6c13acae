package dispatch

import (
	"context"
	"errors"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/runtime"
)

// ErrShutdown is the cause with which a host that shuts down cancels the work that it waits for no longer. A call that
// it interrupts is no failed delivery; one that runs out of time is.
var ErrShutdown = errors.New("dispatch: the host shuts down")

// lastCommit is how long a session may take to record what came of its calls when its host shuts down.
const lastCommit = 3 * time.Second

func (s *session) interrupted() bool { return errors.Is(context.Cause(s.ctx), ErrShutdown) }

// judged marks what came of a call that a shutdown interrupted. An answer that no interruption can bring about is taken
// for what it says.
func (s *session) judged(out decide.Outcome) decide.Outcome {
	if !s.interrupted() {
		return out
	}
	switch state := out.Result.State; {
	case out.Err == nil && (state == runtime.Done || state == runtime.Continue || state == runtime.Stopped && out.Ended):
	default:
		out.Interrupted = true
	}
	return out
}

// wait waits for outcomes; of a session that is interrupted, for all.
func (s *session) wait() []decide.Outcome {
	var out []decide.Outcome
	for s.held > 0 && (len(out) == 0 || s.interrupted()) {
		more := s.calls.Wait()
		s.held -= len(more)
		out = append(out, more...)
	}
	return out
}

// recording is the context of the commit that records outcomes: it outlives a shutdown by a little.
func (s *session) recording() (context.Context, context.CancelFunc) {
	if !s.interrupted() {
		return s.ctx, func() {}
	}
	return context.WithTimeout(context.WithoutCancel(s.ctx), lastCommit)
}
