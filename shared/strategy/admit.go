package strategy

import "github.com/segue-workflows/segue/shared/workflow"

// Start is a request to run. Instance 0 asks for a new instance.
type Start struct {
	Request  string
	Client   bool // the client named the request
	Instance int64
	Run      int64
}

// Verdict is what the strategy made of one start.
type Verdict struct {
	Ref    Ref
	Queued bool // it waits for its turn; otherwise it begins at once
}

// Admit takes starts into h, in order, and returns a verdict for each. It changes h.
// It fails with CodeInvalid for a rule that it does not know.
func Admit(h *Head, starts []Start, now int64) ([]Verdict, error) {
	out := make([]Verdict, 0, len(starts))
	for _, start := range starts {
		ref := Ref{start.Instance, start.Run}
		if ref.Instance == 0 {
			ref = Ref{h.Next, 1}
			h.Next++
		}
		slots, err := slots(h.Strategy)
		if err != nil {
			return nil, err
		}
		verdict := Verdict{Ref: ref, Queued: len(h.Queued) > 0 || len(h.Running) >= slots}
		if verdict.Queued {
			h.Queued = append(h.Queued, ref)
		} else {
			h.Running = append(h.Running, ref)
		}
		h.Pending = append(h.Pending, Pending{start.Request, start.Client, ref, verdict.Queued, now})
		out = append(out, verdict)
	}
	return out, nil
}

// Release takes ended runs out of h and returns those that may begin now, and whether h changed.
func Release(h *Head, ended ...Ref) (begin []Ref, changed bool, err error) {
	for _, ref := range ended {
		changed = h.Drop(ref) || changed
	}
	slots, err := slots(h.Strategy)
	if err != nil {
		return nil, changed, err
	}
	for len(h.Queued) > 0 && len(h.Running) < slots {
		begin = append(begin, h.Queued[0])
		h.Running = append(h.Running, h.Queued[0])
		h.Queued = h.Queued[1:]
	}
	return begin, changed || len(begin) > 0, nil
}

// slots returns how many runs may execute together.
func slots(s workflow.RunStrategy) (int, error) {
	switch s.Rule {
	case workflow.Parallel:
		return int(max(s.Concurrency, 1)), nil
	case workflow.Sequential:
		return 1, nil
	}
	return 0, workflow.Errorf(workflow.CodeInvalid, "run strategy %q is not supported yet; use SEQUENTIAL or PARALLEL", s.Rule)
}
