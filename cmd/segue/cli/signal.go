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

func (s *session) signalCommand() *cobra.Command {
	request, asJSON := "", false
	command := &cobra.Command{
		Use: "signal NAME [PARAM=VALUE ...]", Short: "Announce a signal", Args: cobra.MinimumNArgs(1),
		Long: `Signal announces a signal: it starts the workflows whose triggers it completes, and wakes the steps that wait for
it. A value that is an integer is sent as one; write 'day="7"' for a text of digits. The same signal is announced once;
with --request-id, once for each id.`,
		Example: "  segue signal orders/ready day=20260304\n  segue signal orders/ready day=20260304 --request-id load-17",
		RunE: act(func(ctx context.Context, args []string) error {
			params := &workflow.Ordered[any]{}
			for _, arg := range args[1:] {
				name, text, ok := strings.Cut(arg, "=")
				if !ok || name == "" {
					return usageError{fmt.Sprintf("%s: want PARAM=VALUE", arg)}
				}
				params.Set(name, signalValue(text))
			}
			sent, err := s.client().Announce(ctx, args[0], params, request)
			if err != nil {
				return err
			}
			if asJSON {
				return s.printJSON(sent.Raw)
			}
			s.say("announced %s number %d", sent.Name, sent.Seq)
			return nil
		}),
	}
	command.Flags().StringVar(&request, "request-id", "", "a name for this signal, such as a UUID")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

// signalValue reads an integer, a quoted text, or a text.
func signalValue(text string) any {
	if n, err := strconv.ParseInt(text, 10, 64); err == nil {
		return n
	}
	if quoted, err := strconv.Unquote(text); err == nil && strings.HasPrefix(text, `"`) {
		return quoted
	}
	return text
}

func (s *session) lineageCommand() *cobra.Command {
	hops, asJSON := 1, false
	command := &cobra.Command{
		Use: "lineage WORKFLOW INSTANCE | lineage --signal NAME [NUMBER]", Short: "Show who announced and who consumed signals", Args: cobra.RangeArgs(1, 2),
		Long: `Lineage shows which signals an instance announced and consumed, and who else did; with --signal the same of one
signal. With --hops it follows the way further.`,
		Example: "  segue lineage signals 1 --hops 3\n  segue lineage --signal orders/ready\n  segue lineage --signal orders/ready 4",
	}
	ofSignal := false
	command.RunE = act(func(ctx context.Context, args []string) error {
		found, err := s.lineage(ctx, args, ofSignal, hops)
		if err != nil {
			return err
		}
		if asJSON {
			return s.printJSON(found.Raw)
		}
		for _, link := range found.Links {
			who := link.Run.String()
			if link.Step != "" {
				who += " step " + link.Step
			}
			s.say("%s %d  %s  %s", link.Signal, link.Seq, strings.ToLower(strings.ReplaceAll(link.Role, "_", " ")), who)
		}
		if found.More {
			s.say("there is more than one look shows")
		}
		return nil
	})
	command.Flags().BoolVar(&ofSignal, "signal", false, "of a signal, by name and number; without a number, of the latest")
	command.Flags().IntVar(&hops, "hops", 1, "how far to follow, up to 5")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

func (s *session) lineage(ctx context.Context, args []string, ofSignal bool, hops int) (*client.Lineage, error) {
	if ofSignal {
		seq := "latest"
		if len(args) == 2 {
			seq = args[1]
		}
		return s.client().SignalLineage(ctx, args[0], seq, hops)
	}
	on, err := target(args)
	if err != nil {
		return nil, err
	}
	if on.Instance == 0 {
		return nil, usageError{"want WORKFLOW INSTANCE, or --signal NAME"}
	}
	return s.client().RunLineage(ctx, on.Workflow, on.Instance, hops)
}
