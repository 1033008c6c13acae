package trigger

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"time"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// admission is one call of Start or Restart in the making.
type admission struct {
	*Trigger
	wf      workflow.ID
	version string
	starts  []Start
	ids     []string
	now     time.Time
	read    store.Item // the head, for the first try; without a revision it is not read yet
	restart *restart   // of the one start that is a restart; nil: new instances

	definition *decide.Definition
	snapshot   *workflow.Properties
	internalID int64
	params     []*workflow.Params // evaluated, of the definition
	steps      [][]record.Step    // with which a customised run begins
	broken     []error            // why the params of a start that is to be kept cannot be evaluated

	entries map[string]strategy.Pending // by request id: what this call has to finish
	known   map[string]strategy.Ref     // by request id: what is finished for good
	fresh   map[string]bool             // new to this try
	mine    map[string]bool             // admitted by this call
	begin   []strategy.Ref              // runs that waited and may begin
	evicted []strategy.Eviction         // runs that have to make way
}

func (a *admission) key(ref strategy.Ref) workflow.RunKey {
	return workflow.RunKey{Workflow: a.wf, Instance: ref.Instance, Run: ref.Run}
}

// head returns the head and its revision: for the first try the one that the caller has read, if he has.
func (a *admission) head(ctx context.Context) (*strategy.Head, int64, error) {
	read := a.read
	if a.read = (store.Item{}); read.Rev == 0 {
		return a.LoadHead(ctx, a.wf)
	}
	head, err := record.Decode[strategy.Head]("head of "+a.wf, read.Body)
	return head, read.Rev, err
}

// decide makes the decision: it fails with store.ErrGuard when another writer of the head was faster.
func (a *admission) decide(ctx context.Context) error {
	head, rev, err := a.head(ctx)
	if err != nil {
		return err
	}
	if head.Deleted {
		return workflow.Errorf(workflow.CodeNotFound, "there is no workflow %q", a.wf)
	}
	changed, err := a.Verify(ctx, a.wf, head)
	if err != nil {
		return err
	}
	if err := a.lookup(ctx, head); err != nil {
		return err
	}
	if err := a.prepare(ctx, head); err != nil {
		return err
	}
	before := len(head.Evicted)
	admitted, err := a.admitFresh(head)
	if err != nil {
		return err
	}
	begin, released, err := strategy.Release(head)
	if err != nil {
		return err
	}
	if !changed && !released && !admitted {
		return nil
	}
	evicted := slices.Clone(head.Evicted[before:])
	// Before the head moves a run there is a wake item for it: after a crash here somebody looks.
	for _, ref := range append(refsOf(evicted), begin...) {
		if err := a.PutWake(ctx, a.key(ref), a.Clock.Now().Add(decide.InHandGrace)); err != nil {
			return err
		}
	}
	if err := a.PutHead(ctx, a.wf, head, rev); err != nil {
		return err
	}
	a.begin, a.evicted = append(a.begin, begin...), append(a.evicted, evicted...)
	for id := range a.fresh {
		a.mine[id] = true
	}
	return nil
}

// lookup finds out which of the requests are known already. It must come after the head was read.
func (a *admission) lookup(ctx context.Context, head *strategy.Head) error {
	a.entries, a.known, a.fresh = map[string]strategy.Pending{}, map[string]strategy.Ref{}, map[string]bool{}
	var keys []store.Key
	var ids []string
	for i, start := range a.starts {
		if start.RequestID != "" {
			keys, ids = append(keys, record.RequestKey(a.wf, start.RequestID)), append(ids, a.ids[i])
		}
	}
	if len(keys) == 0 {
		return nil
	}
	items, err := a.Store.Get(ctx, store.Fresh, keys...)
	if err != nil {
		return err
	}
	for i, item := range items {
		if item.Rev != 0 {
			request, err := record.Decode[record.Request]("request", item.Body)
			if err != nil {
				return err
			}
			a.known[ids[i]] = strategy.Ref{Instance: request.Instance, Run: request.Run}
		} else if p, ok := head.FindPending(ids[i]); ok {
			a.entries[ids[i]] = p
		}
	}
	return nil
}

