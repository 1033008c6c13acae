package signal

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/board"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// item is a trigger in the store. One that is off keeps its place, so that its revisions only grow.
type item struct {
	signal.State
	Definition *workflow.SignalTrigger `json:"definition"`
	Off        bool                    `json:"off,omitempty"`

	rev int64
}

func triggersPart(wf workflow.ID) string { return "g/" + wf }

func triggerKey(at board.Trigger) store.Key {
	return store.Key{Part: triggersPart(at.Workflow), Sort: "s/" + at.UUID}
}

// UUID names a trigger of a workflow: it is the same as long as workflow, trigger and place in the list are.
func UUID(wf workflow.ID, place int, t *workflow.SignalTrigger) string {
	return decide.NameUUID(fmt.Sprintf("%s:%s:%d", wf, record.Encode(t), place))
}

// load returns a trigger; nil when it is not there or off.
func (s *Signals) load(ctx context.Context, at board.Trigger) (*item, error) {
	items, err := s.Store.Get(ctx, store.Fresh, triggerKey(at))
	if err != nil {
		return nil, err
	}
	return decode(at, items[0])
}

// decode reads a trigger; nil when it is not there or off.
func decode(at board.Trigger, stored store.Item) (*item, error) {
	if stored.Rev == 0 {
		return nil, nil
	}
	out, err := record.Decode[item]("trigger of "+at.Workflow, stored.Body)
	if err != nil || out.Off {
		return nil, err
	}
	out.rev = stored.Rev
	return out, nil
}

func (s *Signals) put(ctx context.Context, at board.Trigger, it *item) error {
	guard := store.Absent
	if it.rev != 0 {
		guard = store.At(it.rev)
	}
	return s.Store.Put(ctx, store.Write{Item: store.Item{Key: triggerKey(at), Body: record.Encode(it)}, If: guard})
}

// look lets a trigger consume what it has not looked at, and starts the runs of what matches. news, which is in the log, is
// as far as it looks among the signals of that name; nil: it looks at all.
func (s *Signals) look(ctx context.Context, at board.Trigger, news *signal.Instance) error {
	var items []store.Item // the workflow's head and the trigger
	err := s.Again(ctx, func() (err error) {
		items, err = s.Store.Get(ctx, store.Fresh, record.HeadKey(at.Workflow), triggerKey(at))
		return err
	})
	if err != nil {
		return err
	}
	current, _, err := s.currentOf(ctx, at.Workflow, items[0])
	if err != nil {
		return err
	}
	if current[at.UUID] == nil {
		return s.Again(ctx, func() error { return s.switchOff(ctx, at) })
	}
	for first := true; ; {
		var it *item
		err := s.Again(ctx, func() (err error) {
			if first {
				first = false
				it, err = decode(at, items[1])
			} else {
				it, err = s.load(ctx, at)
			}
			if err != nil || it == nil {
				return err
			}
			changed, err := s.consume(ctx, at, it, news)
			if err != nil || !changed {
				return err
			}
			if err = s.put(ctx, at, it); err == nil {
				it.rev++
			}
			return err
		})
		if err != nil || it == nil || len(it.Open) == 0 {
			return err
		}
		for firings := range slices.Chunk(it.Open, workflow.MaxStartBatch) {
			if err := s.start(ctx, at, items[0], firings); err != nil {
				return err
			}
			items[0] = store.Item{} // read it again: we have changed it
		}
		if err := s.settle(ctx, at, it.Open); err != nil {
			return err
		}
	}
}

// settle forgets firings whose runs are there.
func (s *Signals) settle(ctx context.Context, at board.Trigger, done []signal.Firing) error {
	return s.Again(ctx, func() error {
		it, err := s.load(ctx, at)
		if err != nil || it == nil {
			return err
		}
		changed := false
		for _, firing := range done {
			changed = it.Started(firing.Number) || changed
		}
		if !changed {
			return nil
		}
		return s.put(ctx, at, it)
	})
}

// maxOpen is how many firings one write records.
const maxOpen = 20

