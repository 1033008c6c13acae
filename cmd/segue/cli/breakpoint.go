package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/workflow"
)

func (s *session) breakpointCommand() *cobra.Command {
	remove, keep, list, asJSON := false, false, false, false
	var only client.Breakpoint
	command := &cobra.Command{
		Use: "breakpoint WORKFLOW STEP", Short: "Stop before a step, or go on", Args: cobra.ExactArgs(2),
		Long: `Breakpoint stops the attempts of a step before they begin: all of them, or those of a version, an instance, a run or
a number. With --list it shows those that are set, and what they stopped. With --delete the step runs again, and what the
breakpoint stopped goes on; name it with the flags that it was set with. "segue resume" lets one attempt go on while the
breakpoint stays.`,
		Example: "  segue breakpoint hello greet\n  segue breakpoint hello greet --instance 3 --attempt 2\n  segue breakpoint hello greet --list\n  segue breakpoint hello greet --delete",
		RunE: act(func(ctx context.Context, args []string) error {
			if keep && !remove {
				return usageError{"--keep says what becomes of what a breakpoint stopped: it needs --delete"}
			}
			on, b := client.Target{Workflow: args[0], Step: args[1]}, only
			b.Workflow, b.Step = args[0], args[1]
			switch {
			case list && (remove || only != client.Breakpoint{}):
				return usageError{"--list shows all breakpoints of the step: it goes with no other flag than --json"}
			case list:
				return s.listBreakpoints(ctx, b.Workflow, b.Step, asJSON)
			case remove:
				acted, err := s.client().DeleteBreakpoint(ctx, b, !keep)
				return s.showActed(on, acted, err, asJSON)
			}
			if err := s.hasStep(ctx, b); err != nil {
				return err
			}
			acted, err := s.client().SetBreakpoint(ctx, b)
			if err == nil {
				acted.Message = "a breakpoint is set for " + workflow.Scope{Version: b.Version, Instance: b.Instance, Run: b.Run, Attempt: b.Attempt}.String()
			}
			return s.showActed(on, acted, err, asJSON)
		}),
	}
	command.Flags().BoolVar(&remove, "delete", false, "take the breakpoint away")
	command.Flags().BoolVar(&list, "list", false, "show the breakpoints of the step, and what they stopped")
	command.Flags().BoolVar(&keep, "keep", false, "with --delete: what it stopped stays as it is")
	command.Flags().Int64Var(&only.Version, "version", 0, "only in this version of the workflow")
	command.Flags().Int64Var(&only.Instance, "instance", 0, "only in this instance")
	command.Flags().Int64Var(&only.Run, "run", 0, "only in runs of this number")
	command.Flags().Int64Var(&only.Attempt, "attempt", 0, "only attempts of this number")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

// hasStep tells when a workflow has no step of the name, before a breakpoint waits for it in vain. The iterations of a loop
// are not asked: the definition is that of the workflow around them.
func (s *session) hasStep(ctx context.Context, b client.Breakpoint) error {
	if workflow.Inline(b.Workflow) {
		return nil
	}
	version := "default"
	if b.Version != 0 {
		version = strconv.FormatInt(b.Version, 10)
	}
	definition, err := s.client().Version(ctx, b.Workflow, version)
	if err != nil {
		return err
	}
	var names []string
	for _, step := range definition.Workflow.Steps {
		if step.ID == b.Step {
			return nil
		}
		names = append(names, step.ID)
	}
	return fmt.Errorf("version %d of %s has no step %s: its steps are %s", definition.Metadata.Version, b.Workflow, b.Step, strings.Join(names, ", "))
}

func (s *session) listBreakpoints(ctx context.Context, wf workflow.ID, step workflow.StepID, asJSON bool) error {
	set, stopped, err := s.client().Breakpoints(ctx, wf, step)
	if err != nil {
		return err
	}
	if asJSON {
		return s.printJSON(map[string][]client.Stop{"breakpoints": set, "stopped": stopped})
	}
	if len(set)+len(stopped) == 0 {
		s.say("%s step %s: no breakpoints", wf, step)
	}
	for _, b := range set {
		s.say("%s step %s: a breakpoint for %s, set by %s at %s", wf, step, b.Scope(), b.Author, moment(b.Time))
	}
	for _, b := range stopped {
		s.say("%s step %s: stopped in %s", wf, step, b.Scope())
	}
	return nil
}
