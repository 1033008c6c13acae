package bench

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/local"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
	"github.com/segue-workflows/segue/test/world"
)

// atOnce is how many invocations of a function the stack allows.
var atOnce = map[string]int{hint.Trigger: 10, hint.Evaluate: 10, hint.Dispatch: 10, hint.Rollup: 5}

// burst is starts of one PARALLEL workflow on a store that takes as long and throttles as DynamoDB.
type burst struct {
	kind     string // of the one step
	starts   int
	together int // starts in one invocation
	starters int // invocations at once
}

// outcome is what a burst came to.
type outcome struct {
	started, ended time.Duration // until all were answered, and until the last one had ended
	units          int           // that the head was written with
	throttled      int
}

// BenchmarkStarts tells how many starts of one workflow a second get their answer, and come to their end.
func BenchmarkStarts(b *testing.B) {
	for _, kind := range []string{"NoOp", "Echo"} {
		for _, together := range []int{1, workflow.MaxStartBatch} {
			for _, starters := range []int{1, 4, 10} {
				b.Run(fmt.Sprintf("%s/in %ds/%d side by side", kind, together, starters), func(b *testing.B) {
					var sum outcome
					load := burst{kind, 100 * together, together, starters}
					for range b.N {
						out, err := load.run(b.Context())
						if err != nil {
							b.Fatal(err)
						}
						sum.started, sum.ended = sum.started+out.started, sum.ended+out.ended
						sum.units, sum.throttled = sum.units+out.units, sum.throttled+out.throttled
					}
					n := float64(load.starts * b.N)
					b.ReportMetric(n/sum.started.Seconds(), "starts/s")
					b.ReportMetric(n/sum.ended.Seconds(), "ends/s")
					b.ReportMetric(float64(sum.units)/n, "head-units/start")
					b.ReportMetric(float64(sum.throttled), "throttled")
					b.ReportMetric(0, "ns/op")
				})
			}
		}
	}
}

// run starts everything as fast as it can, while the functions work.
func (l burst) run(ctx context.Context) (outcome, error) {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	items := world.NewHot()
	w := &world.World{Store: items, Queues: world.Queues(time.Now, time.Minute), Clock: local.SystemClock{}}
	body := world.Chain("burst", 1, l.kind)
	if err := world.Push(ctx, items.Store, body, workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 5000}); err != nil {
		return outcome{}, err
	}
	working, stop := context.WithCancel(ctx)
	defer stop()
	var functions sync.WaitGroup
	fault := make(chan error, 100)
	for _, name := range []string{hint.Evaluate, hint.Dispatch, hint.Rollup} {
		for range atOnce[name] {
			functions.Go(func() {
				if err := serve(working, w, name); err != nil {
					fault <- err
					cancel()
				}
			})
		}
	}
	began := time.Now()
	err := l.start(ctx, w)
	out := outcome{started: time.Since(began)}
	if err == nil {
		err = l.await(ctx, items.Store, w)
	}
	out.ended = time.Since(began)
	stop()
	functions.Wait()
	close(fault)
	out.units, out.throttled = items.Units(record.HeadKey(body.ID)), items.Throttled()
	return out, errors.Join(err, <-fault)
}

// serve is one environment of a function.
func serve(ctx context.Context, w *world.World, name string) error {
	functions := w.Functions(w.Loop, world.SideBySide)
	for ctx.Err() == nil {
		if _, err := w.Deliver(ctx, functions, name, 10, 5*time.Millisecond, 100*time.Millisecond); err != nil && ctx.Err() == nil {
			return err
		}
	}
	return nil
}

// start is the invocations of the trigger function.
func (l burst) start(ctx context.Context, w *world.World) error {
	var next atomic.Int64
	errs := make([]error, l.starters)
	var starting sync.WaitGroup
	for i := range l.starters {
		starting.Go(func() {
			starter := w.Trigger(w.Loop())
			for errs[i] == nil && int(next.Add(int64(l.together))) <= l.starts {
				starts := make([]trigger.Start, l.together)
				for n := range starts {
					starts[n] = world.Manual(uuid.NewString())
				}
				_, errs[i] = starter.Start(ctx, "burst", "active", starts...)
			}
		})
	}
	starting.Wait()
	return errors.Join(errs...)
}

// await waits until no run is left.
func (l burst) await(ctx context.Context, items store.Store, w *world.World) error {
	reader := advance.New(advance.Loop{Store: items, Sender: w.Queues, Clock: w.Clock, Random: func() float64 { return 0 }})
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for i := int64(1); i <= int64(l.starts); {
		run, err := reader.LoadRun(ctx, workflow.RunKey{Workflow: "burst", Instance: i, Run: 1})
		if err != nil {
			return err
		}
		if run.State.Status.Terminal() {
			i++
			continue
		}
		<-tick.C
	}
	return nil
}
