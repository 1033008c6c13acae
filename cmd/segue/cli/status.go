package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/cmd/segue/tree"
	"github.com/segue-workflows/segue/shared/workflow"
)

func (s *session) statusCommand() *cobra.Command {
	watch, asJSON, nested, cost := false, false, false, false
	command := &cobra.Command{
		Use: "status WORKFLOW [INSTANCE]", Short: "Show an instance and why it waits", Args: cobra.RangeArgs(1, 2),
		Long: `Status shows the newest run of an instance, by default of the newest one: its steps in the order of the graph
with status, duration, attempts, and the reason why they wait or failed. With --tree it shows the instances that loops and
subworkflow steps started below them: of each loop five, those first that failed.`,
		Example: `  segue status hello
  segue status hello 3 --watch
  segue status nightly --tree
  segue status hello 3 --cost
  segue status hello --json | jq -r .status`,
		RunE: act(func(ctx context.Context, args []string) error {
			c := s.client()
			key, err := s.latestRun(ctx, c, args)
			if err != nil {
				return err
			}
			if cost {
				return s.cost(ctx, c, key, asJSON)
			}
			watcher := s.watcher(c)
			if watch {
				if asJSON {
					watcher.Quiet()
				}
				return s.watch(ctx, watcher, key, asJSON)
			}
			load := watcher.Load
			if nested {
				load = watcher.LoadTree
			}
			view, err := load(ctx, key)
			if err != nil {
				return err
			}
			if asJSON {
				return s.printJSON(view)
			}
			_, err = fmt.Fprint(s.out, tree.NewPainter(s.out).Tree(view, s.clock.Now(), "●"))
			return err
		}),
	}
	command.Flags().BoolVar(&watch, "watch", false, "show it until it ends; then the exit code says whether it succeeded")
	command.Flags().BoolVar(&nested, "tree", false, "show the instances below the steps, too")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	command.MarkFlagsMutuallyExclusive("watch", "tree")
	command.Flags().BoolVar(&cost, "cost", false, "show what its orchestration costs on AWS instead")
	command.MarkFlagsMutuallyExclusive("watch", "cost")
	return command
}

// latestRun finds the run that the arguments name: of an instance, or of the newest one.
func (s *session) latestRun(ctx context.Context, c *client.Client, args []string) (workflow.RunKey, error) {
	var key workflow.RunKey
	var instance int64
	if len(args) > 1 {
		n, err := strconv.ParseInt(args[1], 10, 64)
		if err != nil || n < 1 {
			return key, usageError{fmt.Sprintf("%q is no instance: they are numbered from 1", args[1])}
		}
		instance = n
	} else {
		overview, err := c.Overview(ctx, args[0])
		if err != nil {
			return key, err
		}
		if overview.Latest == 0 {
			return key, fmt.Errorf("workflow %s has no instance yet: start one with \"segue start %s\"", args[0], args[0])
		}
		instance = overview.Latest
	}
	run, err := c.LatestRun(ctx, args[0], instance)
	if err != nil {
		return key, err
	}
	return workflow.RunKey{Workflow: args[0], Instance: run.Instance, Run: run.Run}, nil
}

func instanceName(started *client.Started) string {
	return fmt.Sprintf("%s instance %d run %d (version %d)", started.WorkflowID, started.Instance, started.Run, started.Version)
}
