package decide

import (
	"context"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Signals finds announced signals, which never change and never go.
type Signals interface {
	// Signal returns the signal of a name and number.
	Signal(ctx context.Context, name string, seq int64) (*signal.Instance, error)
	// Watch makes sure that signals of a name are found by conditions like these, and that whoever announces one looks
	// for those who wait with such. It returns CodeInvalid when the name is looked at in too many ways.
	Watch(ctx context.Context, name string, wanted signal.Matches) error
	// LatestSignal returns the latest signal that satisfies conditions, which are watched; nil when there is none.
	LatestSignal(ctx context.Context, name string, wanted signal.Matches) (*signal.Instance, error)
}

// signalling is the part of a turn that is about signals.
type signalling struct {
	listens    bool // steps that wait look whether their signals are there
	waiting    []Waiter
	matched    []Match
	announcing []int // steps that have signals to announce since this turn
}

// Waiter is a step that begins to wait for a signal in a turn.
type Waiter struct {
	Attempt workflow.AttemptKey
	Number  int // of the dependency
	record.Dependency
}

// Match is a signal that a step consumes.
type Match struct {
	Step workflow.StepID
	Name string
	Seq  int64
}

// Listen lets the steps that wait for signals look whether these are there. Without, a turn does not ask: it is for
// those who know of news, or cannot know that there was none.
func (t *Turn) Listen() { t.listens = true }

// Waiters returns the steps that began to wait in this turn. They must be subscribed before the commit, and the run
// listen after it.
func (t *Turn) Waiters() []Waiter { return t.waiting }

// Matches returns the signals that steps consumed in this turn.
func (t *Turn) Matches() []Match { return t.matched }

// Signals tells whether the run must be looked at because of signals as soon as the commit has landed: steps began
// to wait, or have some to announce.
func (t *Turn) Signals() bool { return len(t.waiting) > 0 || len(t.announcing) > 0 }

// met returns the dependencies that the attempt of step i before has met: they stay met.
func (t *Turn) met(i int) ([]record.Dependency, error) {
	if len(t.step(i).SignalDependencies) == 0 || t.state.Steps[i].Attempt == 0 {
		return nil, nil
	}
	before, err := t.detail(i)
	if err != nil {
		return nil, err
	}
	return slices.Clone(before.Signals), nil
}

// depend evaluates the signals that the attempt of step i waits for. They see the workflow's params and those of
// steps before, never its own.
func (t *Turn) depend(i int) error {
	detail, definitions := t.details[i], t.step(i).SignalDependencies
	if len(detail.Signals) == len(definitions) && !slices.ContainsFunc(detail.Signals, pending) {
		return nil
	}
	met := detail.Signals
	detail.Signals = make([]record.Dependency, len(definitions))
	for n := range definitions {
		if n < len(met) && !pending(met[n]) {
			detail.Signals[n] = met[n]
			continue
		}
		dependency, err := t.dependency(i, &definitions[n])
		if err != nil {
			return err
		}
		detail.Signals[n] = *dependency
	}
	return nil
}

func pending(d record.Dependency) bool { return d.Status == record.DependencyPending }

func (t *Turn) dependency(i int, definition *workflow.SignalDependency) (*record.Dependency, error) {
	out := &record.Dependency{Status: record.DependencyPending}
	scope := t.scope(i, nil)
	var err error
	if out.Name, err = param.Text(t.ctx, definition.Name, scope); err != nil {
		return nil, err
	}
	params := &workflow.Params{}
	for name, match := range definition.MatchParams.All() {
		params.Set(name, match.Param)
	}
	values, err := param.Values(t.ctx, params, scope)
	if err != nil {
		return nil, err
	}
	for name, value := range values.All() {
		match, _ := definition.MatchParams.Get(name)
		out.Wanted = append(out.Wanted, signal.Match{Param: name, Operator: match.Operator, Value: value.Result})
	}
	if err := signal.CheckName(out.Name); err != nil {
		return nil, err
	}
	return out, out.Wanted.Check()
}

// grace is how soon a step that waits looks by itself, once, whether the look after its commit was lost.
const grace = InHandGrace

// await lets the attempt of step i go on when its signals are there. Otherwise it waits: whoever announces one
// tells the run.
func (t *Turn) await(i int) error {
	step := &t.state.Steps[i]
	detail, err := t.detail(i)
	if err != nil {
		return err
	}
	waits, arrived := false, t.arrived(i)
	for n, dependency := range detail.Signals {
		if !pending(dependency) {
			continue
		}
		if arrived {
			if err := t.facts.Watch(t.ctx, dependency.Name, dependency.Wanted); err != nil {
				return t.internal(i, "a signal dependency", err)
			}
		}
		found, err := t.facts.LatestSignal(t.ctx, dependency.Name, dependency.Wanted)
		if err != nil {
			return err
		}
		if found == nil {
			waits = true
			continue
		}
		if detail, err = t.change(i); err != nil {
			return err
		}
		met := &detail.Signals[n]
		met.Status, met.Seq, met.Params = record.DependencyMatched, found.Seq, found.Params
		t.matched = append(t.matched, Match{t.step(i).ID, dependency.Name, found.Seq})
	}
	if !waits {
		step.Due = 0
		return t.prepare(i)
	}
	if arrived {
		for n, dependency := range detail.Signals {
			if pending(dependency) {
				t.waiting = append(t.waiting, Waiter{t.key(i), n, dependency})
			}
		}
		step.Due, t.changed = t.ms+grace.Milliseconds(), true
		return nil
	}
	if step.Due != 0 && step.Due <= t.ms {
		step.Due, t.changed = 0, true // the one look for what may have been lost
	}
	return nil
}

// arrived tells whether the attempt of step i has come to its signals in this turn.
func (t *Turn) arrived(i int) bool {
	detail := t.details[i]
	return t.dirty[i] && detail.Fresh > 0 && detail.Moves[len(detail.Moves)-1].To == workflow.WaitingForSignals
}

// Bypass lets the waiting attempt of step i go on without the signals that are not there. It returns CodeInvalid when
// it waits for none.
func (t *Turn) Bypass(i int, order Order) error {
	if t.state.Steps[i].Status != workflow.WaitingForSignals || t.state.Steps[i].Ending != workflow.NotCreated ||
		t.state.Status != workflow.InstanceInProgress || t.halting() {
		return t.notAllowed(i, order)
	}
	detail, err := t.change(i)
	if err != nil {
		return err
	}
	for n := range detail.Signals {
		if pending(detail.Signals[n]) {
			detail.Signals[n].Status = record.DependencySkipped
		}
	}
	if err := t.tell(i, order.event(t.ms)); err != nil {
		return err
	}
	if err := t.await(i); err != nil {
		return err
	}
	return t.Advance()
}

// withSignals adds the functions that read the signals of the run, and those that step i waited for.
func (t *Turn) withSignals(i int, out param.Runtime) param.Runtime {
	if t.run.Header.Initiator != nil && t.run.Header.Initiator.Type == workflow.InitiatorSignal {
		out.SignalParam = SignalParam(t.facts, t.run.Header.Initiator)
	}
	if len(t.step(i).SignalDependencies) > 0 {
		out.DependencyParam = func(_ context.Context, index int64, name string) (any, error) {
			detail, err := t.detail(i)
			if err != nil {
				return nil, err
			}
			if index < 0 || index >= int64(len(detail.Signals)) {
				return nil, workflow.Errorf(workflow.CodeInvalid, "the step has no signal dependency %d", index)
			}
			value, ok := detail.Signals[index].Params[name]
			if !ok {
				return nil, workflow.Errorf(workflow.CodeInvalid, "the signal of dependency %d has no param %q", index, name)
			}
			return value, nil
		}
	}
	return out
}

// SignalParam reads the params of the signals that initiator names.
func SignalParam(facts Signals, initiator *workflow.Initiator) func(ctx context.Context, name, key string) (any, error) {
	return func(ctx context.Context, name, key string) (any, error) {
		seq, ok := initiator.SignalIDs[name]
		if !ok {
			return nil, workflow.Errorf(workflow.CodeInvalid, "the run was not started by a signal %q", name)
		}
		in, err := facts.Signal(ctx, name, seq)
		if err != nil {
			return nil, err
		}
		value, ok := in.Params[key]
		if !ok {
			return nil, workflow.Errorf(workflow.CodeInvalid, "the signal %q has no param %q", name, key)
		}
		return value, nil
	}
}
