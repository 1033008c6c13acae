package enginetest_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/dispatch"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// hospital is a world whose handlers die at one attempt, and whose queues give up on messages. Each invocation may be
// throttled: then its messages were received, and nothing else happened.
type hospital struct {
	*enginetest.World
	random    *rand.Rand
	throttles float64 // how likely an invocation is throttled
	poison    workflow.AttemptKey
	called    map[workflow.AttemptKey]int // calls by the job
	dead      bool                        // the handler that is at work
	deaths    int
	throttled int
	letters   int // that the queues made
}

// died is what a handler that dies panics with: nothing of it may run after that.
var died = errors.New("died")

const (
	visibility  = 3 * time.Minute
	maxReceives = 50
)

func newHospital(t *testing.T, throttles float64) *hospital {
	h := &hospital{random: rand.New(rand.NewPCG(7, 7)), throttles: throttles, called: map[workflow.AttemptKey]int{}}
	job := &enginetest.Job{Answer: func(call runtime.Call) (runtime.Result, error) {
		h.called[call.Key]++
		h.dead = h.dead || call.Key == h.poison
		return runtime.Result{State: runtime.Done}, nil
	}}
	h.World = enginetest.New(t, job.Register)
	var configs []memory.QueueConfig
	for _, name := range hint.Queues {
		configs = append(configs, memory.QueueConfig{Name: name, Visibility: visibility, MaxReceives: maxReceives, DeadLetter: "dead"})
	}
	h.Queue = memory.NewQueue(h.Now, configs...)
	h.Loop.Sender = h.Queue
	h.Dispatch.NewCalls = func() dispatch.Calls { return &mortal{h: h} }
	return h
}

// mortal runs calls one after the other, and dies with a job that kills.
type mortal struct {
	h       *hospital
	waiting []func() decide.Outcome
}

func (m *mortal) Go(call func() decide.Outcome) { m.waiting = append(m.waiting, call) }

func (m *mortal) Wait() []decide.Outcome {
	var out []decide.Outcome
	for _, call := range m.waiting {
		if out = append(out, call()); m.h.dead {
			panic(died)
		}
	}
	m.waiting = nil
	return out
}

// work delivers messages and lets time pass, until the run is over or the time is.
func (h *hospital) work(key workflow.RunKey, d time.Duration) {
	h.T.Helper()
	until := h.Now().Add(d)
	if err := h.Evaluate.Sweep(h.T.Context(), 0); err != nil {
		h.T.Fatal(err)
	}
	for h.Now().Before(until) {
		if run, err := h.Loop.LoadRun(h.T.Context(), key); err == nil && run.State.Status.Terminal() {
			return
		}
		for some := true; some; {
			some = false
			for _, name := range append([]string{"dead"}, hint.Queues...) {
				some = h.receive(name) || some
			}
		}
		next, ok := h.Queue.NextVisible()
		if !ok {
			h.T.Fatal("nothing is left to do")
		}
		_ = h.Sleep(h.T.Context(), next.Sub(h.Now()))
	}
}

// receive begins an invocation for each of a batch.
func (h *hospital) receive(name string) bool {
	h.T.Helper()
	batch, err := h.Queue.Receive(h.T.Context(), name, queue.MaxBatch, 0)
	if err != nil {
		h.T.Fatal(err)
	}
	for _, delivery := range batch {
		m, err := hint.Decode(delivery.Body)
		if err != nil {
			h.T.Fatal(err)
		}
		if m.Again = delivery.Receives > 1; m.Kind != hint.Sweep && h.random.Float64() < h.throttles {
			h.throttled++
			continue // it comes again when its visibility time is over
		}
		if name == "dead" {
			h.letters++
		}
		if h.invoke(name, m) {
			if err := h.Queue.Delete(h.T.Context(), name, delivery.Receipt); err != nil {
				h.T.Fatal(err)
			}
		}
	}
	return len(batch) > 0
}

// invoke handles a message, and tells whether the handler lived.
func (h *hospital) invoke(name string, m hint.Message) (lived bool) {
	h.T.Helper()
	h.dead = false
	defer func() {
		if r := recover(); r != nil {
			if r != any(died) {
				panic(r)
			}
			h.deaths++
			lived = false
		}
	}()
	handle := h.Handle
	if name == "dead" {
		handle = func(_ string, m hint.Message) error { return h.Evaluate.DeadLetter(h.T.Context(), m) }
	}
	if err := handle(name, m); err != nil {
		h.T.Fatalf("%s: %v", name, err)
	}
	return true
}

func (h *hospital) aside() (out []workflow.AttemptKey) {
	h.T.Helper()
	for shard := range record.Shards {
		items, _, err := h.Store.List(h.T.Context(), record.LetterRange(shard, ""))
		if err != nil {
			h.T.Fatal(err)
		}
		for _, item := range items {
			_, key, err := record.ParseLetterKey(item.Key)
			if err != nil {
				h.T.Fatal(err)
			}
			out = append(out, key)
		}
	}
	return out
}

// TestOnePoisonAmongTenThousand: an iteration whose job kills its handler at every call is set aside, once, and takes no
// other with it. Throttling burns the queues' receive counts, and makes no dead letter.
func TestOnePoisonAmongTenThousand(t *testing.T) {
	t.Parallel()
	for _, throttles := range []float64{0, 0.2} {
		t.Run(fmt.Sprintf("throttles %v", throttles), func(t *testing.T) {
			t.Parallel()
			h := newHospital(t, throttles)
			h.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{foreach("fe", crowd, enginetest.Step("job", "Echo"))}}, workflow.DefaultRunStrategy)
			key := h.Start("loop", "").Key
			parent := h.Run("loop", 1)
			h.poison = workflow.AttemptKey{RunKey: decide.ChildKey(parent, 0, crowd/2, 1), Step: "job", Attempt: 1}
			h.work(key, 24*time.Hour)

			run := h.Run("loop", 1)
			sums := leaves(run)
			if sums[workflow.Succeeded] != crowd-1 || sums[workflow.FatallyFailed] != 1 || run.State.Status != workflow.InstanceFailed {
				t.Errorf("the run is %s, its leaves %v", run.State.Status, sums)
			}
			limit := int(h.Loop.Settings.Delivery.Limit)
			if h.called[h.poison] != limit || h.deaths != limit {
				t.Errorf("the poison was called %d times, and %d handlers died; want %d", h.called[h.poison], h.deaths, limit)
			}
			if aside := h.aside(); len(aside) != 1 || aside[0] != h.poison {
				t.Errorf("set aside: %v", aside)
			}
			if h.letters != 0 || throttles > 0 && h.throttled < crowd/10 {
				t.Errorf("%d throttled receives made %d dead letters", h.throttled, h.letters)
			}
			twice := 0
			for attempt, calls := range h.called {
				if attempt != h.poison && calls > 1 {
					twice++
				}
			}
			if twice > decide.MaxClaims {
				t.Errorf("%d others were called again because the poison took them with it", twice)
			}
			t.Logf("%s of work, %d throttled, %d others called twice", h.Now().Sub(enginetest.Epoch), h.throttled, twice)
		})
	}
}
