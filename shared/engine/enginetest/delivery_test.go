package enginetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/dispatch"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

// crash claims a step like a handler that dies before it has an outcome, and lets the claim expire.
func (w *World) crash(key workflow.RunKey, i int) {
	w.T.Helper()
	_, err := w.Loop.Visit(w.T.Context(), key, func(turn *decide.Turn) error {
		taken, err := turn.Claim([]int{i}, 0)
		if err == nil && len(taken) != 1 {
			w.T.Fatalf("step %d cannot be claimed: %+v", i, turn.State().Steps[i])
		}
		return err
	})
	if err != nil {
		w.T.Fatal(err)
	}
	w.Forget()
	w.now = w.now.Add(decide.DefaultClaimTime)
	if err := w.Evaluate.Handle(w.T.Context(), hint.Message{Kind: hint.Run, Run: key}); err != nil {
		w.T.Fatal(err)
	}
}

// detail returns the newest detail of a step.
func (w *World) detail(run *decide.Run, i int) *record.Detail {
	w.T.Helper()
	key, n := run.DetailAt(i)
	detail, err := w.Loop.Detail(w.T.Context(), key, n, i)
	if err != nil {
		w.T.Fatal(err)
	}
	return detail
}

// letters lists what is set aside.
func (w *World) letters() (out []workflow.AttemptKey) {
	w.T.Helper()
	for shard := range record.Shards {
		items, _, err := w.Store.List(w.T.Context(), record.LetterRange(shard, ""))
		if err != nil {
			w.T.Fatal(err)
		}
		for _, item := range items {
			_, key, err := record.ParseLetterKey(item.Key)
			if err != nil {
				w.T.Fatal(err)
			}
			out = append(out, key)
		}
	}
	return out
}

// TestDeliveryLimits: the limit is the step's, or else the deployment's, and so is what happens then. The other steps
// go on.
func TestDeliveryLimits(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		deployment workflow.Delivery
		own        *workflow.Delivery
		mode       workflow.FailureMode
		crashes    int
		status     workflow.StepStatus
		run        workflow.InstanceStatus
		aside      bool
	}{
		"default":              {crashes: decide.DefaultDeliveryLimit, status: workflow.FatallyFailed, run: workflow.InstanceFailed, aside: true},
		"deployment":           {deployment: workflow.Delivery{Limit: 2}, crashes: 2, status: workflow.FatallyFailed, run: workflow.InstanceFailed, aside: true},
		"own limit":            {deployment: workflow.Delivery{Limit: 2}, own: &workflow.Delivery{Limit: 4}, crashes: 4, status: workflow.FatallyFailed, run: workflow.InstanceFailed, aside: true},
		"own action":           {deployment: workflow.Delivery{Limit: 2}, own: &workflow.Delivery{Action: workflow.DeliveryDrop}, crashes: 2, status: workflow.CompletedWithError, run: workflow.InstanceSucceeded},
		"dropped":              {deployment: workflow.Delivery{Limit: 1, Action: workflow.DeliveryDrop}, crashes: 1, status: workflow.CompletedWithError, run: workflow.InstanceSucceeded},
		"fails all the same":   {deployment: workflow.Delivery{Limit: 1, Action: workflow.DeliveryDrop}, own: &workflow.Delivery{Action: workflow.DeliveryFail}, crashes: 1, status: workflow.FatallyFailed, run: workflow.InstanceFailed, aside: true},
		"the failure may pass": {deployment: workflow.Delivery{Limit: 1}, mode: workflow.IgnoreFailure, crashes: 1, status: workflow.CompletedWithError, run: workflow.InstanceSucceeded, aside: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := New(t, nil)
			if row.deployment.Limit != 0 {
				w.Loop.Settings.Delivery.Limit = row.deployment.Limit
			}
			if row.deployment.Action != "" {
				w.Loop.Settings.Delivery.Action = row.deployment.Action
			}
			poison := Step("poison", "Echo")
			poison.DeliveryPolicy, poison.FailureMode = row.own, row.mode
			w.Push(&workflow.Workflow{ID: "w", Steps: []*workflow.Step{poison, Step("other", "Echo")}}, workflow.DefaultRunStrategy)
			key := w.Start("w", "").Key
			for n := range row.crashes {
				if step := w.Run("w", 1).State.Steps[0]; step.Status.Terminal() || step.Failures != int64(n) {
					t.Fatalf("after %d crashes: %+v", n, step)
				}
				w.crash(key, 0)
			}
			look := hint.Message{Kind: hint.Run, Run: key, Reason: hint.ReasonRecover, Again: true} // for the other step
			if err := w.Evaluate.Handle(t.Context(), look); err != nil {
				t.Fatal(err)
			}
			w.Drain(time.Minute)
			run := w.Run("w", 1)
			step, detail := run.State.Steps[0], w.detail(run, 0)
			if step.Status != row.status || step.Attempt != 1 || run.State.Status != row.run || run.State.Steps[1].Status != workflow.Succeeded {
				t.Errorf("the step is %+v, the other %s, the run %s", step, run.State.Steps[1].Status, run.State.Status)
			}
			if detail.Failures != int64(row.crashes) || detail.Aside != row.aside || row.aside != (len(w.letters()) == 1) {
				t.Errorf("%d failures told, aside %v, %v listed", detail.Failures, detail.Aside, w.letters())
			}
			reason := slices.ContainsFunc(detail.Timeline, func(e workflow.Event) bool {
				return e.Level == "ERROR" && strings.HasPrefix(e.Message, fmt.Sprintf("platform error: the delivery limit of %d is reached", row.crashes))
			})
			if !reason {
				t.Errorf("the timeline tells no reason: %+v", detail.Timeline)
			}
			doc := view.NewStep(t.Context(), view.Attempt{Run: run, Ordinal: 0, Detail: detail, Newest: true}, w.Loop.Settings.Params)
			if doc.Failures != int64(row.crashes) || doc.DeadLetter != row.aside {
				t.Errorf("its document says %d failures, dead letter %v", doc.Failures, doc.DeadLetter)
			}
		})
	}
}

