package rest

import (
	"context"
	"encoding/json"
	"errors"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/survey"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

func (s *server) start(r *request) (any, error) {
	parsed, err := definition.ParseStart(r.body)
	if err != nil {
		return nil, err
	}
	wf := r.PathValue("workflow")
	if err := s.triggerEnabled(r.Context(), wf, parsed.Initiator.Type); err != nil {
		return nil, err
	}
	if parsed.Initiator.Type == workflow.InitiatorManual {
		parsed.Initiator.User = &r.user
	}
	started, err := s.Trigger.Start(r.Context(), wf, r.PathValue("version"), trigger.Start{
		RequestID: parsed.RequestID, Initiator: parsed.Initiator, RunParams: parsed.RunParams, RuntimeTags: parsed.RuntimeTags,
		Artifacts: raw(parsed.Artifacts), RequestTime: parsed.RequestTime, Config: runConfig(parsed.Config), PersistFailed: parsed.PersistFailedRun})
	if err != nil {
		return nil, err
	}
	one := started[0]
	if one.Duplicated { // the version that is asked for now may not be the one that runs
		run, err := s.Loop.LoadRun(r.Context(), one.Key)
		switch {
		case err == nil:
			one.Version = run.Header.Version
		case !errors.Is(err, workflow.ErrNotFound): // a request is remembered for longer than its run
			return nil, err
		}
	}
	return view.NewStarted(one, r.user, s.Loop.Clock.Now().UnixMilli()), nil
}

func runConfig(c *definition.RunConfig) *record.RunConfig {
	if c == nil || len(c.Start)+len(c.End)+len(c.Skip) == 0 {
		return nil
	}
	return &record.RunConfig{StartSteps: c.Start, EndSteps: c.End, SkipSteps: c.Skip}
}

// triggerEnabled refuses a start in the name of a trigger whose type the workflow's properties switch off.
func (s *server) triggerEnabled(ctx context.Context, wf workflow.ID, initiator string) error {
	if initiator != workflow.InitiatorTime && initiator != workflow.InitiatorSignal {
		return nil
	}
	properties, err := s.Catalog.Properties(ctx, wf)
	if err != nil {
		return err
	}
	disabled := properties.TimeTriggerDisabled
	if initiator == workflow.InitiatorSignal {
		disabled = properties.SignalTriggerDisabled
	}
	if disabled != nil && *disabled {
		return workflow.Errorf(workflow.CodeUnprocessed, "%s triggers of workflow %q are disabled by its properties", initiator, wf)
	}
	return nil
}

func raw(artifacts *workflow.Ordered[any]) *workflow.Ordered[json.RawMessage] {
	if artifacts.Len() == 0 {
		return nil
	}
	out := &workflow.Ordered[json.RawMessage]{}
	for key, value := range artifacts.All() {
		if data, err := json.Marshal(value); err == nil { // what came from JSON goes back to it
			out.Set(key, data)
		}
	}
	return out
}

func (s *server) instanceActions(*request) (any, error) { return view.InstanceActions(), nil }

// found is a run, and the head of its workflow; nil of an iteration.
type found struct {
	*decide.Run
	head *strategy.Head
}

// head loads the head of the workflow in the path. It returns CodeNotFound when the workflow is not there.
func (s *server) head(r *request) (*strategy.Head, error) {
	return s.headOf(r.Context(), r.PathValue("workflow"))
}

func (s *server) headOf(ctx context.Context, wf workflow.ID) (*strategy.Head, error) {
	head, _, err := s.Loop.LoadHead(ctx, wf)
	if err == nil && head.Deleted {
		return nil, workflow.Errorf(workflow.CodeNotFound, "there is no workflow %q", wf)
	}
	return head, err
}

// find loads the run that the path names: the latest one when it names none, or "latest".
func (s *server) find(r *request) (*found, error) {
	wf := r.PathValue("workflow")
	if workflow.Inline(wf) {
		return s.findInline(r)
	}
	head, err := s.head(r)
	if err != nil {
		return nil, err
	}
	instance, err := r.number("instance")
	if err != nil {
		return nil, err
	}
	if instance < head.First {
		return nil, workflow.Errorf(workflow.CodeNotFound, "workflow %q has no instance %d", wf, instance)
	}
	run, err := s.load(r, wf, instance)
	if err != nil {
		return nil, err
	}
	return &found{run, head}, nil
}

// load loads the run of an instance that the path names.
func (s *server) load(r *request, wf workflow.ID, instance int64) (*decide.Run, error) {
	if name := r.PathValue("run"); name == "" || name == "latest" {
		return s.Loop.LoadLatest(r.Context(), wf, instance)
	}
	number, err := r.number("run")
	if err != nil {
		return nil, err
	}
	return s.Loop.LoadRun(r.Context(), workflow.RunKey{Workflow: wf, Instance: instance, Run: number})
}

func (s *server) instance(r *request) (any, error) { return s.oneRun(r, true) }

func (s *server) run(r *request) (any, error) { return s.oneRun(r, false) }

func (s *server) oneRun(r *request, aggregatedByDefault bool) (any, error) {
	enriched, err := r.flag("enriched", true)
	if err != nil {
		return nil, err
	}
	aggregated, err := r.flag("aggregated", aggregatedByDefault)
	if err != nil {
		return nil, err
	}
	references, err := r.flag("references", true)
	if err != nil {
		return nil, err
	}
	run, err := s.find(r)
	if err != nil {
		return nil, err
	}
	document, err := s.document(r.Context(), run, aggregated, s.survey.Reasons())
	if err == nil && references && document.Overview.Rollup != nil {
		document.Overview.Rollup, err = s.survey.Rollup(r.Context(), run.Run)
	}
	if err == nil && enriched {
		document.Enrich()
	}
	return document, err
}

// document makes the document of a run; its status is then that of all runs of the instance together.
func (s *server) document(ctx context.Context, run *found, aggregated bool, reasons *survey.Reasons) (*view.Instance, error) {
	timeline, err := s.Loop.Timeline(ctx, run.Key, run.State.Note)
	if err != nil {
		return nil, err
	}
	out := view.NewInstance(run.Run, timeline)
	if out.Waiting, err = reasons.Run(ctx, run.Run, run.head); err != nil {
		return nil, err
	}
	if aggregated {
		if out.Aggregated, err = s.aggregate(ctx, run.Run); err != nil {
			return nil, err
		}
		out.Status = out.Aggregated.Status
	}
	return out, nil
}

// aggregate returns where the instance stands after a run.
func (s *server) aggregate(ctx context.Context, run *decide.Run) (*view.Aggregated, error) {
	if !view.NeedsPrevious(run) {
		return view.Aggregate(nil, run), nil
	}
	key := run.Key
	key.Run--
	earlier, err := s.Loop.LoadRun(ctx, key)
	if errors.Is(err, workflow.ErrNotFound) { // it is kept no longer
		return view.Aggregate(nil, run), nil
	}
	if err != nil {
		return nil, err
	}
	previous, err := s.aggregate(ctx, earlier)
	if err != nil {
		return nil, err
	}
	return view.Aggregate(previous, run), nil
}

// instances is a page of the latest runs. The workflow itself is left out of its elements: it would be most of the page.
func (s *server) instances(r *request) (any, error) {
	aggregated, err := r.flag("aggregated", true)
	if err != nil {
		return nil, err
	}
	cut, err := r.cut()
	if err != nil {
		return nil, err
	}
	head, oldest, newest, err := s.series(r)
	if err != nil {
		return nil, err
	}
	reasons := s.survey.Reasons()
	return page(cut, oldest, newest, func(id int64) (*view.Instance, error) {
		run, err := s.Loop.LoadLatest(r.Context(), r.PathValue("workflow"), id)
		if err != nil {
			return nil, err
		}
		return s.element(r.Context(), &found{run, head}, aggregated, reasons)
	})
}

// series returns from which to which number the instances are of the workflow in the path; 0, 0 for none. The body of a
// loop has no head.
func (s *server) series(r *request) (head *strategy.Head, oldest, newest int64, err error) {
	if wf := r.PathValue("workflow"); workflow.Inline(wf) {
		newest, err = s.iterations(r.Context(), wf)
		return nil, min(newest, 1), newest, err
	}
	if head, err = s.head(r); err != nil {
		return nil, 0, 0, err
	}
	if oldest, newest = max(head.First, 1), head.Next-1; newest < oldest {
		oldest, newest = 0, 0
	}
	return head, oldest, newest, nil
}

// element is the document of a run in a page.
func (s *server) element(ctx context.Context, run *found, aggregated bool, reasons *survey.Reasons) (*view.Instance, error) {
	document, err := s.document(ctx, run, aggregated, reasons)
	if err == nil {
		document.Workflow = nil
	}
	return document, err
}

func (s *server) runs(r *request) (any, error) {
	cut, err := r.cut()
	if err != nil {
		return nil, err
	}
	latest, err := s.find(r)
	if err != nil {
		return nil, err
	}
	reasons := s.survey.Reasons()
	return page(cut, 1, latest.Key.Run, func(n int64) (*view.Instance, error) {
		key := latest.Key
		key.Run = n
		run, err := s.Loop.LoadRun(r.Context(), key)
		if err != nil {
			return nil, err
		}
		return s.element(r.Context(), &found{run, latest.head}, false, reasons)
	})
}

func (s *server) inlinePath(r *request) (any, error) {
	run, err := s.find(r)
	if err != nil {
		return nil, err
	}
	if ancestors := run.Header.Initiator.Ancestors; len(ancestors) > 0 {
		return ancestors, nil
	}
	return []workflow.Ancestor{}, nil
}
