package cli

import (
	"context"

	"github.com/spf13/cobra"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/workflow"
)

// pushed is what push --json prints.
type pushed struct {
	Workflow workflow.ID `json:"workflow_id"`
	Version  int64       `json:"workflow_version_id"`
	Active   bool        `json:"is_active"`
}

func (s *session) pushCommand() *cobra.Command {
	asJSON := false
	command := &cobra.Command{
		Use: "push FILE", Short: "Store a definition as the workflow's next version", Args: cobra.ExactArgs(1),
		Long: `Push checks a definition and stores it as the next version of its workflow. Unless the definition says
"is_active": false, new instances run that version from now on.`,
		Example: `  segue push examples/hello.json
  segue push examples/daily.yaml --url https://segue.example.com`,
		RunE: act(func(ctx context.Context, args []string) error {
			d, err := s.push(ctx, s.client(), args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return s.printJSON(pushed{d.Metadata.WorkflowID, d.Metadata.Version, d.IsActive})
			}
			state := "active"
			if !d.IsActive {
				state = "not active"
			}
			s.say("pushed %s version %d (%s)", d.Metadata.WorkflowID, d.Metadata.Version, state)
			return nil
		}),
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

// push checks a file here, where its lines are known, and then sends it as it is.
func (s *session) push(ctx context.Context, c *client.Client, file string) (*client.Definition, error) {
	source, err := s.checkFile(ctx, file)
	if err != nil {
		return nil, err
	}
	if len(source.Faults) > 0 {
		s.showFaults(s.errs, source)
		return nil, errSilent
	}
	return c.Push(ctx, source.text, source.yaml())
}
