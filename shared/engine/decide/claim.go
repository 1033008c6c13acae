package decide

import (
	"slices"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// MaxClaims is how many steps one invocation holds at once, and one hint names.
const MaxClaims = 32

// callable tells whether the runtime of step i is to be called now, by whoever claims it.
func (t *Turn) callable(i int) bool {
	return Callable(t.run.Definition, t.settings, t.state, i, t.ms)
}

// Callable tells whether the runtime of step i is to be called at now (epoch milliseconds). That of a light
// step is called by dispatch only while the step waits for permits; after that evaluate goes on with it.
func Callable(definition *Definition, settings Settings, state *record.State, i int, now int64) bool {
	paused := state.Status == workflow.InstancePaused // what has begun goes on to its end, nothing else begins
	if state.Status != workflow.InstanceInProgress && !paused {
		return false
	}
	if definition.nested(i) {
		return false
	}
	step := &state.Steps[i]
	switch step.Status {
	case workflow.WaitingForPermits:
		return !paused
	case workflow.Running:
		if _, light := definition.light(settings, i); light {
			return false
		}
		fallthrough
	case workflow.Starting:
		handed := step.Handed != 0 && step.Ending == workflow.NotCreated // its job calls us
		return step.Claim == 0 && step.Due != 0 && step.Due <= now && !handed
	}
	return false
}

// Call says that step Ordinal is to be looked at, at a time (epoch milliseconds; 0: at once).
type Call struct {
	Ordinal int
	Attempt int64
	At      int64
}

// due sets when step i is looked at next.
func (t *Turn) due(i int, at int64) {
	step := &t.state.Steps[i]
	step.Due, t.changed = at, true
	attempt := step.Attempt
	if step.Status.Retrying() {
		attempt++
	}
	t.calls = append(t.calls, Call{i, attempt, at})
}

// leave leaves a callable step to whoever gets the next hint.
func (t *Turn) leave(i int) {
	t.calls = append(t.calls, Call{Ordinal: i, Attempt: t.state.Steps[i].Attempt})
}

// Withhold keeps step i from being hinted: it waits for something, and is told when that is there.
func (t *Turn) Withhold(i int) {
	t.calls = slices.DeleteFunc(t.calls, func(c Call) bool { return c.Ordinal == i })
}

// Calls returns what this turn made due and nobody holds: the calls for dispatch, which calls runtimes, and
// the times at which evaluate is to look at the run.
func (t *Turn) Calls() (dispatch []Call, evaluate []int64) {
	evaluate = t.alarms
	seen := map[int]bool{}
	for n := len(t.calls) - 1; n >= 0; n-- { // the newest word about a step counts
		call := t.calls[n]
		step := &t.state.Steps[call.Ordinal]
		if seen[call.Ordinal] || !step.Status.Live() || step.Claim != 0 {
			continue
		}
		seen[call.Ordinal] = true
		waits := step.Status == workflow.WaitingForPermits || step.Status == workflow.Starting
		if _, light := t.run.Definition.light(t.settings, call.Ordinal); light && !waits {
			evaluate = append(evaluate, call.At)
		} else {
			dispatch = append(dispatch, call)
		}
	}
	slices.Reverse(dispatch)
	return dispatch, evaluate
}

// Claim takes of the wanted steps those that are callable, up to MaxClaims with those already held, and
// returns what it took. A step with a failed delivery is taken alone, so that a poison step takes no
// other with it. What is callable and not taken is left to Calls.
func (t *Turn) Claim(wanted []int, held int) ([]Claimed, error) {
	if t.state.Status.Terminal() {
		return nil, nil
	}
	var taken []Claimed
	for _, i := range wanted {
		if !t.callable(i) {
			continue
		}
		alone := t.state.Steps[i].Failures > 0
		if held >= MaxClaims || alone && held > 0 {
			t.leave(i)
			continue
		}
		claimed, err := t.claim(i)
		if err != nil {
			return nil, err
		}
		taken = append(taken, claimed)
		if held++; alone {
			held = MaxClaims
		}
	}
	return taken, nil
}

func (t *Turn) claim(i int) (Claimed, error) {
	detail, err := t.change(i)
	if err != nil {
		return Claimed{}, err
	}
	step := &t.state.Steps[i]
	if step.Status == workflow.WaitingForPermits {
		if err := t.start(i); err != nil {
			return Claimed{}, err
		}
	}
	step.Due, step.Claim = 0, t.ms+t.settings.ClaimTime.Milliseconds()
	return Claimed{Ordinal: i, Attempt: step.Attempt, Until: step.Claim, Status: step.Status,
		Ending: step.Ending != workflow.NotCreated, Call: t.call(i, detail)}, nil
}

// Claimed is one attempt that this invocation holds: its runtime may be called once the commit landed.
type Claimed struct {
	Ordinal int
	Attempt int64
	Until   int64 // the claim, epoch milliseconds
	Status  workflow.StepStatus
	Ending  bool // the job is to be terminated
	Call    runtime.Call
}

// Ready returns the steps whose runtimes are to be called now, in state, and that nobody holds.
func Ready(definition *Definition, settings Settings, state *record.State, now int64) []int {
	var out []int
	for i := range state.Steps {
		if Callable(definition, settings, state, i, now) {
			out = append(out, i)
		}
	}
	return out
}
