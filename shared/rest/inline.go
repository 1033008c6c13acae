package rest

import (
	"context"
	"encoding/json"
	"slices"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/workflow"
)

// findInline loads the iteration of a loop that the path names. It is there as long as the instance that the loop is
// part of.
func (s *server) findInline(r *request) (*found, error) {
	instance, err := r.number("instance")
	if err != nil {
		return nil, err
	}
	run, err := s.load(r, r.PathValue("workflow"), instance)
	if err != nil {
		return nil, err
	}
	return &found{Run: run}, s.home(r.Context(), run)
}

// home returns CodeNotFound when the instance is gone that an iteration is part of.
func (s *server) home(ctx context.Context, run *decide.Run) error {
	for _, ancestor := range slices.Backward(run.Header.Initiator.Ancestors) {
		if workflow.Inline(ancestor.Workflow) {
			continue
		}
		head, err := s.headOf(ctx, ancestor.Workflow)
		if err == nil && ancestor.Instance < head.First {
			err = workflow.Errorf(workflow.CodeNotFound, "workflow %q has no instance %d", ancestor.Workflow, ancestor.Instance)
		}
		return err
	}
	return nil
}

// iterations returns how many iterations a loop has let begin. It returns CodeNotFound for a loop that has none.
func (s *server) iterations(ctx context.Context, wf workflow.ID) (int64, error) {
	first, err := s.Loop.LoadLatest(ctx, wf, 1)
	if err != nil {
		return 0, workflow.Errorf(workflow.CodeOf(err), "there is no workflow %q: %w", wf, err)
	}
	if err := s.home(ctx, first); err != nil {
		return 0, err
	}
	link := first.Header.Link
	parent, err := s.Loop.LoadLatest(ctx, link.Parent.Workflow, link.Parent.Instance)
	if err != nil {
		return 0, err
	}
	count := int64(1)
	if nest := parent.State.Steps[link.Ordinal].Nest; nest != nil {
		count = max(count, nest.Next)
	}
	if parent.Key == link.Parent {
		return count, nil
	}
	earlier, err := s.Loop.LoadRun(ctx, link.Parent) // a restart may not have come as far again
	if err != nil {
		return 0, err
	}
	if nest := earlier.State.Steps[link.Ordinal].Nest; nest != nil {
		count = max(count, nest.Next)
	}
	return count, nil
}

// inlineID names the workflow whose instances are the iterations of a loop. The body lists the way to the loop, outermost
// instance first; its last element names the instance that the loop is a step of.
func (s *server) inlineID(r *request) (any, error) {
	body, err := readBody(nil, r.Request)
	if err != nil {
		return nil, err
	}
	var path []workflow.Ancestor
	if err := json.Unmarshal(body, &path); err != nil || len(path) == 0 || len(path) > workflow.MaxDepth {
		return nil, workflow.Errorf(workflow.CodeInvalid, "the body must be a list of 1 to %d objects with workflow_id, instance_id, run_id and step_id", workflow.MaxDepth)
	}
	last := path[len(path)-1]
	if !pathID.MatchString(last.Workflow) || last.Instance < 1 || last.Run < 0 {
		return nil, workflow.Errorf(workflow.CodeInvalid, "workflow_id, instance_id and run_id must name a run")
	}
	run, err := s.Loop.LoadLatest(r.Context(), last.Workflow, last.Instance)
	if err != nil {
		return nil, err
	}
	i, ok := run.Definition.Graph.Index(last.Step)
	if !ok || run.Definition.Steps[i].Kind != workflow.KindForeach && run.Definition.Steps[i].Kind != workflow.KindWhile {
		return nil, workflow.Errorf(workflow.CodeNotFound, "%s has no loop of that step id", run.Key)
	}
	return decide.ChildKey(run, i, 1, 1).Workflow, nil
}
