package history

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"time"

	"github.com/google/uuid"

	"github.com/segue-workflows/segue/shared/control"
	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/dispatch"
	"github.com/segue-workflows/segue/shared/engine/evaluate"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/rollup"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/local"
	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// handlers is how many invocations go on at once.
const handlers = 16

const workflowID = "history"

// World is the engine on a store, with sixteen handlers.
type World struct {
	History History
	rules   workflow.RunStrategy
	store   store.Store
	queues  *memory.Queue
	starts  int

	asked  atomic.Int64
	ending atomic.Int64 // how many starts have their answer
	failed atomic.Bool  // a job failed since somebody unblocked
}

// New makes a world for a number of starts under a strategy.
func New(items store.Store, rules workflow.RunStrategy, starts int) (*World, error) {
	w := &World{rules: rules, store: items, starts: starts}
	var configs []memory.QueueConfig
	for _, name := range hint.Queues {
		configs = append(configs, memory.QueueConfig{Name: name, Visibility: 2 * time.Minute})
	}
	w.queues = memory.NewQueue(time.Now, configs...)
	none := &workflow.ParsableLong{}
	body := &workflow.Workflow{ID: workflowID, Steps: []*workflow.Step{{Kind: workflow.KindStep, ID: "job", Type: "Echo",
		RetryPolicy: &workflow.RetryPolicy{ErrorRetryLimit: none, PlatformRetryLimit: none, TimeoutRetryLimit: none}}}}
	for key, value := range map[store.Key]any{
		record.VersionKey(body.ID, 1):    &workflow.Version{Number: 1, Author: "history", InternalID: 1, Workflow: body},
		record.PropertiesKey(body.ID, 1): record.Snapshot{Properties: &workflow.Properties{Owner: &workflow.User{Name: "history"}}},
		record.HeadKey(body.ID):          strategy.Head{InternalID: 1, Latest: 1, Active: 1, Properties: 1, Strategy: rules, Next: 1},
	} {
		if err := items.Put(context.Background(), store.Write{Item: store.Item{Key: key, Body: record.Encode(value)}}); err != nil {
			return nil, err
		}
	}
	return w, nil
}

// Run starts all instances, lets them end, and notes how they ended.
func (w *World) Run(ctx context.Context) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	errs := make(chan error, handlers)
	var working sync.WaitGroup
	for n := range handlers {
		working.Go(func() {
			if err := w.handler(ctx, n); err != nil {
				errs <- err
				cancel()
			}
		})
	}
	working.Wait()
	close(errs)
	if err := <-errs; err != nil {
		return err
	}
	reader := w.loop()
	for i := int64(1); i <= int64(w.starts); i++ {
		run, err := reader.LoadRun(ctx, workflow.RunKey{Workflow: workflowID, Instance: i, Run: 1})
		if errors.Is(err, workflow.ErrNotFound) {
			return nil // the history tells whose it is
		}
		if err != nil {
			return err
		}
		w.History.Note(Event{Kind: Ended, Instance: i, Status: run.State.Status})
	}
	return nil
}

func (w *World) loop() *advance.Loop {
	settings := decide.Settings{Runtimes: runtime.Standard()}
	settings.Runtimes.Add("Echo", job{w})
	return advance.New(advance.Loop{Store: w.store, Sender: w.queues, Clock: local.SystemClock{}, Random: rand.Float64, Settings: settings})
}

// handler is one of the sixteen: it starts an instance, or handles what is in the queues, until all is over. Each has
// a memory of its own, as a function's environment has.
func (w *World) handler(ctx context.Context, n int) error {
	loop := w.loop()
	starter := &trigger.Trigger{Loop: loop, NewID: uuid.NewString}
	e, d, r := &evaluate.Evaluate{Loop: loop, Admit: starter}, &dispatch.Dispatch{Loop: loop}, &rollup.Rollup{Loop: loop}
	handle := map[string]func(context.Context, []hint.Message) error{
		hint.Evaluate: func(ctx context.Context, m []hint.Message) error { return e.Handle(ctx, m[0]) },
		hint.Dispatch: func(ctx context.Context, m []hint.Message) error { return d.Handle(ctx, m[0]) },
		hint.Rollup:   func(ctx context.Context, m []hint.Message) error { return errors.Join(r.Handle(ctx, m)...) },
	}
	for ctx.Err() == nil {
		if turn := int(w.asked.Load()); turn < w.starts && rand.IntN(2) == 0 {
			if err := w.start(ctx, starter); err != nil {
				return err
			}
		}
		worked, err := w.deliver(ctx, handle)
		if err != nil {
			return err
		}
		if n == 0 && w.failed.Swap(false) {
			if err := w.unblock(ctx, &control.Control{Trigger: starter}); err != nil {
				return err
			}
		}
		if worked {
			continue
		}
		if over, err := w.over(ctx, loop); over || err != nil {
			return err
		}
	}
	return nil
}

