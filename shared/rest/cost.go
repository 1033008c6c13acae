package rest

import (
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

// maxCosted bounds the items of an instance that one request counts.
const maxCosted = 10_000

// cost counts what the items of an instance cost.
func (s *server) cost(r *request) (any, error) {
	run, err := s.find(r)
	if err != nil {
		return nil, err
	}
	out := &view.Cost{WorkflowID: run.Key.Workflow, InstanceID: run.Key.Instance}
	items := record.LatestCommit(run.Key.Workflow, run.Key.Instance)
	items.Reverse, items.Limit, items.To = false, 0, "" // all of them, and what stands beside them
	var state *record.State
	for counted := 0; ; {
		page, next, err := s.Loop.Store.List(r.Context(), items)
		if err != nil {
			return nil, workflow.Errorf(workflow.CodeUnavailable, "list the items of %s: %w", run.Key, err)
		}
		for _, item := range page {
			if state, err = out.Add(item, state); err != nil {
				return nil, err
			}
		}
		if counted += len(page); next == "" || counted >= maxCosted {
			out.Partial = next != ""
			out.Total()
			return out, nil
		}
		items.From = next
	}
}
