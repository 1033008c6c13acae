package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/spf13/cobra"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/engine/schedule"
	"github.com/segue-workflows/segue/shared/workflow"
)

func (s *session) scheduleCommand() *cobra.Command {
	asJSON := false
	command := &cobra.Command{
		Use: "schedule WORKFLOW", Short: "Show when a workflow runs next by its time triggers", Args: cobra.ExactArgs(1),
		Long: `Schedule shows the time triggers of a workflow and the next ten times at which they start it. There are none
while the workflow is inactive or its time triggers are disabled.`,
		Example: `  segue schedule nightly
  segue schedule nightly --json | jq '.[0]'`,
		RunE: act(func(ctx context.Context, args []string) error {
			found, err := s.client().Schedule(ctx, args[0])
			if err != nil {
				return err
			}
			if asJSON {
				return s.printJSON(append([]int64{}, found.Extras.Times...))
			}
			s.showSchedule(args[0], found)
			return nil
		}),
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print the times as epoch milliseconds")
	return command
}

func (s *session) showSchedule(wf workflow.ID, found *client.Schedule) {
	if len(found.Workflow.Triggers) == 0 {
		s.say("%s has no time triggers", wf)
		return
	}
	for _, trigger := range found.Workflow.Triggers {
		s.say("%s", describeTrigger(trigger))
	}
	if len(found.Extras.Times) == 0 {
		s.say("no next time: the workflow is inactive, its time triggers are disabled, or all their times are over")
	}
	now := s.clock.Now()
	for _, ms := range found.Extras.Times {
		at := time.UnixMilli(ms)
		s.say("  %s  in %s", at.UTC().Format(time.RFC3339), at.Sub(now).Round(time.Second))
	}
}

// describeTrigger says in one line what a trigger is.
func describeTrigger(t workflow.TimeTrigger) string {
	text := t.Cron
	switch t.Type {
	case workflow.TriggerPredefined:
		text = t.Expression
	case workflow.TriggerInterval:
		text = fmt.Sprintf("every %v", t.Interval)
	}
	if t.Timezone != "" {
		text += " " + t.Timezone
	}
	if t.FuzzyMaxDelay != nil {
		text += fmt.Sprintf(", up to %v later", t.FuzzyMaxDelay)
	}
	return text
}

// missed is the --catch-up of dev as the engine takes it: there, nothing said is the default.
func missed(back time.Duration) time.Duration {
	if back <= 0 {
		return schedule.SkipMissed
	}
	return back
}
