package catalog

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// staged is a version as its item holds it: with all that adopting it takes, so that anyone may.
type staged struct {
	workflow.Version
	Pushed   *workflow.Properties `json:"pushed,omitempty"`
	Activate bool                 `json:"activate,omitempty"`
}

// Validate makes the dry run of a push and stores nothing. It returns CodeInvalid for what a push would refuse.
func (c *Catalog) Validate(ctx context.Context, user workflow.User, request *workflow.Request) (workflow.Event, error) {
	if err := c.dryRun(ctx, request); err != nil {
		return workflow.Event{}, err
	}
	return c.action("VALIDATE", user, fmt.Sprintf("the definition of workflow %q is valid", request.Workflow.ID)), nil
}

// dryRun evaluates what can be evaluated before there is a run, with the owner that the run would have.
func (c *Catalog) dryRun(ctx context.Context, request *workflow.Request) error {
	p, err := c.load(ctx, request.Workflow.ID)
	if err != nil {
		return err
	}
	tried := *request
	tried.Properties = mergePush(p.properties, request.Properties)
	return param.DryRun(ctx, &tried, c.Settings.Params, c.Clock.Now())
}

// Push makes the request a new version. It returns CodeInvalid for a definition that fails its dry run and for
// a first push without an owner, CodePrecondition for a change of run strategy that the present runs forbid, and
// CodeUnavailable: then the push may still take effect when somebody pushes again.
func (c *Catalog) Push(ctx context.Context, user workflow.User, request *workflow.Request) (*Definition, error) {
	if err := c.dryRun(ctx, request); err != nil {
		return nil, err
	}
	push := &push{Catalog: c, user: user, request: request}
	if err := c.Again(ctx, func() error { return push.try(ctx) }); err != nil {
		return nil, err
	}
	return push.answer(ctx)
}

// push is one call of Push in the making.
type push struct {
	*Catalog
	user    workflow.User
	request *workflow.Request
	mine    *staged // put, and to be adopted by us or by anyone
	number  int64   // of the version, once adopted
	merged  merged
}

// merged remembers a snapshot that was staged for a version, so that losing a race against a start does not
// stage it again.
type merged struct{ version, base, number int64 }

// try adopts the version of this push. It fails with store.ErrGuard when it must look again.
func (p *push) try(ctx context.Context) error {
	at, err := p.load(ctx, p.request.Workflow.ID)
	if err != nil {
		return err
	}
	if p.mine != nil && p.mine.InternalID == at.head.InternalID && at.head.HasVersion(p.mine.Number) {
		p.number = p.mine.Number // adopted by another push, which found it staged
		return nil
	}
	if p.mine != nil && p.mine.InternalID != at.head.InternalID {
		p.mine = nil // the workflow was deleted meanwhile: its next life has no use for our version
	}
	if p.mine == nil {
		found, err := p.stage(ctx, at)
		if err != nil {
			return err
		}
		if found != nil {
			if err := p.adopt(ctx, at, found); err != nil {
				return err
			}
			return store.ErrGuard // theirs is in; now for ours
		}
	}
	if err := p.adopt(ctx, at, p.mine); err != nil {
		return err
	}
	p.number = p.mine.Number
	return nil
}

// stage puts our version under the next number. It returns the version of another push when that has the
// number and is not adopted yet.
func (p *push) stage(ctx context.Context, at *place) (*staged, error) {
	if err := p.check(ctx, at); err != nil {
		return nil, err
	}
	v := &staged{Pushed: p.request.Properties, Activate: p.request.IsActive, Version: workflow.Version{
		Author: p.user.Name, CreateTime: p.now(), InternalID: at.head.InternalID, GitInfo: p.request.GitInfo,
		Extras: p.request.Extras, Workflow: p.request.Workflow}}
	for v.Number = at.head.Latest + 1; ; v.Number++ {
		key := record.VersionKey(at.wf, v.Number)
		err := p.Store.Put(ctx, store.Write{Item: store.Item{Key: key, Body: record.Encode(v)}, If: store.Absent})
		if err == nil {
			p.mine = v
			return nil, nil
		}
		if !errors.Is(err, store.ErrGuard) {
			return nil, unavailable("put a version of "+at.wf, err)
		}
		other, err := p.loadStaged(ctx, at.wf, v.Number)
		switch {
		case err != nil:
			return nil, err
		case other.InternalID == v.InternalID:
			return other, nil
		case other.InternalID > v.InternalID:
			return nil, store.ErrGuard // our head is of a former life
		}
		// Staged by a push that died before the workflow was deleted: no head will ever name it.
	}
}

