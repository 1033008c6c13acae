package dispatch

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Dispatch handles the messages of the dispatch queue.
type Dispatch struct {
	*advance.Loop
	NewCalls func() Calls // nil: Concurrent
	Signer   Signer       // of the tokens that jobs are given; nil: they cannot call back
	Secrets  Secrets      // of jobs; nil: references stay as they are
	Callback string       // address of the API, for jobs: "https://host/api/v3"
}

// keepGoing is how long one invocation takes up new steps. What is ready later goes back to the queue.
const keepGoing = 5 * time.Second

// Handle calls the runtimes of the steps that a hint names, and of what follows from their outcomes. It
// returns CodeUnavailable when the message must come again.
func (d *Dispatch) Handle(ctx context.Context, message hint.Message) error {
	if message.Kind == hint.Children {
		return d.children(ctx, message)
	}
	s := d.session(ctx, message)
	told := message.Commit
	if message.Again {
		told = 0 // an earlier delivery may have written the next one
	}
	v, err := d.VisitAt(ctx, message.Run, told, func(turn *decide.Turn) error { return s.turn(turn, nil) })
	if errors.Is(err, workflow.ErrNotFound) {
		return nil
	}
	if err == nil {
		_, err = s.work(v)
	}
	return err
}

func (d *Dispatch) session(ctx context.Context, message hint.Message) *session {
	s := &session{Dispatch: d, ctx: ctx, denied: map[int]bool{}, message: message, until: d.Clock.Now().Add(keepGoing)}
	if s.calls = Concurrent(); d.NewCalls != nil {
		s.calls = d.NewCalls()
	}
	return s
}

// work follows a visit, calls what it claimed, and goes on until nothing is held any more. It returns the run as it is
// then.
func (s *session) work(v advance.Visited) (*decide.Run, error) {
	var err error
	for err == nil {
		if err = s.follow(s.ctx, v); err != nil || s.held == 0 {
			break
		}
		outcomes := s.wait()
		ctx, cancel := s.recording()
		v, err = s.Known(ctx, v.Run, func(turn *decide.Turn) error { return s.turn(turn, outcomes) })
		cancel()
	}
	s.drain()
	return v.Run, err
}

// session is one invocation at work on one run.
type session struct {
	*Dispatch
	ctx     context.Context
	message hint.Message
	until   time.Time
	calls   Calls
	held    int
	quiet   bool             // whoever began the run takes care of its end
	denied  map[int]bool     // steps that wait for permits: whoever gives one back tells them
	claimed []decide.Claimed // by the newest turn
	author  string           // of the version: who pushed it
	params  *workflow.Params // of the run
	known   bool             // author and params are set
}

// turn records outcomes, lets the run proceed, and claims what is to be called next. Conflicts make it run
// again on a newer state.
func (s *session) turn(turn *decide.Turn, outcomes []decide.Outcome) error {
	s.claimed = nil
	for _, outcome := range outcomes {
		if err := turn.Outcome(outcome); err != nil {
			return err
		}
	}
	if err := turn.Expire(); err != nil {
		return err
	}
	if err := turn.Advance(); err != nil {
		return err
	}
	return s.claim(turn)
}

// claim claims what is to be called next.
func (s *session) claim(turn *decide.Turn) error {
	if s.interrupted() {
		return nil
	}
	held := s.held
	if s.Clock.Now().After(s.until) {
		held = decide.MaxClaims // take up nothing more
	}
	permitted, err := s.permitted(turn)
	if err != nil {
		return err
	}
	s.claimed, err = turn.Claim(permitted, held)
	return err
}

// permitted lists the wanted steps that have the permits they need. A step that has to wait for one is told
// when it was given one; a permit is taken before the claim, so that a crash leaves it with the attempt.
func (s *session) permitted(turn *decide.Turn) ([]int, error) {
	var out []int
	clear(s.denied)
	for _, i := range s.wanted(turn) {
		tags, ticket, err := turn.Limited(i)
		if err != nil {
			return nil, err
		}
		if len(tags) > 0 {
			granted, err := s.Acquire(s.ctx, tags, ticket)
			if err != nil {
				return nil, err
			}
			if !granted {
				s.denied[i] = true
				turn.Withhold(i)
				continue
			}
		}
		out = append(out, i)
	}
	return out, nil
}

// wanted lists the steps of the hint whose attempt is the current one, and what this turn made ready.
func (s *session) wanted(turn *decide.Turn) []int {
	var out []int
	for _, named := range s.message.Steps {
		if i := int(named[0]); i >= 0 && i < len(turn.State().Steps) && turn.State().Steps[i].Attempt == named[1] {
			out = append(out, i)
		}
	}
	ready, _ := turn.Calls()
	for _, call := range ready {
		out = append(out, call.Ordinal)
	}
	return out
}

