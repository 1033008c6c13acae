package rollup

import (
	"context"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Rollup handles the messages of the rollup queue.
type Rollup struct{ *advance.Loop }

// Handle releases the ended runs of a batch, workflow by workflow, and returns an error for each message.
func (r *Rollup) Handle(ctx context.Context, batch []hint.Message) []error {
	var messages []hint.Message // one for each run
	var of []int
	for i, m := range batch {
		for _, one := range m.Each() {
			messages, of = append(messages, one), append(of, i)
		}
	}
	out := make([]error, len(batch))
	for n, err := range r.handle(ctx, messages) {
		if out[of[n]] == nil {
			out[of[n]] = err
		}
	}
	return out
}

// handle is Handle for messages of one run each.
func (r *Rollup) handle(ctx context.Context, messages []hint.Message) []error {
	var order []workflow.ID
	nested := newNested()
	ended := map[workflow.ID][]strategy.Ended{}
	ends, out := r.load(ctx, messages)
	for i, m := range messages {
		end := ends[i]
		if out[i] != nil || !end.Status.Terminal() {
			continue
		}
		if end.Run != nil && end.Run.Header.Link != nil {
			nested.add(i, end.Run)
			if end.Run.Header.Inline() {
				continue
			}
		}
		if ended[m.Run.Workflow] == nil {
			order = append(order, m.Run.Workflow)
		}
		ended[m.Run.Workflow] = append(ended[m.Run.Workflow], end.Ended)
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
func (r *Rollup) load(ctx context.Context, messages []hint.Message) ([]advance.Over, []error) {
	ends := make([]advance.End, len(messages))
	for i, m := range messages {
		ends[i] = advance.End{Key: m.Run, Commit: m.Commit}
	}
	return r.LoadEnded(ctx, ends)
}