// prepare finds the version and evaluates the params of the starts, before anything is decided: a start
// that cannot run leaves no trace.
func (a *admission) prepare(ctx context.Context, head *strategy.Head) error {
	if a.restart != nil {
		return a.prepareRestart(ctx, head)
	}
	if a.allKnown() {
		return nil // whatever the version names today: these runs are there
	}
	number, err := resolve(head, a.wf, a.version)
	if err != nil {
		return err
	}
	a.internalID = head.InternalID
	if a.snapshot, err = a.Properties(ctx, a.wf, head.Properties); err != nil {
		return err
	}
	if a.definition != nil && a.definition.Version.Number == number {
		return nil
	}
	if a.definition, err = a.Definition(ctx, a.wf, number); err != nil {
		return err
	}
	a.params, a.broken = make([]*workflow.Params, len(a.starts)), make([]error, len(a.starts))
	a.steps = make([][]record.Step, len(a.starts))
	for i := range a.starts {
		if _, known := a.known[a.ids[i]]; known {
			continue
		}
		if config := a.starts[i].Config; config != nil {
			if a.steps[i], err = decide.Customized(a.definition, config); err != nil {
				return err
			}
		}
		if a.params[i], err = param.Workflow(ctx, a.input(i)); err != nil {
			if !a.starts[i].PersistFailed || !errors.Is(err, workflow.ErrInvalid) {
				return err
			}
			a.broken[i], a.params[i] = err, &workflow.Params{}
		}
	}
	return nil
}

func (a *admission) allKnown() bool {
	for _, id := range a.ids {
		if _, known := a.known[id]; !known {
			return false
		}
	}
	return true
}

func (a *admission) input(i int) param.WorkflowInput {
	owner := ""
	if a.snapshot.Owner != nil {
		owner = a.snapshot.Owner.Name
	}
	return param.WorkflowInput{Definition: a.definition.Version.Workflow, Owner: owner, Initiator: a.starts[i].Initiator,
		RunParams: a.starts[i].RunParams, RunPolicy: decide.FreshRun, Now: a.now, Runtime: a.ParamsOf(a.starts[i].Initiator)}
}

// resolve finds the number of the version that is asked for.
func resolve(head *strategy.Head, wf workflow.ID, version string) (int64, error) {
	number := int64(0)
	switch version {
	case "active":
		if number = head.Active; number == 0 {
			return 0, workflow.Errorf(workflow.CodeNotFound, "workflow %q has no active version; activate one first", wf)
		}
	case "latest":
		number = head.Latest
	case "default":
		number = head.Default()
	default:
		n, err := strconv.ParseInt(version, 10, 64)
		if err != nil || n < 1 {
			return 0, workflow.Errorf(workflow.CodeInvalid, "version %q is none of active, latest, default or a number", version)
		}
		if !head.HasVersion(n) {
			return 0, workflow.Errorf(workflow.CodeNotFound, "workflow %q has no version %d", wf, n)
		}
		number = n
	}
	return number, nil
}

func refsOf(evictions []strategy.Eviction) []strategy.Ref {
	var out []strategy.Ref
	for _, e := range evictions {
		out = append(out, e.Ref)
	}
	return out
}

// admitFresh lets the strategy decide about the starts that are new.
func (a *admission) admitFresh(head *strategy.Head) (bool, error) {
	var fresh []strategy.Start
	for i, start := range a.starts {
		id := a.ids[i]
		_, finished := a.known[id]
		_, pending := a.entries[id]
		if finished || pending || a.fresh[id] {
			continue
		}
		a.fresh[id] = true
		fresh = append(fresh, strategy.Start{Request: id, Client: start.RequestID != "", Restart: a.restart.ref(), Broken: a.broken != nil && a.broken[i] != nil})
	}
	if len(fresh) > 0 && head.MaxQueued > 0 && int64(head.Queued.Len()+len(fresh)) > head.MaxQueued {
		return false, workflow.Errorf(workflow.CodeOverloaded, "%d starts of %q wait already; the limit is %d", head.Queued.Len(), a.wf, head.MaxQueued)
	}
	if _, err := strategy.Admit(head, fresh, a.now.UnixMilli()); err != nil {
		return false, err
	}
	for _, start := range fresh {
		a.entries[start.Request], _ = head.FindPending(start.Request)
	}
	return len(fresh) > 0, nil
}