// TestTheJobSeesTheCount: a call is told how often the delivery of its attempt failed, and a retry begins anew.
func TestTheJobSeesTheCount(t *testing.T) {
	t.Parallel()
	var seen []int64
	job := &Job{Answer: func(call runtime.Call) (runtime.Result, error) {
		seen = append(seen, call.Failures)
		if len(seen) == 1 {
			return runtime.Result{State: runtime.PlatformError}, nil
		}
		return runtime.Result{State: runtime.Done}, nil
	}}
	w := New(t, job.Register)
	w.Push(&workflow.Workflow{ID: "w", Steps: []*workflow.Step{Step("s", "Echo")}}, workflow.DefaultRunStrategy)
	key := w.Start("w", "").Key
	for range 3 {
		w.crash(key, 0)
	}
	w.Drain(time.Hour)
	if want := []int64{3, 0}; !slices.Equal(seen, want) {
		t.Errorf("the calls saw %v failed deliveries, want %v", seen, want)
	}
	if run := w.Run("w", 1); run.State.Status != workflow.InstanceSucceeded || w.detail(run, 0).Failures != 0 {
		t.Errorf("the run is %s, its last attempt has %d failures", run.State.Status, w.detail(run, 0).Failures)
	}
}

// TestThrottlesDoNotCount: a store that refuses keeps the claim from being made, so nothing was delivered.
func TestThrottlesDoNotCount(t *testing.T) {
	t.Parallel()
	w := New(t, nil)
	w.Push(&workflow.Workflow{ID: "w", Steps: []*workflow.Step{Step("s", "Echo")}}, workflow.DefaultRunStrategy)
	key := w.Start("w", "").Key
	throttled := &throttledStore{Store: w.Store}
	w.Loop.Store = throttled
	m := hint.Message{Kind: hint.Steps, Run: key, Steps: [][2]int64{{0, 1}}}
	for range 50 {
		if err := w.Dispatch.Handle(t.Context(), m); workflow.CodeOf(err) != workflow.CodeUnavailable {
			t.Fatalf("a throttled delivery returned %v", err)
		}
		w.now = w.now.Add(time.Minute)
	}
	w.Loop.Store = w.Store
	w.Drain(time.Hour)
	if run := w.Run("w", 1); run.State.Status != workflow.InstanceSucceeded || w.detail(run, 0).Failures != 0 || throttled.refused < 50 {
		t.Errorf("the run is %s with %d failed deliveries; %d writes were refused", run.State.Status, w.detail(run, 0).Failures, throttled.refused)
	}
}

// throttledStore refuses all writes.
type throttledStore struct {
	store.Store
	refused int
}

func (s *throttledStore) Put(context.Context, store.Write) error {
	s.refused++
	return store.ErrThrottled
}

