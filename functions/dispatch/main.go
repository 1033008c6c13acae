// Command dispatch is the function that the dispatch queue feeds: it claims steps, calls their runtimes and
// goes on with what follows from their outcomes. The runs of one batch are worked on side by side, so that a
// job that takes its time holds up no other.
package main

import (
	"github.com/segue-workflows/segue/shared/aws/boot"
	"github.com/segue-workflows/segue/shared/aws/entry"
	"github.com/segue-workflows/segue/shared/engine/callback"
	"github.com/segue-workflows/segue/shared/engine/dispatch"
	"github.com/segue-workflows/segue/shared/wire"
)

func main() { boot.Main(wire.Dispatch, invoker) }

func invoker(home *boot.Home) any {
	use := &dispatch.Dispatch{Loop: home.Loop, Signer: home.Tokens, Secrets: home.Secrets, Callback: home.API}
	batch := home.Batch(wire.Dispatch, entry.Each(use.Handle))
	batch.Foreign = entry.Tasks(home.Containers, &callback.Callback{Loop: home.Loop})
	return batch.Invoke
}
