package decide

import (
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Outcome is what came of calling the runtime of one attempt.
type Outcome struct {
	Ordinal int
	Attempt int64
	Claim   int64 // the claim under which the runtime was called
	Started bool  // the runtime's start is done
	Ended   bool  // the call was a terminate
	Result  runtime.Result
	Err     error

	// Interrupted says that the host shut down during the call, and nothing is known of what came of it.
	Interrupted bool
}

// Outcome records what came of a call. An outcome of another attempt, or of a claim that was lost to
// somebody else, changes nothing: exactly one outcome of an attempt is recorded.
func (t *Turn) Outcome(o Outcome) error {
	step := &t.state.Steps[o.Ordinal]
	if step.Attempt != o.Attempt || step.Claim != o.Claim || !step.Status.Live() || step.Status.Retrying() {
		return nil
	}
	if o.Interrupted {
		return t.release(o)
	}
	step.Claim = 0
	t.changed = true
	if step.Ending != workflow.NotCreated {
		return t.ended(o)
	}
	if o.Started && step.Status == workflow.Starting {
		if err := t.move(o.Ordinal, workflow.Running); err != nil {
			return err
		}
	}
	if o.Err != nil {
		return t.broken(o)
	}
	return t.apply(o.Ordinal, o.Result)
}

// ended takes the outcome of an attempt that is to end: once its job is terminated, it does.
func (t *Turn) ended(o Outcome) error {
	if o.Ended && o.Err == nil && o.Result.State == runtime.Stopped || over(o) {
		return t.settle(o.Ordinal)
	}
	if o.Ended {
		t.due(o.Ordinal, t.ms+runtime.DefaultPoll.Milliseconds())
	} else {
		t.due(o.Ordinal, t.ms)
	}
	return nil
}

// over tells whether the outcome shows that no job is left to terminate.
func over(o Outcome) bool {
	return o.Err == nil && o.Result.State != runtime.Continue && !(o.Result.State == runtime.Done && !o.Started)
}

// broken takes an error of the runtime itself.
func (t *Turn) broken(o Outcome) error {
	if errors.Is(o.Err, workflow.ErrUnavailable) {
		t.due(o.Ordinal, t.ms+runtime.DefaultPoll.Milliseconds())
		return t.tell(o.Ordinal, workflow.DetailsEvent(t.ms, o.Err, true))
	}
	if err := t.tell(o.Ordinal, workflow.DetailsEvent(t.ms, o.Err, false)); err != nil {
		return err
	}
	return t.move(o.Ordinal, workflow.InternallyFailed)
}

// apply maps the result of a runtime to the attempt's next status.
func (t *Turn) apply(i int, result runtime.Result) error {
	detail, err := t.change(i)
	if err != nil {
		return err
	}
	mergeArtifacts(detail, result.Artifacts)
	for _, event := range result.Timeline {
		detail.Timeline = detail.Timeline.Add(event)
	}
	switch result.State {
	case runtime.Continue:
		if result.Wait {
			t.handOver(i, result.Heartbeat)
			return nil
		}
		poll := result.Poll
		if poll <= 0 {
			poll = runtime.DefaultPoll
		}
		t.due(i, t.ms+poll.Milliseconds())
		return nil
	case runtime.Done:
		return t.succeed(i, result.Output)
	case runtime.UserError:
		return t.fail(i, record.UserCause)
	case runtime.PlatformError:
		return t.fail(i, record.PlatformCause)
	case runtime.Stopped:
		return t.move(i, workflow.Stopped)
	case runtime.TimedOut:
		return t.move(i, workflow.TimedOut)
	}
	return t.fatal(i)
}

// succeed brings a running attempt through FINISHING.
func (t *Turn) succeed(i int, output *workflow.Params) error {
	if err := t.move(i, workflow.Finishing); err != nil {
		return err
	}
	detail := t.details[i]
	for _, output := range []*workflow.Params{detail.Output, output} {
		if output.Len() == 0 {
			continue
		}
		params := workflow.CloneParams(detail.Params)
		if err := param.Output(params, output); err != nil {
			return t.internal(i, "the output", err)
		}
		detail.Params, detail.Home = params, 0
	}
	detail.Output = nil
	if announces, err := t.announce(i); err != nil || announces {
		return err
	}
	return t.complete(i, workflow.Succeeded)
}

// complete moves step i to a status with which successors may proceed, and decides which of them do.
func (t *Turn) complete(i int, to workflow.StepStatus) error {
	detail, err := t.change(i)
	if err != nil {
		return err
	}
	params := t.scopeAtEnd(i, detail)
	var refused []int64
	for out, edge := range t.run.Definition.Graph.Steps[i].Out {
		taken, err := t.condition(i, edge.Condition, params)
		if err != nil {
			return t.internal(i, fmt.Sprintf("the condition of the transition to %q", t.run.Definition.Graph.Steps[edge.To].ID), err)
		}
		if !taken {
			refused = append(refused, int64(out))
		}
	}
	t.state.Steps[i].Refused = refused
	return t.move(i, to)
}

func (t *Turn) condition(i int, text string, params *workflow.Params) (bool, error) {
	if strings.TrimSpace(text) == "true" {
		return true, nil
	}
	return param.Condition(t.ctx, text, t.scope(i, params))
}

var failedStatus = map[record.Cause]workflow.StepStatus{
	record.UserCause:     workflow.UserFailed,
	record.PlatformCause: workflow.PlatformFailed,
	record.TimeoutCause:  workflow.TimeoutFailed,
}

var paramCause = map[record.Cause]param.Cause{
	record.UserCause:     param.CauseError,
	record.PlatformCause: param.CausePlatform,
	record.TimeoutCause:  param.CauseTimeout,
}

// fail ends the attempt of step i: another follows if the limit of that cause allows it.
func (t *Turn) fail(i int, cause record.Cause) error {
	detail, err := t.change(i)
	if err != nil {
		return err
	}
	limits := t.retryLimits(i)
	step := &t.state.Steps[i]
	if step.Retries[cause] >= limit(limits, cause) || notRetryable(detail) || t.halting() {
		if cause == record.TimeoutCause {
			return t.move(i, workflow.TimedOut)
		}
		return t.fatal(i)
	}
	delay := limits.Delay(paramCause[cause], step.Retries[cause])
	due := t.ms + limits.Jittered(delay, AttemptUUID(t.run.Header.UUID, t.key(i))).Milliseconds()
	if err := t.move(i, failedStatus[cause]); err != nil {
		return err
	}
	step.Retries[cause]++
	t.due(i, due)
	return nil
}

func (t *Turn) retryLimits(i int) param.RetryLimits {
	// A policy that cannot be read falls back to the defaults; the reference only warns of it.
	limits, _ := param.Retry(t.ctx, t.step(i).RetryPolicy, t.scope(i, nil))
	if t.step(i).Kind != workflow.KindStep {
		return param.RetryLimits{}
	}
	return limits
}

func limit(limits param.RetryLimits, cause record.Cause) int64 {
	switch cause {
	case record.UserCause:
		return limits.Error
	case record.PlatformCause:
		return limits.Platform
	}
	return limits.Timeout
}

// notRetryable reads the artifact with which a job classifies its own failure.
func notRetryable(detail *record.Detail) bool {
	raw, ok := detail.Artifacts.Get("maestro_retry")
	if !ok {
		return false
	}
	var artifact struct {
		Retryable *bool `json:"retryable"`
	}
	return json.Unmarshal(raw, &artifact) == nil && artifact.Retryable != nil && !*artifact.Retryable
}

// fatal ends step i for good as failed; its failure mode says what that means to the run.
func (t *Turn) fatal(i int) error {
	switch t.step(i).FailureMode {
	case workflow.IgnoreFailure:
		return t.complete(i, workflow.CompletedWithError)
	case workflow.FailImmediately:
		t.state.Halted, t.changed = true, true
	}
	return t.move(i, workflow.FatallyFailed)
}
