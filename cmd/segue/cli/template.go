package cli

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/segue-workflows/segue/cmd/segue/client"
)

func (s *session) templateCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "template", Short: "Keep job templates: kinds of jobs that steps name as their sub type",
		Long: `A job template gives its params and tags to every step that names it as its sub type, so that a platform team can
add kinds of jobs without code. Steps that begin more than a minute after a push use what was pushed.`,
	}
	var version string
	asJSON := false
	list := &cobra.Command{
		Use: "list", Short: "List the job templates of a version", Args: cobra.NoArgs, Example: "  segue template list",
		RunE: act(func(ctx context.Context, _ []string) error { return s.listTemplates(ctx, version, asJSON) }),
	}
	list.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	show := &cobra.Command{
		Use: "show TYPE", Short: "Print a job template as JSON", Args: cobra.ExactArgs(1), Example: "  segue template show shell",
		RunE: act(func(ctx context.Context, args []string) error {
			text, err := s.client().Template(ctx, args[0], version)
			if err != nil {
				return err
			}
			return s.printJSON(json.RawMessage(text))
		}),
	}
	remove := &cobra.Command{
		Use: "delete TYPE", Short: "Take a version of a job template away", Args: cobra.ExactArgs(1), Example: "  segue template delete shell --version v1",
		RunE: act(func(ctx context.Context, args []string) error {
			if err := s.client().DeleteTemplate(ctx, args[0], version); err != nil {
				return err
			}
			s.say("deleted the job template %s", args[0])
			return nil
		}),
	}
	for _, c := range []*cobra.Command{list, show, remove} {
		c.Flags().StringVar(&version, "version", "", `version of the template; "" is default`)
	}
	push := &cobra.Command{
		Use: "push FILE...", Short: "Store job templates", Args: cobra.MinimumNArgs(1), Example: "  segue template push examples/templates/shell.yaml",
		RunE: act(func(ctx context.Context, args []string) error { return s.pushTemplates(ctx, s.client(), args) }),
	}
	command.AddCommand(push, list, show, remove)
	return command
}

// pushTemplates stores files in the order in which they are given: what inherits comes after its parents.
func (s *session) pushTemplates(ctx context.Context, c *client.Client, files []string) error {
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		extension := strings.ToLower(filepath.Ext(file))
		pushed, err := c.PushTemplate(ctx, text, extension == ".yaml" || extension == ".yml")
		if err != nil {
			return err
		}
		s.say("pushed the job template %s version %s", pushed.Definition.JobType, pushed.Definition.Version)
	}
	return nil
}

func (s *session) listTemplates(ctx context.Context, version string, asJSON bool) error {
	list, err := s.client().Templates(ctx, version)
	if err != nil {
		return err
	}
	if asJSON {
		return s.printJSON(list)
	}
	for _, t := range list {
		s.say("%s %s (%s) %s", t.Definition.JobType, t.Definition.Version, t.Definition.StepType, t.Definition.Description)
	}
	return nil
}
