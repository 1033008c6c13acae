package cli

import (
	"context"
	"fmt"
	"time"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/workflow"
)

// feeder starts the runs of a backfill, one after another, into places that nobody else wants.
//
// The queue of a workflow is in the order of the instance numbers, so what waits in it is ahead of all that comes
// later. Fresh runs can go ahead of a backfill only because its runs do not wait there: they wait here.
type feeder struct {
	*session
	client   *client.Client
	workflow workflow.ID
	flags    backfillFlags
	runs     []*pastRun

	next int        // the first run that was not asked for yet
	open []*pastRun // those that have not ended
	said string     // why no run is started, so that it is said once
}

// feedEvery is how often the feeder looks at its runs.
const feedEvery = 300 * time.Millisecond

// run starts everything and waits until it has ended.
func (f *feeder) run(ctx context.Context) error {
	for {
		if err := f.look(ctx); err != nil {
			return err
		}
		if err := f.fill(ctx); err != nil {
			return err
		}
		if f.next == len(f.runs) && len(f.open) == 0 {
			return nil
		}
		if err := f.clock.Sleep(ctx, feedEvery); err != nil {
			return err
		}
	}
}

// fill starts runs while there is room for them.
func (f *feeder) fill(ctx context.Context) error {
	for f.next < len(f.runs) && len(f.open) < f.flags.concurrency {
		overview, err := f.client.Overview(ctx, f.workflow)
		if err != nil {
			return err
		}
		if blocked(overview) {
			return fmt.Errorf("%d of %d runs are started; %s lets nothing begin past a failed run: restart it, or \"segue unblock %s\", and repeat this command",
				f.next, len(f.runs), workflow.StrictSequential, f.workflow)
		}
		if taken, why := f.taken(overview); taken {
			f.tell(why)
			return nil
		}
		if err := f.start(ctx, f.runs[f.next]); err != nil {
			return err
		}
		f.next++
	}
	return nil
}

// taken tells whether there is no room for the next run now, and why unless it is for runs of this backfill.
func (f *feeder) taken(o *client.Overview) (taken bool, why string) {
	places := 1
	if strategy := o.Strategy(); strategy.Rule == workflow.Parallel {
		places = int(max(strategy.Concurrency, 1))
	}
	waiting, open := o.Open[workflow.InstanceCreated], 0
	for _, n := range o.Open {
		open += n
	}
	switch {
	case waiting > 0:
		return true, fmt.Sprintf("waiting: %d runs of %s are queued and go first", waiting, f.workflow)
	case open >= places && len(f.open) < open:
		return true, fmt.Sprintf("waiting: %d of %d places of %s are taken", open, places, f.workflow)
	}
	return open >= places, ""
}

func blocked(o *client.Overview) bool {
	return o.Strategy().Rule == workflow.StrictSequential && o.Failed > 0
}

func (f *feeder) start(ctx context.Context, run *pastRun) error {
	params := &workflow.Params{}
	params.Set(f.flags.param, run.param)
	started, err := f.client.Start(ctx, f.workflow, f.flags.version, client.Start{RequestID: run.RequestID, RunParams: params})
	if err != nil {
		return fmt.Errorf("%s: %w", run.Value, err)
	}
	run.Instance, run.Run, run.Known = started.Instance, started.Run, started.Status == statusDuplicated
	run.Status = workflow.InstanceCreated
	if started.Status == statusStopped {
		run.Status = workflow.InstanceStopped
	}
	f.tell(run.Value + ": " + sentence(started))
	if !run.Status.Terminal() {
		f.open = append(f.open, run)
	}
	return nil
}

// look finds out which runs have ended. A run that was restarted is followed to its newest run.
func (f *feeder) look(ctx context.Context) error {
	var open []*pastRun
	for _, run := range f.open {
		latest, err := f.client.LatestRun(ctx, f.workflow, run.Instance)
		if err != nil {
			return err
		}
		if run.Run, run.Status = latest.Run, latest.Status; !run.Status.Terminal() {
			open = append(open, run)
			continue
		}
		f.tell(fmt.Sprintf("%s: instance %d %s", run.Value, run.Instance, run.Status))
	}
	f.open = open
	return nil
}

// tell says a line of progress, unless it was the last one.
func (f *feeder) tell(line string) {
	if line == "" || f.said == line || f.flags.json {
		return
	}
	f.said = line
	f.say("%s", line)
}

// verdict sums up; it fails unless all runs succeeded.
func (f *feeder) verdict() error {
	good := 0
	for _, run := range f.runs {
		if run.Status == workflow.InstanceSucceeded {
			good++
		}
	}
	if !f.flags.json {
		f.say("%d of %d runs succeeded", good, len(f.runs))
	}
	if good < len(f.runs) {
		return errSilent
	}
	return nil
}
