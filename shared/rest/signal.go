package rest

import (
	"strconv"

	"github.com/segue-workflows/segue/shared/definition"
	use "github.com/segue-workflows/segue/shared/engine/signal"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

func (s *server) signals() *use.Signals { return &use.Signals{Trigger: s.Trigger} }

// announce stores a signal. Who waits for it hears of it by message, not before the answer.
func (s *server) announce(r *request) (any, error) {
	body, err := definition.ParseSignal(r.body)
	if err != nil {
		return nil, err
	}
	in := use.Of(body)
	fresh, err := s.signals().Publish(r.Context(), in)
	if err != nil {
		return nil, err
	}
	if !fresh {
		return nil, workflow.Errorf(workflow.CodeConflict, "the signal was announced before: it is number %d", in.Seq)
	}
	return view.NewSignal(in), nil
}

func (s *server) signal(r *request) (any, error) {
	in, err := s.findSignal(r)
	if err != nil {
		return nil, err
	}
	return view.NewSignal(in), nil
}

// findSignal reads the signal that the path names: a number, or latest.
func (s *server) findSignal(r *request) (*signal.Instance, error) {
	name := r.PathValue("signal")
	if err := signal.CheckName(name); err != nil {
		return nil, err
	}
	if r.PathValue("seq") == "latest" {
		return s.signals().Latest(r.Context(), name)
	}
	seq, err := r.number("seq")
	if err != nil {
		return nil, err
	}
	return s.signals().Get(r.Context(), name, seq)
}

func (s *server) signalLineage(r *request) (any, error) {
	in, err := s.findSignal(r)
	if err != nil {
		return nil, err
	}
	hops, err := r.hops()
	if err != nil {
		return nil, err
	}
	return s.signals().OfSignal(r.Context(), in.Name, in.Seq, hops)
}

func (s *server) runLineage(r *request) (any, error) {
	key, err := r.target()
	if err != nil {
		return nil, err
	}
	hops, err := r.hops()
	if err != nil {
		return nil, err
	}
	run, err := s.Loop.LoadLatest(r.Context(), key.Workflow, key.Instance)
	if err != nil {
		return nil, err
	}
	return s.signals().OfRun(r.Context(), run.Key, hops)
}

// hops reads how far a lineage is followed; 1 unless told.
func (r *request) hops() (int, error) {
	text := r.URL.Query().Get("hops")
	if text == "" {
		return 1, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 0 || n > use.MaxHops {
		return 0, workflow.Errorf(workflow.CodeInvalid, "hops in the query must be a number from 0 to %d", use.MaxHops)
	}
	return n, nil
}
