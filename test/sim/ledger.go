package sim

import (
	"github.com/segue-workflows/segue/shared/engine/permit"
	"strings"

	"slices"
	"time"

	"github.com/segue-workflows/segue/shared/engine/record"
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
	requests map[string]workflow.RunKey // by request id: the run that it started
	answers  map[string]workflow.RunKey // by request id: the run that a client was told
	pools    map[store.Key]*permit.Pool
	children map[record.Link][]*history
	ordinals map[workflow.StepID]int
	resumed  map[workflow.AttemptKey]bool // attempts that somebody let go on past a breakpoint
	kept     map[store.Key]store.Item     // commits
	heard    *heard
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
	return &ledger{world: w, heard: newHeard(), kept: map[store.Key]store.Item{}, runs: map[workflow.RunKey]*history{},
		requests: map[string]workflow.RunKey{}, answers: map[string]workflow.RunKey{}, resumed: map[workflow.AttemptKey]bool{}, pools: map[store.Key]*permit.Pool{},
		children: map[record.Link][]*history{}, ordinals: ordinalsOf(w.body.Steps, map[workflow.StepID]int{})}
}

// landed takes note of a write.
func (l *ledger) landed(item store.Item) {
	if item.Rev != 0 {
		l.checkKeep(item)
	}
	l.hear(item)
	if key, n, ok := record.ParseCommitKey(item.Key); ok {
		l.commit(key, n, item)
	} else if item.Key == record.HeadKey("wf") {
		l.newHead(item)
	} else if strings.HasPrefix(item.Key.Part, "c/") && item.Key.Sort == "." {
		l.newPool(item)
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
		if p.Outcome == strategy.Runs || p.Outcome == strategy.Waits {
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
	h := l.run(ref)
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
	if l.keep(key, n, item, commit.State) {
		return
	}
	if w.current != nil {
		w.current.committed = true
	}
	h := l.runs[key]
	if h == nil {
		h = l.first(key, commit)
	}
	if n != h.commits+1 {
		w.fail("commit %d of %s follows commit %d", n, key, h.commits)
		return
	}
	before := h.state
	h.commits, h.state = n, commit.State
	if n == 1 || before.Status != h.state.Status {
		w.note(runEntity(key), string(h.state.Status))
	}
	l.checkPace(h)
	l.checkRun(h, before)
	l.checkOrders(h, before)
	l.checkPermits()
	l.checkSteps(h, before, commit)
	l.checkStrategy(h, before)
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
		if !step.Part.Runs() && step.Status != old.Status {
			l.world.fail("%s: step %d has no part in the run, and becomes %s", h.key, i, step.Status)
		}
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
		l.checkResumed(h, d, status, move.To)
		l.checkHanded(h, d, move.To)
		w.tally.stepMove(status, move.To)
		w.note(stepEntity(h.key, d.Ordinal, d.Attempt), move.To.String())
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
		// A restart may have come to its place after h was let begin.
		earlier := other.key.Instance < h.key.Instance && other.key.Run == 1 && !other.state.Status.Terminal() &&
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
