package view

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Overview counts the steps of a run by status.
type Overview struct {
	Total  int64                         `json:"total_step_count"`
	Status workflow.InstanceStatus       `json:"run_status,omitempty"`
	Steps  *workflow.Ordered[*StepCount] `json:"step_overview,omitzero"`
	Rollup *Rollup                       `json:"rollup_overview,omitempty"`
}

// StepCount is how many steps are in a status, and which.
type StepCount struct {
	Count int64   `json:"cnt"`
	Steps []Entry `json:"steps,omitempty"`
}

// Entry is one step in an overview.
type Entry struct {
	Ordinal    int64 // from 1, in the order of the runtime DAG
	Start, End int64 // epoch milliseconds, 0 where there is none
}

// MarshalJSON writes [ordinal, start, end], null where there is no time.
func (e Entry) MarshalJSON() ([]byte, error) {
	orNull := func(t int64) *int64 {
		if t == 0 {
			return nil
		}
		return &t
	}
	return json.Marshal([3]*int64{&e.Ordinal, orNull(e.Start), orNull(e.End)})
}

// Rollup counts leaf steps by status, through all levels below a run.
type Rollup struct {
	Total    int64                         `json:"total_leaf_count"`
	Overview *workflow.Ordered[*LeafCount] `json:"overview,omitzero"`
}

// LeafCount is how many leaves are in a status. Ref lists attempts ("instance:step:attempt") by run
// ("workflow:run") for those statuses that people look for.
type LeafCount struct {
	Count int64                       `json:"cnt"`
	Ref   *workflow.Ordered[[]string] `json:"ref,omitzero"`
}

// NewOverview counts the steps that a run has; the rollup counts those too that stand as earlier runs left them.
func NewOverview(run *decide.Run) *Overview {
	out := &Overview{Status: run.State.Status}
	steps := map[workflow.StepStatus]*StepCount{}
	for i := range run.State.Steps {
		step := &run.State.Steps[i]
		if !step.Part.Runs() {
			continue
		}
		out.Total++
		count := steps[step.Status]
		if count == nil {
			count = &StepCount{}
			steps[step.Status] = count
		}
		count.Count++
		if step.Status != workflow.NotCreated {
			count.Steps = append(count.Steps, Entry{out.Total, step.Start, step.End})
		}
	}
	out.Steps = byStatus(steps)
	if run.State.Start != 0 {
		out.Rollup = NewRollup(run)
	}
	return out
}

// NewRollup counts the leaves of a run through all levels below it, as far as its own state knows them: of what ended.
// It refers to the run's own steps; who reads what is below refers to that.
func NewRollup(run *decide.Run) *Rollup {
	out := &Rollup{}
	for i := range run.State.Steps {
		out = out.Add(StepRollup(run, i))
	}
	return out
}

// StepRollup counts what step i adds to the rollup of its run: the leaves below it that ended, or itself while there
// are none; nil where it is no part of the run.
func StepRollup(run *decide.Run, i int) *Rollup {
	step := &run.State.Steps[i]
	if step.Part == record.Absent {
		return nil
	}
	if nested := decide.NestLeaves(step); nested.Total() > 0 {
		return RollupOf(nested)
	}
	var leaf record.Leaves
	leaf[step.Status] = 1
	out := RollupOf(leaf)
	if step.Status.Referred() {
		attempt := step.Attempt
		if step.Part == record.Outside {
			attempt = 0 // as the reference counts what is carried over
		}
		count, _ := out.Overview.Get(step.Status.String())
		count.Ref = &workflow.Ordered[[]string]{}
		count.Ref.Set(fmt.Sprintf("%s:%d", run.Key.Workflow, run.Key.Run),
			[]string{fmt.Sprintf("%d:%s:%d", run.Key.Instance, run.Definition.Steps[i].ID, attempt)})
	}
	return out
}

