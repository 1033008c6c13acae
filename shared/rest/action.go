package rest

import (
	"unicode/utf8"

	"github.com/segue-workflows/segue/shared/control"
	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/workflow"
)

// who reads who asks for an action, and why: the reason is in the body or in the query.
func (r *request) who() (control.Who, error) {
	body, err := definition.ParseAction(r.body)
	if err != nil {
		return control.Who{}, err
	}
	reason := body.Reason
	if reason == "" {
		reason = r.URL.Query().Get("reason")
	}
	return r.because(reason)
}

// whoAsks is who for requests whose body says something else.
func (r *request) whoAsks() (control.Who, error) { return r.because(r.URL.Query().Get("reason")) }

func (r *request) because(reason string) (control.Who, error) {
	if len(reason) > workflow.MaxNameLength || !utf8.ValidString(reason) {
		return control.Who{}, workflow.Errorf(workflow.CodeInvalid, "the reason must be UTF-8 of at most %d bytes", workflow.MaxNameLength)
	}
	return control.Who{User: r.user, Reason: reason}, nil
}

// target reads the instance that the path names, and its run: 0 is the newest one.
func (r *request) target() (workflow.RunKey, error) {
	key := workflow.RunKey{Workflow: r.PathValue("workflow")}
	var err error
	if key.Instance, err = r.number("instance"); err != nil {
		return key, err
	}
	if run := r.PathValue("run"); run != "" && run != "latest" {
		key.Run, err = r.number("run")
	}
	return key, err
}

// onInstance makes a handler of an action on an instance.
func onInstance[T any](act func(*request, workflow.RunKey, control.Who) (T, error)) handler {
	return func(r *request) (any, error) {
		target, err := r.target()
		if err != nil {
			return nil, err
		}
		who, err := r.who()
		if err != nil {
			return nil, err
		}
		return act(r, target, who)
	}
}

func (s *server) endInstance(ending control.Ending) handler {
	return onInstance(func(r *request, at workflow.RunKey, who control.Who) (*control.InstanceAction, error) {
		return s.control.End(r.Context(), at, ending, who)
	})
}

func (s *server) pauseInstance() handler {
	return onInstance(func(r *request, at workflow.RunKey, who control.Who) (*control.InstanceAction, error) {
		return s.control.Pause(r.Context(), at, who)
	})
}

func (s *server) resumeInstance() handler {
	return onInstance(func(r *request, at workflow.RunKey, who control.Who) (*control.InstanceAction, error) {
		return s.control.Resume(r.Context(), at, who)
	})
}

func (s *server) unblockInstance() handler {
	return onInstance(func(r *request, at workflow.RunKey, who control.Who) (*control.InstanceAction, error) {
		return s.control.Unblock(r.Context(), at, who)
	})
}

func (s *server) restartInstance(r *request) (any, error) {
	body, err := definition.ParseRestart(r.body)
	if err != nil {
		return nil, err
	}
	target, err := r.target()
	if err != nil {
		return nil, err
	}
	who, err := r.whoAsks()
	if err != nil {
		return nil, err
	}
	return s.control.Restart(r.Context(), target, body, who)
}

// endAll acts on all open instances of a workflow. That goes on after the answer.
func (s *server) endAll(ending control.Ending) handler {
	return func(r *request) (any, error) {
		who, err := r.who()
		if err != nil {
			return nil, err
		}
		event, err := s.control.EndAll(r.Context(), r.PathValue("workflow"), ending, who)
		return accepted{event}, err
	}
}

func (s *server) unblockAll(r *request) (any, error) {
	who, err := r.who()
	if err != nil {
		return nil, err
	}
	return s.control.UnblockAll(r.Context(), r.PathValue("workflow"), who)
}

// onStep reads what an action on a step is about.
func (r *request) onStep() (control.Step, error) {
	target, err := r.target()
	return control.Step{Run: target, Step: r.PathValue("step")}, err
}

func (s *server) endStep(ending control.Ending) handler {
	return func(r *request) (any, error) {
		step, err := r.onStep()
		if err != nil {
			return nil, err
		}
		who, err := r.who()
		if err != nil {
			return nil, err
		}
		wait, err := r.flag("blocking", true)
		if err != nil {
			return nil, err
		}
		return s.control.EndStep(r.Context(), step, ending, who, wait)
	}
}

func (s *server) bypassStep(r *request) (any, error) {
	step, err := r.onStep()
	if err != nil {
		return nil, err
	}
	who, err := r.who()
	if err != nil {
		return nil, err
	}
	return s.control.Bypass(r.Context(), step, who)
}

// restartStep does not wait: its effect, the new attempt or the new run, is there when it answers.
func (s *server) restartStep(r *request) (any, error) {
	body, err := definition.ParseStepRestart(r.body)
	if err != nil {
		return nil, err
	}
	step, err := r.onStep()
	if err != nil {
		return nil, err
	}
	who, err := r.whoAsks()
	if err != nil {
		return nil, err
	}
	if _, err := r.flag("blocking", true); err != nil {
		return nil, err
	}
	return s.control.RestartStep(r.Context(), step, body, who)
}

func (s *server) resumeStep(r *request) (any, error) {
	step, err := r.onStep()
	if err != nil {
		return nil, err
	}
	attempt, err := r.number("attempt")
	if err != nil {
		return nil, err
	}
	who, err := r.who()
	if err != nil {
		return nil, err
	}
	return s.control.ResumeStep(r.Context(), workflow.AttemptKey{RunKey: step.Run, Step: step.Step, Attempt: attempt}, who)
}