// finish does what follows from the decision about start i, once its run v is there. Whoever repeats it repeats the same
// keys.
func (a *admission) finish(ctx context.Context, i int, v advance.Visited) (Started, error) {
	id := a.ids[i]
	out := Started{UUID: id, Duplicated: !a.mine[id] || slices.Contains(a.ids[:i], id)}
	if ref, ok := a.known[id]; ok {
		out.Key = a.key(ref)
		run, err := a.repeat(ctx, out.Key)
		if errors.Is(err, workflow.ErrNotFound) { // a request is remembered for longer than its run
			return out, nil
		}
		if err == nil {
			out.Version = run.Header.Version
		}
		return out, err
	}
	p := a.entries[id]
	out.Key = a.key(p.Ref)
	out.Version = v.Run.Header.Version
	if v.Run.Header.Interrupted {
		return out, errInterrupted
	}
	out.Stopped = p.Outcome == strategy.Refused
	if p.Client {
		if err := a.PutRequest(ctx, a.wf, p); err != nil {
			return out, err
		}
	}
	if err := a.follow(ctx, v); err != nil || !out.Duplicated {
		return out, err
	}
	return out, a.nudge(ctx)
}

// open makes the first commit of start i, as the strategy decided.
func (a *admission) open(turn *decide.Turn, i int, p strategy.Pending) error {
	switch p.Outcome {
	case strategy.Waits:
		return nil
	case strategy.Refused:
		return turn.Refuse(fmt.Sprintf("the run strategy FIRST_ONLY stops it: instance %d run %d was there first",
			p.Blocker.Instance, p.Blocker.Run))
	case strategy.Broken:
		return turn.Break(a.broken[i])
	}
	return turn.Begin()
}

// repeat sends again what follows from a start that is finished: whoever finished it may have died right
// before, and a request that comes again is how its client finds out.
func (a *admission) repeat(ctx context.Context, key workflow.RunKey) (*decide.Run, error) {
	run, err := a.LoadRun(ctx, key)
	if err != nil {
		return nil, err
	}
	if err := a.follow(ctx, advance.Visited{Run: run}); err != nil {
		return nil, err
	}
	return run, a.nudge(ctx)
}

// nudge looks after the runs that an earlier call let begin: it may have died before it told them.
func (a *admission) nudge(ctx context.Context) error {
	return a.Nudge(ctx, a.wf, hint.Message{Again: true})
}

func (a *admission) follow(ctx context.Context, v advance.Visited) error {
	cause := hint.Message{Reason: hint.ReasonStart, Again: !v.Committed}
	switch {
	case v.Run.State.Status == workflow.InstanceCreated:
		return a.Consider(ctx, v.Run.Key)
	case endedAtOnce(v):
		return a.FollowOpen(ctx, v, cause, nil) // finishAll gives its place back
	}
	return a.Follow(ctx, v, cause, nil)
}

// newRun returns the run of start i, before its first commit.
func (a *admission) newRun(i int, key workflow.RunKey) *decide.Run {
	if a.restart != nil {
		return a.restart.run(a, key)
	}
	run := decide.NewRun(key, a.header(i, key), a.definition, a.now)
	copy(run.State.Steps, a.steps[i])
	return run
}

func (a *admission) header(i int, key workflow.RunKey) *record.Header {
	start := a.starts[i]
	requested := start.RequestTime
	if requested == 0 {
		requested = a.now.UnixMilli()
	}
	scope := param.Scope{Initiator: start.Initiator, RunPolicy: decide.FreshRun, Workflow: a.params[i], Now: a.now, Runtime: a.Settings.Params}
	timeout := workflow.DefaultTimeout
	if limit := a.definition.Version.Workflow.Timeout; limit != nil {
		// A text that does not evaluate to a duration leaves the default: the run itself is sound.
		if d, err := param.Duration(context.Background(), limit, scope); err == nil {
			timeout = d
		}
	}
	properties := *a.snapshot
	properties.Alerting = param.Alerting(context.Background(), properties.Alerting, scope, a.now)
	policy := decide.FreshRun
	if start.Config != nil {
		policy = decide.CustomizedRun
	}
	correlation := start.CorrelationID
	if correlation == "" {
		correlation = key.String()
	}
	return &record.Header{Link: start.Link, Config: start.Config, Version: a.definition.Version.Number, UUID: a.ids[i], InternalID: a.internalID, CorrelationID: correlation,
		Initiator: start.Initiator, Policy: policy, Properties: &properties, RequestTime: requested, Params: a.params[i],
		RunParams: start.RunParams, StepRunParams: start.StepRunParams, RuntimeTags: start.RuntimeTags, Artifacts: start.Artifacts,
		Timeout: timeout.Milliseconds()}
}
