package sim

import (
	"context"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/runtime"
)

// patient is a job that is polled for half an hour.
type patient struct{ world *World }

func (p patient) Start(context.Context, runtime.Call) (runtime.Result, error) {
	return runtime.Result{State: runtime.Done}, nil
}

func (p patient) Execute(context.Context, runtime.Call) (runtime.Result, error) {
	if p.world.now.Sub(epoch) < 30*time.Minute {
		return runtime.Result{State: runtime.Continue, Poll: 10 * time.Second}, nil
	}
	return runtime.Result{State: runtime.Done}, nil
}

func (p patient) Terminate(context.Context, runtime.Call) (runtime.Result, error) {
	return runtime.Result{State: runtime.Stopped}, nil
}

// TestHintsDoNotBreed polls one job for half an hour: hints that change nothing must not lead to more of them.
func TestHintsDoNotBreed(t *testing.T) {
	w := New(Config{Seed: 1, Calm: true, Narrow: true})
	for _, h := range w.hosts {
		h.dispatch.Settings.Runtimes.Add(jobType, patient{w})
	}
	w.callers = w.callers[:1]
	if failure := w.Run(); failure != "" {
		t.Fatal(failure)
	}
	// 180 polls take a message or two each, the looks and the sweep a few a minute.
	if w.sends > 1000 {
		t.Errorf("%d messages", w.sends)
	}
	t.Logf("%d messages", w.sends)
}