// consume goes through the signals that the trigger has not looked at, name by name and oldest first, and records
// what matches. It tells whether anything changed.
func (s *Signals) consume(ctx context.Context, at board.Trigger, it *item, news *signal.Instance) (changed bool, err error) {
	lasts := map[string]*signal.Instance{}
	names := signal.Names(it.Definition)
	for _, name := range names {
		// What was looked at before has to be looked at as a partner: an old piece of news does not reach that far.
		if news != nil && news.Name == name && (len(names) == 1 || news.Seq >= it.From(name)) {
			lasts[name] = news
		} else if lasts[name], err = s.Board().Newest(ctx, name); err != nil {
			return false, err
		}
	}
	for _, name := range names {
		from, last := it.From(name), int64(0)
		err := s.Board().Oldest(ctx, name, signal.Wanted(it.Definition, name), from, lasts[name], func(c board.Candidate) (bool, error) {
			last = c.Seq
			if c.Seq <= it.Used[name] {
				return false, nil // consumed as the partner of one before it
			}
			fired, err := s.try(ctx, at, it, name, c, lasts)
			if err == nil && !fired {
				it.See(name, c.Seq)
			}
			return len(it.Open) >= maxOpen, err
		})
		if err != nil {
			return false, err
		}
		if last != 0 && len(it.Open) < maxOpen {
			it.See(name, lasts[name].Seq)
		}
		changed = changed || last != 0
	}
	return changed, nil
}

// try looks for the partners of one signal, and records the firing when there are some for every name.
func (s *Signals) try(ctx context.Context, at board.Trigger, it *item, name string, c board.Candidate, lasts map[string]*signal.Instance) (bool, error) {
	wanted, ok := signal.Partners(it.Definition, name, c.Params)
	if !ok {
		return false, nil
	}
	match := map[string]int64{name: c.Seq}
	for _, other := range slices.Sorted(maps.Keys(wanted)) {
		conditions := wanted[other]
		found := int64(0)
		err := s.Board().Oldest(ctx, other, conditions, it.Used[other]+1, lasts[other], func(c board.Candidate) (bool, error) {
			found = c.Seq
			return true, nil
		})
		if err != nil || found == 0 {
			return false, err
		}
		match[other] = found
	}
	if !it.Fire(match) {
		return false, nil
	}
	firing := &it.Open[len(it.Open)-1]
	starts, err := s.evaluate(ctx, at, it.Definition, firing)
	if err == nil && !starts {
		it.Started(firing.Number) // the signals stay consumed
	}
	return true, err
}

// evaluate decides what the run of a firing is given, and its request id, before the firing is recorded: whoever
// repeats the start repeats both. It returns false when no run is to start.
func (s *Signals) evaluate(ctx context.Context, at board.Trigger, t *workflow.SignalTrigger, firing *signal.Firing) (bool, error) {
	initiator := &workflow.Initiator{Type: workflow.InitiatorSignal, TriggerUUID: at.UUID, SignalIDs: firing.Signals}
	in := param.TriggerInput{Trigger: t, Workflow: at.Workflow, Initiator: initiator, Now: s.Clock.Now(), Runtime: s.ParamsOf(initiator)}
	out, err := param.Trigger(ctx, in)
	if errors.Is(err, workflow.ErrInvalid) && t.DedupExpr != "" {
		plain := *t // a dedup text that fails leaves the id that follows from the signals
		plain.DedupExpr, in.Trigger = "", &plain
		out, err = param.Trigger(ctx, in)
	}
	if errors.Is(err, workflow.ErrInvalid) {
		return false, nil
	}
	if err != nil || !out.Starts {
		return false, err
	}
	firing.Params = out.Params
	firing.Request = decide.NameUUID(out.Dedup)
	if out.Dedup == "" {
		firing.Request = decide.NameUUID(string(record.Encode(initiator)))
	}
	return true, nil
}

// start starts the runs of recorded firings, together; again, they are the same runs. One that can never start is given
// up, without the others. head is that of the workflow, as it was read last; without a revision it is read.
func (s *Signals) start(ctx context.Context, at board.Trigger, head store.Item, firings []signal.Firing) error {
	starts := make([]trigger.Start, len(firings))
	for i, firing := range firings {
		starts[i] = trigger.Start{RequestID: firing.Request, PersistFailed: true, Initiator: &workflow.Initiator{Type: workflow.InitiatorSignal,
			TriggerUUID: at.UUID, SignalIDs: firing.Signals, Params: firing.Params}}
	}
	started, err := s.StartFrom(ctx, head, at.Workflow, "active", starts...)
	switch workflow.CodeOf(err) {
	case workflow.CodeUnavailable, workflow.CodeOverloaded, workflow.CodeInternal:
		return err
	}
	if err != nil && len(firings) == 1 {
		return nil
	}
	if err != nil {
		for i := range firings {
			if err := s.start(ctx, at, store.Item{}, firings[i:i+1]); err != nil {
				return err
			}
		}
		return nil
	}
	for i, firing := range firings {
		if err := s.Consumed(ctx, firing.Signals, started[i].Key, ""); err != nil {
			return err
		}
	}
	return nil
}
