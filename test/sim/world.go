package sim

import (
	"context"
	"fmt"
	"math/rand/v2"
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
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// epoch is when a world begins.
var epoch = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// skew is how far the clocks of two hosts are from the true time at most.
const skew = 5 * time.Second

// Config says what world is made of a seed.
type Config struct {
	Seed  uint64
	Tooth Tooth
	Calm  bool // no faults but those that the test orders
	// Still switches the sweep off: only redelivery and retries of clients are left.
	Still bool
	// Narrow makes a workflow of one job, whose runs execute one after another, and two starts at once.
	Narrow  bool
	Orders  bool   // clients give orders
	Nested  bool   // steps start instances of their own
	CrashAt int    // twice the number of a port call: die right before it; one more: right after
	LoseAt  int    // the number of a message that never arrives
	Only    *Rates // these faults instead of drawn ones
}

// World is one engine with all its hosts, clients and jobs, on a clock of its own.
type World struct {
	Config
	random   *rand.Rand
	now      time.Time
	turns    int
	rates    Rates
	faulty   bool
	calm     time.Time // the faults stop then
	body     *workflow.Workflow
	strategy workflow.RunStrategy

	tooth   Tooth
	crashAt int
	calls   int // port calls so far
	writes  int // landed writes so far
	sends   int // messages so far

	hosts   []*host
	tasks   []*task
	callers []*caller
	current *task
	table   *table
	post    *post
	jobs    *jobs
	ledger  *ledger
	trace   trace
	tally   Tally
	failure string

	limits   []int64 // of the tags; -1: taken away
	lastTask int
	ids      int
	seeded   time.Time     // when the schedule re-seeds the sweep next
	swept    time.Time     // when the last sweep ended
	lag      time.Duration // how late a sweep was at most
	sending  []int         // the numbers of the port calls that were sends
	ready    []*task
}

// host is one process: the handlers, with what they keep in memory and their idea of the time.
type host struct {
	number int
	skew   time.Duration

	trigger  *trigger.Trigger
	evaluate *evaluate.Evaluate
	dispatch *dispatch.Dispatch
	rollup   *rollup.Rollup
}

// clock is a host's idea of the time.
type clock struct {
	world *World
	skew  time.Duration
}

func (c clock) Now() time.Time { return c.world.now.Add(c.skew) }

func (c clock) Sleep(_ context.Context, d time.Duration) error {
	c.world.enter(PortSleep)
	c.world.current.sleep(c.world.now.Add(d))
	c.world.leave(PortSleep)
	return nil
}

// hostCount is how many processes share the work.
const hostCount = 2

// New makes the world of a seed.
func New(config Config) *World {
	w := &World{Config: config, tooth: config.Tooth, crashAt: config.CrashAt, now: epoch,
		random: rand.New(rand.NewPCG(config.Seed, 0))}
	w.body, w.strategy = drawWorkflow(w.random, config.Still), drawStrategy(w.random)
	if config.Nested {
		w.body = drawLoops(w.random, config.Still)
	}
	if config.Narrow {
		w.body, w.strategy = &workflow.Workflow{ID: "wf", Steps: []*workflow.Step{{Kind: workflow.KindStep, ID: "s0", Type: jobType}}},
			workflow.DefaultRunStrategy
	}
	if w.rates = drawRates(w.random); config.Calm {
		w.rates = Rates{}
	}
	if config.Only != nil {
		w.rates = *config.Only
	}
	w.faulty = !config.Calm
	w.calm = epoch.Add(time.Duration(20+w.random.IntN(120)) * time.Second)
	w.seeded = epoch.Add(time.Duration(w.random.IntN(60)) * time.Second)
	w.table = &table{world: w, memory: memory.NewStore(func() time.Time { return w.now }), past: map[store.Key][]landed{}}
	w.post = &post{world: w}
	w.jobs = &jobs{world: w, open: map[workflow.AttemptKey][]visit{}}
	w.ledger, w.swept = newLedger(w), epoch
	if config.Orders {
		w.drawLimits() // before the definition is pushed: it has the tags
	}
	w.push()
	if config.Nested {
		w.pushCallee()
	}
	for i := range hostCount {
		h := &host{number: i}
		if w.rates[Skew] > 0 {
			h.skew = time.Duration(w.random.Int64N(int64(2*skew))) - skew
		}
		h.restart(w)
		w.hosts = append(w.hosts, h)
	}
	w.drawCallers()
	if config.Orders {
		w.drawOrders()
	}
	return w
}

// restart makes a host forget what it kept in memory.
func (h *host) restart(w *World) {
	settings := decide.Settings{Runtimes: runtime.Standard()}
	settings.Runtimes.Add(jobType, w.jobs)
	if w.tooth == ClaimTime {
		settings.ClaimTime = time.Millisecond
	}
	loop := advance.New(advance.Loop{Store: w.table, Sender: w.post, Clock: clock{w, h.skew}, Random: w.random.Float64, Settings: settings})
	h.trigger = &trigger.Trigger{Loop: loop, NewID: func() string { w.ids++; return fmt.Sprintf("anonymous-%d", w.ids) }}
	h.evaluate, h.rollup = &evaluate.Evaluate{Loop: loop, Admit: h.trigger}, &rollup.Rollup{Loop: loop}
	h.dispatch = &dispatch.Dispatch{Loop: loop, NewCalls: func() dispatch.Calls { return &calls{w, w.current} }}
}

// push makes the workflow, with one active version.
func (w *World) push() {
	version := &workflow.Version{Number: 1, Author: "sim", CreateTime: epoch.UnixMilli(), InternalID: 1, Workflow: w.body}
	head := strategy.Head{InternalID: 1, Latest: 1, Active: 1, Properties: 1, Strategy: w.strategy, Next: 1}
	snapshot := record.Snapshot{Author: "sim", Properties: &workflow.Properties{Owner: &workflow.User{Name: "sim"}}}
	w.current = &task{name: "push"}
	for _, item := range []store.Item{{Key: record.VersionKey(w.body.ID, 1), Body: record.Encode(version)},
		{Key: record.PropertiesKey(w.body.ID, 1), Body: record.Encode(snapshot)},
		{Key: record.HeadKey(w.body.ID), Body: record.Encode(head)}} {
		if err := w.table.land(context.Background(), store.Write{Item: item}); err != nil {
			w.fail("push: %v", err)
		}
	}
	w.current = nil
}

// fail notes the first thing that went wrong; the world ends with it.
func (w *World) fail(format string, args ...any) {
	if w.failure == "" {
		w.failure = fmt.Sprintf(format, args...)
		w.trace.line(w, "FAILURE: %s", w.failure)
	}
}

// Bounds of a world: what is not over by then never ends.
const (
	maxTurns = 200_000
	maxCalm  = 40 * time.Minute
)

// Run lets the world go on until everything has ended, and returns what went wrong ("": nothing).
func (w *World) Run() string {
	for w.failure == "" && !w.settled() {
		w.turn()
		if w.turns > maxTurns || w.now.Sub(w.calm) > maxCalm {
			w.fail("no rest: %s\n%s", w.ledger.unrest(), w.ledger.describe())
		}
	}
	if w.failure == "" {
		w.probe()
		w.ledger.recount()
	}
	for len(w.tasks) > 0 {
		w.kill(w.tasks[0])
	}
	return w.failure
}

// settled tells whether nothing is left to come.
func (w *World) settled() bool {
	if len(w.callers) > 0 || !w.post.idle() || w.ledger.unrest() != "" {
		return false
	}
	for _, t := range w.tasks {
		if t.name != sweepName {
			return false
		}
	}
	return true
}

// turn lets one invocation go on to its next port call, or begins one, or lets the time pass.
func (w *World) turn() {
	w.turns++
	w.now = w.now.Add(time.Duration(w.random.IntN(3_000)) * time.Microsecond)
	if w.faulty && w.now.After(w.calm) {
		w.faulty = false
		w.trace.line(w, "no more faults")
	}
	w.reseed()
	for _, t := range w.tasks {
		if t.limit.Before(w.now) {
			w.kill(t)
			return
		}
	}
	w.ready = w.ready[:0]
	for _, t := range w.tasks {
		if !t.wake.After(w.now) {
			w.ready = append(w.ready, t)
		}
	}
	pick := w.random.IntN(len(w.ready) + 2)
	switch {
	case pick < len(w.ready):
		w.step(w.ready[pick])
	case pick == len(w.ready) && w.call(), w.deliver(), w.call():
	case len(w.ready) > 0:
		w.step(w.ready[w.random.IntN(len(w.ready))])
	default:
		w.skip()
	}
}

// call lets a client call that is due.
func (w *World) call() bool {
	for _, c := range w.callers {
		if !c.due.After(w.now) {
			if c.order != nil {
				w.command(c)
			} else {
				w.start(c)
			}
			return true
		}
	}
	return false
}

// maxTasks is how many invocations go on at once.
const maxTasks = 8

// deliver begins an invocation for a message.
func (w *World) deliver() bool {
	if len(w.tasks) >= maxTasks {
		return false
	}
	i := w.post.next()
	if i < 0 {
		return false
	}
	letters := w.post.take(i)
	for _, l := range letters {
		l.message.Again = l.receives > 1
	}
	w.handle(letters)
	return true
}

const sweepName = "sweep"

// handle begins an invocation for letters of one queue. What it does not acknowledge comes again.
func (w *World) handle(letters []*letter) {
	first := letters[0]
	name := fmt.Sprintf("%s: %s, receive %d", first.queue, describe(first.message), first.receives)
	if first.message.Kind == hint.Sweep {
		name = sweepName
	}
	var failed []error
	w.spawn(name, lifetime[first.queue], func(ctx context.Context, h *host) error {
		switch first.queue {
		case hint.Evaluate:
			return h.evaluate.Handle(ctx, first.message)
		case hint.Dispatch:
			return h.dispatch.Handle(ctx, first.message)
		}
		messages := make([]hint.Message, len(letters))
		for i, l := range letters {
			messages[i] = l.message
		}
		failed = h.rollup.Handle(ctx, messages)
		return nil
	}, func(t *task) { w.acknowledge(t, letters, failed) })
}

func (w *World) acknowledge(t *task, letters []*letter, failed []error) {
	for i, l := range letters {
		err := t.err
		if err == nil && failed != nil {
			err = failed[i]
		}
		switch {
		case t.dead:
		case err == nil:
			w.post.remove(l)
		case workflow.CodeOf(err) != workflow.CodeUnavailable:
			w.fail("task %d (%s) fails for good: %v", t.id, t.name, err)
		}
		if l.receives > 1 {
			w.tally.redelivered++
		}
		if l.message.Reason == hint.ReasonRecover && t.committed {
			w.tally.found++
		}
	}
}

// reseed is the schedule that keeps the sweep alive.
func (w *World) reseed() {
	if w.Still || w.now.Before(w.seeded) {
		return
	}
	w.seeded = w.seeded.Add(time.Minute)
	w.post.put(hint.Evaluate, hint.Message{Kind: hint.Sweep}, w.now)
}

// skip lets the time pass until something is due.
func (w *World) skip() {
	next := w.seeded
	if w.Still {
		next = w.now.Add(time.Hour)
	}
	sooner := func(t time.Time) {
		if t.Before(next) {
			next = t
		}
	}
	for _, t := range w.tasks {
		sooner(t.wake)
		sooner(t.limit.Add(time.Microsecond))
	}
	if len(w.tasks) < maxTasks {
		for _, l := range w.post.letters {
			sooner(l.visible)
		}
	}
	for _, c := range w.callers {
		sooner(c.due)
	}
	if next.After(w.now) {
		w.now = next
	}
}
