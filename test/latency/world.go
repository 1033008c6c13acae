package main

import (
	"context"
	"errors"
	"fmt"
	"math"
	"math/rand/v2"
	"sync"
	"time"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/dispatch"
	"github.com/segue-workflows/segue/shared/engine/evaluate"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/rollup"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// call is how long a call takes: its median and its p99, in milliseconds.
type call struct{ p50, p99 float64 }

// As measured on AWS (a hop), or usual there (the others; their tails are guesses).
var (
	hop   = call{16, 105} // from a sent message to its function
	write = call{5, 20}
	read  = call{4, 15}
	send  = call{6, 25}
)

// world is the engine on a clock that calls move on.
type world struct {
	mu     sync.Mutex
	random *rand.Rand
	now    time.Time

	marks         *marks    // nil: nobody asks
	ready, called time.Time // of the instance that is measured: its first commit, the first call of its runtime

	items    *memory.Store
	queues   *memory.Queue
	trigger  *trigger.Trigger
	handlers map[string]func(context.Context, hint.Message) error
}

func newWorld(random *rand.Rand) *world {
	w := &world{random: random, now: time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)}
	w.items = memory.NewStore(w.Now)
	var configs []memory.QueueConfig
	for _, name := range hint.Queues {
		configs = append(configs, memory.QueueConfig{Name: name, Visibility: time.Minute})
	}
	w.queues = memory.NewQueue(w.Now, configs...)
	requests := 0
	w.trigger = &trigger.Trigger{Loop: w.loop(), NewID: func() string { requests++; return fmt.Sprintf("request-%d", requests) }}
	ended := &rollup.Rollup{Loop: w.loop()}
	w.handlers = map[string]func(context.Context, hint.Message) error{
		hint.Evaluate: (&evaluate.Evaluate{Loop: w.loop(), Admit: w.trigger}).Handle,
		hint.Dispatch: (&dispatch.Dispatch{Loop: w.loop()}).Handle,
		hint.Rollup: func(ctx context.Context, m hint.Message) error {
			return errors.Join(ended.Handle(ctx, []hint.Message{m})...)
		},
	}
	return w
}

// loop is that of one function: what it remembers is its own.
func (w *world) loop() *advance.Loop {
	registry := runtime.Standard()
	registry.Add("Echo", job{world: w})
	return advance.New(advance.Loop{Store: table{w.items, w}, Sender: sender{w.queues, w}, Clock: w,
		Random: func() float64 { return 0 }, Settings: decide.Settings{Runtimes: registry}})
}

// Now returns the world's time.
func (w *world) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Sleep moves the world's time on.
func (w *world) Sleep(_ context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
	return nil
}

// quantile99 is the p99 of the standard normal distribution.
const quantile99 = 2.3263

// takes moves the world's time on by one call.
func (w *world) takes(c call) {
	w.mu.Lock()
	defer w.mu.Unlock()
	sigma := math.Log(c.p99/c.p50) / quantile99
	w.now = w.now.Add(time.Duration(c.p50 * math.Exp(sigma*w.random.NormFloat64()) * float64(time.Millisecond)))
}

// table is the store with latencies.
type table struct {
	*memory.Store
	world *world
}

func (t table) Get(ctx context.Context, how store.Read, keys ...store.Key) ([]store.Item, error) {
	t.world.takes(read)
	return t.Store.Get(ctx, how, keys...)
}

func (t table) List(ctx context.Context, r store.Range) ([]store.Item, string, error) {
	t.world.takes(read)
	return t.Store.List(ctx, r)
}

func (t table) Put(ctx context.Context, w store.Write) error {
	t.world.takes(write)
	err := t.Store.Put(ctx, w)
	if _, n, ok := record.ParseCommitKey(w.Key); ok && n == 1 {
		t.world.ready = t.world.Now()
	}
	if t.world.marks != nil && err == nil {
		t.world.marks.note(w, t.world.Now())
	}
	return err
}

// sender is the queues with latencies.
type sender struct {
	*memory.Queue
	world *world
}

