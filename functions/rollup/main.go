// Command rollup is the function that the rollup queue, the dead-letter queue and the table's stream feed: it gives the
// places of runs that ended to those that wait, a batch in one write, looks up what dead letters speak of, and publishes
// the events of what landed in the table.
package main

import (
	"github.com/segue-workflows/segue/shared/aws/boot"
	"github.com/segue-workflows/segue/shared/aws/entry"
	"github.com/segue-workflows/segue/shared/engine/evaluate"
	"github.com/segue-workflows/segue/shared/engine/rollup"
	"github.com/segue-workflows/segue/shared/wire"
)

func main() { boot.Main(wire.Rollup, invoker) }

func invoker(home *boot.Home) any {
	ended := home.Batch(wire.Rollup, (&rollup.Rollup{Loop: home.Loop}).Handle)
	look := &evaluate.Evaluate{Loop: home.Loop}
	return entry.Sources{Queues: home.WithDeadLetters(ended, look.DeadLetter).Invoke, Stream: home.Stream}.Invoke
}
