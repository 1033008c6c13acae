package advance

import (
	"context"
	"slices"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Opening is a run before its first commit, and who decides about that one.
type Opening struct {
	Run *decide.Run
	Act func(*decide.Turn) error
}

// opened is what became of an opening.
type opened struct {
	Visited
	err error
}

// CreateAll is Create for runs that begin together, parallel of them side by side. Those that are to be looked at at
// the same time share a wake item, which each would have to write by itself. Each run has an error of its own.
func (l *Loop) CreateAll(ctx context.Context, parallel int, openings []Opening) ([]Visited, []error) {
	all, now := make([]opened, len(openings)), l.Clock.Now() // one time, so that they share
	for i, o := range openings {
		all[i].Turn = decide.NewTurn(ctx, o.Run, l, l.Settings, now)
		all[i].err = o.Act(all[i].Turn)
	}
	woken := l.wakeAll(ctx, openings, all)
	SideBySide(len(all), parallel, func(i int) {
		switch o := &all[i]; {
		case o.err != nil:
		case woken != nil:
			o.err = woken // a run must not be there with nobody to look at it
		default:
			o.Visited, o.err = l.land(ctx, openings[i].Run, o.Turn)
		}
	})
	visited, errs := make([]Visited, len(all)), make([]error, len(all))
	for i, o := range all {
		visited[i], errs[i] = o.Visited, o.err
	}
	return visited, errs
}

// GiveBackAll is GiveBack for roots of one workflow that have just been created and ended at once: whoever wrote their
// commits looks at the head after all of them, and once.
func (l *Loop) GiveBackAll(ctx context.Context, wf workflow.ID, runs []*decide.Run) error {
	if len(runs) == 0 {
		return nil
	}
	head, err := l.findHead(ctx, wf)
	if head == nil {
		return err
	}
	var ended []strategy.Ended
	for _, run := range runs {
		ref := refOf(run.Key)
		if (head.IsRunning(ref) || head.IsQueued(ref)) && worthReleasing(head.Head, run) {
			ended = append(ended, EndOf(run))
		}
	}
	if len(ended) == 0 {
		return nil
	}
	return l.releaseFrom(ctx, wf, head, ended)
}

// wakeAll puts the wake items that first commits need. What it puts is no longer wanted of them when they land.
func (l *Loop) wakeAll(ctx context.Context, openings []Opening, all []opened) error {
	var times []time.Time
	runs := map[time.Time][]workflow.RunKey{}
	for i, o := range all {
		if o.err != nil || o.Turn.State().Status.Terminal() {
			continue // one that ends in its first commit is watched over by its pending entry in the head
		}
		at, wanted := o.Turn.Look()
		if !wanted || slices.Contains(runs[at], openings[i].Run.Key) { // a request may be named twice
			continue
		}
		if runs[at] == nil {
			times = append(times, at)
		}
		runs[at] = append(runs[at], openings[i].Run.Key)
	}
	for _, at := range times {
		for _, item := range record.WakeItems(runs[at], at) {
			if err := l.Store.Put(ctx, store.Write{Item: item, If: store.Any}); err != nil {
				return coded(err)
			}
		}
	}
	return nil
}
