package advance

import (
	"context"
	"errors"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Visited is what a visit came to.
type Visited struct {
	Run       *decide.Run  // as it is now
	Turn      *decide.Turn // nil when somebody else decided
	Committed bool         // the visit changed something
}

// Visit loads a run, lets act decide, and puts the commit; when another writer was faster it begins again
// on the newer state. Without changes nothing is written.
func (l *Loop) Visit(ctx context.Context, key workflow.RunKey, act func(*decide.Turn) error) (Visited, error) {
	return l.visit(ctx, key, nil, act)
}

// VisitAt is Visit for one who was told that commit n is the last one. That is read at half price, and may be out of date:
// then the guard refuses what follows from it. A visit that comes to nothing proves nothing, so it looks at the run as
// it is.
func (l *Loop) VisitAt(ctx context.Context, key workflow.RunKey, n int64, act func(*decide.Turn) error) (Visited, error) {
	run, err := l.guess(ctx, key, n)
	if err != nil {
		return Visited{}, err
	}
	if run != nil {
		if v, err := l.visit(ctx, key, run, act); err != nil || v.Committed {
			return v, err
		}
	}
	return l.Visit(ctx, key, act)
}

// guess returns a run as commit n has it, if a cheap read finds that one and it is not about to be removed.
func (l *Loop) guess(ctx context.Context, key workflow.RunKey, n int64) (*decide.Run, error) {
	if n <= 0 {
		return nil, nil
	}
	items, err := l.Store.Get(ctx, store.Stale, record.CommitKey(key, n))
	if err != nil {
		return nil, coded(err)
	}
	if end := items[0].Expire; items[0].Rev == 0 || !end.IsZero() && !end.After(l.Clock.Now()) {
		return nil, nil
	}
	return l.RunAt(ctx, items[0])
}

// visit begins with known, when there is one, instead of a read.
func (l *Loop) visit(ctx context.Context, key workflow.RunKey, known *decide.Run, act func(*decide.Turn) error) (Visited, error) {
	var out Visited
	err := l.Again(ctx, func() error {
		run := known
		known = nil // a lost race must read
		if run == nil {
			var err error
			if run, err = l.LoadRun(ctx, key); err != nil {
				return err
			}
		}
		turn := decide.NewTurn(ctx, run, l, l.Settings, l.Clock.Now())
		if err := act(turn); err != nil {
			return err
		}
		out = Visited{Run: run, Turn: turn}
		if !turn.Changed() {
			return nil
		}
		if err := l.put(ctx, run, turn); err != nil {
			return err
		}
		out.Run, out.Committed = turn.Committed(), true
		return nil
	})
	return out, err
}

// Create puts the first commit of a run, as act decides it. When somebody else was faster, the run is
// returned as he made it, and nothing is committed.
func (l *Loop) Create(ctx context.Context, run *decide.Run, act func(*decide.Turn) error) (Visited, error) {
	turn := decide.NewTurn(ctx, run, l, l.Settings, l.Clock.Now())
	if err := act(turn); err != nil {
		return Visited{}, err
	}
	return l.land(ctx, run, turn)
}

// land puts the first commit that a turn decided on.
func (l *Loop) land(ctx context.Context, run *decide.Run, turn *decide.Turn) (Visited, error) {
	err := l.put(ctx, run, turn)
	if errors.Is(err, store.ErrGuard) {
		found, err := l.LoadRun(ctx, run.Key)
		return Visited{Run: found}, err
	}
	if err != nil {
		return Visited{}, coded(err)
	}
	return Visited{Run: turn.Committed(), Turn: turn, Committed: true}, nil
}

// Known is Visit for a run that the caller has just committed: it saves the read when nobody was faster.
func (l *Loop) Known(ctx context.Context, run *decide.Run, act func(*decide.Turn) error) (Visited, error) {
	return l.visit(ctx, run.Key, run, act)
}

// put writes the wake item that the commit needs, and then the commit.
func (l *Loop) put(ctx context.Context, run *decide.Run, turn *decide.Turn) error {
	// A run that ends in its first commit is watched over by its pending entry in the head.
	if run.Commits > 0 || !turn.State().Status.Terminal() {
		if at, wanted := turn.Look(); wanted {
			if err := l.PutWake(ctx, run.Key, at); err != nil {
				return err
			}
		}
	}
	if err := l.putPaused(ctx, run, turn); err != nil {
		return err
	}
	if err := l.putAside(ctx, run, turn); err != nil {
		return err
	}
	if err := l.putSignals(ctx, run, turn); err != nil {
		return err
	}
	if err := l.retain(ctx, run, turn.State()); err != nil {
		return err
	}
	commit := turn.Commit()
	key := record.CommitKey(run.Key, run.Commits+1)
	body := record.Encode(commit)
	item := store.Item{Key: key, Body: body, Expire: l.Settings.Expiry(run.Header, turn.State())}
	if err := l.Store.Put(ctx, store.Write{Item: item, If: store.Absent}); err != nil {
		return err
	}
	l.cache.commits.forget(key) // a run that is kept no longer may have had one of this key
	if run.Commits == 0 {
		if run.Header.Inline() && turn.State().Status.Terminal() {
			return nil // its parent folds what this turn came to: of a loop of many, hardly anybody reads an iteration again
		}
		l.cache.keepHeader(run.Key, run.Header, len(body))
	}
	l.cache.commits.add(key, commit, len(body))
	return nil
}

// PutWake makes sure that the sweep looks at a run at the given time.
func (l *Loop) PutWake(ctx context.Context, key workflow.RunKey, at time.Time) error {
	return coded(l.Store.Put(ctx, store.Write{Item: record.WakeItem(key, at), If: store.Any}))
}

// notFound tells whether err says that there is no such thing, and nothing worse.
func notFound(err error) bool { return errors.Is(err, workflow.ErrNotFound) }