// follow sends what follows from a visit and begins the calls that it claimed.
func (s *session) follow(ctx context.Context, v advance.Visited) error {
	if !s.known { // they never change, and calls under way read them
		s.known, s.params, s.author = true, v.Run.Header.Params, v.Run.Definition.Version.Author
	}
	if v.Committed {
		for _, claimed := range s.claimed {
			s.held++
			s.calls.Go(func() decide.Outcome { return s.judged(s.call(ctx, claimed)) })
		}
	}
	s.claimed = nil
	if s.quiet {
		return s.FollowOpen(ctx, v, s.message, func(i int) bool { return !s.denied[i] })
	}
	return s.Follow(ctx, v, s.message, func(i int) bool { return !s.denied[i] })
}

// drain waits for the calls that are under way when the invocation gives up: their claims expire, and
// whoever comes then repeats them under the same keys.
func (s *session) drain() {
	for s.held > 0 {
		s.held -= len(s.calls.Wait())
	}
}

// call calls the runtime of a claimed attempt.
func (s *session) call(ctx context.Context, claimed decide.Claimed) (out decide.Outcome) {
	out = decide.Outcome{Ordinal: claimed.Ordinal, Attempt: claimed.Attempt, Claim: claimed.Until, Ended: claimed.Ending}
	defer func() {
		if r := recover(); r != nil {
			out.Err = workflow.Errorf(workflow.CodeInternal, "the runtime of step type %s panicked", claimed.Call.Step.RuntimeType())
		}
	}()
	if !s.Clock.Now().Before(time.UnixMilli(claimed.Until)) {
		// The claim went by before the call, so another may hold the attempt by now: the call is left to him.
		out.Err = workflow.Errorf(workflow.CodeUnavailable, "the claim expired before the job could be called")
		return out
	}
	if light, ok := s.Settings.Runtimes.Light(claimed.Call.Step.RuntimeType()); ok {
		out.Started, out.Result = true, light.Execute(claimed.Call)
		return out
	}
	job, ok := s.Settings.Runtimes.Runtime(claimed.Call.Step.RuntimeType())
	if !ok {
		out.Result = unsupported(claimed.Call)
		return out
	}
	ctx, cancel := context.WithTimeout(ctx, runtime.CallTimeout)
	defer cancel()
	if out.Err = s.give(ctx, &claimed.Call); out.Err != nil {
		return out
	}
	mask, ok := s.reveal(ctx, &claimed, &out)
	if !ok {
		return out
	}
	return hide(mask, s.run(ctx, job, claimed, out))
}

// run makes the calls that the state of the attempt asks for.
func (s *session) run(ctx context.Context, job runtime.Runtime, claimed decide.Claimed, out decide.Outcome) decide.Outcome {
	if claimed.Ending {
		out.Result, out.Err = job.Terminate(ctx, claimed.Call)
		return out
	}
	if claimed.Status == workflow.Starting {
		out.Result, out.Err = job.Start(ctx, claimed.Call)
		if out.Started = out.Err == nil && out.Result.State == runtime.Done; !out.Started {
			return out
		}
	}
	begun := out.Result
	claimed.Call.Artifacts = joined(claimed.Call.Artifacts, begun.Artifacts) // execute reads what start recorded
	out.Result, out.Err = job.Execute(ctx, claimed.Call)
	out.Result = after(begun, out.Result)
	return out
}

// after joins what start reported with what execute did.
func after(start, execute runtime.Result) runtime.Result {
	execute.Artifacts = joined(start.Artifacts, execute.Artifacts)
	execute.Timeline = append(start.Timeline, execute.Timeline...)
	return execute
}

// joined returns the artifacts of both; of two with one key, the later.
func joined(earlier, later *workflow.Ordered[json.RawMessage]) *workflow.Ordered[json.RawMessage] {
	if earlier.Len() == 0 {
		return later
	}
	out := earlier.Clone()
	for key, value := range later.All() {
		out.Set(key, value)
	}
	return out
}

// unsupported ends a step whose type this deployment has no runtime for.
func unsupported(call runtime.Call) runtime.Result {
	text := fmt.Sprintf("step type %q has no runtime in this deployment", call.Step.Type)
	event := workflow.Event{Timestamp: call.Now.UnixMilli(), Type: workflow.EventLog, Level: "ERROR", Message: text}
	return runtime.Result{State: runtime.FatalError, Timeline: []workflow.Event{event}}
}
