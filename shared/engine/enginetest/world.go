// Package enginetest is a small world in which the engine runs for tests: memory adapters, a clock that
// stands still until it is moved, and a pump that delivers what was sent. It has no faults; those are the
// simulator's.
package enginetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/dispatch"
	"github.com/segue-workflows/segue/shared/engine/evaluate"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/rollup"
	"github.com/segue-workflows/segue/shared/engine/schedule"
	"github.com/segue-workflows/segue/shared/engine/signal"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/token"
	"github.com/segue-workflows/segue/shared/workflow"
)

// World is an engine with all its parts.
type World struct {
	T        testing.TB
	Store    *memory.Store
	Queue    *memory.Queue
	Loop     *advance.Loop
	Trigger  *trigger.Trigger
	Evaluate *evaluate.Evaluate
	Dispatch *dispatch.Dispatch
	Rollup   *rollup.Rollup
	Times    *schedule.Schedules
	Signals  *signal.Signals
	Tokens   *token.Mint

	Deliveries int // how often each message is handled, one time after the other; 0: once
	Handled    int // messages, each delivery of them
	Most       int // the test fails when more are handled; 0: any number

	mu  sync.Mutex // calls of jobs read the time while others sleep
	now time.Time
	ids int
}

// Epoch is when a world begins.
var Epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// New returns a world with the standard runtimes and those that register adds.
func New(t testing.TB, register func(*runtime.Registry)) *World {
	w := &World{T: t, now: Epoch}
	configs := []memory.QueueConfig{}
	for _, name := range hint.Queues {
		configs = append(configs, memory.QueueConfig{Name: name, Visibility: time.Minute})
	}
	w.Store, w.Queue = memory.NewStore(w.Now), memory.NewQueue(w.Now, configs...)
	registry := runtime.Standard()
	if register != nil {
		register(registry)
	}
	w.Loop = advance.New(advance.Loop{Store: w.Store, Sender: w.Queue, Clock: w, Random: func() float64 { return 0 },
		Settings: decide.Settings{Runtimes: registry}})
	w.Tokens = &token.Mint{Store: w.Store, Entropy: func([]byte) error { return nil }}
	w.Trigger = &trigger.Trigger{Loop: w.Loop, NewID: func() string { w.ids++; return fmt.Sprintf("request-%d", w.ids) }}
	w.Evaluate, w.Dispatch, w.Rollup = &evaluate.Evaluate{Loop: w.Loop, Admit: w.Trigger}, &dispatch.Dispatch{Loop: w.Loop, Signer: w.Tokens, NewCalls: inTurn}, &rollup.Rollup{Loop: w.Loop}
	w.Times = &schedule.Schedules{Loop: w.Loop, Starter: w.Trigger}
	w.Signals = &signal.Signals{Trigger: w.Trigger}
	return w
}

// turns calls jobs one after the other, so that tests need no locks and always see the same order.
type turns struct{ outcomes []decide.Outcome }

func inTurn() dispatch.Calls { return &turns{} }

// Go calls at once.
func (t *turns) Go(call func() decide.Outcome) { t.outcomes = append(t.outcomes, call()) }

// Wait returns what the calls came to.
func (t *turns) Wait() []decide.Outcome {
	out := t.outcomes
	t.outcomes = nil
	return out
}

// Now returns the world's time.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Sleep moves the world's time on.
func (w *World) Sleep(_ context.Context, d time.Duration) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
	return nil
}

// Push makes a workflow of the steps, with one active version.
func (w *World) Push(body *workflow.Workflow, rules workflow.RunStrategy) {
	w.T.Helper()
	version := &workflow.Version{Number: 1, Author: "test", CreateTime: w.Now().UnixMilli(), InternalID: 10000, Workflow: body}
	head := strategy.Head{InternalID: 10000, Latest: 1, Active: 1, Properties: 1, Strategy: rules, Next: 1}
	snapshot := record.Snapshot{Author: "test", Properties: &workflow.Properties{Owner: &workflow.User{Name: "test"}}}
	w.put(record.VersionKey(body.ID, 1), version)
	w.put(record.PropertiesKey(body.ID, 1), snapshot)
	w.put(record.HeadKey(body.ID), head)
}

func (w *World) put(key store.Key, body any) {
	w.T.Helper()
	if err := w.Store.Put(w.T.Context(), store.Write{Item: store.Item{Key: key, Body: record.Encode(body)}}); err != nil {
		w.T.Fatal(err)
	}
}

