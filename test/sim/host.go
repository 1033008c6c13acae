package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/segue-workflows/segue/shared/control"
	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/callback"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/dispatch"
	"github.com/segue-workflows/segue/shared/engine/evaluate"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/rollup"
	"github.com/segue-workflows/segue/shared/engine/signal"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// host is one process: the handlers, with what they keep in memory and their idea of the time.
type host struct {
	number int
	skew   time.Duration

	trigger  *trigger.Trigger
	control  *control.Control
	signals  *signal.Signals
	evaluate *evaluate.Evaluate
	dispatch *dispatch.Dispatch
	rollup   *rollup.Rollup
	callback *callback.Callback
}

// clock is a host's idea of the time.
type clock struct {
	world *World
	skew  time.Duration
}

func (c clock) Now() time.Time { return c.world.now.Add(c.skew) }

func (c clock) Sleep(_ context.Context, d time.Duration) error {
	c.world.enter(PortSleep)
	c.world.current.sleep(c.world.now.Add(d))
	c.world.leave(PortSleep)
	return nil
}

// restart makes a host forget what it kept in memory.
func (h *host) restart(w *World) {
	settings := decide.Settings{Runtimes: runtime.Standard()}
	settings.Runtimes.Add(jobType, w.jobs)
	w.handing(settings.Runtimes)
	if w.tooth == ClaimTime {
		settings.ClaimTime = time.Millisecond
	}
	loop := advance.New(advance.Loop{Store: w.table, Sender: w.post, Clock: clock{w, h.skew}, Random: w.random.Float64, Settings: settings})
	h.trigger = &trigger.Trigger{Loop: loop, NewID: func() string { w.ids++; return fmt.Sprintf("anonymous-%d", w.ids) }}
	h.control, h.signals = &control.Control{Trigger: h.trigger}, &signal.Signals{Trigger: h.trigger}
	h.evaluate, h.rollup = &evaluate.Evaluate{Loop: loop, Admit: h.trigger}, &rollup.Rollup{Loop: loop}
	h.callback = &callback.Callback{Loop: loop}
	h.dispatch = &dispatch.Dispatch{Loop: loop, Signer: signer{}, NewCalls: func() dispatch.Calls { return &calls{w, w.current} }}
}

// push makes the workflow, with one active version.
func (w *World) push() {
	version := &workflow.Version{Number: 1, Author: "sim", CreateTime: epoch.UnixMilli(), InternalID: 1, Workflow: w.body}
	head := strategy.Head{InternalID: 1, Latest: 1, Active: 1, Properties: 1, Strategy: w.strategy, Next: 1}
	snapshot := record.Snapshot{Author: "sim", Properties: &workflow.Properties{Owner: &workflow.User{Name: "sim"}, StepConcurrency: w.steps}}
	w.current = &task{name: "push"}
	for _, item := range []store.Item{{Key: record.VersionKey(w.body.ID, 1), Body: record.Encode(version)},
		{Key: record.PropertiesKey(w.body.ID, 1), Body: record.Encode(snapshot)},
		{Key: record.HeadKey(w.body.ID), Body: record.Encode(head)}} {
		if err := w.table.land(context.Background(), store.Write{Item: item}); err != nil {
			w.fail("push: %v", err)
		}
	}
	w.current = nil
}
