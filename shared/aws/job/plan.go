package job

import (
	"encoding/json"
	"path"
	"strings"

	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Plan is that of the deployment, with what may be left out filled in.
type Plan wire.Plan

// ParsePlan reads the JSON of a plan; "" is that of none.
func ParsePlan(text string) (Plan, error) {
	var p Plan
	if text == "" {
		return p, nil
	}
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return p, workflow.Errorf(workflow.CodeInvalid, `an object such as {"cluster": "arn", "subnets": ["id"], "images": {"python:3": {"task": "arn"}}}`)
	}
	if p.Cluster == "" || len(p.Subnets) == 0 || len(p.Images) == 0 {
		return p, workflow.Errorf(workflow.CodeInvalid, "a cluster, its subnets and images are needed together")
	}
	for image, place := range p.Images {
		if image == "" || place == nil || definitionOf(place.Task) == "" {
			return p, workflow.Errorf(workflow.CodeInvalid, "each image needs the ARN of a task definition")
		}
		place.Complete()
	}
	return p, nil
}

// place returns how an image runs: as its own name says, or else the longest beginning that fits.
func (p Plan) place(image string) (*wire.Place, bool) {
	if found, ok := p.Images[image]; ok && !strings.HasSuffix(image, "*") {
		return found, true
	}
	best := ""
	for pattern := range p.Images {
		beginning, open := strings.CutSuffix(pattern, "*")
		if open && strings.HasPrefix(image, beginning) && len(pattern) > len(best) {
			best = pattern
		}
	}
	found, ok := p.Images[best]
	return found, ok
}

// logsOf returns where the log of a container of a task is; false where the plan does not say.
func (p Plan) logsOf(definition, container, task string) (group, stream string, ok bool) {
	for _, place := range p.Images {
		if place.LogGroup != "" && place.Container == container && definitionOf(place.Task) == definitionOf(definition) {
			// Several places of one definition and container agree on this, for it is the definition's.
			return place.LogGroup, path.Join(place.LogPrefix, container, path.Base(task)), true
		}
	}
	return "", "", false
}

// allows tells whether a cluster's task is in the cluster of the plan.
func (p Plan) allows(task string) bool {
	// arn:aws:ecs:REGION:ACCOUNT:task/CLUSTER/ID beside arn:aws:ecs:REGION:ACCOUNT:cluster/CLUSTER
	parts := strings.Split(task, "/")
	return len(parts) == 3 && strings.HasSuffix(parts[0], ":task") && parts[2] != "" &&
		strings.TrimSuffix(parts[0], ":task")+":cluster/"+parts[1] == p.Cluster
}

// definitionOf returns family and revision of the ARN of a task definition; "" for any other text.
func definitionOf(arn string) string {
	_, name, ok := strings.Cut(arn, ":task-definition/")
	if !ok || !strings.Contains(name, ":") {
		return ""
	}
	return name
}
