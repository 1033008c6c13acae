package cli

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/expression"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/workflow"
)

// compatibility is the value of --compatibility: "" or maestro.
type compatibility bool

func (c *compatibility) String() string {
	if *c {
		return "maestro"
	}
	return ""
}

// Set accepts the one system whose accidents Segue can repeat.
func (c *compatibility) Set(text string) error {
	if text != "maestro" {
		return fmt.Errorf("want maestro")
	}
	*c = true
	return nil
}

// Type names the value in the help.
func (c *compatibility) Type() string { return "SYSTEM" }

func (c *compatibility) flag(flags *pflag.FlagSet) {
	flags.Var(c, "compatibility", "with maestro, do as Maestro does where Segue differs on purpose")
}

// settings are those of an engine in this process, and what ends the jobs that it began.
func (s *session) settings() (settings decide.Settings, end func() error, err error) {
	settings.Params.Compat = bool(s.compat)
	if err := s.limits.apply(&settings); err != nil {
		return settings, nil, err
	}
	settings.Runtimes, end, err = s.outside.runtimes(bool(s.compat), s.env("PATH"))
	return settings, end, err
}

func (s *session) evalCommand() *cobra.Command {
	var file string
	var asJSON bool
	command := &cobra.Command{
		Use: "eval EXPRESSION", Short: "Evaluate an expression", Args: cobra.ExactArgs(1),
		Long: `Eval evaluates an expression as a condition or a param of a workflow would be, and shows its value, its type, the
language that it is in, and the names that it reads. A text that SEL's grammar accepts is SEL, any other is expr.

The file of --params is a JSON object: a plain value is taken for what it looks like, an object with a "type"
is a param definition. The exit code is 1 when the expression fails.`,
		Example: `  segue eval '1 + 2 * 3'
  segue eval --params params.json 'total > 10 && region == "eu"'
  segue eval --json 'Util.dateIntsBetween(20260101, 20260105, 1)'`,
		RunE: act(func(ctx context.Context, args []string) error {
			scope := param.Scope{Now: time.Now(), Runtime: param.Runtime{Compat: bool(s.compat)}.WithChance(rand.Float64, uuid.NewString)}
			var err error
			if scope.Workflow, err = readParams(ctx, file, scope); err != nil {
				return err
			}
			return s.eval(ctx, args[0], scope, asJSON)
		}),
	}
	command.Flags().StringVar(&file, "params", "", "JSON file with the params")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	s.compat.flag(command.Flags())
	return command
}

func (s *session) eval(ctx context.Context, text string, scope param.Scope, asJSON bool) error {
	program, err := expression.Compile(text, expression.Options{})
	if err != nil {
		return err
	}
	value, err := param.Evaluate(ctx, text, scope)
	if err != nil {
		return err
	}
	out := expression.Description{Type: expression.TypeOf(value), Value: workflow.JSONResult(value), Language: program.Language(), Refs: program.Refs()}
	if out.Refs == nil {
		out.Refs = []string{} // JSON shows an empty list, not null
	}
	if asJSON {
		return s.printJSON(out)
	}
	shown, err := json.Marshal(out.Value)
	if err != nil {
		return err
	}
	s.say("%s\ntype %s, language %s", shown, out.Type, out.Language)
	if len(out.Refs) > 0 {
		s.say("reads %s", strings.Join(out.Refs, ", "))
	}
	return nil
}

// readParams reads a file of params and evaluates those that are definitions.
func readParams(ctx context.Context, file string, scope param.Scope) (*workflow.Params, error) {
	params := &workflow.Params{}
	if file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		var values workflow.Ordered[json.RawMessage]
		if err := json.Unmarshal(text, &values); err != nil {
			return nil, workflow.Errorf(workflow.CodeInvalid, "%s: not a JSON object of params: %v", file, err)
		}
		for name, raw := range values.All() {
			p, err := readDefinition(raw)
			if err != nil {
				return nil, workflow.Errorf(workflow.CodeInvalid, "%s: %s: %v", file, name, err)
			}
			params.Set(name, p)
		}
	}
	return param.Workflow(ctx, param.WorkflowInput{Definition: &workflow.Workflow{ID: "eval", Params: params},
		Initiator: &workflow.Initiator{Type: workflow.InitiatorManual}, Now: scope.Now, Runtime: scope.Runtime})
}

// readDefinition reads a param definition, or a plain value as the param that it looks like.
func readDefinition(raw json.RawMessage) (*workflow.Param, error) {
	var typed struct {
		Type string `json:"type"`
	}
	if json.Unmarshal(raw, &typed) == nil && typed.Type != "" {
		p := &workflow.Param{}
		return p, p.UnmarshalJSON(raw)
	}
	value, err := workflow.DecodeAny(raw)
	if err != nil {
		return nil, err
	}
	p, err := ofJSON(value)
	if err != nil {
		return nil, err
	}
	// A plain text is no template: it stands as it is.
	p.Evaluated, p.Result = true, workflow.ResultOf(p.Value)
	if p.Type == workflow.Map {
		p.Result = workflow.Plain(value)
	}
	plain := &workflow.Params{}
	plain.Set("value", p)
	frozen, _ := param.Frozen(plain).Get("value")
	return frozen, nil
}