// check refuses what must not become a version. Once a version is staged it is adopted without asking again:
// its pusher may not be there any more to hear the answer.
func (p *push) check(ctx context.Context, at *place) error {
	pushed := p.request.Properties
	if !at.exists() && (pushed == nil || pushed.Owner == nil || pushed.Owner.Name == "") {
		return workflow.Errorf(workflow.CodeInvalid, "the first push of workflow %q needs properties with an owner", at.wf)
	}
	return p.checkStrategy(ctx, at, strategyOf(mergePush(at.properties, pushed)))
}

func (p *push) loadStaged(ctx context.Context, wf workflow.ID, n int64) (*staged, error) {
	items, err := p.Store.Get(ctx, store.Fresh, record.VersionKey(wf, n))
	if err != nil {
		return nil, unavailable("load a version of "+wf, err)
	}
	if items[0].Rev == 0 {
		return nil, workflow.Errorf(workflow.CodeInternal, "version %d of %q was there and is not", n, wf)
	}
	version, err := advance.DecodeVersion(items[0].Body)
	if err != nil {
		return nil, err
	}
	v := &staged{Version: *version}
	var rest struct {
		Pushed   *workflow.Properties `json:"pushed"`
		Activate bool                 `json:"activate"`
	}
	if err := json.Unmarshal(items[0].Body, &rest); err != nil {
		return nil, workflow.Errorf(workflow.CodeInternal, "version %d of %q cannot be read: %w", n, wf, err)
	}
	v.Pushed, v.Activate = rest.Pushed, rest.Activate
	return v, nil
}

// adopt makes the head name a staged version, and tells of it.
func (p *push) adopt(ctx context.Context, at *place, v *staged) error {
	head := at.head.Clone()
	if !at.exists() {
		head.Oldest = v.Number
	}
	head.Latest, head.ModifiedAt = v.Number, v.CreateTime
	if v.Activate {
		head.Active, head.ActiveAt, head.ActiveBy = v.Number, v.CreateTime, v.Author
	}
	if !at.exists() || v.Pushed != nil {
		properties := mergePush(at.properties, v.Pushed)
		if p.merged.version != v.Number || p.merged.base != at.head.Properties {
			number, err := p.stageSnapshot(ctx, at, v.Author, properties)
			if err != nil {
				return err
			}
			p.merged = merged{v.Number, at.head.Properties, number}
		}
		head.Properties = p.merged.number
		govern(head, properties)
	}
	timed, err := p.watchTimes(ctx, at.wf, at.head.Active, head.Active)
	if err != nil {
		return err
	}
	signalled, err := p.watchSignals(ctx, at.wf, at.head.Active, head.Active)
	if err != nil {
		return err
	}
	if err := p.put(ctx, at, head, told(v, at.head, head)); err != nil {
		return err
	}
	if err := p.lookAtTimes(ctx, at.wf, timed); err != nil {
		return err
	}
	if err := p.listen(ctx, at.wf, signalled); err != nil {
		return err
	}
	return p.released(ctx, at.wf, at.head, head)
}

// told is the line that tells of an adoption.
func told(v *staged, before, after *strategy.Head) record.TimelineNote {
	text := fmt.Sprintf("pushed version %d", v.Number)
	if v.Activate {
		text += " and activated it"
	}
	change := &record.WorkflowChange{Name: v.Workflow.Title(), Version: v.Number, Active: after.Active, Previous: before.Active}
	if after.Properties != before.Properties {
		change.Snapshot = after.Properties
	}
	return record.TimelineNote{Author: v.Author, Log: text, At: v.CreateTime, Change: change}
}

func (p *push) answer(ctx context.Context) (*Definition, error) {
	at, err := p.find(ctx, p.request.Workflow.ID)
	if err != nil {
		return nil, err
	}
	return p.definition(ctx, at, p.number)
}
