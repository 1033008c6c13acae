package cli

import (
	"context"
	"strings"

	"github.com/spf13/cobra"

	"github.com/segue-workflows/segue/cmd/segue/client"
)

func (s *session) breakpointCommand() *cobra.Command {
	remove, keep, asJSON := false, false, false
	var only client.Breakpoint
	var command *cobra.Command
	command = &cobra.Command{
		Use: "breakpoint WORKFLOW STEP", Short: "Stop before a step, or go on", Args: cobra.ExactArgs(2),
		Long: `Breakpoint stops the attempts of a step before they begin: all of them, or those of a version, an instance, a run or
a number. With --delete the step runs again, and what the breakpoint stopped goes on; name it with the flags that it was set with.
"segue resume" lets one attempt go on while the breakpoint stays.`,
		Example: "  segue breakpoint hello greet\n  segue breakpoint hello greet --instance 3 --attempt 2\n  segue breakpoint hello greet --delete",
		RunE: act(func(ctx context.Context, args []string) error {
			if keep && !remove {
				return usageError{"--keep says what becomes of what a breakpoint stopped: it needs --delete"}
			}
			on, b := client.Target{Workflow: args[0], Step: args[1]}, only
			b.Workflow, b.Step = args[0], args[1]
			if remove {
				acted, err := s.client().DeleteBreakpoint(ctx, b, !keep)
				return s.showActed(on, acted, err, asJSON)
			}
			acted, err := s.client().SetBreakpoint(ctx, b)
			if err == nil {
				acted.Message = "a breakpoint is set for " + scope(command)
			}
			return s.showActed(on, acted, err, asJSON)
		}),
	}
	command.Flags().BoolVar(&remove, "delete", false, "take the breakpoint away")
	command.Flags().BoolVar(&keep, "keep", false, "with --delete: what it stopped stays as it is")
	command.Flags().Int64Var(&only.Version, "version", 0, "only in this version of the workflow")
	command.Flags().Int64Var(&only.Instance, "instance", 0, "only in this instance")
	command.Flags().Int64Var(&only.Run, "run", 0, "only in runs of this number")
	command.Flags().Int64Var(&only.Attempt, "attempt", 0, "only attempts of this number")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

// scope says which attempts a breakpoint stops, by the flags that narrow it.
func scope(command *cobra.Command) string {
	var parts []string
	for _, name := range []string{"version", "instance", "run", "attempt"} {
		if flag := command.Flags().Lookup(name); flag.Changed {
			parts = append(parts, name+" "+flag.Value.String())
		}
	}
	if len(parts) == 0 {
		return "all instances"
	}
	return strings.Join(parts, ", ")
}
