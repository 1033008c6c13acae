package survey

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

// maxFlatReads is how many iterations and blocks of them one walk reads.
const maxFlatReads = 500

// Flat asks for the iterations of one step in a body, in a row through all loops around it.
type Flat struct {
	Step     workflow.StepID
	Statuses map[workflow.StepStatus]bool // nil: all
	Params   map[string]string            // loop params must have these values, as texts
	Exact    []int64                      // the one iteration, a number for each loop; nil: all
	After    []int64                      // those that follow this one; nil: from the beginning
	Backward bool                         // from the last to the first
	Limit    int
}

// Found is what a walk found. End is how far it came; nil when it came to the end of all.
type Found struct {
	Iterations []*view.Flat
	End        []int64
}

// Flatten walks through the iterations of a step of a body below a run. It may end before its limit is reached, where
// it had to pass over many. It returns CodeNotFound when no loop of the run has such a step.
func (s Survey) Flatten(ctx context.Context, run *decide.Run, ask Flat) (Found, error) {
	path, ok := pathTo(run.Definition, ask.Step)
	if !ok || ask.Exact != nil && len(ask.Exact) != len(path)-1 || ask.After != nil && len(ask.After) != len(path)-1 {
		return Found{}, workflow.Errorf(workflow.CodeNotFound, "%s has no step %q in loops that deep", run.Key, ask.Step)
	}
	w := &walk{look: s.look(), Flat: ask, root: run, path: path, at: ask.After}
	w.reads = maxFlatReads
	more, err := w.level(ctx, place{run: run, params: &workflow.Ordered[any]{}, cursor: ask.After != nil})
	if err != nil {
		return Found{}, err
	}
	if more {
		w.at = nil
	}
	return Found{w.found, w.at}, nil
}

// pathTo returns the ordinals of the loops around a step, outermost first, and its own.
func pathTo(def *decide.Definition, step workflow.StepID) ([]int, bool) {
	for i, one := range def.Steps {
		if one.Kind != workflow.KindForeach && one.Kind != workflow.KindWhile {
			continue
		}
		body, err := def.Body(i)
		if err != nil {
			continue
		}
		if at, ok := body.Graph.Index(step); ok {
			return []int{i, at}, true
		}
		if path, ok := pathTo(body, step); ok {
			return append([]int{i}, path...), true
		}
	}
	return nil, false
}

// walk is one walk.
type walk struct {
	*look
	Flat
	root  *decide.Run
	path  []int
	found []*view.Flat
	at    []int64 // the iteration that was looked at last
}

// place is where a walk is: in a run, at the step of its path.
type place struct {
	run    *decide.Run
	ids    []int64 // iterations on the way
	seq    []int64 // runs and attempts on the way
	params *workflow.Ordered[any]
	cursor bool // the way is the cursor's so far
}

// level walks through what is below a place, and tells whether to go on.
func (w *walk) level(ctx context.Context, at place) (bool, error) {
	depth := len(at.ids)
	i := w.path[depth]
	step := &at.run.State.Steps[i]
	at.seq = append(slices.Clone(at.seq), at.run.Key.Run, step.Attempt)
	if depth == len(w.path)-1 {
		return w.leaf(ctx, at, i)
	}
	if step.Nest == nil || !w.worthwhile(decide.NestLeaves(step), step.Nest.Busy()) {
		return true, nil
	}
	home, err := w.home(ctx, at.run, i)
	if err != nil {
		return false, err
	}
	nest, last := step.Nest, depth == len(w.path)-2
	from, to, by := int64(1), nest.Next, int64(1)
	if w.Backward {
		from, to, by = to, from, -1
	}
	if at.cursor {
		if from = w.After[depth]; last {
			from += by
		}
	}
	if w.Exact != nil {
		from, to, by = w.Exact[depth], w.Exact[depth], 1
	}
	iterations := &reader{look: w.look, run: home, i: i, block: -1}
	for n := from; n >= 1 && n <= nest.Next && (by > 0 && n <= to || by < 0 && n >= to); n += by {
		if w.reads <= 0 {
			return false, nil
		}
		child, err := iterations.load(ctx, n, w.worthwhile)
		if err != nil {
			return false, err
		}
		below := place{child, append(slices.Clone(at.ids), n), at.seq, at.params, at.cursor && n == w.After[depth]}
		more := true
		if child != nil {
			if below.params, more = w.matching(at.params, child); more {
				more, err = w.level(ctx, below)
			} else {
				more = true
			}
		}
		if last || more && err == nil {
			w.at = w.past(below.ids)
		}
		if err != nil || !more {
			return false, err
		}
	}
	return true, nil
}

