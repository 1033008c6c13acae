package catalog

import (
	"context"
	"errors"
	"fmt"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Catalog is the definitions of all workflows.
type Catalog struct {
	*advance.Loop
	Listener Listener // nil: signal triggers follow by message
}

// firstInternalID is the internal id of a workflow that is created for the first time.
const firstInternalID = 10000

// place is a workflow's head as it was read, and the properties that it names.
type place struct {
	wf         workflow.ID
	head       *strategy.Head
	rev        int64
	properties *workflow.Properties // nil: the workflow is not there
	snapshot   *Snapshot
}

// exists tells whether the workflow was pushed and not deleted since.
func (p *place) exists() bool { return p.properties != nil }

// load reads the place of a workflow. One that was never pushed, or deleted, has the head of its next life.
func (c *Catalog) load(ctx context.Context, wf workflow.ID) (*place, error) {
	head, rev, err := c.LoadHead(ctx, wf)
	switch {
	case errors.Is(err, workflow.ErrNotFound):
		return &place{wf: wf, head: &strategy.Head{InternalID: firstInternalID, First: 1, Next: 1}}, nil
	case err != nil:
		return nil, err
	case head.Deleted:
		return &place{wf: wf, head: reborn(head), rev: rev}, nil
	}
	p := &place{wf: wf, head: head, rev: rev}
	if p.snapshot, err = c.readSnapshot(ctx, wf, head.Properties); err != nil {
		return nil, err
	}
	p.properties = p.snapshot.Properties
	return p, nil
}

// find is load for a workflow that must exist. It returns CodeNotFound when it does not.
func (c *Catalog) find(ctx context.Context, wf workflow.ID) (*place, error) {
	p, err := c.load(ctx, wf)
	if err == nil && !p.exists() {
		return nil, workflow.Errorf(workflow.CodeNotFound, "there is no workflow %q", wf)
	}
	return p, err
}

// reborn returns the head with which a deleted workflow is created again. Only numbers survive, and starts
// whose request items may still be missing.
func reborn(old *strategy.Head) *strategy.Head {
	head := old.Clone()
	return &strategy.Head{InternalID: head.InternalID + 1, Latest: head.Latest, Properties: head.Properties,
		Changes: head.Changes, First: head.Next, Next: head.Next, Pending: head.Pending}
}

// readSnapshot reads snapshot n of the properties: the head names it, so it must be there.
func (c *Catalog) readSnapshot(ctx context.Context, wf workflow.ID, n int64) (*Snapshot, error) {
	items, err := c.Store.Get(ctx, store.Fresh, record.PropertiesKey(wf, n))
	if err != nil {
		return nil, unavailable("load properties of "+wf, err)
	}
	if items[0].Rev == 0 {
		return nil, workflow.Errorf(workflow.CodeInternal, "snapshot %d of the properties of %q is missing", n, wf)
	}
	stored, err := record.Decode[record.Snapshot]("properties", items[0].Body)
	if err != nil {
		return nil, err
	}
	return &Snapshot{WorkflowID: wf, CreateTime: stored.CreateTime, Author: stored.Author, Properties: stored.Properties}, nil
}

// stageSnapshot puts the properties under the first free number above the one that the head names, and
// returns it. Nobody sees the snapshot until a head names it.
func (c *Catalog) stageSnapshot(ctx context.Context, p *place, author string, properties *workflow.Properties) (int64, error) {
	body := record.Encode(record.Snapshot{Author: author, CreateTime: c.now(), Properties: properties})
	for n := p.head.Properties + 1; ; n++ {
		err := c.Store.Put(ctx, store.Write{Item: store.Item{Key: record.PropertiesKey(p.wf, n), Body: body}, If: store.Absent})
		if errors.Is(err, store.ErrGuard) {
			continue
		}
		return n, unavailable("put properties of "+p.wf, err)
	}
}

// put lands a changed head together with the line of the timeline that tells of the change, which it numbers.
func (c *Catalog) put(ctx context.Context, p *place, head *strategy.Head, line record.TimelineNote) error {
	head.Changes++
	line.Change.Number = head.Changes
	key := record.NoteKey(p.wf, line.At, fmt.Sprintf("%010d", head.Changes))
	err := c.Store.PutAll(ctx, advance.HeadWrite(p.wf, head, p.rev),
		store.Write{Item: store.Item{Key: key, Body: record.Encode(line)}, If: store.Absent})
	return unavailable("put the head of "+p.wf, err)
}

// released lets waiting runs begin that a new run strategy has room for.
func (c *Catalog) released(ctx context.Context, wf workflow.ID, before, after *strategy.Head) error {
	if before.Strategy == after.Strategy || after.Queued.Len() == 0 {
		return nil
	}
	return c.Release(ctx, wf)
}

func (c *Catalog) now() int64 { return c.Clock.Now().UnixMilli() }

// unavailable gives an error of the store its code; ErrGuard stays what it is, for Again.
func unavailable(op string, err error) error {
	if err == nil || errors.Is(err, store.ErrGuard) {
		return err
	}
	return &workflow.Error{Code: workflow.CodeUnavailable, Op: op, Text: "the store did not answer", Cause: err}
}
