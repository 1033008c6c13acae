package cli

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/definition"
)

// action describes a command that acts on what runs.
type action struct {
	name, short, long string
	step              bool // it also acts on one step
	workflow          bool // it also acts on all instances of a workflow
	onlyStep          bool
	do                func(c *client.Client, ctx context.Context, on client.Target, reason string) (*client.Acted, error) // on a step; nil: as on all else
}

var actions = []action{
	{"stop", "Stop an instance, a step, or all instances of a workflow", "What is stopped ends as STOPPED; jobs that run are told to end.", true, true, false, nil},
	{"kill", "Stop the same, as failed", "What is killed ends as failed; of a step the failure mode decides what follows.", true, true, false, nil},
	{"skip", "Skip a step", "A step that is skipped counts as complete: what follows it goes on. A step that failed can be skipped too.", true, false, true, nil},
	{"bypass", "Let a step go on that waits for signals", "It goes on without those that are not there.", true, false, true, nil},
	{"pause", "Keep an instance from starting further steps", "What has begun goes on to its end.", false, false, false, nil},
	{"resume", "Let a paused instance go on, or a step that a breakpoint stopped", "It starts the steps that waited meanwhile.", true, false, false,
		(*client.Client).ResumeAttempt},
	{"unblock", "Let a STRICT_SEQUENTIAL workflow go on after a failure", "Without an instance it forgets all failures.", false, true, false, nil},
}

func (s *session) actionCommands() []*cobra.Command {
	out := []*cobra.Command{s.restartCommand(), s.breakpointCommand(), s.limitCommand(), s.signalCommand(), s.lineageCommand()}
	for _, a := range actions {
		out = append(out, s.actionCommand(a))
	}
	return out
}

// usage returns the arguments of an action, and how many it needs at least and at most.
func (a action) usage() (text string, least, most int) {
	switch {
	case a.onlyStep:
		return "WORKFLOW INSTANCE STEP", 3, 3
	case a.workflow && a.step:
		return "WORKFLOW [INSTANCE [STEP]]", 1, 3
	case a.workflow:
		return "WORKFLOW [INSTANCE]", 1, 2
	case a.step:
		return "WORKFLOW INSTANCE [STEP]", 2, 3
	}
	return "WORKFLOW INSTANCE", 2, 2
}

func (a action) examples() string {
	_, least, most := a.usage()
	var lines []string
	for n := least; n <= most; n++ {
		lines = append(lines, "  segue "+a.name+" "+strings.Join([]string{"hello", "3", "greet"}[:n], " "))
	}
	lines[0] += " --reason 'not needed any more'"
	return strings.Join(lines, "\n")
}

func (s *session) actionCommand(a action) *cobra.Command {
	reason, asJSON := "", false
	arguments, least, most := a.usage()
	command := &cobra.Command{
		Use: a.name + " " + arguments, Short: a.short, Args: cobra.RangeArgs(least, most),
		Long: a.short + ". " + a.long, Example: a.examples(),
		RunE: act(func(ctx context.Context, args []string) error {
			on, err := target(args)
			if err != nil {
				return err
			}
			var acted *client.Acted
			if on.Step != "" && a.do != nil {
				acted, err = a.do(s.client(), ctx, on, reason)
			} else {
				acted, err = s.client().Act(ctx, on, a.name, reason)
			}
			return s.showActed(on, acted, err, asJSON)
		}),
	}
	command.Flags().StringVar(&reason, "reason", "", "why; it is kept on the timeline")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

func (s *session) restartCommand() *cobra.Command {
	beginning, asJSON, reason := false, false, ""
	command := &cobra.Command{
		Use: "restart WORKFLOW INSTANCE [STEP]", Short: "Run an instance, or a step, again", Args: cobra.RangeArgs(2, 3),
		Long: `Restart makes the next run of an instance that is over: of what did not complete, or with --from-beginning of
everything. With a step it runs that and what follows it; while the instance goes on, a step that failed gets another attempt.`,
		Example: "  segue restart hello 3\n  segue restart hello 3 --from-beginning\n  segue restart hello 3 greet",
		RunE: act(func(ctx context.Context, args []string) error {
			on, err := target(args)
			if err != nil {
				return err
			}
			policy := definition.RestartFromIncomplete
			if beginning {
				policy = definition.RestartFromBeginning
			}
			acted, err := s.client().Restart(ctx, on, policy, reason)
			return s.showActed(on, acted, err, asJSON)
		}),
	}
	command.Flags().StringVar(&reason, "reason", "", "why; it is kept on the timeline")
	command.Flags().BoolVar(&beginning, "from-beginning", false, "run all steps again")
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

// target reads WORKFLOW [INSTANCE [STEP]].
func target(args []string) (client.Target, error) {
	on := client.Target{Workflow: args[0]}
	if len(args) > 1 {
		var err error
		if on.Instance, err = strconv.ParseInt(args[1], 10, 64); err != nil || on.Instance < 1 {
			return on, usageError{fmt.Sprintf("%q is no instance: they are numbered from 1", args[1])}
		}
	}
	if len(args) > 2 {
		on.Step = args[2]
	}
	return on, nil
}

// showActed says what an action changed.
func (s *session) showActed(on client.Target, acted *client.Acted, err error, asJSON bool) error {
	if err != nil {
		return err
	}
	if asJSON {
		return s.printJSON(acted.Raw)
	}
	name := on.Workflow
	if on.Instance != 0 {
		name += fmt.Sprintf(" instance %d", on.Instance)
	}
	if on.Step != "" {
		name += " step " + on.Step
	}
	s.say("%s: %s", name, acted.Text())
	return nil
}
