package history_test

import (
	"context"
	"errors"
	"math/rand/v2"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/dispatch"
	"github.com/segue-workflows/segue/shared/engine/evaluate"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/rollup"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/local"
	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// iterations is how many a loop on the real table has, unless SEGUE_HISTORY_ITERATIONS says otherwise.
const iterations = 200

// TestAForeachOnDynamoDB lets eight handlers, each with a memory of its own, run one loop on a real table: every
// iteration ends once, and the loop adds up all of them.
func TestAForeachOnDynamoDB(t *testing.T) {
	items := table(t, emulator(t))
	n := iterations
	if text := os.Getenv("SEGUE_HISTORY_ITERATIONS"); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			t.Fatal(err)
		}
	}
	for _, kind := range []string{"NoOp", "Echo"} {
		c := newCrowd(items, kind)
		if err := c.push(t.Context(), n, kind); err != nil {
			t.Fatal(err)
		}
		c.work(t)
		run, err := c.loop().LoadRun(t.Context(), workflow.RunKey{Workflow: c.wf, Instance: 1, Run: 1})
		if err != nil {
			t.Fatal(err)
		}
		sums := run.State.Steps[0].Nest.Sums()
		if run.State.Status != workflow.InstanceSucceeded || sums.Ends.Of(record.Succeeded) != int64(n) || sums.Leaves.Total() != int64(n) {
			t.Errorf("%s: %s, %+v", kind, run.State.Status, sums)
		}
		t.Logf("%s: %d iterations in %d commits of the loop", kind, n, run.Commits)
	}
}

// crowd is the handlers of one loop.
type crowd struct {
	items  store.Store
	queues *memory.Queue
	wf     workflow.ID
}

func newCrowd(items store.Store, kind string) *crowd {
	var configs []memory.QueueConfig
	for _, name := range hint.Queues {
		configs = append(configs, memory.QueueConfig{Name: name, Visibility: time.Minute})
	}
	return &crowd{items, memory.NewQueue(time.Now, configs...), "loop-" + kind}
}

func (c *crowd) loop() *advance.Loop {
	return advance.New(advance.Loop{Store: c.items, Sender: c.queues, Clock: local.SystemClock{}, Random: rand.Float64})
}

// push makes the workflow and starts it.
func (c *crowd) push(ctx context.Context, n int, kind string) error {
	values := make([]int64, n)
	loop, params := &workflow.Params{}, &workflow.Params{}
	loop.Set("i", workflow.Literal(values))
	params.Set("loop_params", &workflow.Param{Type: workflow.Map, Value: loop})
	body := &workflow.Workflow{ID: c.wf, Steps: []*workflow.Step{{Kind: workflow.KindForeach, ID: "fe", Params: params,
		Steps: []*workflow.Step{{Kind: workflow.KindStep, ID: "s", Type: kind}}}}}
	version := &workflow.Version{Number: 1, Author: "history", InternalID: 10000, Workflow: body}
	head := strategy.Head{InternalID: 10000, Latest: 1, Active: 1, Strategy: workflow.DefaultRunStrategy, Next: 1}
	for key, item := range map[store.Key]any{record.VersionKey(c.wf, 1): version, record.HeadKey(c.wf): head} {
		if err := c.items.Put(ctx, store.Write{Item: store.Item{Key: key, Body: record.Encode(item)}}); err != nil {
			return err
		}
	}
	admit := &trigger.Trigger{Loop: c.loop(), NewID: uuid.NewString}
	_, err := admit.Start(ctx, c.wf, "active", trigger.Start{Initiator: &workflow.Initiator{Type: workflow.InitiatorManual}})
	return err
}

// work lets eight handlers deliver what is sent until nothing is left but timers.
func (c *crowd) work(t *testing.T) {
	var group sync.WaitGroup
	for n := range 8 {
		group.Go(func() {
			loop := c.loop()
			e := &evaluate.Evaluate{Loop: loop, Admit: &trigger.Trigger{Loop: loop, NewID: uuid.NewString}, Parallel: 8}
			d, r := &dispatch.Dispatch{Loop: loop}, &rollup.Rollup{Loop: loop}
			handle := map[string]func(context.Context, []hint.Message) []error{
				hint.Evaluate: one(e.Handle), hint.Dispatch: one(d.Handle), hint.Rollup: r.Handle}
			for idle := 0; idle < 50; {
				some := false
				for _, name := range []string{hint.Evaluate, hint.Dispatch, hint.Rollup} {
					if name == hint.Rollup && n > 1 {
						continue // as the stack has fewer of it
					}
					some = c.deliver(t, name, handle[name]) || some
				}
				if idle++; some {
					idle = 0
				} else if err := loop.Clock.Sleep(t.Context(), 20*time.Millisecond); err != nil {
					return
				}
			}
		})
	}
	group.Wait()
}

func one(handle func(context.Context, hint.Message) error) func(context.Context, []hint.Message) []error {
	return func(ctx context.Context, batch []hint.Message) (errs []error) {
		for _, m := range batch {
			errs = append(errs, handle(ctx, m))
		}
		return errs
	}
}

// deliver handles messages of a queue as its function would get them, and tells whether there were any.
func (c *crowd) deliver(t *testing.T, name string, handle func(context.Context, []hint.Message) []error) bool {
	most := 1
	if name == hint.Rollup {
		most = 10
	}
	batch, err := c.queues.Receive(t.Context(), name, most, 0)
	if err != nil {
		t.Error(err)
	}
	var messages []hint.Message
	for _, d := range batch {
		m, err := hint.Decode(d.Body)
		if err != nil {
			t.Error(err)
		}
		m.Again = d.Receives > 1
		messages = append(messages, m)
	}
	if len(batch) == 0 {
		return false
	}
	for i, err := range handle(t.Context(), messages) {
		switch {
		case errors.Is(err, workflow.ErrUnavailable):
			err = c.queues.Hide(t.Context(), name, 100*time.Millisecond, batch[i].Receipt)
		case err == nil:
			err = c.queues.Delete(t.Context(), name, batch[i].Receipt)
		}
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
	}
	return true
}
