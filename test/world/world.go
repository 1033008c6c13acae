package world

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/google/uuid"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// World is the engine's ports.
type World struct {
	Store    store.Store
	Queues   *memory.Queue
	Sender   advance.Sender // what the engine sees of the queues; nil: the queues
	Clock    advance.Clock
	Random   func() float64 // nil: of the machine
	NewID    func() string  // nil: random
	Settings decide.Settings
}

// Queues returns the queues of the functions. A message that is taken stays hidden for the given time.
func Queues(now func() time.Time, hidden time.Duration) *memory.Queue {
	var configs []memory.QueueConfig
	for _, name := range hint.Queues {
		configs = append(configs, memory.QueueConfig{Name: name, Visibility: hidden})
	}
	return memory.NewQueue(now, configs...)
}

// Loop returns what one environment works with: its memory is its own.
func (w *World) Loop() *advance.Loop {
	sender, random := w.Sender, w.Random
	if sender == nil {
		sender = w.Queues
	}
	if random == nil {
		random = rand.Float64
	}
	return advance.New(advance.Loop{Store: w.Store, Sender: sender, Clock: w.Clock, Random: random, Settings: w.Settings})
}

// Trigger returns what starts runs with the memory of loop.
func (w *World) Trigger(loop *advance.Loop) *trigger.Trigger {
	id := w.NewID
	if id == nil {
		id = uuid.NewString
	}
	return &trigger.Trigger{Loop: loop, NewID: id, Parallel: workflow.MaxStartBatch}
}

// Push makes a workflow with one active version, without the checks and the history of a real push.
func Push(ctx context.Context, items store.Store, body *workflow.Workflow, rules workflow.RunStrategy) error {
	version := &workflow.Version{Number: 1, Author: "world", InternalID: 10000, Workflow: body}
	properties := record.Snapshot{Author: "world", Properties: &workflow.Properties{Owner: &workflow.User{Name: "world"}}}
	head := strategy.Head{InternalID: 10000, Latest: 1, Active: 1, Properties: 1, Strategy: rules, Next: 1}
	for _, item := range []struct {
		key  store.Key
		body any
	}{
		{record.VersionKey(body.ID, 1), version}, {record.PropertiesKey(body.ID, 1), properties}, {record.HeadKey(body.ID), head},
	} {
		if err := items.Put(ctx, store.Write{Item: store.Item{Key: item.key, Body: record.Encode(item.body)}}); err != nil {
			return err
		}
	}
	return nil
}

// Manual is a start by hand; request may be empty.
func Manual(request string) trigger.Start {
	return trigger.Start{RequestID: request, Initiator: &workflow.Initiator{Type: workflow.InitiatorManual, User: &workflow.User{Name: "world"}}}
}

// Deliver hands at most limit messages of a queue to its function and returns how many there were. It waits for one for
// at most patience. What the engine cannot do now is hidden for later, and is no error.
func (w *World) Deliver(ctx context.Context, functions Functions, name string, limit int, patience, later time.Duration) (int, error) {
	batch, err := w.Queues.Receive(ctx, name, limit, patience)
	if err != nil || len(batch) == 0 {
		if ctx.Err() != nil {
			return 0, nil
		}
		return 0, err
	}
	messages := make([]hint.Message, len(batch))
	for i, d := range batch {
		if messages[i], err = hint.Decode(d.Body); err != nil {
			return len(batch), err
		}
		messages[i].Again = d.Receives > 1
	}
	var done, left []string
	for i, err := range functions[name](ctx, messages) {
		switch {
		case err == nil:
			done = append(done, batch[i].Receipt)
		case errors.Is(err, workflow.ErrUnavailable):
			left = append(left, batch[i].Receipt)
		default:
			return len(batch), fmt.Errorf("%s: %w", name, err)
		}
	}
	if len(left) > 0 {
		err = w.Queues.Hide(ctx, name, later, left...)
	}
	if len(done) > 0 {
		err = errors.Join(err, w.Queues.Delete(ctx, name, done...))
	}
	return len(batch), err
}
