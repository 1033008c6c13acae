package dsl

import (
	"regexp"
	"strings"

	"github.com/segue-workflows/segue/shared/document"
)

var (
	ifThen    = regexp.MustCompile(`(?is)^IF\s+(.*\S)\s+THEN\s+(\S+)$`)
	otherwise = regexp.MustCompile(`(?i)^OTHERWISE\s+(\S+)$`)
	stepOnly  = regexp.MustCompile(`^\S+$`)
)

// connect gives every job its transition: its own, else the one that the dag field of its owner says.
func connect(owner *document.Value, jobs []job) {
	edges := dagEdges(owner, jobs)
	for i := range jobs {
		if given := jobs[i].at.Child("transition"); given != nil {
			addTransition(jobs[i].step, given)
		} else if edges[i] != nil {
			addTransition(jobs[i].step, edges[i])
		}
	}
}

// dagEdges returns for each job the transition list that the dag field implies, nil for none.
func dagEdges(owner *document.Value, jobs []job) []*document.Value {
	edges := make([]*document.Value, len(jobs))
	dag := owner.Child("dag")
	ordinals := map[string]int{}
	for i, j := range jobs {
		ordinals[j.id] = i
	}
	switch {
	case dag == nil:
	case dag.Kind == document.Object:
		for field, list := range dag.Map() {
			at, known := ordinals[field.Key]
			if !known {
				list.FaultAt(field.Position, "there is no job %s at this level%s", document.Quoted(field.Key), list.Suggest(field.Key, ids(jobs)))
				continue
			}
			edges[at] = list
		}
	case dag.Kind == document.String && strings.EqualFold(dag.Text, "sequential"):
		for i := range len(jobs) - 1 {
			if next := jobs[i+1]; next.id != "" {
				edges[i] = &document.Value{Node: text(dag.Position, next.id), Path: dag.Path, Faults: dag.Faults}
			}
		}
	case dag.Kind == document.String && strings.EqualFold(dag.Text, "parallel"):
	default:
		dag.Fault("found %s, want sequential, parallel, or an object from job id to transitions", dag.Describe())
	}
	return edges
}

func ids(jobs []job) []string {
	var ids []string
	for _, j := range jobs {
		ids = append(ids, j.id)
	}
	return ids
}

// addTransition writes a list of transitions, or a single one, into the step.
func addTransition(step *document.Node, v *document.Value) {
	entries := []*document.Value{v}
	if v.Kind != document.String {
		entries = nil
		for _, item := range v.List() {
			entries = append(entries, item)
		}
	}
	successors := object(v.Position)
	taken := map[string]bool{}
	var conditions []string
	ended := false
	for _, entry := range entries {
		if entry.Kind == document.Null || !entry.Is(document.String) || strings.TrimSpace(entry.Text) == "" {
			continue
		}
		if ended {
			entry.Fault("found a transition after OTHERWISE, which must be the last")
			continue
		}
		target, condition := parseEntry(entry, &conditions, &ended)
		switch {
		case target == "":
		case taken[target]:
			entry.Fault("there is already a transition to %s", document.Quoted(target))
		default:
			taken[target] = true
			set(successors, target, text(entry.Position, condition))
		}
	}
	transition := object(v.Position)
	set(transition, "successors", successors)
	set(step, "transition", transition)
}

// parseEntry reads one transition and keeps the conditions for a later OTHERWISE.
func parseEntry(v *document.Value, conditions *[]string, ended *bool) (target, condition string) {
	entry := strings.TrimSpace(v.Text)
	if found := ifThen.FindStringSubmatch(entry); found != nil {
		*conditions = append(*conditions, "("+found[1]+")")
		return found[2], found[1]
	}
	if found := otherwise.FindStringSubmatch(entry); found != nil {
		*ended = true
		if len(*conditions) == 0 {
			v.Fault("found OTHERWISE without an IF before it")
			return "", ""
		}
		return found[1], "!(" + strings.Join(*conditions, " || ") + ")"
	}
	if !stepOnly.MatchString(entry) {
		v.Fault("found %s, want a step id, IF condition THEN step id, or OTHERWISE step id", document.Quoted(entry))
		return "", ""
	}
	return entry, "true"
}