// Start starts an instance and fails the test when it cannot.
func (w *World) Start(wf workflow.ID, request string) trigger.Started {
	w.T.Helper()
	start := trigger.Start{RequestID: request, Initiator: &workflow.Initiator{Type: workflow.InitiatorManual, User: &workflow.User{Name: "test"}}}
	out, err := w.Trigger.Start(w.T.Context(), wf, "active", start)
	if err != nil {
		w.T.Fatal(err)
	}
	return out[0]
}

// Drain delivers messages until there are none, moving the clock to the delayed ones, but at most for d.
func (w *World) Drain(d time.Duration) {
	w.T.Helper()
	until := w.now.Add(d)
	for {
		for w.deliver() {
		}
		next, ok := w.Queue.NextVisible(hint.Queues...)
		if !ok || next.After(until) {
			w.now = until
			return
		}
		w.now = next
	}
}

// Forget drops every message, as a crash of a host with queues in memory does.
func (w *World) Forget() {
	w.T.Helper()
	for _, name := range hint.Queues {
		for {
			deliveries, err := w.Queue.Receive(w.T.Context(), name, 10, 0)
			if err != nil {
				w.T.Fatal(err)
			}
			if len(deliveries) == 0 {
				break
			}
			for _, delivery := range deliveries {
				if err := w.Queue.Delete(w.T.Context(), name, delivery.Receipt); err != nil {
					w.T.Fatal(err)
				}
			}
		}
	}
}

func (w *World) deliver() bool {
	w.T.Helper()
	some := false
	for _, name := range hint.Queues {
		deliveries, err := w.Queue.Receive(w.T.Context(), name, 10, 0)
		if err != nil {
			w.T.Fatal(err)
		}
		for _, delivery := range deliveries {
			some = true
			message, err := hint.Decode(delivery.Body)
			for range max(w.Deliveries, 1) {
				if err == nil {
					err = w.Handle(name, message)
				}
				if w.Handled++; w.Most > 0 && w.Handled > w.Most {
					w.T.Fatalf("more than %d deliveries", w.Most)
				}
				message.Again = true
			}
			if err != nil {
				w.T.Fatalf("%s: %v", name, err)
			}
			if err := w.Queue.Delete(w.T.Context(), name, delivery.Receipt); err != nil {
				w.T.Fatal(err)
			}
		}
	}
	return some
}

// Handle lets the handler of a queue work on a message.
func (w *World) Handle(name string, message hint.Message) error {
	switch name {
	case hint.Trigger:
		if message.Kind == hint.Due {
			return w.Times.Handle(w.T.Context(), message)
		}
		return w.Signals.Handle(w.T.Context(), message)
	case hint.Evaluate:
		return w.Evaluate.Handle(w.T.Context(), message)
	case hint.Dispatch:
		return w.Dispatch.Handle(w.T.Context(), message)
	case hint.Rollup:
		return errors.Join(w.Rollup.Handle(w.T.Context(), []hint.Message{message})...)
	}
	return fmt.Errorf("nobody handles the queue %s", name)
}

// Run loads a run and fails the test when there is none.
func (w *World) Run(wf workflow.ID, instance int64) *decide.Run {
	w.T.Helper()
	run, err := w.Loop.LoadRun(w.T.Context(), workflow.RunKey{Workflow: wf, Instance: instance, Run: 1})
	if err != nil {
		w.T.Fatal(err)
	}
	return run
}

// Statuses returns the status of each step of a run by id.
func Statuses(run *decide.Run) map[string]workflow.StepStatus {
	out := map[string]workflow.StepStatus{}
	for i, step := range run.Definition.Steps {
		out[step.ID] = run.State.Steps[i].Status
	}
	return out
}

// Step returns a typed step that leads to the successors unconditionally; "id:condition" states one.
func Step(id, kind string, successors ...string) *workflow.Step {
	s := &workflow.Step{Kind: workflow.KindStep, ID: id, Type: kind}
	for _, successor := range successors {
		to, condition := successor, "true"
		for i := range successor {
			if successor[i] == ':' {
				to, condition = successor[:i], successor[i+1:]
			}
		}
		if s.Transition.Successors == nil {
			s.Transition.Successors = &workflow.Ordered[string]{}
		}
		s.Transition.Successors.Set(to, condition)
	}
	return s
}

// Cause is the message of an order that somebody gave.
var Cause = hint.Message{Reason: hint.ReasonAction}
