package sim

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Signals of a world: two of triggers, one that steps wait for.
const (
	upload, review = "upload", "review"
	level          = "level"
)

// topLevel is the largest value that a step compares a level with; levels below and above are announced too.
const topLevel = 3

var operators = []string{"=", ">", ">=", "<", "<="}

// drawListener draws a workflow that one trigger starts for each new upload, another for each upload with its review,
// and whose steps wait for levels. Nothing limits its time: a run that nobody wakes is never over.
func drawListener(random *rand.Rand) *workflow.Workflow {
	w := &workflow.Workflow{ID: "wf", SignalTriggers: listeners()}
	for i := range 1 + random.IntN(3) {
		s := &workflow.Step{Kind: workflow.KindStep, ID: fmt.Sprintf("s%d", i), Type: []string{jobType, "NoOp"}[random.IntN(2)]}
		s.Transition.Successors = &workflow.Ordered[string]{}
		if i > 0 {
			w.Steps[i-1].Transition.Successors.Set(s.ID, "true")
		}
		for range random.IntN(3) {
			s.SignalDependencies = append(s.SignalDependencies, waitsFor(operators[random.IntN(len(operators))], random.IntN(topLevel+1)))
		}
		w.Steps = append(w.Steps, s)
	}
	return w
}

// narrowListener is a workflow of one step, which waits for the one level that it is content with: what tells a run of
// another would make up for a look that it missed.
func narrowListener() *workflow.Workflow {
	return &workflow.Workflow{ID: "wf", SignalTriggers: listeners(), Steps: []*workflow.Step{{Kind: workflow.KindStep, ID: "s0", Type: "NoOp",
		SignalDependencies: []workflow.SignalDependency{waitsFor(signal.Equal, 0)}}}}
}

func waitsFor(operator string, n int) workflow.SignalDependency {
	conditions := &workflow.Ordered[*workflow.MatchParam]{}
	conditions.Set("n", &workflow.MatchParam{Param: workflow.Literal(int64(n)), Operator: operator})
	return workflow.SignalDependency{Name: level, MatchParams: conditions}
}

func listeners() []workflow.SignalTrigger {
	single := &workflow.Ordered[*workflow.SignalMatch]{}
	fresh := &workflow.Ordered[*workflow.MatchParam]{}
	fresh.Set("kind", &workflow.MatchParam{Value: "new", Operator: signal.Equal})
	single.Set(upload, &workflow.SignalMatch{MatchParams: fresh})
	joined := &workflow.Ordered[*workflow.SignalMatch]{}
	for _, name := range []string{upload, review} {
		joined.Set(name, &workflow.SignalMatch{JoinKeys: []string{"file"}})
	}
	return []workflow.SignalTrigger{{Definitions: single}, {Definitions: joined}}
}

// drawListenerStrategy draws rules that let every start come to a run of its own.
func drawListenerStrategy(random *rand.Rand) workflow.RunStrategy {
	if random.IntN(2) == 0 {
		return workflow.DefaultRunStrategy
	}
	return workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: int64(2 + random.IntN(3))}
}

// trouble makes the faults of a world with signals: messages come up to ten times and reads are out of date, but a
// queue keeps what it was given.
func (w *World) trouble() {
	w.rates[Lose] = 0
	w.rates[Duplicate] = max(w.rates[Duplicate], 400)
	w.rates[StaleRead] = max(w.rates[StaleRead], 300)
}

// errand is what a client does other than starting runs and giving orders.
type errand func(ctx context.Context, h *host) error

// publishers is how many announce signals at the same time.
const publishers = 4

// drawErrands draws who announces what, and when the triggers begin to listen.
func (w *World) drawErrands() {
	listen := func(ctx context.Context, h *host) error { return h.signals.Reconcile(ctx, "wf") }
	w.errand("listen", listen)
	w.callers[len(w.callers)-1].due = epoch // more of what is announced comes after it
	if w.random.IntN(2) == 0 {
		w.errand("listen", listen)
	}
	for n := range topLevel + 3 {
		w.announce(w.random.IntN(publishers), signal.Instance{Name: level, Params: signal.Params{"n": int64(n - 1)}})
	}
	for i := range 4 + w.random.IntN(8) {
		params := signal.Params{"kind": []string{"new", "old"}[w.random.IntN(2)], "file": fmt.Sprint(w.random.IntN(2))}
		in := signal.Instance{Name: []string{upload, review}[w.random.IntN(2)], Identity: fmt.Sprint(i), Params: params}
		first := w.random.IntN(publishers)
		w.announce(first, in)
		if w.random.IntN(4) == 0 {
			w.announce((first+1)%publishers, in) // two who do not know of each other
		}
	}
}

// announce lets a publisher announce a signal: once, or until he has an answer.
func (w *World) announce(publisher int, in signal.Instance) {
	once := w.random.IntN(4) == 0 && in.Name != level // steps wait for levels: these come
	name := fmt.Sprintf("publisher %d: %s %v", publisher, in.Name, in.Params)
	if !once {
		w.errand(name, func(ctx context.Context, h *host) error {
			again := in
			_, err := h.signals.Announce(ctx, &again)
			return err
		})
		return
	}
	w.errand(name, func(ctx context.Context, h *host) error {
		again := in
		_, err := h.signals.Publish(ctx, &again)
		if errors.Is(err, workflow.ErrUnavailable) {
			return nil // he never asks again: it was announced, and then everybody hears of it, or it was not
		}
		return err
	})
}

// errand lets a client run an errand at a drawn time, again and again until it is done.
func (w *World) errand(name string, do errand) {
	at := time.Duration(w.random.IntN(1+w.random.IntN(20_000))) * time.Millisecond
	if w.Narrow {
		at = time.Duration(w.random.IntN(10_000)) * time.Millisecond // while calls of the runs take long
	}
	w.callers = append(w.callers, &caller{due: epoch.Add(at), name: name, errand: do})
}

func (w *World) runErrand(c *caller) {
	w.callers = without(w.callers, c)
	w.spawn(c.name, 10*time.Second, func(ctx context.Context, h *host) error { return c.errand(ctx, h) }, func(t *task) {
		switch {
		case t.err != nil && !errors.Is(t.err, workflow.ErrUnavailable):
			w.fail("%s fails: %v", c.name, t.err)
		case t.err != nil || t.dead:
			c.due = w.now.Add(time.Duration(w.random.IntN(8_000)) * time.Millisecond)
			w.callers = append(w.callers, c)
		}
	})
}
