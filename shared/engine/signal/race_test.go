package signal_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/hint"
	use "github.com/segue-workflows/segue/shared/engine/signal"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// mortal is a store whose process dies at one of its calls: from then on nothing is answered. A call at which it
// dies may have landed.
type mortal struct {
	store.Store
	left   int // calls until it dies; negative: it lives
	landed bool
}

var errDead = fmt.Errorf("%w: the process died", store.ErrUnavailable)

func (m *mortal) dies() bool {
	if m.left > 0 {
		m.left--
	}
	return m.left == 0
}

func (m *mortal) Get(ctx context.Context, how store.Read, keys ...store.Key) ([]store.Item, error) {
	if m.dies() {
		return nil, errDead
	}
	return m.Store.Get(ctx, how, keys...)
}

func (m *mortal) List(ctx context.Context, r store.Range) ([]store.Item, string, error) {
	if m.dies() {
		return nil, "", errDead
	}
	return m.Store.List(ctx, r)
}

func (m *mortal) Put(ctx context.Context, w store.Write) error {
	alive := m.left != 0
	if m.dies() {
		if alive && m.landed {
			_ = m.Store.Put(ctx, w)
		}
		return errDead
	}
	return m.Store.Put(ctx, w)
}

// deaf sends nowhere: the test delivers by itself, as often and in whatever order it likes.
type deaf struct{ sent []hint.Message }

func (d *deaf) Send(_ context.Context, name string, messages ...queue.Message) error {
	for _, m := range messages {
		if message, err := hint.Decode(m.Body); err == nil && name == hint.Trigger {
			d.sent = append(d.sent, message)
		}
	}
	return nil
}

func matching(param string, value any, joins ...string) *workflow.SignalMatch {
	out := &workflow.SignalMatch{JoinKeys: joins}
	if param != "" {
		out.MatchParams = &workflow.Ordered[*workflow.MatchParam]{}
		out.MatchParams.Set(param, &workflow.MatchParam{Value: value, Operator: "="})
	}
	return out
}

func listening(id string, definitions map[string]*workflow.SignalMatch) *workflow.Workflow {
	t := workflow.SignalTrigger{Definitions: &workflow.Ordered[*workflow.SignalMatch]{}}
	for _, name := range []string{"a", "b"} {
		if definitions[name] != nil {
			t.Definitions.Set(name, definitions[name])
		}
	}
	return &workflow.Workflow{ID: id, SignalTriggers: []workflow.SignalTrigger{t}, Steps: []*workflow.Step{enginetest.Step("s", "NoOp")}}
}

// TestAPublisherThatDiesIsNotNeededAgain: it dies at each of its calls and nobody repeats what it did. The signal is in
// the log and has started its run, or it is not and has not.
func TestAPublisherThatDiesIsNotNeededAgain(t *testing.T) {
	announced, failed := 0, 0
	for n := range 2 * 20 {
		w := enginetest.New(t, nil)
		w.Push(listening("each", map[string]*workflow.SignalMatch{"a": matching("kind", "x")}), workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 9})
		sink := &deaf{}
		process := func(life int) *use.Signals {
			m := &mortal{Store: w.Store, left: life, landed: n%2 == 0}
			loop := advance.New(advance.Loop{Store: m, Sender: sink, Clock: w, Random: func() float64 { return 0 }, Settings: w.Loop.Settings})
			return &use.Signals{Trigger: &trigger.Trigger{Loop: loop, NewID: w.Trigger.NewID}}
		}
		if err := process(-1).Reconcile(t.Context(), "each"); err != nil {
			t.Fatal(err)
		}
		_, err := process(1+n/2).Publish(t.Context(), &signal.Instance{Name: "a", Params: signal.Params{"kind": "x"}})
		for _, m := range sink.sent {
			if err := process(-1).Handle(t.Context(), m); err != nil {
				t.Fatal(err)
			}
		}
		newest, wrong := w.Loop.Board().Newest(t.Context(), "a")
		if wrong != nil {
			t.Fatal(wrong)
		}
		_, wrong = w.Loop.LoadRun(t.Context(), workflow.RunKey{Workflow: "each", Instance: 1, Run: 1})
		if started := wrong == nil; started != (newest != nil) {
			t.Errorf("it died at call %d: announced %v, started %v", 1+n/2, newest != nil, started)
		}
		if newest != nil {
			announced++
			if err != nil {
				failed++
			}
		}
	}
	if announced == 0 || failed == 0 {
		t.Errorf("%d announced, of which %d did not know it: the test tests nothing", announced, failed)
	}
}

