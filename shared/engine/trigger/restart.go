package trigger

import (
	"context"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Restart asks for the next run of an instance.
type Restart struct {
	RequestID     string // "": none
	Policy        string // decide.FromIncomplete, FromBeginning or FromSpecific
	Step          workflow.StepID
	By            *workflow.User
	RunParams     *workflow.Params
	StepRunParams *workflow.Ordered[*workflow.Params]
	SkipSteps     []workflow.StepID
	RequestTime   int64
	Path          []record.Hop        // the instances below on the way to what the user meant
	Final         string              // the policy of the last one
	Below         *record.Restart     // what that one is given; nil: nothing
	Link          *record.Link        // of a run that a step starts; nil: a user does
	Initiator     *workflow.Initiator // of such a run
}

// Restart admits the next run of an instance through the workflow's run strategy. It keeps the version, the
// properties and the initiator of the run before. It returns CodeNotFound for an instance that does not
// exist, and CodeInvalid while its newest run is open and when nothing is left to run.
func (t *Trigger) Restart(ctx context.Context, wf workflow.ID, instance int64, r Restart) (Started, error) {
	start := Start{RequestID: r.RequestID, RunParams: r.RunParams, StepRunParams: r.StepRunParams, RequestTime: r.RequestTime}
	out, err := t.admit(ctx, &admission{wf: wf, starts: []Start{start}, restart: &restart{Restart: r, instance: instance}})
	if err != nil {
		return Started{}, err
	}
	return out[0], nil
}

// record returns the restart as the run keeps it.
func (r *Restart) record() *record.Restart {
	out := &record.Restart{}
	if r.Below != nil {
		*out = *r.Below
	}
	out.By, out.Step, out.SkipSteps, out.Path, out.Final = r.By, r.Step, r.SkipSteps, r.Path, r.Final
	return out
}

// restart is what an admission knows of the run that it follows.
type restart struct {
	Restart
	instance int64
	previous *decide.Run
	steps    []record.Step
}

// ref names the run to be made; the zero Ref when there is no restart.
func (r *restart) ref() strategy.Ref {
	if r == nil {
		return strategy.Ref{}
	}
	return strategy.Ref{Instance: r.instance, Run: r.previous.Key.Run + 1}
}

// prepareRestart reads the newest run, which must have ended, and evaluates the params of the next.
func (a *admission) prepareRestart(ctx context.Context, head *strategy.Head) error {
	if len(a.known)+len(a.entries) > 0 {
		return a.adopt(ctx)
	}
	r := a.restart
	previous, err := a.LoadLatest(ctx, a.wf, r.instance)
	if err != nil {
		return err
	}
	if !previous.State.Status.Terminal() || openInstance(head, r.instance, previous.Key.Run) {
		return workflow.Errorf(workflow.CodeInvalid, "%s is not over: only an instance whose newest run has ended can be restarted", previous.Key)
	}
	head.End(strategy.Ended{Ref: strategy.Ref{Instance: r.instance, Run: previous.Key.Run}, Status: previous.State.Status})
	if r.steps, err = decide.Restarted(previous, r.Policy, r.record()); err != nil {
		return err
	}
	if err := a.Rewind(ctx, previous, r.steps); err != nil {
		return err
	}
	r.previous, a.definition, a.internalID = previous, previous.Definition, previous.Header.InternalID
	owner := ""
	if previous.Header.Properties.Owner != nil {
		owner = previous.Header.Properties.Owner.Name
	}
	params, err := param.Workflow(ctx, param.WorkflowInput{Definition: a.definition.Version.Workflow, Owner: owner,
		Initiator: previous.Header.Initiator, RunParams: r.RunParams, Previous: previous.Header.Params,
		RunPolicy: r.Policy, Now: a.now, Runtime: a.ParamsOf(previous.Header.Initiator)})
	a.params, a.broken = []*workflow.Params{params}, make([]error, 1)
	return err
}

// adopt serves a request that was admitted before: its run follows the one that it followed then.
func (a *admission) adopt(ctx context.Context) error {
	ref, ok := a.known[a.ids[0]]
	if !ok {
		ref = a.entries[a.ids[0]].Ref
	}
	previous, err := a.LoadRun(ctx, workflow.RunKey{Workflow: a.wf, Instance: a.restart.instance, Run: max(ref.Run-1, 1)})
	if err != nil {
		return err
	}
	a.restart.previous, a.definition, a.internalID = previous, previous.Definition, previous.Header.InternalID
	if a.restart.steps, err = decide.Restarted(previous, a.restart.Policy, a.restart.record()); err != nil {
		return err
	}
	a.params, a.broken = []*workflow.Params{previous.Header.Params}, make([]error, 1)
	return nil
}

// openInstance tells whether a later run of the instance than the given one is admitted already.
func openInstance(head *strategy.Head, instance, run int64) bool {
	for ref := range head.Queued.All() {
		if ref.Instance == instance && ref.Run > run {
			return true
		}
	}
	for _, ref := range head.Running {
		if ref.Instance == instance && ref.Run > run {
			return true
		}
	}
	for _, p := range head.Pending {
		if p.Ref.Instance == instance && p.Ref.Run > run {
			return true
		}
	}
	return false
}

// run returns the restarted run before its first commit.
func (r *restart) run(a *admission, key workflow.RunKey) *decide.Run {
	old := r.previous.Header
	header := *old
	header.UUID, header.Policy, header.Params = a.ids[0], r.Policy, a.params[0]
	header.RunParams, header.StepRunParams, header.Config, header.Artifacts = r.RunParams, r.StepRunParams, nil, nil
	header.Restart, header.Interrupted = r.record(), false
	if r.Link != nil {
		header.Link, header.Initiator = r.Link, r.Initiator
	}
	if header.RequestTime = r.RequestTime; header.RequestTime == 0 {
		header.RequestTime = a.now.UnixMilli()
	}
	run := decide.NewRun(key, &header, r.previous.Definition, a.now)
	copy(run.State.Steps, r.steps)
	return run
}
