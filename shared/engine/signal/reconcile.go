package signal

import (
	"cmp"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/board"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// mark is what the triggers of a workflow follow from.
type mark struct{ active, properties int64 }

// current returns the triggers that are to listen, by uuid: those of the active version, unless they are disabled.
func (s *Signals) current(ctx context.Context, wf workflow.ID) (map[string]*workflow.SignalTrigger, mark, error) {
	var items []store.Item
	err := s.Again(ctx, func() (err error) {
		items, err = s.Store.Get(ctx, store.Fresh, record.HeadKey(wf))
		return err
	})
	if err != nil {
		return nil, mark{}, err
	}
	return s.currentOf(ctx, wf, items[0])
}

// currentOf is current of a head that was read.
func (s *Signals) currentOf(ctx context.Context, wf workflow.ID, stored store.Item) (map[string]*workflow.SignalTrigger, mark, error) {
	if stored.Rev == 0 {
		return nil, mark{}, nil
	}
	head, err := record.Decode[strategy.Head]("head of "+wf, stored.Body)
	if err != nil || head.Deleted || head.Active == 0 {
		return nil, mark{}, err
	}
	at := mark{head.Active, head.Properties}
	definition, err := s.Definition(ctx, wf, head.Active)
	if err != nil || len(definition.Version.Workflow.SignalTriggers) == 0 {
		return nil, at, err
	}
	var properties *workflow.Properties
	err = s.Again(ctx, func() error {
		properties, err = s.Properties(ctx, wf, head.Properties)
		return err
	})
	if err != nil || properties.SignalTriggerDisabled != nil && *properties.SignalTriggerDisabled {
		return nil, at, err
	}
	out := map[string]*workflow.SignalTrigger{}
	for i := range definition.Version.Workflow.SignalTriggers {
		t := &definition.Version.Workflow.SignalTriggers[i]
		out[UUID(wf, i, t)] = t
	}
	return out, at, nil
}

// Reconcile makes exactly the triggers listen that are to listen by the workflow's head as it is now. A trigger that
// begins to listen hears of later signals only. It returns CodeUnavailable, and CodeInvalid for a trigger whose
// signals are looked at in too many ways.
func (s *Signals) Reconcile(ctx context.Context, wf workflow.ID) error {
	for {
		wanted, before, err := s.current(ctx, wf)
		if err != nil {
			return err
		}
		if err := s.reconcile(ctx, wf, wanted); err != nil {
			return err
		}
		// Another may have changed the head, and been done, before we turned off what he turned on.
		_, now, err := s.current(ctx, wf)
		if err != nil || now == before {
			return err
		}
	}
}

func (s *Signals) reconcile(ctx context.Context, wf workflow.ID, wanted map[string]*workflow.SignalTrigger) error {
	r := store.Range{Part: triggersPart(wf), From: "s/", To: "s0"}
	var known []board.Trigger
	err := s.Again(ctx, func() error {
		known = nil
		for r := r; ; {
			items, next, err := s.Store.List(ctx, r)
			if err != nil {
				return err
			}
			for _, it := range items {
				known = append(known, board.Trigger{Workflow: wf, UUID: it.Sort[len("s/"):]})
			}
			if r.From = next; next == "" {
				return nil
			}
		}
	})
	if err != nil {
		return err
	}
	for _, at := range known {
		if wanted[at.UUID] == nil {
			if err := s.Again(ctx, func() error { return s.switchOff(ctx, at) }); err != nil {
				return err
			}
		}
	}
	var all []error // a trigger that cannot listen keeps none of the others from it
	for _, uuid := range slices.Sorted(maps.Keys(wanted)) {
		at := board.Trigger{Workflow: wf, UUID: uuid}
		err := s.Again(ctx, func() error { return s.switchOn(ctx, at, wanted[uuid]) })
		if err == nil {
			err = s.look(ctx, at, nil) // subscribed first, and now the look: nothing falls between
		}
		all = append(all, err)
	}
	return worst(all)
}

// worst returns the error after which a message must come again, if there is one, and else any.
func worst(all []error) (out error) {
	for _, err := range all {
		if out == nil || errors.Is(out, workflow.ErrInvalid) {
			out = cmp.Or(err, out)
		}
	}
	return out
}

// switchOn lets a trigger listen from now on; one that listens already goes on.
func (s *Signals) switchOn(ctx context.Context, at board.Trigger, t *workflow.SignalTrigger) error {
	last := map[string]int64{}
	for _, name := range signal.Names(t) {
		if err := s.Board().Ensure(ctx, name, signal.ShapeOf(signal.Wanted(t, name)), signal.Shapes(t, name)...); err != nil {
			return err
		}
		newest, err := s.Board().Newest(ctx, name)
		if err != nil {
			return err
		}
		if last[name] = 0; newest != nil {
			last[name] = newest.Seq
		}
	}
	items, err := s.Store.Get(ctx, store.Fresh, triggerKey(at))
	if err != nil {
		return err
	}
	it := &item{Off: true}
	if items[0].Rev != 0 {
		if it, err = record.Decode[item]("trigger of "+at.Workflow, items[0].Body); err != nil {
			return err
		}
	}
	if it.Off {
		fresh := &item{State: *signal.Subscribed(last), Definition: t, rev: items[0].Rev}
		fresh.Fired = it.Fired
		if err := s.put(ctx, at, fresh); err != nil {
			return err
		}
	}
	for _, name := range signal.Names(t) {
		if err := s.Board().Subscribe(ctx, name, subscription(at, t, name)); err != nil {
			return err
		}
	}
	return nil
}

// switchOff ends the listening of a trigger. What it had recorded and not started is not started any more.
func (s *Signals) switchOff(ctx context.Context, at board.Trigger) error {
	it, err := s.load(ctx, at)
	if err != nil || it == nil {
		return err
	}
	for _, name := range signal.Names(it.Definition) {
		if err := s.Board().Unsubscribe(ctx, name, subscription(at, it.Definition, name)); err != nil {
			return err
		}
	}
	it.Off, it.Open = true, nil
	return s.put(ctx, at, it)
}

func subscription(at board.Trigger, t *workflow.SignalTrigger, name string) board.Subscriber {
	return board.Subscriber{ID: "g/" + at.Workflow + "/" + at.UUID, Wanted: signal.Wanted(t, name), Trigger: at}
}