// TestCrashesAndRepeatsLoseNothing: publishers and deliverers die at any call, every message comes ten times in any
// order. Of one trigger every signal starts one run; of another, joined, no signal is used twice and no pair is missed.
func TestCrashesAndRepeatsLoseNothing(t *testing.T) {
	for seed := range uint64(60) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) { crash(t, rand.New(rand.NewPCG(seed, 1))) })
	}
}

func crash(t *testing.T, random *rand.Rand) {
	w := enginetest.New(t, nil)
	parallel := workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 1000}
	w.Push(listening("each", map[string]*workflow.SignalMatch{"a": matching("kind", "x")}), parallel)
	w.Push(listening("pair", map[string]*workflow.SignalMatch{"a": matching("", nil, "by"), "b": matching("", nil, "by")}), parallel)
	sink := &deaf{}
	process := func(life int) *use.Signals {
		m := &mortal{Store: w.Store, left: life, landed: random.IntN(2) == 0}
		loop := advance.New(advance.Loop{Store: m, Sender: sink, Clock: w, Random: random.Float64, Settings: w.Loop.Settings})
		return &use.Signals{Trigger: &trigger.Trigger{Loop: loop, NewID: w.Trigger.NewID}}
	}
	insist := func(what func(*use.Signals) error) {
		for range 20 {
			if err := what(process(1 + random.IntN(40))); err == nil {
				return
			} else if !errors.Is(err, workflow.ErrUnavailable) {
				t.Fatal(err)
			}
		}
		if err := what(process(-1)); err != nil {
			t.Fatal(err)
		}
	}
	for _, wf := range []string{"each", "pair"} {
		insist(func(s *use.Signals) error { return s.Reconcile(t.Context(), wf) })
	}
	const pairs = 4
	for _, n := range random.Perm(2 * pairs) {
		name, by := []string{"a", "b"}[n%2], fmt.Sprint(n/2)
		if n%2 == 1 {
			by = "0" // of the b, all look for one a: one pair, whatever the order
		}
		insist(func(s *use.Signals) error {
			_, err := s.Publish(t.Context(), &signal.Instance{Name: name, Identity: fmt.Sprint(n), Params: signal.Params{"kind": "x", "by": by}})
			return err
		})
		for range random.IntN(3) {
			m := sink.sent[random.IntN(len(sink.sent))]
			_ = process(1+random.IntN(60)).Handle(t.Context(), m) // it dies, or not, and is not asked again
		}
	}
	for range 10 {
		for _, n := range random.Perm(len(sink.sent)) {
			insist(func(s *use.Signals) error { return s.Handle(t.Context(), sink.sent[n]) })
		}
	}
	w.Drain(time.Second)
	check(t, w, "each", pairs)
	check(t, w, "pair", 1)
}

// check looks at all runs of a workflow: their number, and that no two used the same signal.
func check(t *testing.T, w *enginetest.World, wf workflow.ID, want int) {
	t.Helper()
	used := map[string]bool{}
	count := 0
	for n := int64(1); n <= 20; n++ {
		run, err := w.Loop.LoadRun(t.Context(), workflow.RunKey{Workflow: wf, Instance: n, Run: 1})
		if errors.Is(err, workflow.ErrNotFound) {
			continue
		}
		if err != nil {
			t.Fatal(err)
		}
		count++
		for name, seq := range run.Header.Initiator.SignalIDs {
			if key := fmt.Sprintf("%s %d", name, seq); used[key] {
				t.Errorf("%s: signal %s is consumed twice", wf, key)
			} else {
				used[key] = true
			}
		}
	}
	if count != want {
		t.Errorf("%s: %d runs, want %d", wf, count, want)
	}
}
