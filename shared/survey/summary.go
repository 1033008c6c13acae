package survey

import (
	"context"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Summarize says in short how a step of a body fared in the iterations of the loops around it: in as many as one walk
// comes to. Of each loop param it lists so many different values.
func (s Survey) Summarize(ctx context.Context, run *decide.Run, step workflow.StepID, values int) (*view.FlatSummary, error) {
	found, err := s.Flatten(ctx, run, Flat{Step: step, Limit: maxFlatReads})
	if err != nil {
		return nil, err
	}
	out := &view.FlatSummary{Counts: &workflow.Ordered[int64]{}, Values: &workflow.Ordered[[]any]{}, Truncated: found.End != nil}
	counts := map[workflow.StepStatus]int64{}
	for _, one := range found.Iterations {
		status := one.State.Status
		counts[status]++
		if out.Representative == nil || worse(status) < worse(out.Representative.State.Status) {
			out.Representative = one
		}
		for name, value := range one.LoopParams.All() {
			known, _ := out.Values.Get(name)
			if len(known) < values && !slices.Contains(known, value) {
				out.Values.Set(name, append(known, value))
			}
		}
	}
	for _, status := range workflow.StepStatuses() {
		if n := counts[status]; n > 0 {
			out.Counts.Set(status.String(), n)
		}
	}
	if n := len(found.Iterations); n > 0 {
		last := found.Iterations[n-1]
		if out.Truncated {
			end, err := s.Flatten(ctx, run, Flat{Step: step, Backward: true, Limit: 1})
			if err != nil {
				return nil, err
			}
			if len(end.Iterations) > 0 {
				last = end.Iterations[0]
			}
		}
		out.Range = []string{found.Iterations[0].Rank, last.Rank}
	}
	return out, nil
}

// worse orders statuses by how much people look for them.
func worse(status workflow.StepStatus) int {
	switch {
	case status.Failed():
		return 0
	case status == workflow.TimedOut:
		return 1
	case status == workflow.Stopped:
		return 2
	case status.Live():
		return 3
	case status == workflow.CompletedWithError:
		return 4
	}
	return 5
}
