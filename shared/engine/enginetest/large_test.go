package enginetest_test

import (
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// TestLargeParamsAreThereAtEveryCall: large params are written once, and later commits point at them. A call must see
// them whether the commit that points came out of the process's memory or out of the store.
func TestLargeParamsAreThereAtEveryCall(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 9<<10)
	for name, forgets := range map[string]bool{"remembered": false, "read": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			calls := 0
			var w *enginetest.World
			job := &enginetest.Job{Answer: func(call runtime.Call) (runtime.Result, error) {
				calls++
				if p, ok := call.Params.Get("large"); !ok || p.Result != large {
					t.Errorf("call %d does not have the param", calls)
				}
				if forgets { // as another process that takes over
					loop := advance.New(*w.Loop)
					w.Evaluate.Loop, w.Dispatch.Loop = loop, loop
				}
				if calls < 5 {
					return runtime.Result{State: runtime.Continue}, nil
				}
				return runtime.Result{State: runtime.Done}, nil
			}}
			w = enginetest.New(t, job.Register)
			step := enginetest.Step("s", "Echo")
			step.Params = &workflow.Params{}
			step.Params.Set("large", workflow.Literal(large))
			w.Push(&workflow.Workflow{ID: "w", Steps: []*workflow.Step{step}}, workflow.DefaultRunStrategy)
			w.Start("w", "")
			w.Drain(time.Minute)
			if status := w.Run("w", 1).State.Status; status != workflow.InstanceSucceeded || calls != 5 {
				t.Errorf("%s after %d calls", status, calls)
			}
		})
	}
}
