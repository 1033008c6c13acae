package trigger

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Trigger starts runs.
type Trigger struct {
	*advance.Loop
	NewID    func() string // a new unique request id
	Parallel int           // how many starts of one call are carried out side by side; 0: one
}

// Start asks for a new instance.
type Start struct {
	RequestID     string // "": none, and no memory of the request
	Initiator     *workflow.Initiator
	RunParams     *workflow.Params
	StepRunParams *workflow.Ordered[*workflow.Params]
	RuntimeTags   []workflow.Tag
	Artifacts     *workflow.Ordered[json.RawMessage]
	RequestTime   int64             // epoch milliseconds; 0: now
	Config        *record.RunConfig // of a customised run; nil: all steps
	PersistFailed bool              // a start whose params cannot be evaluated is kept as a FAILED run
	Link          *record.Link      // of an instance that a step starts
	CorrelationID string            // "": its own
}

// Started is the answer to a Start.
type Started struct {
	Version    int64
	Key        workflow.RunKey
	UUID       string
	Duplicated bool // the request id had started this run before
	Stopped    bool // the run strategy turned it away
}

// Start admits up to MaxStartBatch starts of one workflow together: version is active, latest, default or a
// number. It returns CodeNotFound for a workflow or version that does not exist, CodeInvalid for params
// that cannot be merged or evaluated, and CodeUnavailable.
func (t *Trigger) Start(ctx context.Context, wf workflow.ID, version string, starts ...Start) ([]Started, error) {
	return t.StartFrom(ctx, store.Item{}, wf, version, starts...)
}

// StartFrom is Start from a head that the caller has just read: whatever has happened to it since fails the guard of the
// decision, which is then made again.
func (t *Trigger) StartFrom(ctx context.Context, head store.Item, wf workflow.ID, version string, starts ...Start) ([]Started, error) {
	if len(starts) == 0 || len(starts) > workflow.MaxStartBatch {
		return nil, workflow.Errorf(workflow.CodeInvalid, "1 to %d starts at once", workflow.MaxStartBatch)
	}
	return t.admit(ctx, &admission{wf: wf, version: version, starts: starts, read: head})
}

// admit carries an admission through.
func (t *Trigger) admit(ctx context.Context, a *admission) ([]Started, error) {
	a.Trigger, a.now, a.mine = t, t.Clock.Now(), map[string]bool{}
	for i := range a.starts {
		id := a.starts[i].RequestID
		if id == "" {
			id = t.NewID()
		}
		a.ids = append(a.ids, id)
	}
	for {
		out, err := a.run(ctx)
		if !errors.Is(err, errInterrupted) {
			return out, err
		}
	}
}

// errInterrupted means that a start with the same request id died and was given up in the meantime: the
// client never had an answer for it, so the request starts afresh.
var errInterrupted = errors.New("trigger: the start was interrupted")

// run decides, and does what follows.
func (a *admission) run(ctx context.Context) ([]Started, error) {
	if err := a.Again(ctx, func() error { return a.decide(ctx) }); err != nil {
		return nil, err
	}
	for _, e := range a.evicted {
		if err := a.Evict(ctx, a.wf, e); err != nil {
			return nil, err
		}
	}
	for _, ref := range a.begin {
		if err := a.Consider(ctx, a.key(ref)); err != nil {
			return nil, err
		}
	}
	a.begin, a.evicted = nil, nil
	return a.finishAll(ctx)
}

// finishAll does what follows from the decisions about all starts, as many side by side as the trigger is to. What they
// send goes out together at the end: who dies before is called again, or leaves it to the sweep.
func (a *admission) finishAll(ctx context.Context) ([]Started, error) {
	loop, flush := a.Gathered()
	each := *a
	each.Trigger = &Trigger{Loop: loop, NewID: a.NewID, Parallel: a.Parallel}
	created, errs := each.createAll(ctx)
	out := make([]Started, len(a.starts))
	advance.SideBySide(len(a.starts), a.Parallel, func(i int) {
		if errs[i] == nil {
			out[i], errs[i] = each.finish(ctx, i, created[i])
		}
	})
	var ended []*decide.Run
	for i, v := range created {
		if errs[i] == nil && endedAtOnce(v) {
			ended = append(ended, v.Run)
		}
	}
	err := each.GiveBackAll(ctx, a.wf, ended)
	if sent := flush(ctx); err == nil {
		err = sent // also what others than one that failed have to say is said
	}
	for i := range errs {
		if errors.Is(errs[i], errInterrupted) {
			a.mine[a.ids[i]] = false // whose the next one with this id is, is decided again
		}
		if errs[i] != nil && (err == nil || errors.Is(err, errInterrupted)) {
			err = errs[i]
		}
	}
	return out, err
}

// endedAtOnce tells whether a run that no step started is over with the commit that has just been put.
func endedAtOnce(v advance.Visited) bool {
	return v.Committed && v.Run.Header.Link == nil && v.Run.State.Status.Terminal()
}

// createAll makes the runs of the starts whose runs may not be there yet.
func (a *admission) createAll(ctx context.Context) ([]advance.Visited, []error) {
	var openings []advance.Opening
	var of []int
	for i, id := range a.ids {
		if _, known := a.known[id]; known {
			continue
		}
		p := a.entries[id]
		openings = append(openings, advance.Opening{Run: a.newRun(i, a.key(p.Ref)), Act: func(turn *decide.Turn) error { return a.open(turn, i, p) }})
		of = append(of, i)
	}
	out, all := make([]advance.Visited, len(a.ids)), make([]error, len(a.ids))
	created, errs := a.CreateAll(ctx, a.Parallel, openings)
	for n, i := range of {
		out[i], all[i] = created[n], errs[n]
	}
	return out, all
}
