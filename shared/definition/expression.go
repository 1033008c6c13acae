package definition

import (
	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

// ExpressionKind says what an expression is for, which decides the names it may use and the type it must have.
type ExpressionKind string

const (
	WorkflowParam    ExpressionKind = "workflow param"
	StepParam        ExpressionKind = "step param"
	Transition       ExpressionKind = "transition"        // BOOLEAN, in the scope of the source step
	WhileCondition   ExpressionKind = "while condition"   // BOOLEAN
	DependencyParam  ExpressionKind = "dependency param"  // of a signal that a step waits for
	OutputParam      ExpressionKind = "output param"      // of a signal that a step announces
	TriggerParam     ExpressionKind = "trigger param"     // of a signal trigger
	TriggerCondition ExpressionKind = "trigger condition" // BOOLEAN
	TriggerDedup     ExpressionKind = "trigger dedup"     // STRING
)

// ExpressionAt is one expression text of a definition.
type ExpressionAt struct {
	Path string
	document.Position
	Text   string
	Kind   ExpressionKind
	Type   workflow.ParamType // that the result must have
	StepID workflow.StepID    // "" outside steps
}

// Expressions returns all expression texts of a request in the order of the definition. The source, which may be
// nil, gives their places.
func Expressions(request *workflow.Request, source *Source) []ExpressionAt {
	var root *document.Path
	return WorkflowExpressions(request.Workflow, root.Key("workflow"), source)
}

// WorkflowExpressions is Expressions for a workflow that stands at the path; nil is the root.
func WorkflowExpressions(w *workflow.Workflow, at *document.Path, source *Source) []ExpressionAt {
	c := &collector{source: source}
	c.params(at.Key("params"), w.Params, WorkflowParam)
	for i, trigger := range w.SignalTriggers {
		path := at.Key("signal_triggers").Index(i)
		c.params(path.Key("params"), trigger.Params, TriggerParam)
		c.text(path.Key("condition"), trigger.Condition, TriggerCondition, workflow.Boolean)
		c.text(path.Key("dedup_expr"), trigger.DedupExpr, TriggerDedup, workflow.String)
	}
	c.steps(at.Key("steps"), w.Steps)
	return c.found
}

type collector struct {
	source *Source
	step   workflow.StepID
	found  []ExpressionAt
}

func (c *collector) text(at *document.Path, text string, kind ExpressionKind, t workflow.ParamType) {
	if text != "" {
		c.add(at, text, kind, t)
	}
}

func (c *collector) add(at *document.Path, text string, kind ExpressionKind, t workflow.ParamType) {
	c.found = append(c.found, ExpressionAt{at.String(), c.source.Locate(at), text, kind, t, c.step})
}

func (c *collector) params(at *document.Path, params *workflow.Params, kind ExpressionKind) {
	for name, p := range params.All() {
		c.param(at.Key(name), p, kind)
	}
}

func (c *collector) param(at *document.Path, p *workflow.Param, kind ExpressionKind) {
	if p.HasExpr {
		c.add(at.Key("expression"), p.Expression, kind, p.Type)
	}
	if nested, ok := p.Value.(*workflow.Params); ok {
		c.params(at.Key("value"), nested, kind)
	}
}

func (c *collector) steps(at *document.Path, steps []*workflow.Step) {
	for i, step := range steps {
		c.step = step.ID
		path := at.Index(i).Key(string(step.Kind))
		c.params(path.Key("params"), step.Params, StepParam)
		c.text(path.Key("condition"), step.Condition, WhileCondition, workflow.Boolean)
		c.signals(path, step)
		for successor, condition := range step.Transition.Successors.All() {
			c.text(path.Key("transition").Key("successors").Key(successor), condition, Transition, workflow.Boolean)
		}
		c.steps(path.Key("steps"), step.Steps)
	}
	c.step = ""
}

func (c *collector) signals(at *document.Path, step *workflow.Step) {
	for i, dependency := range step.SignalDependencies {
		for name, match := range dependency.MatchParams.All() {
			c.param(at.Key("signal_dependencies").Index(i).Key("match_params").Key(name).Key("param"), match.Param, DependencyParam)
		}
	}
	for i, output := range step.SignalOutputs {
		path := at.Key("signal_outputs").Index(i)
		c.params(path.Key("params"), output.Params, OutputParam)
		c.params(path.Key("payload"), output.Payload, OutputParam)
	}
}
