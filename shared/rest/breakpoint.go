package rest

import (
	"strconv"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/workflow"
)

func (s *server) setBreakpoint(r *request) (any, error) {
	body, err := definition.ParseBreakpoint(r.body)
	if err != nil {
		return nil, err
	}
	if !pathID.MatchString(body.Workflow) || !pathID.MatchString(body.Step) {
		return nil, workflow.Errorf(workflow.CodeNotFound, "there is no workflow or step of that id")
	}
	who, err := r.whoAsks()
	if err != nil {
		return nil, err
	}
	return s.control.SetBreakpoint(r.Context(), body, who)
}

func (s *server) breakpoints(r *request) (any, error) {
	b, err := r.breakpoint()
	if err != nil {
		return nil, err
	}
	return s.control.BreakpointsOf(r.Context(), b.Workflow, b.Step)
}

func (s *server) pausedAttempts(r *request) (any, error) {
	b, err := r.breakpoint()
	if err != nil {
		return nil, err
	}
	return s.control.PausedAttempts(r.Context(), b.Workflow, b.Step)
}

func (s *server) deleteBreakpoint(r *request) (any, error) {
	b, err := r.breakpoint()
	if err != nil {
		return nil, err
	}
	resume, err := r.flag("resume", true)
	if err != nil {
		return nil, err
	}
	who, err := r.who()
	if err != nil {
		return nil, err
	}
	return s.control.RemoveBreakpoint(r.Context(), b, resume, who)
}

// breakpoint reads from the query which breakpoint is meant.
func (r *request) breakpoint() (*definition.Breakpoint, error) {
	query := r.URL.Query()
	out := &definition.Breakpoint{Workflow: query.Get("workflowId"), Step: query.Get("stepId")}
	if !pathID.MatchString(out.Workflow) || !pathID.MatchString(out.Step) {
		return nil, workflow.Errorf(workflow.CodeInvalid, "the query needs workflowId and stepId")
	}
	for _, number := range []struct {
		name string
		into *int64
	}{
		{"workflowVersion", &out.Version}, {"workflowInstanceId", &out.Instance}, {"workflowRun", &out.Run}, {"stepAttemptId", &out.Attempt},
	} {
		text := query.Get(number.name)
		if text == "" {
			continue
		}
		var err error
		if *number.into, err = strconv.ParseInt(text, 10, 64); err != nil || *number.into < 1 {
			return nil, workflow.Errorf(workflow.CodeInvalid, "%s in the query must be a number from 1", number.name)
		}
	}
	return out, nil
}
