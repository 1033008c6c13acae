package rollup

import (
	"context"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Rollup handles the messages of the rollup queue.
type Rollup struct{ *advance.Loop }

// Handle releases the ended runs of a batch, workflow by workflow, and returns an error for each message.
func (r *Rollup) Handle(ctx context.Context, messages []hint.Message) []error {
	var order []workflow.ID
	nested := newNested()
	ended := map[workflow.ID][]strategy.Ended{}
	runs, out := r.load(ctx, messages)
	for i, m := range messages {
		run := runs[i]
		if out[i] != nil || !run.State.Status.Terminal() {
			continue
		}
		if run.Header.Link != nil {
			nested.add(i, run)
			if run.Header.Inline() {
				continue
			}
		}
		if ended[m.Run.Workflow] == nil {
			order = append(order, m.Run.Workflow)
		}
		ended[m.Run.Workflow] = append(ended[m.Run.Workflow], advance.EndOf(run))
	}
	nested.fold(ctx, r.Loop, messages, out)
	failed := map[workflow.ID]error{}
	for _, wf := range order {
		failed[wf] = r.Release(ctx, wf, ended[wf]...)
	}
	for _, m := range messages {
		if m.Again && !workflow.Inline(m.Run.Workflow) && failed[m.Run.Workflow] == nil {
			failed[m.Run.Workflow] = r.Nudge(ctx, m.Run.Workflow, m)
		}
	}
	for i, m := range messages {
		if out[i] == nil {
			out[i] = failed[m.Run.Workflow]
		}
	}
	return out
}

// load reads the runs of messages. The table is the truth: a run says itself whether and how it ended.
func (r *Rollup) load(ctx context.Context, messages []hint.Message) ([]*decide.Run, []error) {
	runs, commits := make([]workflow.RunKey, len(messages)), make([]int64, len(messages))
	for i, m := range messages {
		runs[i], commits[i] = m.Run, m.Commit
	}
	return r.LoadEnded(ctx, runs, commits)
}
