// Command api is the function behind the HTTP API: the REST API of the reference, for callers that API
// Gateway has checked.
package main

import (
	"time"

	"github.com/segue-workflows/segue/shared/aws/boot"
	"github.com/segue-workflows/segue/shared/aws/entry"
	"github.com/segue-workflows/segue/shared/catalog"
	"github.com/segue-workflows/segue/shared/control"
	"github.com/segue-workflows/segue/shared/engine/signal"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/rest"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

func main() { boot.Main(wire.API, invoker) }

// parkedWait is how long a look at what is parked waits for messages: with any wait SQS asks all its machines.
const parkedWait = time.Second

func invoker(home *boot.Home) any {
	starts := &trigger.Trigger{Loop: home.Loop, NewID: home.NewID, Parallel: workflow.MaxStartBatch}
	handler := rest.New(rest.Deps{
		Loop:    home.Loop,
		Catalog: &catalog.Catalog{Loop: home.Loop, Listener: &signal.Signals{Trigger: starts}},
		Trigger: starts,
		Log:     home.Log,
		Tokens:  home.Tokens,
		Parked:  &control.Parked{Queue: home.Queues, Name: wire.Parked, Look: wire.DeadLetters, Wait: parkedWait},
	})
	return (&entry.API{Handler: handler, Caller: home.Caller, Log: home.Log}).Invoke
}
