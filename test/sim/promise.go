package sim

import (
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// called checks that a job is called under a claim, and by nobody else at the same time.
func (l *ledger) called(t *task, call runtime.Call, others []visit) {
	w := l.world
	h := l.runs[call.Key.RunKey]
	i := l.ordinals[call.Key.Step] // 0 for the one step of the callee
	held, now := h.claims[i], h.state.Steps[i]
	if held.attempt < call.Key.Attempt || held.attempt == call.Key.Attempt && held.failures < call.Failures {
		w.fail("task %d calls %s attempt %d without a claim", t.id, call.Key.Step, call.Key.Attempt)
	}
	// A handler that stalls may outlive its claim without knowing: only young ones have to be alone.
	young := func(t *task) bool { return w.now.Sub(t.begun) < decide.DefaultClaimTime-2*skew }
	mine := now.Attempt == call.Key.Attempt && now.Failures == call.Failures && now.Claim != 0
	if !mine && young(t) {
		w.fail("task %d calls %s attempt %d under a claim that was taken from it after %v", t.id, call.Key.Step, call.Key.Attempt,
			w.now.Sub(t.begun))
	}
	for _, other := range others {
		if other.task != t && young(other.task) && young(t) {
			w.fail("tasks %d and %d call %s attempt %d at the same time", other.task.id, t.id, call.Key.Step, call.Key.Attempt)
		}
	}
}

// answered checks what a client is told: the run is there, and it is always the same one.
func (l *ledger) answered(request string, answer trigger.Started) {
	w := l.world
	h := l.runs[answer.Key]
	w.trace.line(w, "request %q is answered: %s", request, answer.Key)
	switch {
	case h == nil:
		w.fail("request %q is answered with %s, which is not there", request, answer.Key)
	case h.stopped:
		w.fail("request %q is answered with %s, which was interrupted", request, answer.Key)
	case request == "":
	case h.request != request:
		w.fail("request %q is answered with %s of request %q", request, answer.Key, h.request)
	case l.answers[request] != (workflow.RunKey{}) && l.answers[request] != answer.Key:
		w.fail("request %q is answered with %s, and was with %s", request, answer.Key, l.answers[request])
	}
	l.answers[request] = answer.Key
}
