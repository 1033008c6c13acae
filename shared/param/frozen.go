package param

import (
	"strings"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Frozen turns evaluated params into definitions whose literals are the results, ready to be handed down to
// a started instance or to a restart. Params that are not evaluated stay as they are; sources and modes too.
func Frozen(params *workflow.Params) *workflow.Params {
	out := &workflow.Params{}
	for name, p := range params.All() {
		out.Set(name, frozen(p))
	}
	return out
}

// Inherited are the run params that a step hands down to an instance that it starts: the params of its
// workflow, then its own evaluated ones over them. What says whose run it is stays behind, for the new
// instance has its own.
func Inherited(parent, own *workflow.Params) *workflow.Params {
	out := &workflow.Params{}
	left := identityOf(WorkflowInput{Definition: &workflow.Workflow{}})
	for name := range stepBuiltins(Identity{}).All() {
		left.Set(name, nil)
	}
	for _, params := range []*workflow.Params{parent, own} {
		for name, p := range params.All() {
			if !left.Has(name) {
				out.Set(name, frozen(p))
			}
		}
	}
	return out
}

func frozen(p *workflow.Param) *workflow.Param {
	out := p.Clone()
	if p.Evaluated {
		out.Value, out.HasExpr, out.Expression = escaped(literalOf(p.Result)), false, ""
	}
	out.Evaluated, out.Result, out.EvaluatedAt = false, nil, 0
	return out
}

// escaped doubles dollars where interpolation would take them for references: a result is final.
func escaped(value any) any {
	switch v := value.(type) {
	case string:
		return escapeText(v)
	case []string:
		return each(v, escapeText)
	case map[string]string:
		out := make(map[string]string, len(v))
		for key, text := range v {
			out[escapeText(key)] = escapeText(text)
		}
		return out
	case *workflow.Params:
		for _, p := range v.All() {
			p.Value = escaped(p.Value)
		}
	}
	return value
}

func escapeText(text string) string {
	if strings.Contains(text, "$$") || len(references(text)) > 0 {
		return strings.ReplaceAll(text, "$", "$$")
	}
	return text
}
