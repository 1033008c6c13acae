// Command trigger is the function that the trigger queue feeds: signals, due times and batches of starts
// become instances. Nothing sends such messages yet: what arrives is reported and dropped, or parked when it
// is no hint.
package main

import (
	"github.com/segue-workflows/segue/shared/aws/boot"
	"github.com/segue-workflows/segue/shared/aws/entry"
	"github.com/segue-workflows/segue/shared/wire"
)

func main() { boot.Main(wire.Trigger, invoker) }

func invoker(home *boot.Home) any {
	return home.Batch(wire.Trigger, entry.Each(entry.Unknown)).Invoke
}