func (s sender) Send(ctx context.Context, name string, messages ...queue.Message) error {
	s.world.takes(send)
	return s.Queue.Send(ctx, name, messages...)
}

// job is Echo, and notes when it is first called.
type job struct {
	runtime.Echo
	world *world
}

// Start notes the time.
func (j job) Start(ctx context.Context, c runtime.Call) (runtime.Result, error) {
	if now := j.world.Now(); j.world.called.IsZero() {
		j.world.called = now
	}
	return j.Echo.Start(ctx, c)
}

// result is what one instance took.
type result struct{ launch, total time.Duration }

// measure runs instances one after the other. The first is not counted: on it the functions warm up.
func measure(ctx context.Context, w *world, body *workflow.Workflow, instances int) ([]result, error) {
	if err := w.push(ctx, body); err != nil {
		return nil, err
	}
	var out []result
	for n := range instances + 1 {
		w.called = time.Time{}
		start := trigger.Start{Initiator: &workflow.Initiator{Type: workflow.InitiatorManual, User: &workflow.User{Name: "latency"}}}
		if _, err := w.trigger.Start(ctx, body.ID, "active", start); err != nil {
			return nil, err
		}
		ready := w.ready
		if err := w.drain(ctx); err != nil {
			return nil, err
		}
		run, err := w.trigger.Loop.LoadRun(ctx, workflow.RunKey{Workflow: body.ID, Instance: int64(n + 1), Run: 1})
		if err != nil {
			return nil, err
		}
		if run.State.Status != workflow.InstanceSucceeded {
			return nil, fmt.Errorf("instance %d is %s when nothing is left to do", n+1, run.State.Status)
		}
		if n > 0 {
			out = append(out, result{w.called.Sub(ready), time.UnixMilli(run.State.End).Sub(w.called)})
		}
	}
	return out, nil
}

func (w *world) push(ctx context.Context, body *workflow.Workflow) error {
	var errs []error
	put := func(key store.Key, value any) {
		errs = append(errs, w.items.Put(ctx, store.Write{Item: store.Item{Key: key, Body: record.Encode(value)}}))
	}
	put(record.VersionKey(body.ID, 1), &workflow.Version{Number: 1, Author: "latency", InternalID: 10000, Workflow: body})
	put(record.PropertiesKey(body.ID, 1), record.Snapshot{Author: "latency", Properties: &workflow.Properties{Owner: &workflow.User{Name: "latency"}}})
	put(record.HeadKey(body.ID), strategy.Head{InternalID: 10000, Latest: 1, Active: 1, Properties: 1, Strategy: workflow.DefaultRunStrategy, Next: 1})
	return errors.Join(errs...)
}

// drain delivers messages one by one until none is left.
func (w *world) drain(ctx context.Context) error {
	for some := true; some; {
		some = false
		for _, name := range hint.Queues {
			batch, err := w.queues.Receive(ctx, name, 1, 0)
			if err != nil {
				return err
			}
			for _, d := range batch {
				some = true
				w.takes(hop)
				m, err := hint.Decode(d.Body)
				if err != nil {
					return err
				}
				limited, cancel := context.WithTimeout(ctx, time.Minute)
				err = w.handlers[name](limited, m)
				cancel()
				if err = errors.Join(err, w.queues.Delete(ctx, name, d.Receipt)); err != nil {
					return fmt.Errorf("%s: %w", name, err)
				}
			}
		}
	}
	return nil
}

// chain is a workflow of n external steps in a row.
func chain(id workflow.ID, n int) *workflow.Workflow {
	w := &workflow.Workflow{ID: id}
	for i := range n {
		s := &workflow.Step{Kind: workflow.KindStep, ID: fmt.Sprintf("s%d", i), Type: "Echo"}
		if i < n-1 {
			s.Transition.Successors = &workflow.Ordered[string]{}
			s.Transition.Successors.Set(fmt.Sprintf("s%d", i+1), "true")
		}
		w.Steps = append(w.Steps, s)
	}
	return w
}
