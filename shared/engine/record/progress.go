package record

import (
	"fmt"
	"slices"
	"strings"

	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// ProgressKey is where the ends of one block of iterations are: of the loop that is step ordinal of a run.
func ProgressKey(run workflow.RunKey, ordinal int, attempt, block int64) store.Key {
	return store.Key{Part: instancePart(run.Workflow, run.Instance),
		Sort: fmt.Sprintf("~p/%06d/%03d/%04d/%08d", run.Run, ordinal, attempt, block)}
}

// ProgressRange lists the blocks of the loop that is step ordinal of a run, of all its attempts.
func ProgressRange(run workflow.RunKey, ordinal int) store.Range {
	prefix := fmt.Sprintf("~p/%06d/%03d/", run.Run, ordinal)
	return store.Range{Part: instancePart(run.Workflow, run.Instance), From: prefix, To: prefix + "~", Limit: 100}
}

// Progress is how the iterations of one block ended. A parent copies its sums; so folding a child is one guarded
// write of this item, and whoever repeats it changes nothing.
type Progress struct {
	Text   string        `json:"s"`           // one End for each iteration
	Runs   map[int]int64 `json:"r,omitempty"` // the run that ended so, by offset, where it is not the loop's
	All    Sums          `json:"a"`           // of all ends
	Good   Leaves        `json:"g"`           // of the iterations that succeeded
	Own    int64         `json:"o,omitempty"` // how many ends this attempt made
	Marked []int         `json:"f,omitempty"` // offsets of the first iterations that people look for: some leaf of theirs failed
}

// maxMarked is how many iterations of a block are marked.
const maxMarked = 100

// Child is an iteration that ended.
type Child struct {
	Iteration int64
	Run       int64
	Status    workflow.InstanceStatus
	Leaves    Leaves
}

// At returns how iteration n of the block ended, and in which run; base is that of the loop's iterations.
func (p *Progress) At(n, base int64) (End, int64) {
	offset := int((n - 1) % BlockSize)
	if p == nil || offset >= len(p.Text) || End(p.Text[offset]) == Unended {
		return Unended, 0
	}
	if run, ok := p.Runs[offset]; ok {
		return End(p.Text[offset]), run
	}
	return End(p.Text[offset]), base
}

// Fold takes the end of an iteration in, unless it is known already: a higher run replaces a lower one, of which
// replaced are the leaves. It tells whether anything changed.
func (p *Progress) Fold(c Child, base int64, replaced Leaves) bool {
	old, run := p.At(c.Iteration, base)
	if old != Unended && run >= c.Run {
		return false
	}
	p.Remove(c.Iteration, base, replaced)
	p.set(int((c.Iteration-1)%BlockSize), EndOf(c.Status), c.Run, base)
	p.add(EndOf(c.Status), c.Leaves, 1)
	p.mark(int((c.Iteration-1)%BlockSize), c.Leaves)
	return true
}

// Remove takes the end of an iteration out, whose leaves are given.
func (p *Progress) Remove(n, base int64, leaves Leaves) {
	offset := int((n - 1) % BlockSize)
	old, _ := p.At(n, base)
	if old == Unended {
		return
	}
	p.add(old, leaves, -1)
	p.set(offset, Unended, 0, 0)
	p.Marked = slices.DeleteFunc(p.Marked, func(m int) bool { return m == offset })
}

func (p *Progress) add(end End, leaves Leaves, times int64) {
	sum := Sums{Ends: EndsOf(end), Leaves: leaves}
	p.All.Add(sum, times)
	if end.own() == Succeeded {
		p.Good.Add(leaves, times)
	}
	if !end.Kept() {
		p.Own += times
	}
}

func (p *Progress) set(offset int, end End, run, base int64) {
	text := []byte(p.Text)
	for len(text) <= offset {
		text = append(text, byte(Unended))
	}
	text[offset] = byte(end)
	p.Text = string(text)
	delete(p.Runs, offset)
	if end != Unended && run != base {
		if p.Runs == nil {
			p.Runs = map[int]int64{}
		}
		p.Runs[offset] = run
	}
}

func (p *Progress) mark(offset int, leaves Leaves) {
	for status, n := range leaves {
		if n > 0 && workflow.StepStatus(status).Referred() && len(p.Marked) < maxMarked {
			p.Marked = append(p.Marked, offset)
			slices.Sort(p.Marked)
			return
		}
	}
}

// Keep returns what a later attempt of the loop starts with: the ends that wanted accepts, which runs of number
// base made where the item does not say otherwise. Leaves of what is not kept are taken out by the caller, except
// where only successes are kept.
func (p *Progress) Keep(base int64, wanted func(offset int, end End) bool) *Progress {
	out := &Progress{}
	for offset := range len(p.Text) {
		end := End(p.Text[offset])
		if end == Unended || !wanted(offset, end) {
			continue
		}
		run, ok := p.Runs[offset]
		if !ok {
			run = base
		}
		out.set(offset, end.Keep(), run, 0)
		out.All.Ends[endIndex[end.own()]]++
		if slices.Contains(p.Marked, offset) {
			out.Marked = append(out.Marked, offset)
		}
	}
	return out
}

// Block returns the parent's copy of the item at a revision.
func (p *Progress) Block(number, rev int64) Block {
	low := strings.IndexByte(p.Text, byte(Unended))
	if low < 0 {
		low = len(p.Text)
	}
	return Block{Number: number, Rev: rev, Own: p.Own, Low: int64(low), Sums: p.All}
}
