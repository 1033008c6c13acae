// Command evaluate is the function that the evaluate queue feeds: it decides runs, and sweeps for work that
// everybody forgot. The runs of one batch are decided side by side.
package main

import (
	"github.com/segue-workflows/segue/shared/aws/boot"
	"github.com/segue-workflows/segue/shared/aws/entry"
	"github.com/segue-workflows/segue/shared/engine/evaluate"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/wire"
)

// writes is how many iterations of a loop one invocation begins side by side.
const writes = 16

func main() { boot.Main(wire.Evaluate, invoker) }

func invoker(home *boot.Home) any {
	use := &evaluate.Evaluate{Loop: home.Loop, Admit: &trigger.Trigger{Loop: home.Loop, NewID: home.NewID}, Parallel: writes}
	return home.Batch(wire.Evaluate, entry.Each(use.Handle)).Invoke
}
