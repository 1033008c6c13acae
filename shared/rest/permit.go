package rest

import (
	"strings"
	"unicode/utf8"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/workflow"
)

func (s *server) setTagPermit(r *request) (any, error) {
	body, err := definition.ParseTagPermit(r.body)
	if err != nil {
		return nil, err
	}
	who, err := r.whoAsks()
	if err != nil {
		return nil, err
	}
	return s.control.SetTagPermit(r.Context(), body, who)
}

func (s *server) tagPermit(r *request) (any, error) {
	tag, err := r.tag()
	if err != nil {
		return nil, err
	}
	return s.control.TagPermit(r.Context(), tag)
}

func (s *server) deleteTagPermit(r *request) (any, error) {
	tag, err := r.tag()
	if err != nil {
		return nil, err
	}
	who, err := r.who()
	if err != nil {
		return nil, err
	}
	return s.control.RemoveTagPermit(r.Context(), tag, who)
}

// tag reads the tag of the path. One that no tag can be is not there.
func (r *request) tag() (string, error) {
	tag := r.PathValue("tag")
	if len(tag) > workflow.MaxNameLength || !utf8.ValidString(tag) || strings.ContainsRune(tag, 0) {
		return "", workflow.Errorf(workflow.CodeNotFound, "there is no tag of that name")
	}
	return tag, nil
}
