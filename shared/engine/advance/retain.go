package advance

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// retain sees to it that what a commit is about to point at lives as long as the commit: the results of an
// earlier run that a restart keeps, and what a run wrote before it waited very long for its begin. What would
// be removed sooner is put once more, the same but for its end; that is the one way in which an old commit is
// ever written again, and readers of changes know it by its revision.
func (l *Loop) retain(ctx context.Context, run *decide.Run, state *record.State) error {
	until := l.Settings.Expiry(run.Header, state)
	first := run.Commits == 0
	if !first && !until.After(l.Settings.Expiry(run.Header, run.State)) {
		return nil
	}
	var keys []store.Key
	if !first {
		keys = append(keys, record.CommitKey(run.Key, 1))
		if state.Note > 1 {
			keys = append(keys, record.CommitKey(run.Key, state.Note))
		}
	}
	for i := range state.Steps {
		for _, at := range standsOn(run.Key, &state.Steps[i]) {
			kept, err := l.keptOf(ctx, at, i, state.Steps[i].Nest != nil)
			if err != nil {
				return err
			}
			keys = append(keys, kept...)
		}
	}
	return l.prolong(ctx, until, keys)
}

// place is a commit of an earlier run.
type place struct {
	run    workflow.RunKey
	commit int64 // 0: none in particular
}

// standsOn returns what a step of a run has from earlier runs: the attempt as the result of which it stands, and
// those that its loop goes on from.
func standsOn(key workflow.RunKey, step *record.Step) []place {
	var out []place
	if step.Home != 0 {
		out = append(out, place{runOf(key, step.Home), step.Detail})
	}
	if step.Nest == nil {
		return out
	}
	for base := step.Nest.Base; base != nil; base = base.Before {
		if base.Run != key.Run {
			out = append(out, place{runOf(key, base.Run), base.Commit})
		}
	}
	return out
}

func runOf(key workflow.RunKey, number int64) workflow.RunKey {
	key.Run = number
	return key
}

// keptOf names what is read by way of a place: the first and the last commit of its run, the detail of step i and
// its params, and, of a step that starts instances, how they ended.
func (l *Loop) keptOf(ctx context.Context, at place, i int, nested bool) ([]store.Key, error) {
	last, _, err := l.Store.List(ctx, record.LastCommit(at.run))
	if err != nil {
		return nil, coded(err)
	}
	if len(last) == 0 {
		return nil, gone(at.run)
	}
	keys := []store.Key{record.CommitKey(at.run, 1), last[0].Key}
	if at.commit != 0 {
		detail, err := l.storedDetail(ctx, at.run, at.commit, i)
		if err != nil {
			return nil, err
		}
		keys = append(keys, record.CommitKey(at.run, at.commit))
		if detail.ParamsAt != 0 {
			keys = append(keys, record.CommitKey(at.run, detail.ParamsAt))
		}
	}
	for r := record.ProgressRange(at.run, i); nested; {
		items, next, err := l.Store.List(ctx, r)
		if err != nil {
			return nil, coded(err)
		}
		for _, item := range items {
			keys = append(keys, item.Key)
		}
		r.From, nested = next, next != ""
	}
	return keys, nil
}

// prolong gives the items a later end, where theirs is sooner.
func (l *Loop) prolong(ctx context.Context, until time.Time, keys []store.Key) error {
	slices.SortFunc(keys, func(a, b store.Key) int { return strings.Compare(a.Sort, b.Sort) }) // all of one part
	keys = slices.Compact(keys)
	if len(keys) == 0 {
		return nil
	}
	return l.Again(ctx, func() error {
		items, err := l.Store.Get(ctx, store.Fresh, keys...)
		if err != nil {
			return err
		}
		for _, item := range items {
			if run, _, ok := record.ParseCommitKey(item.Key); ok && item.Rev == 0 {
				return gone(run)
			}
			if item.Expire.IsZero() || !item.Expire.Before(store.ExpirySecond(until)) {
				continue
			}
			guard := store.At(item.Rev)
			item.Expire = until
			if err := l.Store.Put(ctx, store.Write{Item: item, If: guard}); err != nil {
				return err
			}
		}
		return nil
	})
}

func gone(key workflow.RunKey) error {
	return workflow.Errorf(workflow.CodeNotFound, "%s is kept no longer", key)
}

// expired tells whether a run is over for so long that it counts as gone, whenever the store gets to remove it.
func (l *Loop) expired(item store.Item, state *record.State) bool {
	return !item.Expire.IsZero() && !item.Expire.After(l.Clock.Now()) && state.Status.Terminal()
}

// faded looks at a run whose first commit is missing although the head lets it run: nobody has put it yet, or
// the run waited so long for its place that it is gone. Then its place is given to others.
func (l *Loop) faded(ctx context.Context, key workflow.RunKey) (*decide.Run, bool, error) {
	head, _, err := l.LoadHead(ctx, key.Workflow)
	if err != nil {
		return nil, false, err
	}
	for _, p := range head.Pending {
		if p.Ref == refOf(key) {
			return nil, false, nil
		}
	}
	// An admission leaves the head only after its first commit was seen, so the order of these reads decides.
	if _, err := l.LoadRun(ctx, key); !notFound(err) {
		return nil, false, err
	}
	return &decide.Run{Key: key, State: &record.State{Status: workflow.InstanceStopped}}, true, nil
}
