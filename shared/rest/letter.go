package rest

import (
	"github.com/segue-workflows/segue/shared/control"
	"github.com/segue-workflows/segue/shared/workflow"
)

// letterList is the answer to a list of dead letters.
type letterList struct {
	Letters []*control.Letter       `json:"dead_letters"`
	Parked  []*control.ParkedLetter `json:"parked"`
	More    bool                    `json:"more"` // there are further ones
}

func (s *server) letters(r *request) (any, error) {
	wf := r.URL.Query().Get("workflowId")
	if wf != "" && !pathID.MatchString(wf) {
		return nil, workflow.Errorf(workflow.CodeInvalid, "workflowId in the query is no id of a workflow")
	}
	list, more, err := s.control.Letters(r.Context(), wf)
	if err != nil {
		return nil, err
	}
	parked, further, err := s.Parked.List(r.Context(), wf)
	return letterList{list, parked, more || further}, err
}

func (s *server) redriveLetter(r *request) (any, error) {
	who, err := r.who()
	if err != nil {
		return nil, err
	}
	if id := r.PathValue("letter"); control.IsParked(id) {
		return s.Parked.Redrive(r.Context(), id)
	}
	return s.control.Redrive(r.Context(), r.PathValue("letter"), who)
}

func (s *server) dropLetter(r *request) (any, error) {
	if id := r.PathValue("letter"); control.IsParked(id) {
		return s.Parked.Drop(r.Context(), id)
	}
	return s.control.Drop(r.Context(), r.PathValue("letter"))
}
