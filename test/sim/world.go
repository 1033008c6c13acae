package sim

import (
	"fmt"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"math/rand/v2"
	"time"

	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/store"
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
	// Narrow makes a workflow of one job, whose runs execute one after another, and two starts at once. With Signals its
	// runs execute side by side, and each waits for one signal, which is announced meanwhile.
	Narrow  bool
	Orders  bool   // clients give orders
	Nested  bool   // steps start instances of their own
	Signals bool   // signals start runs, and steps wait for some
	Handed  bool   // jobs are handed over, and call back
	Events  bool   // at the end all that happened is published
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

	hosts    []*host
	tasks    []*task
	callers  []*caller
	current  *task
	table    *table
	post     *post
	jobs     *jobs
	workers  *workers
	ledger   *ledger
	trace    trace
	recorded statuses // with Events
	tally    Tally
	failure  string

	limits      []int64             // of the tags; -1: taken away
	steps       *int64              // how many steps of the workflow may execute together; nil: any number
	breakpoints []decide.Breakpoint // that were ever set
	restarts    int                 // that were ever asked for

	lastTask int
	ids      int
	seeded   time.Time     // when the schedule re-seeds the sweep next
	roused   bool          // Still, and somebody died in a nest: now there is a sweep
	swept    time.Time     // when the last sweep ended
	lag      time.Duration // how late a sweep was at most
	sending  []int         // the numbers of the port calls that were sends
	ready    []*task
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
	if config.Signals {
		w.body, w.strategy = drawListener(w.random), drawListenerStrategy(w.random)
	}
	switch {
	case config.Signals && config.Narrow:
		w.body, w.strategy = narrowListener(), workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 10}
	case config.Narrow:
		w.body, w.strategy = &workflow.Workflow{ID: "wf", Steps: []*workflow.Step{{Kind: workflow.KindStep, ID: "s0", Type: jobType}}},
			workflow.DefaultRunStrategy
	}
	if config.Handed {
		w.drawHanded()
	}
	if w.rates = drawRates(w.random); config.Calm {
		w.rates = Rates{}
	}
	switch {
	case config.Only != nil:
		w.rates = *config.Only
	case config.Signals && !config.Calm:
		w.trouble()
	}
	w.faulty = !config.Calm
	w.calm = epoch.Add(time.Duration(20+w.random.IntN(120)) * time.Second)
	w.seeded = epoch.Add(time.Duration(w.random.IntN(60)) * time.Second)
	w.table = &table{world: w, memory: memory.NewStore(func() time.Time { return w.now }), past: map[store.Key][]landed{}}
	w.post = &post{world: w}
	w.recorded = statuses{}
	w.jobs = &jobs{world: w, open: map[workflow.AttemptKey][]visit{}}
	w.workers = &workers{world: w, keys: map[workflow.AttemptKey]string{}, begun: map[string]workflow.AttemptKey{},
		said: map[workflow.AttemptKey]map[runtime.State]bool{}}
	w.ledger, w.swept = newLedger(w), epoch
	if config.Orders && !config.Nested {
		w.drawConcurrency()
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
	switch {
	case config.Signals:
		w.drawErrands()
	case config.Orders && config.Nested:
		w.drawNestedOrders()
	case config.Orders:
		w.drawOrders()
	}
	return w
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
		if w.turns > w.stamina() || w.now.Sub(w.calm) > w.patience() {
			w.fail("no rest: %s\n%s", w.ledger.unrest(), w.ledger.describe())
		}
	}
	if w.failure == "" {
		w.probe()
		w.ledger.recount()
		w.ledger.overheard()
	}
	if w.failure == "" && w.Events {
		w.publish()
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
			switch {
			case c.errand != nil:
				w.runErrand(c)
			case c.order != nil:
				w.command(c)
			default:
				w.start(c)
			}
			return true
		}
	}
	return false
}

// maxTasks is how many invocations go on at once.
const maxTasks = 8

// reseed is the schedule that keeps the sweep alive.
func (w *World) reseed() {
	if w.Still && !w.roused || w.now.Before(w.seeded) {
		return
	}
	w.seeded = w.seeded.Add(time.Minute)
	w.post.put(hint.Evaluate, hint.Message{Kind: hint.Sweep}, w.now)
}

// skip lets the time pass until something is due.
func (w *World) skip() {
	next := w.seeded
	if w.Still && !w.roused {
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
