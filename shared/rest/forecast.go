package rest

import (
	"github.com/segue-workflows/segue/shared/catalog"
	"github.com/segue-workflows/segue/shared/engine/schedule"
)

// maxNext is how many of the next executions an enriched definition names.
const maxNext = 10

// forecast is a definition with what follows from it now.
type forecast struct {
	*catalog.Definition
	Extras extras `json:"enriched_extras"`
}

// extras are the next executions of the workflow's time triggers, in epoch milliseconds. A version that is not
// active has none, nor has a workflow whose time triggers are disabled.
type extras struct {
	Next  int64   `json:"next_execution_time,omitempty"`
	Times []int64 `json:"next_execution_times,omitempty"`
}

func (s *server) enrich(r *request, version *catalog.Definition) (*forecast, error) {
	out := &forecast{Definition: version}
	if !version.IsActive {
		return out, nil
	}
	times := &schedule.Schedules{Loop: s.Loop}
	_, plan, err := times.Plan(r.Context(), r.PathValue("workflow"))
	if err != nil || plan == nil {
		return out, err
	}
	at := s.Loop.Clock.Now()
	for range maxNext {
		next, ok := plan.Next(at)
		if !ok {
			break
		}
		at = next.At
		out.Extras.Times = append(out.Extras.Times, at.UnixMilli())
	}
	if len(out.Extras.Times) > 0 {
		out.Extras.Next = out.Extras.Times[0]
	}
	return out, nil
}