// over tells whether nothing is left to do: everything is started, and nothing runs or waits. Messages that come later
// are timers of runs that have ended.
func (w *World) over(ctx context.Context, loop *advance.Loop) (bool, error) {
	head, _, err := loop.LoadHead(ctx, workflowID)
	if err != nil {
		if ctx.Err() != nil {
			return true, nil
		}
		return false, err
	}
	if head.FailedRuns() > 0 {
		w.failed.Store(true) // it may have come to the head only after somebody unblocked
	}
	if int(w.ending.Load()) < w.starts {
		return false, nil
	}
	return len(head.Running)+head.Queued.Len() == 0, nil
}

// patience is how long a call may take.
const patience = 30 * time.Second

// start asks for one instance or, as the trigger queue does, for ten; some requests are made twice, side by side.
func (w *World) start(ctx context.Context, t *trigger.Trigger) error {
	size := int64(1)
	if rand.IntN(2) == 0 {
		size = workflow.MaxStartBatch
	}
	last := w.asked.Add(size)
	var requests []string
	for n := last - size + 1; n <= min(last, int64(w.starts)); n++ {
		requests = append(requests, fmt.Sprintf("request-%d", n))
		w.History.Note(Event{Kind: Asked, Request: requests[len(requests)-1]})
	}
	if len(requests) == 0 {
		return nil
	}
	copies := 1 + rand.IntN(8)/7
	errs := make([]error, copies)
	var asking sync.WaitGroup
	for i := range copies {
		asking.Go(func() { errs[i] = w.ask(ctx, t, requests) })
	}
	asking.Wait()
	w.ending.Add(int64(len(requests)))
	return errors.Join(errs...)
}

func (w *World) ask(ctx context.Context, t *trigger.Trigger, requests []string) error {
	starts := make([]trigger.Start, len(requests))
	for i, request := range requests {
		starts[i] = trigger.Start{RequestID: request, Initiator: &workflow.Initiator{Type: workflow.InitiatorManual}}
	}
	for {
		limited, cancel := context.WithTimeout(ctx, patience)
		answers, err := t.Start(limited, workflowID, "active", starts...)
		cancel()
		if errors.Is(err, workflow.ErrUnavailable) && ctx.Err() == nil {
			continue // as a client does
		}
		if err != nil {
			return fmt.Errorf("%s: %w", requests[0], err)
		}
		for i, answer := range answers {
			w.History.Note(Event{Kind: Answered, Request: requests[i], Instance: answer.Key.Instance, Refused: answer.Stopped})
		}
		return nil
	}
}

func (w *World) unblock(ctx context.Context, c *control.Control) error {
	w.History.Note(Event{Kind: Unblocked})
	_, err := c.UnblockAll(ctx, workflowID, control.Who{User: workflow.User{Name: "history"}})
	return err
}

// glance is how long a handler waits at an empty queue.
const glance = 5 * time.Millisecond

// deliver handles what one of the queues has, and tells whether there was anything.
func (w *World) deliver(ctx context.Context, handle map[string]func(context.Context, []hint.Message) error) (bool, error) {
	worked := false
	for _, name := range hint.Queues {
		limit := 1
		if name == hint.Rollup {
			limit = 10
		}
		batch, err := w.queues.Receive(ctx, name, limit, glance)
		if err != nil || len(batch) == 0 {
			if ctx.Err() != nil {
				return false, nil
			}
			continue
		}
		worked = true
		messages, receipts := make([]hint.Message, len(batch)), make([]string, len(batch))
		for i, d := range batch {
			if messages[i], err = hint.Decode(d.Body); err != nil {
				return true, err
			}
			messages[i].Again, receipts[i] = d.Receives > 1, d.Receipt
		}
		limited, cancel := context.WithTimeout(ctx, patience)
		err = handle[name](limited, messages)
		cancel()
		if err != nil && !errors.Is(err, workflow.ErrUnavailable) {
			return true, fmt.Errorf("%s: %w", name, err)
		}
		if err == nil {
			if err := w.queues.Delete(ctx, name, receipts...); err != nil {
				return true, err
			}
		}
	}
	return worked, nil
}

// job is the work of the one step; under STRICT_SEQUENTIAL every fiftieth of them fails.
type job struct{ world *World }

func (j job) note(kind Kind, call runtime.Call, failed bool) {
	j.world.History.Note(Event{Kind: kind, Instance: call.Key.Instance, Failed: failed})
}

// Start begins the job.
func (j job) Start(_ context.Context, call runtime.Call) (runtime.Result, error) {
	j.note(Called, call, false)
	j.note(Returned, call, false)
	return runtime.Result{State: runtime.Done}, nil
}

// Execute ends it.
func (j job) Execute(_ context.Context, call runtime.Call) (runtime.Result, error) {
	j.note(Called, call, false)
	if j.world.rules.Rule == workflow.StrictSequential && call.Key.Instance%50 == 0 {
		j.note(Returned, call, true)
		j.world.failed.Store(true)
		return runtime.Result{State: runtime.FatalError}, nil
	}
	j.note(Returned, call, false)
	return runtime.Result{State: runtime.Done}, nil
}

// Terminate ends it early.
func (j job) Terminate(_ context.Context, call runtime.Call) (runtime.Result, error) {
	j.note(Called, call, false)
	j.note(Returned, call, false)
	return runtime.Result{State: runtime.Stopped}, nil
}
