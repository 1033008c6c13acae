package enginetest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// TestABurstRunsWithinItsLimits: thousands of steps become ready at once, and no more of their jobs run together than
// the deployment allows of the runtime, or somebody of the tag. Nothing becomes a dead letter, and all end.
func TestABurstRunsWithinItsLimits(t *testing.T) {
	t.Parallel()
	const most = 60
	for _, by := range []string{"runtime", "tag"} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			n := crowd / 4
			h := newHospital(t, 0)
			running, peak := map[workflow.AttemptKey]bool{}, 0
			job := &enginetest.Job{Answer: func(call runtime.Call) (runtime.Result, error) {
				if running[call.Key] {
					delete(running, call.Key)
					return runtime.Result{State: runtime.Done}, nil
				}
				running[call.Key] = true
				peak = max(peak, len(running))
				return runtime.Result{State: runtime.Continue, Poll: time.Second}, nil
			}}
			h.Loop.Settings.Runtimes.Add("Echo", job)
			step := enginetest.Step("job", "Echo")
			if by == "tag" {
				step.Tags = []workflow.Tag{{Name: "narrow"}}
				limit(t, h.World, "narrow", most)
			} else {
				h.Loop.Settings.Concurrency = decide.Concurrency{"ECHO": most}
			}
			h.Push(&workflow.Workflow{ID: "loop", Steps: []*workflow.Step{foreach("fe", n, step)}}, workflow.DefaultRunStrategy)
			key := h.Start("loop", "").Key
			h.work(key, 48*time.Hour)
			run := h.Run("loop", 1)
			if sums := leaves(run); run.State.Status != workflow.InstanceSucceeded || sums[workflow.Succeeded] != int64(n) {
				t.Errorf("the run is %s, its leaves %v", run.State.Status, sums)
			}
			if peak > most || peak < most/2 || h.letters > 0 || len(job.Calls) != n {
				t.Errorf("%d jobs ran at once, want at most %d; %d dead letters; %d jobs begun", peak, most, h.letters, len(job.Calls))
			}
			// Nobody waits for the second net while there is a permit for him.
			if took, ideal := h.Now().Sub(enginetest.Epoch), time.Duration(n/most)*time.Second; took > ideal+decide.InHandGrace {
				t.Errorf("%d jobs of a second took %s, want about %s", n, took, ideal)
			}
		})
	}
}

func TestConcurrencyIsReadAndRefused(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"": "map[]", "Http=50": "map[HTTP:50]", " http = 5 ,Sleep=1": "map[HTTP:5 SLEEP:1]",
		"Http": "", "Http=0": "", "Http=1001": "", "Nobody=3": "", "=3": "", "Http=3=4": "",
	} {
		got, err := decide.ParseConcurrency(text)
		if want == "" != (err != nil) || want != "" && fmt.Sprint(got) != want {
			t.Errorf("%q: %v, %v; want %s", text, got, err, want)
		}
	}
}
