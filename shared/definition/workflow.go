package definition

import (
	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

func readRequest(v *document.Value) *workflow.Request {
	request := &workflow.Request{IsActive: true}
	requestShape.Read(v, request)
	return request
}

var requestShape = &document.Shape[workflow.Request]{
	What:     "a request",
	Required: []string{"workflow"},
	Fields: map[string]func(*workflow.Request, *document.Value){
		"properties": func(r *workflow.Request, v *document.Value) {
			r.Properties = &workflow.Properties{}
			propertiesShape.Read(v, r.Properties)
		},
		"workflow":  func(r *workflow.Request, v *document.Value) { r.Workflow = readWorkflow(v) },
		"is_active": func(r *workflow.Request, v *document.Value) { r.IsActive = v.Flag() },
		"git_info": func(r *workflow.Request, v *document.Value) {
			r.GitInfo = &workflow.GitInfo{}
			gitShape.Read(v, r.GitInfo)
		},
	},
	Extra: func(r *workflow.Request, key string, v *document.Value) { r.Extras = put(r.Extras, key, v) },
}

var gitShape = &document.Shape[workflow.GitInfo]{
	What: "git_info",
	Fields: map[string]func(*workflow.GitInfo, *document.Value){
		"origin":              func(g *workflow.GitInfo, v *document.Value) { g.Origin = longText(v) },
		"branch":              func(g *workflow.GitInfo, v *document.Value) { g.Branch = longText(v) },
		"sha":                 func(g *workflow.GitInfo, v *document.Value) { g.SHA = longText(v) },
		"path":                func(g *workflow.GitInfo, v *document.Value) { g.Path = longText(v) },
		"author":              func(g *workflow.GitInfo, v *document.Value) { g.Author = longText(v) },
		"timestamp":           func(g *workflow.GitInfo, v *document.Value) { g.Timestamp = v.Any() },
		"uncommitted_changes": func(g *workflow.GitInfo, v *document.Value) { g.UncommittedChanges = v.Any() },
	},
}

// workflowDraft keeps the steps with their places for the checks that look at several of them.
type workflowDraft struct {
	*workflow.Workflow
	steps   []*stepDraft
	stepsAt *document.Value
}

func readWorkflow(v *document.Value) *workflow.Workflow {
	draft := workflowDraft{Workflow: &workflow.Workflow{}}
	if !workflowShape.Read(v, &draft) {
		return draft.Workflow
	}
	if draft.stepsAt != nil {
		draft.steps = readSteps(draft.stepsAt)
		draft.Steps = stepsOf(draft.steps)
		checkSteps(draft.stepsAt, draft.steps)
	}
	return draft.Workflow
}

var workflowShape = &document.Shape[workflowDraft]{
	What:     "a workflow",
	Required: []string{"id", "steps"},
	Fields: map[string]func(*workflowDraft, *document.Value){
		"id":          func(w *workflowDraft, v *document.Value) { w.ID = workflowID(v) },
		"name":        func(w *workflowDraft, v *document.Value) { w.Name = nameText(v) },
		"description": func(w *workflowDraft, v *document.Value) { w.Description = longText(v) },
		"tags":        func(w *workflowDraft, v *document.Value) { w.Tags = tagList(v) },
		"timeout":     func(w *workflowDraft, v *document.Value) { w.Timeout = timeout(v) },
		"time_triggers": func(w *workflowDraft, v *document.Value) {
			for _, item := range v.List() {
				w.TimeTriggers = append(w.TimeTriggers, timeTrigger(item))
			}
		},
		"signal_triggers": func(w *workflowDraft, v *document.Value) {
			for _, item := range v.List() {
				w.SignalTriggers = append(w.SignalTriggers, signalTrigger(item))
			}
		},
		"criticality": func(w *workflowDraft, v *document.Value) {
			w.Criticality = v.Enum("CRITICAL", "HIGH", "MEDIUM", "LOW")
		},
		"instance_step_concurrency": func(w *workflowDraft, v *document.Value) {
			w.InstanceStepConcurrency = v.Int(1, workflow.MaxConcurrency-1)
		},
		"params": func(w *workflowDraft, v *document.Value) { w.Params = shownParams(v) },
		"steps":  func(w *workflowDraft, v *document.Value) { w.stepsAt = v },
	},
}