// past names the last iteration on a way: all that the way leads to have been passed.
func (w *walk) past(ids []int64) []int64 {
	out := slices.Clone(ids)
	for len(out) < len(w.path)-1 {
		if w.Backward {
			out = append(out, 1)
		} else {
			out = append(out, beyond)
		}
	}
	return out
}

// beyond is more than any loop has iterations.
const beyond = 1 << 40

// worthwhile tells whether some of the leaves may be wanted; open ones may.
func (w *walk) worthwhile(leaves record.Leaves, open bool) bool {
	if w.Statuses == nil || open {
		return true
	}
	for status := range w.Statuses {
		if leaves[status] > 0 {
			return true
		}
	}
	return false
}

// matching adds the loop params of an iteration to those above it, and tells whether they are as wanted.
func (w *walk) matching(above *workflow.Ordered[any], child *decide.Run) (*workflow.Ordered[any], bool) {
	out := above.Clone()
	for name, p := range child.Header.Own.All() {
		if name == "loop_index" {
			continue
		}
		value := workflow.ResultOf(p.Value)
		if wanted, asked := w.Params[name]; asked && wanted != fmt.Sprint(value) {
			return nil, false
		}
		out.Set(name, value)
	}
	return out, true
}

// leaf takes a step in, unless it was not created or is not wanted.
func (w *walk) leaf(ctx context.Context, at place, i int) (bool, error) {
	step := &at.run.State.Steps[i]
	for name := range w.Params {
		if _, ok := at.params.Get(name); !ok {
			return true, nil
		}
	}
	if step.Status == workflow.NotCreated || w.Statuses != nil && !w.Statuses[step.Status] {
		return true, nil
	}
	detail, err := w.detail(ctx, at.run, i)
	if err != nil {
		return false, err
	}
	key := at.run.Key
	w.found = append(w.found, &view.Flat{WorkflowID: w.root.Key.Workflow, InstanceID: w.root.Key.Instance, RunID: w.root.Key.Run,
		StepID: w.Step, Rank: view.Rank(at.ids), AttemptSeq: view.Rank(at.seq), LoopParams: at.params,
		Leaf:  &view.LeafRef{WorkflowID: key.Workflow, InstanceID: key.Instance, RunID: key.Run, StepID: w.Step, Attempt: step.Attempt},
		State: view.NewRuntimeState(detail.Moves)})
	return len(w.found) < w.Limit, nil
}

// reader loads the iterations of one loop.
type reader struct {
	*look
	run      *decide.Run
	i        int
	progress *record.Progress
	block    int64
}

// load returns iteration n; nil when there is none yet, or when nothing of its block is worth to be read.
func (r *reader) load(ctx context.Context, n int64, worthwhile func(leaves record.Leaves, open bool) bool) (*decide.Run, error) {
	nest := r.run.State.Steps[r.i].Nest
	key := whileKey(r.run, r.i, n)
	if r.run.Definition.Steps[r.i].Kind == workflow.KindForeach {
		if block := record.BlockOf(n); block != r.block {
			var err error
			if r.progress, err = r.look.progress(ctx, r.run, r.i, block); err != nil {
				return nil, err
			}
			r.block = block
		}
		end, by := r.progress.At(n, nest.Run)
		if key.Run = by; end == record.Unended {
			key.Run = nest.Run
		}
		again := rerun(nest, n, by)
		if again != 0 {
			key.Run = again
		}
		if !worthwhile(r.progress.All.Leaves, again != 0 || end == record.Unended) {
			return nil, nil
		}
	}
	r.reads--
	var child *decide.Run
	var err error
	if key.Run == 0 {
		child, err = r.LoadLatest(ctx, key.Workflow, key.Instance)
	} else {
		child, err = r.LoadRun(ctx, key)
	}
	if errors.Is(err, workflow.ErrNotFound) {
		return nil, nil
	}
	return child, err
}
