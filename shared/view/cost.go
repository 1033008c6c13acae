package view

import (
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Cost is what AWS bills for the orchestration of one instance, as far as its own items tell: what the table was
// written with for it alone, and what would come to that at most if it had shared nothing with others, no head of a
// workflow, no wake item, no message, no invocation. Lost races, jobs, API calls and the instances that its steps started are not
// in it.
type Cost struct {
	WorkflowID workflow.ID `json:"workflow_id"`
	InstanceID int64       `json:"workflow_instance_id"`
	Runs       int64       `json:"runs"`
	Commits    int64       `json:"commits"`
	Own        Units       `json:"own_units"`
	Most       Units       `json:"most_units"`
	Partial    bool        `json:"partial,omitempty"` // there are more items than were counted
}

// Units is what is billed.
type Units struct {
	Writes       int64 `json:"write_units"`
	Reads        int64 `json:"read_units"`
	Requests     int64 `json:"queue_requests"`
	Invocations  int64 `json:"invocations"`
	Milliseconds int64 `json:"invocation_milliseconds"`
}

// What an admission and a visit come to when they share nothing: an admission reads the head, the properties and the
// request, and writes the head twice and the request; a visit comes by a message that is sent, received and deleted,
// and reads the commit before its own.
var (
	admission = Units{Writes: 3, Reads: 3, Invocations: 1, Milliseconds: 40}
	visit     = Units{Reads: 1, Requests: 3, Invocations: 1, Milliseconds: 25}
)

// Add adds the item of an instance, in the order of their keys.
func (c *Cost) Add(item store.Item, previous *record.State) (*record.State, error) {
	key, n, ok := record.ParseCommitKey(item.Key)
	if !ok {
		c.Own.Writes += item.Rev * int64(meter.WriteUnits(0, meter.PackedSize(item))) // an item that was replaced
		return previous, nil
	}
	commit, err := record.Decode[record.Commit]("commit "+item.Part+"/"+item.Sort, item.Body)
	if err != nil {
		return nil, err
	}
	if commit.State == nil {
		return nil, workflow.Errorf(workflow.CodeInternal, "commit %d of %s has no state", n, key)
	}
	c.Commits++
	c.Own.Writes += int64(meter.WriteUnits(0, meter.PackedSize(item)))
	look := int64(0)
	if n == 1 {
		c.Runs++
		if commit.Header != nil && commit.Header.Link == nil {
			c.Most.add(admission)
		}
	} else {
		c.Most.add(visit)
		if previous != nil {
			look = previous.Look
		}
	}
	switch wake := commit.State.Look; {
	case wake == 0 || wake == look:
	case n == 1:
		c.Most.Writes++ // runs that begin together share a wake item
	default:
		c.Own.Writes++ // its wake item
	}
	return commit.State, nil
}

// Total makes Most include what is the instance's own. It is called once, after the last item.
func (c *Cost) Total() { c.Most.add(c.Own) }

func (u *Units) add(other Units) {
	u.Writes += other.Writes
	u.Reads += other.Reads
	u.Requests += other.Requests
	u.Invocations += other.Invocations
	u.Milliseconds += other.Milliseconds
}
