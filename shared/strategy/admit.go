package strategy

import "github.com/segue-workflows/segue/shared/workflow"

// Start is a request to run.
type Start struct {
	Request string
	Client  bool // the client named the request
	Restart Ref  // the run to make of an instance that exists; zero: a new instance
	Broken  bool // it cannot run: it is kept as FAILED, whatever the rule
}

// Verdict is what the strategy made of one start.
type Verdict struct {
	Ref     Ref
	Outcome Outcome
}

// Admit takes starts into h, in order, and returns a verdict for each. It changes h. Runs that have to make
// way are in h.Evicted afterwards. It fails with CodeInvalid for a rule that it does not know, and when more
// runs are open than a rule of only one can have let in.
func Admit(h *Head, starts []Start, now int64) ([]Verdict, error) {
	out := make([]Verdict, 0, len(starts))
	for _, start := range starts {
		ref := start.Restart
		if ref.Instance == 0 {
			ref = Ref{h.Next, 1}
			h.Next++
		} else {
			h.UnblockInstance(ref.Instance)
		}
		pending := Pending{Request: start.Request, Client: start.Client, Ref: ref, At: now}
		if start.Broken {
			pending.Outcome = Broken
			h.fail(ref)
		} else if err := admit(h, &pending); err != nil {
			return nil, err
		}
		h.Pending = append(h.Pending, pending)
		out = append(out, Verdict{ref, pending.Outcome})
	}
	return out, nil
}

// admit decides about one start by the rule of h.
func admit(h *Head, p *Pending) error {
	slots, err := slots(h.Strategy)
	if err != nil {
		return err
	}
	switch h.Strategy.Rule {
	case workflow.FirstOnly:
		if h.Open() > 1 {
			return tooMany(h)
		}
		if first, some := h.first(); some {
			p.Outcome, p.Blocker = Refused, first
			return nil
		}
	case workflow.LastOnly:
		if len(h.Running) > 1 || h.Queued.Len() > 1 {
			return tooMany(h)
		}
		h.evictQueued(p.Ref)
		for _, running := range h.Running {
			h.evict(running, p.Ref)
		}
	case workflow.SerialLatestOnly:
		h.evictQueued(p.Ref)
	}
	if h.Queued.Len() > 0 || len(h.Running) >= slots || blocked(h) {
		p.Outcome = Waits
		h.Queued.Add(p.Ref)
		return nil
	}
	h.Running = append(h.Running, p.Ref)
	return nil
}

func tooMany(h *Head) error {
	return workflow.Errorf(workflow.CodeInvalid,
		"%s allows one run at a time, and %d are open from before the strategy changed; stop all but one", h.Strategy.Rule, h.Open())
}

// first returns an open run.
func (h *Head) first() (Ref, bool) {
	if len(h.Running) > 0 {
		return h.Running[0], true
	}
	return h.Queued.First()
}

func (h *Head) evictQueued(by Ref) {
	for ref, some := h.Queued.First(); some; ref, some = h.Queued.First() {
		h.Queued.Remove(ref)
		h.evict(ref, by)
	}
}

func (h *Head) evict(ref, by Ref) {
	h.Settled(ref)
	h.Evicted = append(h.Evicted, Eviction{ref, by})
}

// Ended is a run that ended, and how.
type Ended struct {
	Ref    Ref
	Status workflow.InstanceStatus
}

// Release takes ended runs out of h and returns those that may begin now, and whether h changed.
func Release(h *Head, ended ...Ended) (begin []Ref, changed bool, err error) {
	for _, run := range ended {
		changed = h.End(run) || changed
	}
	slots, err := slots(h.Strategy)
	if err != nil {
		return nil, changed, err
	}
	for len(h.Running) < slots && !blocked(h) {
		next, some := h.Queued.First()
		if !some {
			break
		}
		h.Queued.Remove(next)
		begin = append(begin, next)
		h.Running = append(h.Running, next)
	}
	return begin, changed || len(begin) > 0, nil
}

// blocks tells whether a run that ended so keeps STRICT_SEQUENTIAL from going on. It is remembered under
// every rule, because the rule may change.
func blocks(s workflow.RunStrategy, status workflow.InstanceStatus) bool {
	return status == workflow.InstanceFailed || s.BlockOnAll && status != workflow.InstanceSucceeded
}

// blocked tells whether nothing may begin until somebody unblocks.
func blocked(h *Head) bool {
	return h.Strategy.Rule == workflow.StrictSequential && h.FailedRuns() > 0
}

// slots returns how many runs may execute together.
func slots(s workflow.RunStrategy) (int, error) {
	switch s.Rule {
	case workflow.Parallel:
		return int(max(s.Concurrency, 1)), nil
	case workflow.Sequential, workflow.StrictSequential, workflow.FirstOnly, workflow.LastOnly, workflow.SerialLatestOnly:
		return 1, nil
	}
	return 0, workflow.Errorf(workflow.CodeInvalid, "unknown run strategy %q", s.Rule)
}

// CheckChange tells why the strategy of h cannot become next now. It returns CodePrecondition.
func CheckChange(h *Head, next workflow.RunStrategy) error {
	if next.Rule == h.Strategy.Rule {
		return nil
	}
	switch next.Rule {
	case workflow.FirstOnly, workflow.LastOnly:
		if h.Open() >= 2 {
			return workflow.Errorf(workflow.CodePrecondition, "the run strategy cannot become %s while %d runs are open; stop all but one", next.Rule, h.Open())
		}
	case workflow.StrictSequential:
		if n := h.FailedRuns(); n > 0 {
			return workflow.Errorf(workflow.CodePrecondition, "the run strategy cannot become %s while %d failed runs block it; unblock or restart them", next.Rule, n)
		}
	}
	return nil
}
