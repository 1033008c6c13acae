package main

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/google/uuid"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/dispatch"
	"github.com/segue-workflows/segue/shared/engine/evaluate"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/rollup"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// invocations at once of the functions that queues feed, as the stack allows them, but for few machines have so many
// processors.
var concurrency = map[string]int{hint.Evaluate: 10, hint.Dispatch: 10, hint.Rollup: 5}

// world is the engine on the AWS of the ledger.
type world struct {
	ledger   *ledger
	items    *memory.Store
	queues   *memory.Queue
	trigger  *trigger.Trigger
	handlers map[string]func(context.Context, []hint.Message) []error
	callers  *callers
}

func newWorld() *world {
	w := &world{ledger: newLedger(), items: memory.NewStore(time.Now), callers: &callers{}}
	var configs []memory.QueueConfig
	for _, name := range hint.Queues {
		configs = append(configs, memory.QueueConfig{Name: name, Visibility: time.Minute})
	}
	w.queues = memory.NewQueue(time.Now, configs...)
	w.trigger = &trigger.Trigger{Loop: w.loop(), NewID: uuid.NewString, Parallel: workflow.MaxStartBatch} // as the function does it
	w.handlers = map[string]func(context.Context, []hint.Message) []error{
		hint.Evaluate: each((&evaluate.Evaluate{Loop: w.loop(), Admit: w.trigger}).Handle),
		hint.Dispatch: each((&dispatch.Dispatch{Loop: w.loop()}).Handle),
		hint.Rollup:   (&rollup.Rollup{Loop: w.loop()}).Handle,
	}
	return w
}

// loop is that of one function: what it remembers is its own.
func (w *world) loop() *advance.Loop {
	return advance.New(advance.Loop{
		Store: table{w.items, w.ledger}, Sender: joined(sender{w.queues, w.ledger}), Clock: clock{}, Random: rand.Float64,
		Settings: decide.Settings{MaxIterations: 1_000_000, Runtimes: w.runtimes()},
	})
}

// joined is what a function puts before its queues.
func joined(to queue.Sender) *queue.Joined {
	return &queue.Joined{To: to, Queues: []string{hint.Rollup}, Wait: 5 * time.Millisecond / scale, Sleep: clock{}.Sleep, Merge: advance.Merged}
}

// charge begins to count.
func (w *world) charge() {
	w.items.Count(w.ledger.meter, meter.PackedSize)
	w.queues.Count(w.ledger.meter)
}

// push makes a workflow with one active version.
func (w *world) push(body *workflow.Workflow, rules workflow.RunStrategy) error {
	properties := record.Snapshot{Author: "cost", Properties: &workflow.Properties{Owner: &workflow.User{Name: "cost"}}}
	for key, value := range map[store.Key]any{
		record.VersionKey(body.ID, 1):    &workflow.Version{Number: 1, Author: "cost", InternalID: 10000, Workflow: body},
		record.PropertiesKey(body.ID, 1): properties,
		record.HeadKey(body.ID):          strategy.Head{InternalID: 10000, Latest: 1, Active: 1, Properties: 1, Strategy: rules, Next: 1},
	} {
		if err := w.items.Put(context.Background(), store.Write{Item: store.Item{Key: key, Body: record.Encode(value)}}); err != nil {
			return err
		}
	}
	return nil
}

// start starts n instances in one invocation of the api.
func (w *world) start(wf workflow.ID, n int, remembered bool) error {
	began := time.Now()
	starts := make([]trigger.Start, n)
	for i := range starts {
		starts[i].Initiator = &workflow.Initiator{Type: workflow.InitiatorManual, User: &workflow.User{Name: "cost"}}
		if remembered {
			starts[i].RequestID = uuid.NewString()
		}
	}
	_, err := w.trigger.Start(context.Background(), wf, "active", starts...)
	w.ledger.invoked(time.Since(began))
	return err
}

// drain lets the functions work until the queues are empty and nobody has to call back. Messages that come later than
// that are timers, and no shape has any.
func (w *world) drain() error {
	for {
		var failed error
		var mu sync.Mutex
		var working sync.WaitGroup
		some := false
		for _, name := range hint.Queues {
			for range min(concurrency[name], w.batches(name)) {
				some = true
				working.Go(func() {
					err := w.deliver(name)
					mu.Lock()
					defer mu.Unlock()
					failed = errors.Join(failed, err)
				})
			}
		}
		working.Wait()
		if failed == nil {
			called, err := w.callBack()
			some, failed = some || called, err
		}
		if failed != nil || !some {
			return failed
		}
	}
}

// batches says how many batches a queue holds.
func (w *world) batches(name string) int {
	visible, _ := w.queues.Len(name)
	return (visible + queue.MaxBatch - 1) / queue.MaxBatch
}

// deliver hands one batch to its function.
func (w *world) deliver(name string) error {
	var batch []queue.Delivery
	err := w.ledger.do("receive and delete "+name, func() (err error) {
		batch, err = w.queues.Receive(context.Background(), name, queue.MaxBatch, 0)
		return err
	})
	if err != nil || len(batch) == 0 {
		return err
	}
	messages, receipts := make([]hint.Message, len(batch)), make([]string, len(batch))
	for i, d := range batch {
		if messages[i], err = hint.Decode(d.Body); err != nil {
			return err
		}
		receipts[i] = d.Receipt
	}
	began := time.Now()
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	errs := w.handlers[name](ctx, messages)
	w.ledger.invoked(time.Since(began))
	if err := errors.Join(errs...); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	return w.ledger.do("receive and delete "+name, func() error { return w.queues.Delete(context.Background(), name, receipts...) })
}

// check fails when a run has not succeeded, or, where starts crowd each other out, has not ended.
func (w *world) check(wf workflow.ID, instances int, crowded bool) error {
	reader := advance.New(advance.Loop{Store: w.items, Sender: w.queues, Clock: clock{}, Random: rand.Float64})
	for i := 1; i <= instances; i++ {
		key := workflow.RunKey{Workflow: wf, Instance: int64(i), Run: 1}
		run, err := reader.LoadRun(context.Background(), key)
		if err != nil {
			return err
		}
		if status := run.State.Status; status != workflow.InstanceSucceeded && !(crowded && status == workflow.InstanceStopped) {
			return fmt.Errorf("%s is %s when nothing is left to do", key, run.State.Status)
		}
	}
	return nil
}

// failures returns how many iterations of the loops of the first instance failed.
func (w *world) failures(wf workflow.ID) (n int64, err error) {
	reader := advance.New(advance.Loop{Store: w.items, Sender: w.queues, Clock: clock{}, Random: rand.Float64})
	run, err := reader.LoadRun(context.Background(), workflow.RunKey{Workflow: wf, Instance: 1, Run: 1})
	if err != nil {
		return 0, err
	}
	for _, step := range run.State.Steps {
		if step.Nest != nil {
			n += step.Nest.Sums().Ends.Of(record.Failed)
		}
	}
	return n, nil
}

// each handles the messages of a batch side by side.
func each(one func(context.Context, hint.Message) error) func(context.Context, []hint.Message) []error {
	return func(ctx context.Context, batch []hint.Message) []error {
		errs := make([]error, len(batch))
		var working sync.WaitGroup
		for i, m := range batch {
			working.Go(func() { errs[i] = one(ctx, m) })
		}
		working.Wait()
		return errs
	}
}

// clock is the machine's: whatever takes a quarter of its time is followed by pauses that do.
type clock struct{}

func (clock) Now() time.Time { return time.Now() }

func (clock) Sleep(_ context.Context, d time.Duration) error {
	time.Sleep(d)
	return nil
}
