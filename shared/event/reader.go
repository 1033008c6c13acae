package event

import (
	"context"
	"strings"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Reader makes events of changes.
type Reader struct {
	*advance.Loop
	Cluster string
}

// Read returns the events of one change of the store; most changes have none. It returns CodeUnavailable.
func (r *Reader) Read(ctx context.Context, change store.Change) ([]*Event, error) {
	if change.Body == nil {
		return nil, nil
	}
	if _, _, again := record.ParseCommitKey(change.Key); again && change.Rev > 1 {
		return nil, nil // a commit that was given a later end
	}
	var events []*Event
	var err error
	if key, n, ok := record.ParseCommitKey(change.Key); ok && !strings.HasPrefix(change.Sort, "~") {
		events, err = r.commit(ctx, key, n, change)
	} else if wf, ok := strings.CutPrefix(change.Part, "w/"); ok && strings.HasPrefix(change.Sort, "t/") {
		events, err = noteEvents(wf, change)
	}
	now := r.Clock.Now().UnixMilli()
	for _, e := range events {
		e.Cluster, e.SyncTime, e.SendTime = r.Cluster, now, now
	}
	return events, err
}

// commit returns the events of commit n of a run: its steps' before its own, as they happened.
func (r *Reader) commit(ctx context.Context, key workflow.RunKey, n int64, change store.Change) ([]*Event, error) {
	commit, err := record.Decode[record.Commit]("commit", change.Body)
	if err != nil || commit.State == nil {
		return nil, err
	}
	run, err := r.RunAt(ctx, change.Item)
	if err != nil {
		return nil, err
	}
	base := Event{Workflow: key.Workflow, Instance: key.Instance, Run: key.Run, UUID: run.Header.UUID,
		Correlation: run.Header.CorrelationID, Sequence: n}
	var out []*Event
	for _, detail := range commit.Details {
		if detail.Fresh > 0 && detail.Fresh <= len(detail.Moves) && detail.Ordinal < len(run.Definition.Steps) {
			out = append(out, stepEvent(base, run, detail))
		}
	}
	old := ""
	if n > 1 { // read before, as a rule: commits come in order
		before, err := r.StateAt(ctx, key, n-1)
		if err != nil {
			return nil, err
		}
		old = string(before.Status)
	}
	if status := string(commit.State.Status); status != old {
		out = append(out, runEvent(base, run, commit.State, old))
	}
	return out, nil
}

// stepEvent bundles the status changes of an attempt that one commit made.
func stepEvent(base Event, run *decide.Run, detail *record.Detail) *Event {
	e := base
	e.Type, e.Step, e.Attempt = StepStatus, run.Definition.Steps[detail.Ordinal].ID, detail.Attempt
	e.StepNumber = int64(detail.Ordinal) + 1
	e.StepUUID = decide.AttemptUUID(run.Header.UUID, workflow.AttemptKey{RunKey: run.Key, Step: e.Step, Attempt: e.Attempt})
	first := len(detail.Moves) - detail.Fresh
	old := workflow.NotCreated
	if first > 0 {
		old = detail.Moves[first-1].To
	}
	for _, move := range detail.Moves[first:] {
		e.Changes = append(e.Changes, Change{Old: old.String(), New: move.To.String(), At: move.At})
		old, e.EventTime = move.To, move.At
	}
	return &e
}

func runEvent(base Event, run *decide.Run, state *record.State, old string) *Event {
	e := base
	e.Type, e.Old, e.New = Status, old, string(state.Status)
	e.Name = run.Definition.Version.Workflow.Title()
	if e.Depth = new(int); run.Header.Initiator != nil {
		*e.Depth = run.Header.Initiator.Depth
	}
	if run.Header.Properties != nil {
		e.Tags = run.Header.Properties.Tags
	}
	e.Tags = append(append([]workflow.Tag{}, e.Tags...), run.Header.RuntimeTags...)
	switch {
	case state.Status.Terminal():
		e.EventTime = state.End
	case state.Start != 0:
		e.EventTime = state.Start
	default:
		e.EventTime = state.Created
	}
	return &e
}

// noteEvents returns the event of a line of a workflow's timeline.
func noteEvents(wf workflow.ID, change store.Change) ([]*Event, error) {
	note, err := record.Decode[record.TimelineNote]("timeline note", change.Body)
	if err != nil || note.Change == nil {
		return nil, err
	}
	c := note.Change
	e := &Event{Workflow: wf, Author: note.Author, EventTime: note.At, Sequence: c.Number, Name: c.Name, Version: c.Version, Snapshot: c.Snapshot, Internal: c.Internal}
	switch {
	case c.Deleted:
		e.Type = Deletion
	case c.Version != 0 && c.Snapshot != 0:
		e.Type, e.Internal, e.Active, e.Previous = Definition, 0, &c.Active, &c.Previous
	case c.Version != 0:
		e.Type, e.Internal, e.Active, e.Previous = Version, 0, &c.Active, &c.Previous
	case c.Active != c.Previous && c.Active == 0:
		e.Type, e.Internal, e.Previous = Deactivation, 0, &c.Previous
	case c.Snapshot == 0:
		e.Type, e.Internal, e.Active, e.Previous = Activation, 0, &c.Active, &c.Previous
	default:
		e.Type, e.Internal = Properties, 0
	}
	return []*Event{e}, nil
}
