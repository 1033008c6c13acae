package rest

import (
	"context"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/survey"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

func (s *server) stepActions(*request) (any, error) { return view.StepActions(), nil }

// steps lists the latest attempt of every step over all runs, in the order of the definition.
func (s *server) steps(r *request) (any, error) { return s.allSteps(r, true) }

// stepsOfRun lists the latest attempt of every step of one run.
func (s *server) stepsOfRun(r *request) (any, error) { return s.allSteps(r, false) }

func (s *server) allSteps(r *request, overRuns bool) (any, error) {
	run, err := s.find(r)
	if err != nil {
		return nil, err
	}
	reasons, out := s.survey.Reasons(), make([]*view.Step, 0, len(run.Definition.Steps))
	for i := range run.Definition.Steps {
		in := run
		if overRuns {
			if in, err = s.lastRunOf(r.Context(), run, i); err != nil {
				return nil, err
			}
		} else if !run.State.Steps[i].Part.Runs() {
			continue
		}
		document, err := s.newest(r.Context(), in, i, brief, reasons)
		if err != nil {
			return nil, err
		}
		out = append(out, document)
	}
	return out, nil
}

// step is the latest attempt of a step over all runs.
func (s *server) step(r *request) (any, error) {
	run, ordinal, err := s.findStep(r)
	if err != nil {
		return nil, err
	}
	enriched, err := r.flag("enriched", true)
	if err != nil {
		return nil, err
	}
	if run, err = s.lastRunOf(r.Context(), run, ordinal); err != nil {
		return nil, err
	}
	return s.newest(r.Context(), run, ordinal, whole(enriched), s.survey.Reasons())
}

// attempt is one attempt of a step in one run.
func (s *server) attempt(r *request) (any, error) {
	run, ordinal, err := s.findStep(r)
	if err != nil {
		return nil, err
	}
	enriched, err := r.flag("enriched", true)
	if err != nil {
		return nil, err
	}
	if !run.State.Steps[ordinal].Part.Runs() {
		return nil, workflow.Errorf(workflow.CodeNotFound, "step %q is no part of %s", run.Definition.Steps[ordinal].ID, run.Key)
	}
	if r.PathValue("attempt") == "latest" {
		return s.newest(r.Context(), run, ordinal, whole(enriched), s.survey.Reasons())
	}
	number, err := r.number("attempt")
	if err != nil {
		return nil, err
	}
	newest := run.State.Steps[ordinal].Attempt
	if number > newest {
		return nil, workflow.Errorf(workflow.CodeNotFound, "step %q of %s has no attempt %d", run.Definition.Steps[ordinal].ID, run.Key, number)
	}
	if number == newest {
		return s.newest(r.Context(), run, ordinal, whole(enriched), s.survey.Reasons())
	}
	return s.older(r.Context(), run, ordinal, number, enriched)
}

func (s *server) findStep(r *request) (*found, int, error) {
	run, err := s.find(r)
	if err != nil {
		return nil, 0, err
	}
	ordinal, ok := run.Definition.Graph.Index(r.PathValue("step"))
	if !ok {
		return nil, 0, workflow.Errorf(workflow.CodeNotFound, "version %d of workflow %q has no such step", run.Header.Version, run.Key.Workflow)
	}
	return run, ordinal, nil
}

// lastRunOf returns the run that ran the step last: the given one, or the earlier one as whose result it stands.
func (s *server) lastRunOf(ctx context.Context, run *found, ordinal int) (*found, error) {
	key, _ := run.DetailAt(ordinal)
	if key == run.Key {
		return run, nil
	}
	earlier, err := s.Loop.LoadRun(ctx, key)
	if err != nil {
		return nil, err
	}
	return &found{earlier, run.head}, nil
}

// form is how much a document of a step says.
type form uint8

const (
	brief    form = iota // of many steps: nothing is read for what is below them
	full                 // of one step
	enriched             // with its changes of status
)

func whole(enrich bool) form {
	if enrich {
		return enriched
	}
	return full
}

// newest makes the document of the newest attempt of a step in a run.
func (s *server) newest(ctx context.Context, run *found, ordinal int, as form, reasons *survey.Reasons) (*view.Step, error) {
	step := &run.State.Steps[ordinal]
	attempt := view.Attempt{Run: run.Run, Ordinal: ordinal, Retries: step.Retries, Newest: true}
	if step.Status != workflow.NotCreated {
		var err error
		key, n := run.DetailAt(ordinal)
		if attempt.Detail, err = s.Loop.Detail(ctx, key, n, ordinal); err != nil {
			return nil, err
		}
	}
	out := s.stepDocument(ctx, attempt, as == enriched)
	if attempt.Detail != nil {
		var err error
		if out.Artifacts, err = s.survey.Artifacts(ctx, run.Run, ordinal, attempt.Detail, as == brief); err != nil {
			return nil, err
		}
	}
	var err error
	out.Waiting, err = reasons.Step(ctx, run.Run, ordinal, run.head)
	return out, err
}

// older makes the document of an attempt that others followed.
func (s *server) older(ctx context.Context, run *found, ordinal int, number int64, enriched bool) (*view.Step, error) {
	var wanted *record.Detail
	var at int64
	var retries [4]int64
	for n := run.State.Steps[ordinal].Detail; n != 0; {
		detail, err := s.Loop.Detail(ctx, run.Key, n, ordinal)
		if err != nil {
			return nil, err
		}
		if detail.Attempt == number {
			wanted, at = detail, n
		}
		if cause, ok := causeOf(detail); ok && detail.Attempt <= number {
			retries[cause]++
		}
		n = detail.Prev
	}
	if wanted == nil {
		return nil, workflow.Errorf(workflow.CodeInternal, "attempt %d of step %d of %s is not in its chain", number, ordinal, run.Key)
	}
	out := s.stepDocument(ctx, view.Attempt{Run: run.Run, Ordinal: ordinal, Detail: wanted, Retries: retries}, enriched)
	then, err := s.Loop.LoadAt(ctx, run.Key, at) // what the attempt started is told by the run as it was when it ended
	if err != nil {
		return nil, err
	}
	out.Artifacts, err = s.survey.Artifacts(ctx, then, ordinal, wanted, false)
	return out, err
}

// causeOf tells why an attempt was followed by another.
func causeOf(detail *record.Detail) (record.Cause, bool) {
	if len(detail.Moves) == 0 {
		return 0, false
	}
	switch detail.Moves[len(detail.Moves)-1].To {
	case workflow.UserFailed:
		return record.UserCause, true
	case workflow.PlatformFailed:
		return record.PlatformCause, true
	case workflow.TimeoutFailed:
		return record.TimeoutCause, true
	}
	return 0, false
}

func (s *server) stepDocument(ctx context.Context, attempt view.Attempt, enriched bool) *view.Step {
	out := view.NewStep(ctx, attempt, s.Loop.Settings.Params)
	if enriched && attempt.Detail != nil {
		out.Enrich(attempt.Detail.Moves)
	}
	return out
}
