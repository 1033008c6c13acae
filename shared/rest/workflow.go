package rest

import (
	"github.com/segue-workflows/segue/shared/catalog"
	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/workflow"
)

func (s *server) health(*request) (any, error) {
	return map[string]string{"status": "ok", "version": s.Version}, nil
}

// pushed is the answer to a push.
type pushed struct {
	Definition *catalog.Definition `json:"workflow_definition"`
}

func (s *server) push(format definition.Format) handler {
	return func(r *request) (any, error) {
		parsed, err := definition.ParseRequest(r.body, format)
		if err != nil {
			return nil, err
		}
		version, err := s.Catalog.Push(r.Context(), r.user, parsed)
		if err != nil {
			return nil, err
		}
		return pushed{version}, nil
	}
}

func (s *server) validate(format definition.Format) handler {
	return func(r *request) (any, error) {
		parsed, err := definition.ParseRequest(r.body, format)
		if err != nil {
			return nil, err
		}
		return s.Catalog.Validate(r.Context(), r.user, parsed)
	}
}

func (s *server) version(r *request) (any, error) {
	enriched, err := r.flag("enriched", false)
	if err != nil {
		return nil, err
	}
	version, err := s.Catalog.Version(r.Context(), r.PathValue("workflow"), r.PathValue("version"))
	if err != nil || !enriched {
		return version, err
	}
	return s.enrich(r, version)
}

func (s *server) versions(r *request) (any, error) {
	cut, err := r.cut()
	if err != nil {
		return nil, err
	}
	all, err := s.Catalog.Versions(r.Context(), r.PathValue("workflow"))
	if err != nil {
		return nil, err
	}
	return page(cut, all.Oldest, all.Newest, func(n int64) (*catalog.Definition, error) { return all.Load(r.Context(), n) })
}

func (s *server) activate(r *request) (any, error) {
	return s.Catalog.Activate(r.Context(), r.user, r.PathValue("workflow"), r.PathValue("version"))
}

func (s *server) deactivate(r *request) (any, error) {
	return s.Catalog.Deactivate(r.Context(), r.user, r.PathValue("workflow"))
}

func (s *server) delete(r *request) (any, error) {
	return s.Catalog.Delete(r.Context(), r.user, r.PathValue("workflow"))
}

func (s *server) overview(r *request) (any, error) {
	return s.Catalog.Overview(r.Context(), r.PathValue("workflow"))
}

func (s *server) timeline(r *request) (any, error) {
	return s.Catalog.Timeline(r.Context(), r.PathValue("workflow"))
}

func (s *server) updateProperties(r *request) (any, error) {
	update, err := definition.ParsePropertiesUpdate(r.body, definition.JSON)
	if err != nil {
		return nil, err
	}
	return s.Catalog.Update(r.Context(), r.user, r.PathValue("workflow"), update)
}

func (s *server) properties(r *request) (any, error) {
	if r.PathValue("snapshot") != "latest" {
		return nil, workflow.Errorf(workflow.CodeInvalid, "only the snapshot latest can be asked for")
	}
	return s.Catalog.Properties(r.Context(), r.PathValue("workflow"))
}

func (s *server) putTag(r *request) (any, error) {
	tag, err := definition.ParseTag(r.body)
	if err != nil {
		return nil, err
	}
	return s.Catalog.PutTag(r.Context(), r.user, r.PathValue("workflow"), *tag)
}

func (s *server) deleteTag(r *request) (any, error) {
	return s.Catalog.DeleteTag(r.Context(), r.user, r.PathValue("workflow"), r.PathValue("tag"))
}
