package sim

import (
	"slices"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// ledger knows what is true: it sees every write as it lands and checks it against what the engine promises.
type ledger struct {
	world    *World
	head     *strategy.Head
	order    []*history
	runs     map[workflow.RunKey]*history
	requests map[string]int64 // by request id: the instance that it started
	answers  map[string]int64 // by request id: the instance that a client was told
	children map[record.Link][]*history
	ordinals map[workflow.StepID]int
}

// history is what the ledger knows of a run.
type history struct {
	key      workflow.RunKey
	request  string                  // the id of the request that started it
	stopped  bool                    // before its start was answered
	promised workflow.InstanceStatus // by an order that was acknowledged
	state    *record.State
	commits  int64
	moves    []int        // by step: how many moves of the newest attempt are recorded
	claims   []claim      // by step: the newest
	link     *record.Link // the step that started it
	owed     time.Time    // since when its next move is due; zero: it waits for others
}

// entry is what the ledger reads of a commit: not the params, which are most of it.
type entry struct {
	Header *struct {
		UUID        string       `json:"uuid"`
		Interrupted bool         `json:"interrupted"`
		Link        *record.Link `json:"up"`
	} `json:"h"`
	State   *record.State `json:"s"`
	Details []*change     `json:"d"`
}

// change is what the ledger reads of a detail.
type change struct {
	Ordinal int           `json:"o"`
	Attempt int64         `json:"a"`
	Moves   []record.Move `json:"m"`
	Fresh   int           `json:"f"`
}

// claim is the newest claim of a step.
type claim struct {
	attempt, failures, until int64
}

func newLedger(w *World) *ledger {
	return &ledger{world: w, runs: map[workflow.RunKey]*history{}, requests: map[string]int64{}, answers: map[string]int64{},
		children: map[record.Link][]*history{}, ordinals: ordinalsOf(w.body.Steps, map[workflow.StepID]int{})}
}

// landed takes note of a write.
func (l *ledger) landed(item store.Item) {
	if key, n, ok := record.ParseCommitKey(item.Key); ok {
		l.commit(key, n, item)
	} else if item.Key == record.HeadKey("wf") {
		l.newHead(item)
	} else if item.Key == record.TickKey() {
		l.world.tick()
	}
}

func (l *ledger) newHead(item store.Item) {
	head, err := record.Decode[strategy.Head]("head", item.Body)
	if err != nil {
		l.world.fail("%v", err)
		return
	}
	before := l.head
	l.head = head
	if limit := l.world.limit(); len(head.Running) > limit {
		l.world.fail("the head lets %d runs execute where %d may", len(head.Running), limit)
	}
	all := open(head)
	for i, ref := range all {
		if slices.Contains(all[:i], ref) {
			l.world.fail("run %v is twice in the head", ref)
		}
		if ref.Instance >= head.Next {
			l.world.fail("run %v is in the head, but the next instance is %d", ref, head.Next)
		}
	}
	for _, p := range head.Pending {
		if p.Outcome != strategy.Refused {
			l.checkPlace(p.Ref)
		}
	}
	if before == nil {
		return
	}
	for _, h := range l.order {
		if h.state.Status == workflow.InstanceCreated {
			l.owe(h)
		}
	}
	if head.Next < before.Next {
		l.world.fail("the next instance goes back from %d to %d", before.Next, head.Next)
	}
	for _, ref := range open(before) {
		l.checkPlace(ref)
	}
}

// open lists the runs that have a place in the head.
func open(head *strategy.Head) []strategy.Ref {
	return slices.AppendSeq(slices.Clone(head.Running), head.Queued.All())
}

// checkPlace checks that a run which has not ended has a place, or is about to be stopped.
func (l *ledger) checkPlace(ref strategy.Ref) {
	h := l.run(ref.Instance)
	_, evicted := l.head.FindEviction(ref)
	if !slices.Contains(open(l.head), ref) && !evicted && (h == nil || !h.state.Status.Terminal()) {
		l.world.fail("run %v has not ended and has no place in the head", ref)
	}
}

func (l *ledger) commit(key workflow.RunKey, n int64, item store.Item) {
	w := l.world
	commit, err := record.Decode[entry]("commit", item.Body)
	if err != nil {
		w.fail("%v", err)
		return
	}
	if w.current != nil {
		w.current.committed = true
	}
	h := l.runs[key]
	if h == nil {
		h = l.first(key, commit)
	}
	if item.Rev != 1 {
		w.fail("commit %d of %s is overwritten", n, key)
		return
	}
	if n != h.commits+1 {
		w.fail("commit %d of %s follows commit %d", n, key, h.commits)
		return
	}
	before := h.state
	h.commits, h.state = n, commit.State
	l.checkPace(h)
	l.checkRun(h, before)
	l.checkOrders(h, before)
	l.checkLimits()
	l.checkSteps(h, before, commit)
	l.checkStrategy(h, before)
}

// first takes note of a run's first commit.
func (l *ledger) first(key workflow.RunKey, commit *entry) *history {
	n := len(commit.State.Steps)
	h := &history{key: key, moves: make([]int, n), claims: make([]claim, n),
		state: &record.State{Status: workflow.InstanceCreated, Steps: make([]record.Step, n)}}
	l.runs[key] = h
	l.order = append(l.order, h)
	if commit.Header == nil {
		l.world.fail("the first commit of %s has no header", key)
		return h
	}
	h.request, h.stopped = commit.Header.UUID, commit.Header.Interrupted
	l.begot(h, commit.Header.Link)
	if h.stopped || workflow.Inline(key.Workflow) {
		return h
	}
	if other, taken := l.requests[h.request]; taken {
		l.world.fail("request %s starts instance %d, and had started %d", h.request, key.Instance, other)
	}
	l.requests[h.request] = key.Instance
	return h
}

func (l *ledger) checkRun(h *history, before *record.State) {
	from, to := before.Status, h.state.Status
	if from.Terminal() {
		l.world.fail("%s is %s, and a commit follows", h.key, from)
	}
	if from != to {
		path := []workflow.InstanceStatus{from, to}
		if from == workflow.InstanceCreated && to.Terminal() && h.state.Start != 0 && to != workflow.InstanceStopped {
			path = []workflow.InstanceStatus{from, workflow.InstanceInProgress, to} // begun and ended in one commit
		}
		if from == workflow.InstancePaused && to.Terminal() {
			path = []workflow.InstanceStatus{from, workflow.InstanceInProgress, to} // gone on and ended in one commit
		}
		for i := range path[1:] {
			if !path[i].CanMove(path[i+1]) {
				l.world.fail("%s moves from %s to %s", h.key, path[i], path[i+1])
			}
			l.world.tally.runMove(path[i], path[i+1])
		}
	}
	if to.Terminal() {
		for i, step := range h.state.Steps {
			if step.Status.Live() {
				l.world.fail("%s is %s, and its step %d is %s", h.key, to, i, step.Status)
			}
		}
	}
}

func (l *ledger) checkSteps(h *history, before *record.State, commit *entry) {
	told := map[int]bool{}
	for _, detail := range commit.Details {
		told[detail.Ordinal] = true
		l.checkDetail(h, before.Steps[detail.Ordinal], detail)
	}
	for i, step := range h.state.Steps {
		old := before.Steps[i]
		if !told[i] && (step.Status != old.Status || step.Attempt != old.Attempt) {
			l.world.fail("%s: step %d becomes %s without a detail", h.key, i, step.Status)
		}
		if step.Claim != 0 && (step.Claim != old.Claim || step.Attempt != old.Attempt) {
			h.claims[i] = claim{step.Attempt, step.Failures, step.Claim}
		}
		if step.Attempt == old.Attempt && step.Failures > old.Failures {
			l.world.tally.expired++
		}
	}
}

func (l *ledger) checkDetail(h *history, old record.Step, d *change) {
	w := l.world
	now := h.state.Steps[d.Ordinal]
	known, status := h.moves[d.Ordinal], old.Status
	switch d.Attempt {
	case old.Attempt:
	case old.Attempt + 1:
		if old.Status != workflow.NotCreated && !old.Status.Terminal() {
			w.fail("%s: attempt %d of step %d follows one that is %s", h.key, d.Attempt, d.Ordinal, old.Status)
		}
		known = 0
	default:
		w.fail("%s: attempt %d of step %d follows attempt %d", h.key, d.Attempt, d.Ordinal, old.Attempt)
		return
	}
	if known > len(d.Moves) || d.Fresh != len(d.Moves)-known {
		w.fail("%s: step %d had %d moves and has %d, %d of them fresh", h.key, d.Ordinal, known, len(d.Moves), d.Fresh)
		return
	}
	for _, move := range d.Moves[known:] {
		if !status.CanMove(move.To) {
			w.fail("%s: step %d moves from %s to %s", h.key, d.Ordinal, status, move.To)
		}
		w.tally.stepMove(status, move.To)
		status = move.To
	}
	h.moves[d.Ordinal] = len(d.Moves)
	if now.Status != status || now.Attempt != d.Attempt {
		w.fail("%s: step %d is %s, attempt %d, but its detail says %s, attempt %d", h.key, d.Ordinal, now.Status, now.Attempt, status, d.Attempt)
	}
}

// checkStrategy checks that no more runs execute than may, that each has its place, and that runs which
// execute one after another do so in the order of their ids.
func (l *ledger) checkStrategy(h *history, before *record.State) {
	if !root(h.key.Workflow) || h.state.Status != workflow.InstanceInProgress || before.Status == workflow.InstanceInProgress {
		return
	}
	executing := 0
	for _, other := range l.order {
		if !root(other.key.Workflow) {
			continue
		}
		if other.state.Status == workflow.InstanceInProgress {
			executing++
		}
		earlier := other.key.Instance < h.key.Instance && !other.state.Status.Terminal() &&
			slices.Contains(open(l.head), strategy.Ref{Instance: other.key.Instance, Run: other.key.Run})
		if l.head.Strategy.Rule != workflow.Parallel && earlier {
			l.world.fail("%s begins before %s has ended", h.key, other.key)
		}
	}
	if limit := l.world.limit(); executing > limit {
		l.world.fail("%d runs execute where %d may", executing, limit)
	}
	if !l.head.IsRunning(strategy.Ref{Instance: h.key.Instance, Run: h.key.Run}) {
		l.world.fail("%s begins without a place", h.key)
	}
}

// called checks that a job is called under a claim, and by nobody else at the same time.
func (l *ledger) called(t *task, call runtime.Call, others []visit) {
	w := l.world
	h := l.runs[call.Key.RunKey]
	i := l.ordinals[call.Key.Step] // 0 for the one step of the callee
	held, now := h.claims[i], h.state.Steps[i]
	if held.attempt < call.Key.Attempt || held.attempt == call.Key.Attempt && held.failures < call.Failures {
		w.fail("task %d calls %s attempt %d without a claim", t.id, call.Key.Step, call.Key.Attempt)
	}
	mine := now.Attempt == call.Key.Attempt && now.Failures == call.Failures && now.Claim != 0
	if tolerance := decide.DefaultClaimTime - 2*skew; !mine && w.now.Sub(t.begun) < tolerance {
		w.fail("task %d calls %s attempt %d under a claim that was taken from it after %v", t.id, call.Key.Step, call.Key.Attempt,
			w.now.Sub(t.begun))
	}
	for _, other := range others {
		if other.task != t && w.now.Sub(other.task.begun) < decide.DefaultClaimTime-2*skew {
			w.fail("tasks %d and %d call %s attempt %d at the same time", other.task.id, t.id, call.Key.Step, call.Key.Attempt)
		}
	}
}

// answered checks what a client is told: the run is there, and it is always the same one.
func (l *ledger) answered(request string, answer trigger.Started) {
	w := l.world
	h := l.runs[answer.Key]
	w.trace.line(w, "request %q is answered: %s", request, answer.Key)
	switch {
	case h == nil:
		w.fail("request %q is answered with %s, which is not there", request, answer.Key)
	case h.stopped:
		w.fail("request %q is answered with %s, which was interrupted", request, answer.Key)
	case request == "":
	case h.request != request:
		w.fail("request %q is answered with %s of request %q", request, answer.Key, h.request)
	case l.answers[request] != 0 && l.answers[request] != answer.Key.Instance:
		w.fail("request %q is answered with instance %d, and was with %d", request, answer.Key.Instance, l.answers[request])
	}
	l.answers[request] = answer.Key.Instance
}
