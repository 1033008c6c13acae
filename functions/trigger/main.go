// Command trigger is the function that the trigger queue feeds: due times of time triggers become instances, and
// signals, also those that a topic brings, start instances and wake steps. What is neither is parked.
package main

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/shared/aws/boot"
	"github.com/segue-workflows/segue/shared/aws/entry"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/schedule"
	"github.com/segue-workflows/segue/shared/engine/signal"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

func main() { boot.Main(wire.Trigger, invoker) }

// grace is how late a schedule may be before the sweep does its work.
const grace = 30 * time.Second

func invoker(home *boot.Home) any {
	starts := &trigger.Trigger{Loop: home.Loop, NewID: home.NewID, Parallel: workflow.MaxStartBatch}
	times, signals := &schedule.Schedules{Loop: home.Loop, Starter: starts, Timer: home.Timer, Grace: grace}, &signal.Signals{Trigger: starts}
	batch := home.Batch(wire.Trigger, entry.Each(func(ctx context.Context, m hint.Message) error {
		if m.Kind == hint.Due {
			return times.Handle(ctx, m)
		}
		return signals.Handle(ctx, m)
	}))
	batch.Foreign = entry.Announce(signals)
	return batch.Invoke
}
