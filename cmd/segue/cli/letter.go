package cli

import (
	"context"
	"errors"

	"github.com/spf13/cobra"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/workflow"
)

func (s *session) deadLettersCommand() *cobra.Command {
	command := &cobra.Command{
		Use: "dead-letters", Short: "See to attempts that could not be delivered",
		Long: `An attempt whose delivery failed too often is set aside: its step fails, everything else goes on. These commands list
what was set aside in the last 14 days, let it run again, or forget it. They also show messages that are parked: those that
nobody understood or could look up, and events that could never be published. Redriven, a message that speaks of a run is
looked up once more; the others can only be dropped.`,
	}
	var wf string
	asJSON := false
	list := &cobra.Command{
		Use: "list [WORKFLOW]", Short: "List what is set aside", Args: cobra.MaximumNArgs(1),
		Example: "  segue dead-letters list\n  segue dead-letters list hello --stage prod",
		RunE: act(func(ctx context.Context, args []string) error {
			if len(args) > 0 {
				wf = args[0]
			}
			return s.listLetters(ctx, wf, asJSON)
		}),
	}
	list.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	command.AddCommand(list, s.letterCommand("redrive", "Let the steps of dead letters run again",
		"A step runs as after a restart of it. A letter that was redriven before changes nothing."),
		s.letterCommand("drop", "Forget dead letters", "The steps stay as they are."))
	return command
}

func (s *session) letterCommand(action, short, long string) *cobra.Command {
	all, asJSON := false, false
	var wf string
	command := &cobra.Command{
		Use: action + " [ID]...", Short: short, Long: short + ". " + long + " The ids are those of the list.",
		Example: "  segue dead-letters " + action + " hello:3:1:greet:1\n  segue dead-letters " + action + " --all --workflow hello",
		RunE: act(func(ctx context.Context, args []string) error {
			if all == (len(args) > 0) {
				return usageError{"give the ids of dead letters, or --all"}
			}
			if wf != "" && !all {
				return usageError{"--workflow belongs to --all"}
			}
			return s.actOnLetters(ctx, action, args, wf, asJSON)
		}),
	}
	command.Flags().BoolVar(&all, "all", false, "all that are set aside")
	command.Flags().StringVar(&wf, "workflow", "", "with --all, those of this workflow only")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

func (s *session) listLetters(ctx context.Context, wf workflow.ID, asJSON bool) error {
	list, err := s.client().DeadLetters(ctx, wf)
	if err != nil {
		return err
	}
	if asJSON {
		return s.printJSON(list)
	}
	for _, l := range list.Letters {
		s.say("%s  %s  %s after %d failed deliveries", l.ID, moment(l.Time), l.Status, l.Failures)
	}
	for _, p := range list.Parked {
		s.say("%s  %s  %s %s, %d bytes: %s", p.ID, moment(p.Time), p.Kind, p.About, p.Bytes, p.Reason)
	}
	switch {
	case list.More:
		s.say("and more")
	case len(list.Letters)+len(list.Parked) == 0:
		s.say("no dead letters")
	}
	return nil
}

// idsFor lists what can be acted on: what is no hint cannot be redriven.
func idsFor(list *client.Letters, action string) (ids []string) {
	for _, l := range list.Letters {
		ids = append(ids, l.ID)
	}
	for _, p := range list.Parked {
		if p.Redrivable || action == "drop" {
			ids = append(ids, p.ID)
		}
	}
	return ids
}

// actOnLetters acts on each of the letters, without ids on all. What is refused does not keep it from the others.
func (s *session) actOnLetters(ctx context.Context, action string, ids []string, wf workflow.ID, asJSON bool) error {
	c := s.client()
	if len(ids) == 0 {
		list, err := c.DeadLetters(ctx, wf)
		if err != nil {
			return err
		}
		ids = idsFor(list, action)
	}
	var acted []*client.LetterActed
	var failed error
	for _, id := range ids {
		answer, err := c.ActOnLetter(ctx, id, action)
		if refused := (*client.Refused)(nil); errors.As(err, &refused) {
			answer, failed = &client.LetterActed{ID: id, Message: refused.Error()}, errSilent
		} else if err != nil {
			return err
		}
		acted = append(acted, answer)
		if !asJSON {
			s.say("%s: %s", id, answer.Message)
		}
	}
	if asJSON {
		return errors.Join(s.printJSON(acted), failed)
	}
	if len(acted) == 0 {
		s.say("no dead letters")
	}
	return failed
}
