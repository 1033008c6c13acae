// Command trigger is the function that the trigger queue feeds: due times of time triggers become instances.
// What is no hint is parked.
package main

import (
	"github.com/segue-workflows/segue/shared/aws/boot"
	"github.com/segue-workflows/segue/shared/aws/entry"
	"github.com/segue-workflows/segue/shared/engine/schedule"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/wire"
)

func main() { boot.Main(wire.Trigger, invoker) }

func invoker(home *boot.Home) any {
	times := &schedule.Schedules{Loop: home.Loop, Starter: &trigger.Trigger{Loop: home.Loop, NewID: home.NewID}}
	return home.Batch(wire.Trigger, entry.Each(times.Handle)).Invoke
}