// RollupOf returns the rollup of leaves that nothing refers to.
func RollupOf(leaves record.Leaves) *Rollup {
	out := &Rollup{Total: leaves.Total()}
	counts := map[workflow.StepStatus]*LeafCount{}
	for status, n := range leaves {
		if n != 0 {
			counts[workflow.StepStatus(status)] = &LeafCount{Count: n}
		}
	}
	out.Overview = byStatus(counts)
	return out
}

// Refer takes the references of other over, and not what it counts.
func (r *Rollup) Refer(other *Rollup) *Rollup {
	bare := &Rollup{Overview: &workflow.Ordered[*LeafCount]{}}
	for name, leaf := range other.Overview.All() {
		if _, counted := r.Overview.Get(name); counted && leaf.Ref != nil {
			bare.Overview.Set(name, &LeafCount{Ref: leaf.Ref})
		}
	}
	return r.Add(bare)
}

// References counts the references of a rollup.
func (r *Rollup) References() (n int) {
	for _, leaf := range r.Overview.All() {
		for _, refs := range leaf.Ref.All() {
			n += len(refs)
		}
	}
	return n
}

// Add returns the sum of two rollups: counts add up, references are joined. nil counts nothing.
func (r *Rollup) Add(other *Rollup) *Rollup {
	sum := &Rollup{}
	counts := map[string]*LeafCount{}
	for _, part := range []*Rollup{r, other} {
		if part == nil {
			continue
		}
		sum.Total += part.Total
		for name, leaf := range part.Overview.All() {
			if counts[name] == nil {
				counts[name] = &LeafCount{}
			}
			counts[name].Count += leaf.Count
			for group, refs := range leaf.Ref.All() {
				if counts[name].Ref == nil {
					counts[name].Ref = &workflow.Ordered[[]string]{}
				}
				known, _ := counts[name].Ref.Get(group)
				counts[name].Ref.Set(group, append(slices.Clone(known), refs...))
			}
		}
	}
	sum.Overview = sortedByName(counts)
	return sum
}

// Subtract returns the rollup without what another counted; what comes to zero is dropped, and references
// of the other are taken out.
func (r *Rollup) Subtract(other *Rollup) *Rollup {
	rest := &Rollup{Total: r.Total - other.Total}
	counts := map[string]*LeafCount{}
	for name, leaf := range r.Overview.All() {
		minus, ok := other.Overview.Get(name)
		if !ok {
			counts[name] = leaf
			continue
		}
		if leaf.Count == minus.Count {
			continue
		}
		left := &LeafCount{Count: leaf.Count - minus.Count}
		for group, refs := range leaf.Ref.All() {
			gone, _ := minus.Ref.Get(group)
			kept := slices.DeleteFunc(slices.Clone(refs), func(ref string) bool { return slices.Contains(gone, ref) })
			if len(kept) > 0 {
				if left.Ref == nil {
					left.Ref = &workflow.Ordered[[]string]{}
				}
				left.Ref.Set(group, kept)
			}
		}
		counts[name] = left
	}
	rest.Overview = sortedByName(counts)
	return rest
}

// byStatus puts counts into the order of the statuses' life.
func byStatus[T any](counts map[workflow.StepStatus]T) *workflow.Ordered[T] {
	out := &workflow.Ordered[T]{}
	for _, status := range workflow.StepStatuses() {
		if count, ok := counts[status]; ok {
			out.Set(status.String(), count)
		}
	}
	return out
}

func sortedByName(counts map[string]*LeafCount) *workflow.Ordered[*LeafCount] {
	names := make([]string, 0, len(counts))
	for name := range counts {
		names = append(names, name)
	}
	rank := func(name string) int {
		status, err := workflow.ParseStepStatus(name)
		if err != nil {
			return len(workflow.StepStatuses())
		}
		return int(status)
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b)) })
	out := &workflow.Ordered[*LeafCount]{}
	for _, name := range names {
		out.Set(name, counts[name])
	}
	return out
}
