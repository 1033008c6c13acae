package decide

import (
	"encoding/json"
	"time"

	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Limits of what the reports of one attempt may leave behind.
const (
	MaxArtifacts     = 32
	MaxArtifactBytes = 256 << 10
)

// Report is what a job itself says of its attempt: how it ended, or, while it continues, that it is alive.
type Report struct {
	Ordinal int
	Attempt int64
	Result  runtime.Result // Continue: a sign of life; otherwise the outcome
}

// Report records what a job says of its attempt, and lets the run proceed. The outcome of an attempt is recorded
// once: it returns CodeStale, and nothing has changed, when the attempt is over or another follows it by now, and
// CodeInvalid for outputs that the step cannot take.
func (t *Turn) Report(r Report) error {
	step := &t.state.Steps[r.Ordinal]
	switch {
	case step.Attempt != r.Attempt:
		return workflow.Errorf(workflow.CodeStale, "attempt %d of step %q is followed by attempt %d; nothing was changed",
			r.Attempt, t.step(r.Ordinal).ID, step.Attempt)
	case !t.called(r.Ordinal) || t.state.Status.Terminal():
		return workflow.Errorf(workflow.CodeStale, "the attempt takes no reports, it is %s; nothing was changed", step.Status)
	}
	if err := t.collect(r.Ordinal, r.Result); err != nil {
		return err
	}
	if r.Result.State == runtime.Continue {
		t.alive(r.Ordinal)
		return nil
	}
	step.Claim, step.Due, t.changed = 0, 0, true
	if step.Ending != workflow.NotCreated {
		// Somebody ends the attempt already, and will not have its result; but its job need not be terminated.
		if err := t.settle(r.Ordinal); err != nil {
			return err
		}
		return t.Advance()
	}
	if step.Status == workflow.Starting { // the job was faster than the commit that says it is begun
		if err := t.move(r.Ordinal, workflow.Running); err != nil {
			return err
		}
	}
	if err := t.apply(r.Ordinal, runtime.Result{State: r.Result.State, Timeline: r.Result.Timeline}); err != nil {
		return err
	}
	return t.Advance()
}

// collect keeps what a report hands in. Artifacts count at once; params do when the step succeeds, so that a job
// that is called again finds them as they were.
func (t *Turn) collect(i int, result runtime.Result) error {
	if result.Artifacts.Len() == 0 && result.Output.Len() == 0 {
		return nil
	}
	detail, err := t.change(i)
	if err != nil {
		return err
	}
	mergeArtifacts(detail, result.Artifacts)
	if err := checkArtifacts(detail.Artifacts); err != nil || result.Output.Len() == 0 {
		return err
	}
	merged := workflow.CloneParams(detail.Params)
	for _, output := range []*workflow.Params{detail.Output, result.Output} {
		if err := param.Output(merged, output); err != nil {
			return err
		}
	}
	kept := &workflow.Params{}
	for _, output := range []*workflow.Params{detail.Output, result.Output} {
		for name := range output.All() {
			p, _ := merged.Get(name)
			kept.Set(name, p)
		}
	}
	detail.Output = kept
	return nil
}

func checkArtifacts(artifacts *workflow.Ordered[json.RawMessage]) error {
	size := 0
	for key, value := range artifacts.All() {
		size += len(key) + len(value)
	}
	if artifacts.Len() > MaxArtifacts || size > MaxArtifactBytes {
		return workflow.Errorf(workflow.CodeInvalid, "the artifacts of an attempt are at most %d, of %d bytes together", MaxArtifacts, MaxArtifactBytes)
	}
	return nil
}

// handOver leaves step i to its job, which calls back. A first sign of life may have come before this word of it.
func (t *Turn) handOver(i int, heartbeat time.Duration) {
	step := &t.state.Steps[i]
	step.Handed, t.changed = 1+max(heartbeat.Milliseconds(), 0), true
	step.Due = 0
	t.alive(i)
}

// Ask lets the runtime of step i be called now instead of when it is due: somebody saw that its job has ended. It tells
// whether the runtime is being called, which may have looked before that; then whoever asks has to ask again.
func (t *Turn) Ask(i int) (busy bool) {
	if i < 0 || i >= len(t.state.Steps) || t.state.Status.Terminal() {
		return false
	}
	step := &t.state.Steps[i]
	called := step.Status == workflow.Starting || step.Status == workflow.Running
	switch {
	case !called || step.Handed != 0 && step.Ending == workflow.NotCreated:
	case step.Claim != 0:
		return true
	case step.Due > t.ms:
		t.due(i, t.ms)
	}
	return false
}

// alive lets the time begin anew for which the job of step i may be silent. It needs no hint: a wake item sees to it.
func (t *Turn) alive(i int) {
	if step := &t.state.Steps[i]; step.Handed > 1 && step.Ending == workflow.NotCreated {
		step.Due, t.changed = t.ms+step.Handed-1, true
	}
}

// expireSilence ends an attempt whose job was handed over and has been silent for too long.
func (t *Turn) expireSilence(i int) error {
	step := &t.state.Steps[i]
	if step.Handed == 0 || step.Due == 0 || step.Due > t.ms || step.Ending != workflow.NotCreated || !step.Status.Live() {
		return nil
	}
	event := workflow.Event{Timestamp: t.ms, Type: workflow.EventLog, Level: "ERROR",
		Message: "no heartbeat for " + (time.Duration(step.Handed-1) * time.Millisecond).String() + ": the platform lost the job"}
	if err := t.tell(i, event); err != nil {
		return err
	}
	return t.end(i, workflow.PlatformFailed)
}
