package cli

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"
)

func (s *session) limitCommand() *cobra.Command {
	remove, asJSON, reason := false, false, ""
	command := &cobra.Command{
		Use: "limit TAG [MAX]", Short: "Limit how many steps with a tag execute together", Args: cobra.RangeArgs(1, 2),
		Long: `Limit shows how many attempts of steps with a tag execute together at most, in all workflows, or sets it: 0 lets none
begin. What executes already goes on to its end; what waits for a place says so in "segue status".`,
		Example: "  segue limit spark-large 20 --reason 'the cluster is small today'\n  segue limit spark-large\n  segue limit spark-large --delete",
		RunE: act(func(ctx context.Context, args []string) error {
			switch tag := args[0]; {
			case remove && len(args) > 1:
				return usageError{"--delete takes the limit away: it needs no number"}
			case remove:
				gone, err := s.client().DeleteLimit(ctx, tag, reason)
				if err != nil {
					return err
				}
				if asJSON {
					return s.printJSON(gone.Raw)
				}
				s.say("%s", gone.Text())
				return nil
			case len(args) > 1:
				return s.setLimit(ctx, tag, args[1], reason, asJSON)
			default:
				return s.showLimit(ctx, tag, asJSON)
			}
		}),
	}
	command.Flags().BoolVar(&remove, "delete", false, "take the limit away; what waits for it goes on")
	command.Flags().StringVar(&reason, "reason", "", "why; it is kept with the limit")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

func (s *session) setLimit(ctx context.Context, tag, text, reason string, asJSON bool) error {
	most, err := strconv.ParseInt(text, 10, 64)
	if err != nil || most < 0 {
		return usageError{fmt.Sprintf("%q is no limit: give a number from 0", text)}
	}
	limit, err := s.client().SetLimit(ctx, tag, most, reason)
	if err != nil {
		return err
	}
	if asJSON {
		return s.printJSON(limit)
	}
	s.say("tag %s: at most %d at once", limit.Tag, limit.Most)
	return nil
}

// showLimit prints a limit, and who set it when and why.
func (s *session) showLimit(ctx context.Context, tag string, asJSON bool) error {
	limit, err := s.client().Limit(ctx, tag)
	if err != nil {
		return err
	}
	if asJSON {
		return s.printJSON(limit)
	}
	s.say("tag %s: at most %d at once", limit.Tag, limit.Most)
	for _, e := range limit.Timeline {
		by := ""
		if e.Author != nil {
			by = " by " + e.Author.Name
		}
		if e.Reason != "" {
			by += ": " + e.Reason
		}
		s.say("  %s  %s%s", moment(e.Timestamp), e.Message, by)
	}
	return nil
}
