package rest

import (
	"github.com/segue-workflows/segue/shared/catalog"
	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/view"
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
	return s.Catalog.Version(r.Context(), r.PathValue("workflow"), r.PathValue("version"))
}

func (s *server) versions(r *request) (any, error) {
	var low, high int64
	var all catalog.Span
	found, err := s.Catalog.Versions(r.Context(), r.PathValue("workflow"), func(span catalog.Span) ([]int64, error) {
		cut, err := r.cut()
		if err != nil {
			return nil, err
		}
		all = span
		low, high = cut.Window(span.Oldest, span.Newest)
		return descending(low, high), nil
	})
	if err != nil {
		return nil, err
	}
	return view.NewPage(low, high, all.Oldest, all.Newest, found), nil
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

// cut reads which page the query asks for.
func (r *request) cut() (view.Cut, error) {
	query := r.URL.Query()
	return view.ParseCut(query.Get("first"), query.Get("last"), query.Get("cursor"))
}

// descending lists the numbers from high to low.
func descending(low, high int64) []int64 {
	var out []int64
	for n := high; n >= low; n-- {
		out = append(out, n)
	}
	return out
}
