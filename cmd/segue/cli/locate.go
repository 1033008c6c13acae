package cli

import (
	"strings"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/workflow"
)

// located finds the place of a problem in its document. The problem names steps by their ids.
func located(request *workflow.Request, source *definition.Source, problem param.Problem) fault {
	at := (*document.Path)(nil).Key("workflow")
	rest := problem.Path
	if below, ok := strings.CutPrefix(rest, "steps."); ok {
		at, rest = stepPath(at, request.Workflow.Steps, below)
	} else if strings.HasPrefix(rest, "properties.") {
		at = nil
	}
	for _, key := range strings.Split(rest, ".") {
		if key != "" {
			at = at.Key(key)
		}
	}
	position := source.Locate(at)
	return fault{position.Line, position.Column, problem.Path, problem.Text}
}

// stepPath returns the path of the step that the text begins with, at any depth, and what follows in the text.
func stepPath(at *document.Path, steps []*workflow.Step, text string) (*document.Path, string) {
	at = at.Key("steps")
	for i, step := range steps {
		here := at.Index(i).Key(string(step.Kind))
		if below, ok := strings.CutPrefix(text, step.ID+"."); ok {
			return here, below
		}
		if inner, below := stepPath(here, step.Steps, text); below != text {
			return inner, below
		}
	}
	return at, text
}
