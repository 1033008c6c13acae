package rest

import (
	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/template"
)

// templateRoutes are the routes of job templates.
func (s *server) templateRoutes() []route {
	return []route{
		{"POST", "/job-templates", s.pushTemplate(definition.JSON)},
		{"POST", "/job-templates/yaml", s.pushTemplate(definition.YAML)},
		{"GET", "/job-templates", s.listTemplates},
		{"GET", "/job-templates/{type}", s.jobTemplate},
		{"DELETE", "/job-templates/{type}", s.deleteTemplate},
	}
}

func (s *server) pushTemplate(format definition.Format) handler {
	return func(r *request) (any, error) {
		parsed, err := definition.ParseJobTemplate(r.body, format)
		if err != nil {
			return nil, err
		}
		return s.Templates.Push(r.Context(), r.user, parsed)
	}
}

func (s *server) listTemplates(r *request) (any, error) {
	return s.Templates.List(r.Context(), r.templateVersion())
}

func (s *server) jobTemplate(r *request) (any, error) {
	return s.Templates.Load(r.Context(), r.PathValue("type"), r.templateVersion())
}

func (s *server) deleteTemplate(r *request) (any, error) {
	return s.Templates.Remove(r.Context(), r.PathValue("type"), r.templateVersion())
}

// templateVersion reads the version of a template.
func (r *request) templateVersion() string {
	if version := r.URL.Query().Get("version"); version != "" {
		return version
	}
	return template.Default
}
