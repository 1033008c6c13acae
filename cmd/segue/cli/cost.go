package cli

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/price"
	"github.com/segue-workflows/segue/shared/workflow"
)

// cost shows what an instance costs on AWS.
func (s *session) cost(ctx context.Context, c *client.Client, key workflow.RunKey, asJSON bool) error {
	prices, err := price.Load()
	if err != nil {
		return err
	}
	cost, err := c.Cost(ctx, key.Workflow, key.Instance)
	if err != nil {
		return err
	}
	own, most := prices.Dollars(billOf(cost.Own))/1e6, prices.Dollars(billOf(cost.Most))/1e6
	if asJSON {
		return s.printJSON(struct {
			*client.Cost
			OwnDollars  float64 `json:"own_dollars"`
			MostDollars float64 `json:"most_dollars"`
		}{cost, own, most})
	}
	more := ""
	if cost.Partial {
		more = ", and more that were not counted"
	}
	s.say("%s instance %d: %d runs, %d commits%s", key.Workflow, key.Instance, cost.Runs, cost.Commits, more)
	s.say("  $%.8f  its own: %d write units", own, cost.Own.Writes)
	s.say("  $%.8f  at most, had it shared nothing: %d write and %d read units, %d queue requests, %d invocations", most,
		cost.Most.Writes, cost.Most.Reads, cost.Most.Requests, cost.Most.Invocations)
	s.say("Without lost races, jobs, API calls, and instances that its steps started.")
	return nil
}

func billOf(u client.Units) price.Bill {
	return price.Bill{Snapshot: meter.Snapshot{WriteUnits: u.Writes, ReadUnits: float64(u.Reads), QueueRequests: u.Requests},
		Invocations: u.Invocations, Busy: time.Duration(u.Milliseconds) * time.Millisecond}
}
