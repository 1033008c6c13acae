package advance

import (
	"context"
	"errors"
	"slices"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Release takes ended runs out of their workflow's head and begins those that get their places. Whoever
// repeats it finds nothing to do.
func (l *Loop) Release(ctx context.Context, wf workflow.ID, ended ...strategy.Ended) error {
	return l.releaseFrom(ctx, wf, nil, ended)
}

// readHead is a head as it was read.
type readHead struct {
	*strategy.Head
	rev int64
}

// findHead reads the head of a workflow. It returns nil for a workflow that is gone, or is the body of a loop.
func (l *Loop) findHead(ctx context.Context, wf workflow.ID) (*readHead, error) {
	head, rev, err := l.LoadHead(ctx, wf)
	switch {
	case notFound(err):
		return nil, nil
	case err != nil:
		return nil, err
	}
	return &readHead{head, rev}, nil
}

// releaseFrom is Release for a caller who has just read the head: it saves the read when nobody was faster.
func (l *Loop) releaseFrom(ctx context.Context, wf workflow.ID, known *readHead, ended []strategy.Ended) error {
	for {
		begin, late, err := l.release(ctx, wf, known, ended)
		if err != nil {
			return err
		}
		if late != nil && !crowded(late) {
			return l.hintNewest(ctx, wf, late)
		}
		known = nil
		// A run that ends at once makes room again: go on until nothing ends.
		ended = nil
		for _, ref := range begin {
			run, over, err := l.begin(ctx, keyOf(wf, ref))
			if err != nil {
				return err
			}
			if over {
				ended = append(ended, EndOf(run))
			}
		}
		if len(ended) == 0 {
			return nil
		}
	}
}

// release makes the decision: one guarded write of the head. late is the head when somebody else took the ended runs out of
// it: he may die before he tells those that got their places.
func (l *Loop) release(ctx context.Context, wf workflow.ID, known *readHead, ended []strategy.Ended) (begin []strategy.Ref, late *strategy.Head, err error) {
	err = l.Again(ctx, func() error {
		begin, late = nil, nil // of a try that lost
		at := known
		known = nil // a lost race must read
		if at == nil {
			var err error
			if at, err = l.findHead(ctx, wf); at == nil {
				return err
			}
		}
		head := at.Head
		verified, err := l.Verify(ctx, wf, head)
		if err != nil {
			return err
		}
		var released bool
		if begin, released, err = strategy.Release(head, ended...); err != nil {
			return err
		}
		if !released && len(ended) > 0 {
			late = head
		}
		if !released && !verified {
			return nil
		}
		// Before the head lets a run begin there is a wake item for it: after a crash here somebody looks.
		for _, ref := range begin {
			if err := l.PutWake(ctx, keyOf(wf, ref), l.Clock.Now().Add(decide.InHandGrace)); err != nil {
				return err
			}
		}
		return l.PutHead(ctx, wf, head, at.rev)
	})
	return begin, late, err
}

// PutHead puts the head of a workflow if nobody changed it since; it fails with store.ErrGuard otherwise.
func (l *Loop) PutHead(ctx context.Context, wf workflow.ID, head *strategy.Head, rev int64) error {
	return l.Store.Put(ctx, HeadWrite(wf, head, rev))
}

// HeadWrite is the write of PutHead, for whoever has others to land with it.
func HeadWrite(wf workflow.ID, head *strategy.Head, rev int64) store.Write {
	guard := store.Absent
	if rev > 0 {
		guard = store.At(rev)
	}
	return store.Write{Item: store.Item{Key: record.HeadKey(wf), Body: record.Encode(head)}, If: guard}
}

// begin starts a run that the head lets run, and tells whether it has ended. A run whose first commit is not
// there yet is left to whoever admitted it: he looks at the head after he wrote it.
func (l *Loop) begin(ctx context.Context, key workflow.RunKey) (run *decide.Run, over bool, err error) {
	v, err := l.Visit(ctx, key, func(turn *decide.Turn) error {
		if turn.State().Status != workflow.InstanceCreated {
			return nil
		}
		return turn.Begin()
	})
	if notFound(err) {
		return l.faded(ctx, key)
	}
	if err != nil {
		return nil, false, err
	}
	if v.Run.State.Status.Terminal() {
		return v.Run, true, l.report(ctx, v.Run, 0)
	}
	return v.Run, false, l.Follow(ctx, v, hint.Message{Reason: hint.ReasonStart}, nil)
}

// EndOf says how a run that is over ended.
func EndOf(run *decide.Run) strategy.Ended {
	return strategy.Ended{Ref: refOf(run.Key), Status: run.State.Status}
}

func refOf(key workflow.RunKey) strategy.Ref {
	return strategy.Ref{Instance: key.Instance, Run: key.Run}
}

func keyOf(wf workflow.ID, ref strategy.Ref) workflow.RunKey {
	return workflow.RunKey{Workflow: wf, Instance: ref.Instance, Run: ref.Run}
}

// Consider begins a run that waits, if the head lets it, or stops it, if the head has no place for it any
// more. While places are held by starts that nobody has verified, it tries to verify them, and sees to it
// that somebody looks again.
func (l *Loop) Consider(ctx context.Context, key workflow.RunKey) error {
	ref := refOf(key)
	head, _, err := l.LoadHead(ctx, key.Workflow)
	if err != nil {
		return err
	}
	if !head.IsRunning(ref) && unverified(head, ref) {
		if err := l.Release(ctx, key.Workflow); err != nil {
			return err
		}
		if head, _, err = l.LoadHead(ctx, key.Workflow); err != nil {
			return err
		}
	}
	switch {
	case head.IsRunning(ref):
		run, over, err := l.begin(ctx, key)
		if err != nil || !over {
			return err
		}
		return l.Release(ctx, key.Workflow, EndOf(run))
	case !head.IsQueued(ref):
		eviction, _ := head.FindEviction(ref)
		return l.Evict(ctx, key.Workflow, strategy.Eviction{Ref: ref, By: eviction.By})
	case unverified(head, ref):
		return l.PutWake(ctx, key, l.afterInterruption(head, ref))
	}
	return nil
}

// unverified tells whether the head has admissions or evictions of others than ref that nobody has verified.
func unverified(head *strategy.Head, ref strategy.Ref) bool {
	return len(head.Evicted) > 0 || slices.ContainsFunc(head.Pending, func(p strategy.Pending) bool { return p.Ref != ref })
}

// afterInterruption returns when the oldest start that nobody has verified may be given up.
func (l *Loop) afterInterruption(head *strategy.Head, ref strategy.Ref) time.Time {
	now := l.Clock.Now()
	at := now.Add(interrupted)
	for _, p := range head.Pending {
		if given := time.UnixMilli(p.At).Add(interrupted + time.Second); p.Ref != ref && given.Before(at) {
			at = given
		}
	}
	if soonest := now.Add(2 * time.Second); at.Before(soonest) {
		return soonest
	}
	return at
}

// interrupted is how old an admission must be before a missing first commit means that its maker died. It is well
// above the time that any function has, and leaves room to look within a minute.
const interrupted = 40 * time.Second

// Verify looks at what became of the admissions in the head that nobody has verified, and drops those whose
// consequences are all there. One that is old and has none gets its first commit as STOPPED: put absent,
// like that of its maker, so that only one of them wins. It changes head and tells whether it did.
func (l *Loop) Verify(ctx context.Context, wf workflow.ID, head *strategy.Head) (bool, error) {
	changed, err := l.verifyEvictions(ctx, wf, head)
	if err != nil || len(head.Pending) == 0 {
		return changed, err
	}
	found, err := l.consequences(ctx, wf, head.Pending)
	if err != nil {
		return false, err
	}
	for i, p := range append([]strategy.Pending(nil), head.Pending...) {
		done, err := l.verifyOne(ctx, wf, head, p, found[i])
		if err != nil {
			return false, err
		}
		changed = changed || done
	}
	return changed, nil
}

// consequence is what there is of an admission: its first commit, if any, and whether the request item of a client's.
type consequence struct {
	first   *record.Commit
	request bool
}

// consequences looks what there is of admissions. What this process has put or seen is there for good, and not read.
func (l *Loop) consequences(ctx context.Context, wf workflow.ID, pending []strategy.Pending) ([]consequence, error) {
	out := make([]consequence, len(pending))
	var keys []store.Key
	var found []func(store.Item) error
	for i, p := range pending {
		first := record.CommitKey(keyOf(wf, p.Ref), 1)
		if out[i].first, _ = l.cache.commits.get(first); out[i].first == nil {
			keys, found = append(keys, first), append(found, func(item store.Item) (err error) {
				out[i].first, err = l.remember(item)
				return err
			})
		}
		request := record.RequestKey(wf, p.Request)
		if _, out[i].request = l.cache.requests.get(request); p.Client && !out[i].request {
			keys, found = append(keys, request), append(found, func(store.Item) error {
				out[i].request = true
				return nil
			})
		}
	}
	items, err := l.settledAll(ctx, keys)
	if err != nil {
		return nil, err
	}
	for n, item := range items {
		if item.Rev == 0 {
			continue
		}
		if err := found[n](item); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func (l *Loop) verifyOne(ctx context.Context, wf workflow.ID, head *strategy.Head, p strategy.Pending, found consequence) (bool, error) {
	old := l.Clock.Now().UnixMilli()-p.At > interrupted.Milliseconds()
	if found.first == nil {
		if !old {
			return false, nil
		}
		// Whoever wins this put, the next look finds a first commit and decides by it.
		return false, l.interrupt(ctx, wf, head, p)
	}
	if p.Client && !found.request && !found.first.Header.Interrupted {
		if !old {
			return false, nil
		}
		if err := l.PutRequest(ctx, wf, p); err != nil {
			return false, err
		}
	}
	head.Verified(p.Ref)
	if status := found.first.State.Status; status.Terminal() {
		head.End(strategy.Ended{Ref: p.Ref, Status: status})
	}
	return true, nil
}

// PutRequest remembers a client's request for ever. It is written after the first commit of its run: a
// request item is the proof that the run is there.
func (l *Loop) PutRequest(ctx context.Context, wf workflow.ID, p strategy.Pending) error {
	body := record.Encode(record.Request{Instance: p.Ref.Instance, Run: p.Ref.Run})
	key := record.RequestKey(wf, p.Request)
	err := l.Store.Put(ctx, store.Write{Item: store.Item{Key: key, Body: body}, If: store.Absent})
	if err != nil && !errors.Is(err, store.ErrGuard) {
		return coded(err)
	}
	l.cache.requests.add(key, struct{}{}, smallest)
	return nil
}

func (l *Loop) interrupt(ctx context.Context, wf workflow.ID, head *strategy.Head, p strategy.Pending) error {
	now := l.Clock.Now()
	run, err := l.stillborn(ctx, wf, head, p, now)
	if err != nil {
		return err
	}
	turn := decide.NewTurn(ctx, run, l, l.Settings, now)
	if err := turn.Refuse("the start was interrupted before it was answered"); err != nil {
		return err
	}
	err = l.put(ctx, run, turn)
	if errors.Is(err, store.ErrGuard) {
		return nil
	}
	return coded(err)
}
