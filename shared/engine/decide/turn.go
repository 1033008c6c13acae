package decide

import (
	"context"
	"fmt"
	"time"

	"github.com/segue-workflows/segue/shared/engine/permit"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Turn is one decision about one run in the making.
type Turn struct {
	ctx      context.Context
	run      *Run
	facts    Facts
	settings Settings
	now      time.Time
	ms       int64

	state    *record.State
	details  []*record.Detail // loaded or made in this turn, by ordinal
	dirty    []bool           // which of them this turn changed
	changed  bool
	timeline workflow.Timeline
	noted    bool // the run's timeline was read, to be changed
	budget   int
	calls    []Call          // what this turn made due, now or later
	alarms   []int64         // deadlines that this turn set
	over     []permit.Ticket // attempts that ended in this turn
	paused   []int           // steps that a breakpoint stopped in this turn
	aside    []int           // steps whose attempts were set aside in this turn
	tends    []Tend          // instances of steps that need somebody
	restart  *record.Restart // of the step that this turn restarts, where it leads below it

	signalling

	breakpoints []Breakpoint // loaded when the first step asks
	asked       bool
}

// NewTurn begins a decision about run at time now.
func NewTurn(ctx context.Context, run *Run, facts Facts, settings Settings, now time.Time) *Turn {
	n := len(run.Definition.Steps)
	return &Turn{ctx: ctx, run: run, facts: facts, settings: settings, now: now, ms: now.UnixMilli(),
		state: run.State.Clone(), details: make([]*record.Detail, n), dirty: make([]bool, n), budget: settings.TurnSteps}
}

// NewRun returns a run that has no commit yet, created at now.
func NewRun(key workflow.RunKey, header *record.Header, definition *Definition, now time.Time) *Run {
	return &Run{Key: key, Header: header, Definition: definition, State: &record.State{
		Status: workflow.InstanceCreated, Created: now.UnixMilli(), Steps: make([]record.Step, len(definition.Steps))}}
}

// State returns the state as the turn has made it so far.
func (t *Turn) State() *record.State { return t.state }

// Changed tells whether there is anything to commit.
func (t *Turn) Changed() bool { return t.changed }

// Commit returns the commit that makes the turn true: the next one of the run.
func (t *Turn) Commit() *record.Commit {
	number := t.run.Commits + 1
	out := &record.Commit{State: t.state, Root: t.state.Status.Terminal() && t.run.Header.Link == nil}
	if number == 1 {
		out.Header = t.run.Header.Stored()
	}
	if t.noted {
		t.state.Note = number
		out.Note = &record.Note{Timeline: t.timeline}
	}
	for i, detail := range t.details {
		if t.dirty[i] {
			t.state.Steps[i].Detail, t.state.Steps[i].Home = number, 0
			out.Details = append(out.Details, stored(detail, number))
		}
	}
	return out
}

// largeParams is the length, estimated from above, from which on params are not written again but pointed at.
const largeParams = 8 << 10

// stored returns the detail as commit number holds it.
func stored(detail *record.Detail, number int64) *record.Detail {
	if detail.Home != 0 && detail.Params.Len() > 0 && param.Length(detail.Params) > largeParams {
		out := *detail
		out.Params, out.ParamsAt = nil, detail.Home
		return &out
	}
	detail.Home, detail.ParamsAt = number, 0
	return detail
}

// Committed returns the run as it is after the commit landed, for the next turn.
func (t *Turn) Committed() *Run {
	return &Run{Key: t.run.Key, Commits: t.run.Commits + 1, Header: t.run.Header, State: t.state, Definition: t.run.Definition}
}

// detail returns the detail of the current attempt of step i, loading it if need be.
func (t *Turn) detail(i int) (*record.Detail, error) {
	if t.details[i] == nil {
		key, n := detailAt(t.run.Key, &t.state.Steps[i])
		detail, err := t.facts.Detail(t.ctx, key, n, i)
		if err != nil {
			return nil, err
		}
		t.details[i] = detail
	}
	return t.details[i], nil
}

// change returns the detail of step i to be changed by this turn.
func (t *Turn) change(i int) (*record.Detail, error) {
	detail, err := t.detail(i)
	if err != nil {
		return nil, err
	}
	if !t.dirty[i] {
		detail = detail.Clone()
		detail.Fresh = 0
		t.details[i], t.dirty[i], t.changed = detail, true, true
	}
	return detail, nil
}

// move changes the status of step i. An illegal change is a bug of ours, and must never reach a commit.
func (t *Turn) move(i int, to workflow.StepStatus) error {
	step := &t.state.Steps[i]
	if !step.Status.CanMove(to) {
		panic(fmt.Sprintf("decide: step %s cannot move from %s to %s", t.run.Definition.Steps[i].ID, step.Status, to))
	}
	detail, err := t.change(i)
	if err != nil {
		return err
	}
	if to.Terminal() && NeedsPermit(step.Status) {
		t.over = append(t.over, t.ticket(i, detail))
	}
	step.Status = to
	detail.Moves = append(detail.Moves, record.Move{To: to, At: t.ms})
	detail.Fresh++
	if to.Terminal() {
		step.End = t.ms
		step.Due, step.Deadline, step.Claim, step.Handed, step.Ending = 0, 0, 0, 0, workflow.NotCreated
	}
	return nil
}

// tell puts an event on the timeline of step i.
func (t *Turn) tell(i int, event workflow.Event) error {
	detail, err := t.change(i)
	if err == nil {
		detail.Timeline = detail.Timeline.Add(event)
	}
	return err
}

// Note puts an event on the timeline of the run.
func (t *Turn) Note(event workflow.Event) error { return t.note(event) }

// note puts an event on the timeline of the run.
func (t *Turn) note(event workflow.Event) error {
	if !t.noted {
		timeline, err := t.facts.Timeline(t.ctx, t.run.Key, t.state.Note)
		if err != nil {
			return err
		}
		t.timeline, t.noted, t.changed = append(workflow.Timeline(nil), timeline...), true, true
	}
	t.timeline = t.timeline.Add(event)
	return nil
}

func (t *Turn) step(i int) *workflow.Step { return t.run.Definition.Steps[i] }

// key names the current attempt of step i.
func (t *Turn) key(i int) workflow.AttemptKey {
	return workflow.AttemptKey{RunKey: t.run.Key, Step: t.step(i).ID, Attempt: t.state.Steps[i].Attempt}
}

// call is what a runtime gets to know of the current attempt of step i.
func (t *Turn) call(i int, detail *record.Detail) runtime.Call {
	return NewCall(t.run, t.state, i, detail, t.now)
}

// NewCall is what a runtime gets to know of the current attempt of step i of a run in state.
func NewCall(run *Run, state *record.State, i int, detail *record.Detail, now time.Time) runtime.Call {
	step := state.Steps[i]
	definition := run.Definition.Steps[i]
	key := workflow.AttemptKey{RunKey: run.Key, Step: definition.ID, Attempt: step.Attempt}
	return runtime.Call{Key: key, UUID: AttemptUUID(run.Header.UUID, key), Step: definition, Params: detail.Params,
		Artifacts: detail.Artifacts, Started: time.UnixMilli(step.Start).UTC(), Now: now, Failures: step.Failures}
}

// scope is what expressions of step i see.
func (t *Turn) scope(i int, params *workflow.Params) param.Scope {
	key := t.key(i)
	step := t.step(i)
	return param.Scope{
		Identity: param.Identity{AttemptKey: key, StepInstanceID: int64(i) + 1, StepUUID: AttemptUUID(t.run.Header.UUID, key),
			StepType: step.Type, ErrorRetries: t.state.Steps[i].Retries[record.UserCause]},
		Initiator: t.run.Header.Initiator,
		RunPolicy: t.run.Header.Policy,
		Params:    params,
		Workflow:  t.run.Header.Params,
		Upstream:  t.upstream(i),
		Now:       time.UnixMilli(t.state.Created).UTC(),
		Runtime:   t.runtime(i),
	}
}

// upstream finds steps that ran before step i.
func (t *Turn) upstream(i int) param.Upstream {
	before := t.run.Definition.Graph.Upstream(i)
	return func(id string) (param.Finished, bool, error) {
		j, ok := t.run.Definition.Graph.Index(id)
		if !ok || !before.Has(j) {
			return param.Finished{}, false, nil
		}
		step := t.state.Steps[j]
		out := param.Finished{Status: step.Status, EndTime: step.End, Complete: step.Status.Complete()}
		if step.Attempt == 0 {
			return out, true, nil
		}
		detail, err := t.detail(j)
		if err != nil {
			return out, true, err
		}
		out.Params = detail.Params
		return out, true, nil
	}
}
