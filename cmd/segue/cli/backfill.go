package cli

import (
	"context"
	"fmt"

	"github.com/spf13/cobra"

	"github.com/segue-workflows/segue/shared/workflow"
)

// backfillFlags are the flags of backfill.
type backfillFlags struct {
	from, to, step, param, name, version string
	concurrency                          int
	dryRun, json                         bool
}

func (s *session) backfillCommand() *cobra.Command {
	var f backfillFlags
	command := &cobra.Command{
		Use: "backfill WORKFLOW", Short: "Run a workflow for each day, or hour, of the past", Args: cobra.ExactArgs(1),
		Long: `Backfill starts one instance for every time from --from to --to, both included, and waits for them. Times are UTC.
The param gets the time in the form of --from; a LONG gets 20260131 for a date and epoch milliseconds for a time.

The runs obey the workflow's run strategy, and they take free places only: the next one is asked for while nothing
waits and a place is free, so whatever else is started goes first. At most --concurrency of them are open at once.

The request id of a run follows from the workflow, the param, its value and --name. So a backfill that was interrupted
is continued by the same command, and starts nothing twice; another --name runs the same times once more.`,
		Example: `  segue backfill hello --from 2026-01-01 --to 2026-01-31 --step 1d --param date --dry-run
  segue backfill hello --from 2026-01-01 --to 2026-01-31 --step 1d --param date --concurrency 5
  segue backfill hello --from 2026-01-01T00:00:00Z --to 2026-01-01T23:00:00Z --step 1h --param hour --name again`,
		RunE: act(func(ctx context.Context, args []string) error { return s.backfill(ctx, args[0], f) }),
	}
	flags := command.Flags()
	flags.StringVar(&f.from, "from", "", "the first time: 2026-01-31 or 2026-01-31T12:00:00Z")
	flags.StringVar(&f.to, "to", "", "the last time")
	flags.StringVar(&f.step, "step", "1d", "from one time to the next: 1d, 6h, 30min")
	flags.StringVar(&f.param, "param", "", "the run param that gets the time")
	flags.StringVar(&f.name, "name", "", "a name for this backfill, to run the same times once more")
	flags.StringVar(&f.version, "version", "active", "active, latest, default or a number")
	flags.IntVar(&f.concurrency, "concurrency", 1, "how many runs may be open at once")
	flags.BoolVar(&f.dryRun, "dry-run", false, "list the runs and start none")
	flags.BoolVar(&f.json, "json", false, "print JSON")
	for _, name := range []string{"from", "to", "param"} {
		_ = command.MarkFlagRequired(name) // fails only for a flag that is not there
	}
	return command
}

func (s *session) backfill(ctx context.Context, wf workflow.ID, f backfillFlags) error {
	if f.concurrency < 1 || f.concurrency > workflow.MaxConcurrency {
		return usageError{fmt.Sprintf("--concurrency is 1 to %d", workflow.MaxConcurrency)}
	}
	times, err := readTimes(f)
	if err != nil {
		return err
	}
	c := s.client()
	definition, err := c.Version(ctx, wf, f.version)
	if err != nil {
		return err
	}
	declared, _ := definition.Workflow.Params.Get(f.param)
	runs, err := times.runs(wf, f, declared)
	if err != nil {
		return err
	}
	if f.dryRun {
		return s.listBackfill(runs, f.json)
	}
	feed := &feeder{session: s, client: c, workflow: wf, flags: f, runs: runs}
	if err := feed.run(ctx); err != nil {
		return err
	}
	if f.json {
		if err := s.printJSON(runs); err != nil {
			return err
		}
	}
	return feed.verdict()
}

func (s *session) listBackfill(runs []*pastRun, asJSON bool) error {
	if asJSON {
		return s.printJSON(runs)
	}
	for _, run := range runs {
		s.say("%s  request id %s", run.Value, run.RequestID)
	}
	s.say("%d runs; nothing is started", len(runs))
	return nil
}
