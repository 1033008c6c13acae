package template

import (
	"context"
	"errors"
	"slices"

	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/workflow"
)

// namespace is that of the tags that templates give to steps.
const namespace = "JOB_TEMPLATE"

// versionParam names the version of the templates of a step or of a whole workflow.
const versionParam = "job_template_version"

// maxParents bounds how many templates one inherits from, through all of them.
const maxParents = 32

// Find returns what the template of a step gives it, given the params of its workflow; it has the form of
// param.Runtime.Template. It returns CodeInvalid for a template that is missing, of another step type, or in a circle.
func (t *Templates) Find(ctx context.Context, step *workflow.Step, params *workflow.Params) (*param.Template, error) {
	n := name{step.SubType, versionOf(step, params)}
	out, err := resolve(n, func(n name) (*Document, error) { return t.known(ctx, n) }, nil)
	if err != nil {
		return nil, err
	}
	if out.kind != step.Type {
		return nil, workflow.Errorf(workflow.CodeInvalid, "the job template %q is for steps of type %s, not %s", n.kind, out.kind, step.Type)
	}
	return &param.Template{Params: overlaid(out.params, params), Tags: out.tags, Written: out.params, Authors: out.authors}, nil
}

// versionOf is the version that the step names, or its workflow, or Default.
func versionOf(step *workflow.Step, params *workflow.Params) string {
	if step.SubTypeVersion != "" {
		return step.SubTypeVersion
	}
	if p, ok := step.Params.Get(versionParam); ok {
		if text, ok := p.Value.(string); ok && text != "" {
			return text
		}
	}
	if p, ok := params.Get(versionParam); ok {
		if text, ok := p.Result.(string); ok && text != "" {
			return text
		}
	}
	return Default
}

// resolved is a template with all that it inherits.
type resolved struct {
	kind    string // of the steps
	params  *workflow.Params
	tags    []workflow.Tag
	authors []string
	count   int
}

// resolve lays a template over its parents, the first parent at the bottom. below are the templates on the way here.
func resolve(n name, look func(name) (*Document, error), below []name) (*resolved, error) {
	if slices.Contains(below, n) {
		return nil, workflow.Errorf(workflow.CodeInvalid, "the job template %q of version %q inherits from itself", n.kind, n.version)
	}
	document, err := look(n)
	if errors.Is(err, workflow.ErrNotFound) {
		return nil, workflow.Errorf(workflow.CodeInvalid, "%s", workflow.TextOf(err))
	}
	if err != nil {
		return nil, err
	}
	own := &document.Template.Definition
	out := &resolved{kind: own.StepType, params: &workflow.Params{}, authors: []string{document.Author}, count: 1}
	for kind, version := range own.InheritFrom.All() {
		parent, err := resolve(name{kind, version}, look, append(below, n))
		if err != nil {
			return nil, err
		}
		if out.count += parent.count; out.count > maxParents {
			return nil, workflow.Errorf(workflow.CodeInvalid, "the job template %q inherits from more than %d others", n.kind, maxParents)
		}
		out.authors = append(out.authors, parent.authors...)
		if err := out.lay(parent.params, parent.tags); err != nil {
			return nil, err
		}
	}
	return out, out.lay(own.Params, own.Tags)
}

func (r *resolved) lay(params *workflow.Params, tags []workflow.Tag) error {
	merged, err := param.Merge(r.params, params, param.Layer{Source: workflow.SourceTemplateSchema})
	if err != nil {
		return err
	}
	r.params = merged
	for _, tag := range tags {
		tag.Namespace = namespace
		if !slices.ContainsFunc(r.tags, func(t workflow.Tag) bool { return t.Name == tag.Name }) {
			r.tags = append(r.tags, tag)
		}
	}
	return nil
}

// overlaid gives params of the template the values of the workflow's params of the same name, where they fit.
func overlaid(params, outer *workflow.Params) *workflow.Params {
	for name := range params.All() {
		p, ok := outer.Get(name)
		if !ok || !p.Evaluated {
			continue
		}
		one := &workflow.Params{}
		one.Set(name, p)
		layer := &workflow.Params{}
		for name, p := range param.Frozen(one).All() {
			layer.Set(name, &workflow.Param{Type: p.Type, Value: p.Value})
		}
		if merged, err := param.Merge(params, layer, param.Layer{Source: workflow.SourceWorkflowParameter}); err == nil {
			params = merged
		}
	}
	return params
}
