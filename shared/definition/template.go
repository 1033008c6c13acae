package definition

import (
	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

// ParseJobTemplate reads a job template. It returns CodeInvalid with all faults.
func ParseJobTemplate(text []byte, format Format) (*workflow.JobTemplate, error) {
	return parse(text, format, shaped(templateShape))
}

var templateShape = &document.Shape[workflow.JobTemplate]{
	What:     "a job template",
	Required: []string{"definition"},
	Fields: map[string]func(*workflow.JobTemplate, *document.Value){
		"owner":          func(j *workflow.JobTemplate, v *document.Value) { j.Owner = user(v) },
		"status":         func(j *workflow.JobTemplate, v *document.Value) { j.Status = longText(v) },
		"support":        func(j *workflow.JobTemplate, v *document.Value) { j.Support = longText(v) },
		"test_workflows": func(j *workflow.JobTemplate, v *document.Value) { j.TestWorkflows = v.Strings() },
		"git_info": func(j *workflow.JobTemplate, v *document.Value) {
			j.GitInfo = &workflow.GitInfo{}
			gitShape.Read(v, j.GitInfo)
		},
		"definition": func(j *workflow.JobTemplate, v *document.Value) { jobShape.Read(v, &j.Definition) },
	},
	Extra: func(j *workflow.JobTemplate, key string, v *document.Value) { j.Extras = put(j.Extras, key, v) },
}

var jobShape = &document.Shape[workflow.JobDefinition]{
	What:     "the definition of a job template",
	Required: []string{"job_type", "step_type", "version"},
	Fields: map[string]func(*workflow.JobDefinition, *document.Value){
		"job_type":    func(j *workflow.JobDefinition, v *document.Value) { j.JobType = filledName(v) },
		"step_type":   func(j *workflow.JobDefinition, v *document.Value) { j.StepType = v.Enum(workflow.StepTypes...) },
		"version":     func(j *workflow.JobDefinition, v *document.Value) { j.Version = filledName(v) },
		"description": func(j *workflow.JobDefinition, v *document.Value) { j.Description = longText(v) },
		"tags":        func(j *workflow.JobDefinition, v *document.Value) { j.Tags = tagList(v) },
		"inherit_from": func(j *workflow.JobDefinition, v *document.Value) {
			parents := &workflow.Ordered[string]{}
			for field, item := range v.Map() {
				parents.Set(field.Key, filledName(item))
			}
			j.InheritFrom = orNil(parents)
		},
		"params": func(j *workflow.JobDefinition, v *document.Value) { j.Params = orNil(params(v, templateParam)) },
	},
}

// templateParam is the shape of params that operators define: they may require values from steps.
var templateParam = paramShapeWith(paramFields{
	"internal_mode": func(p *paramDraft, v *document.Value) {
		p.InternalMode = workflow.InternalMode(v.Enum(texts(internalModes)...))
	},
}, map[string]string{"source": engineOnly, "evaluated_result": engineOnly, "evaluated_time": engineOnly})

var internalModes = []workflow.InternalMode{workflow.Required, workflow.Optional, workflow.Provided, workflow.Reserved}