// TestShutdownsDoNotCount: a call that its host interrupts gives its claim back at once. One that runs out of time
// keeps it, and so does a job that must not be called twice.
func TestShutdownsDoNotCount(t *testing.T) {
	t.Parallel()
	for name, row := range map[string]struct {
		cause error
		once  bool
		held  bool
	}{
		"shutdown":            {cause: dispatch.ErrShutdown},
		"time-out":            {cause: context.DeadlineExceeded, held: true},
		"shutdown, not twice": {cause: dispatch.ErrShutdown, once: true, held: true},
		"time-out, not twice": {cause: context.DeadlineExceeded, once: true, held: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ctx, end := context.WithCancelCause(t.Context())
			job := &Job{Answer: func(runtime.Call) (runtime.Result, error) {
				if end == nil {
					return runtime.Result{State: runtime.Done}, nil
				}
				end(row.cause)
				end = nil
				return runtime.Result{}, workflow.Errorf(workflow.CodeUnavailable, "interrupted")
			}}
			w := New(t, job.Register)
			step := Step("s", "Echo")
			if row.once {
				step.RetryPolicy = &workflow.RetryPolicy{PlatformRetryLimit: &workflow.ParsableLong{}}
			}
			w.Push(&workflow.Workflow{ID: "w", Steps: []*workflow.Step{step}}, workflow.DefaultRunStrategy)
			key := w.Start("w", "").Key
			w.Forget()
			_ = w.Dispatch.Handle(ctx, hint.Message{Kind: hint.Steps, Run: key, Steps: [][2]int64{{0, 1}}}) // the queue goes as well
			if claim := w.Run("w", 1).State.Steps[0].Claim; row.held != (claim != 0) {
				t.Errorf("the claim is %d, held %v", claim, row.held)
			}
			w.now = w.now.Add(time.Minute)
			if err := w.Evaluate.Handle(t.Context(), hint.Message{Kind: hint.Run, Run: key}); err != nil {
				t.Fatal(err)
			}
			w.Drain(time.Hour)
			run := w.Run("w", 1)
			failures, want := w.detail(run, 0).Failures, workflow.InstanceSucceeded
			if row.once {
				want = workflow.InstanceFailed
			}
			if row.held != (failures == 1) || run.State.Status != want {
				t.Errorf("%d failed deliveries, the run is %s", failures, run.State.Status)
			}
		})
	}
}

// TestAJobThatCannotBeTerminatedIsGivenUp: its end is delivered as often again, and then no retry runs beside it.
func TestAJobThatCannotBeTerminatedIsGivenUp(t *testing.T) {
	t.Parallel()
	job := &Job{Answer: func(runtime.Call) (runtime.Result, error) { return runtime.Result{State: runtime.Continue}, nil }}
	w := New(t, job.Register)
	w.Loop.Settings.Delivery.Limit = 3
	step := Step("s", "Echo")
	step.Timeout = &workflow.ParsableLong{Number: 10}
	step.RetryPolicy = &workflow.RetryPolicy{TimeoutRetryLimit: &workflow.ParsableLong{Number: 5}}
	w.Push(&workflow.Workflow{ID: "w", Steps: []*workflow.Step{step}}, workflow.DefaultRunStrategy)
	key := w.Start("w", "").Key
	w.Drain(5 * time.Second)
	w.Forget()
	w.now = w.now.Add(10 * time.Second)
	if err := w.Evaluate.Handle(t.Context(), hint.Message{Kind: hint.Run, Run: key}); err != nil {
		t.Fatal(err)
	}
	for n := range 6 {
		if step := w.Run("w", 1).State.Steps[0]; step.Ending != workflow.TimeoutFailed {
			t.Fatalf("after %d crashes of its end: %+v", n, step)
		}
		w.crash(key, 0)
	}
	run := w.Run("w", 1)
	if step := run.State.Steps[0]; step.Status != workflow.TimedOut || step.Attempt != 1 || !w.detail(run, 0).Aside || len(w.letters()) != 1 {
		t.Errorf("the step is %+v", step)
	}
}

// TestLettersAboutNoRunGoBackAFewTimes: nobody's wake item stands behind a hint about a signal, and it does not go round for ever.
func TestLettersAboutNoRunGoBackAFewTimes(t *testing.T) {
	t.Parallel()
	w := New(t, nil)
	letter, rounds := hint.Message{Kind: hint.Subscribe, Workflow: "w"}, 0
	for ; rounds < hint.MaxHops; rounds++ {
		if err := w.Evaluate.DeadLetter(t.Context(), letter); err != nil {
			t.Fatal(err)
		}
		batch, err := w.Queue.Receive(t.Context(), hint.Trigger, 1, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(batch) == 0 {
			break
		}
		if letter, err = hint.Decode(batch[0].Body); err != nil || letter.Kind != hint.Subscribe || letter.Workflow != "w" {
			t.Fatalf("sent %+v, %v", letter, err)
		}
	}
	if rounds < 1 || rounds > 10 {
		t.Errorf("the letter went back %d times", rounds)
	}
}
