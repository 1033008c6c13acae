package rest_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/runtime"
)

// busy is a clock under which the engine works while somebody waits.
type busy struct{ *api }

func (b busy) Sleep(_ context.Context, d time.Duration) error { b.Drain(d); return nil }

// stubborn is a job that runs until it is told to end, one way or another, and may not stop when it is asked to.
type stubborn struct{ done, failed, deaf bool }

func (*stubborn) Start(context.Context, runtime.Call) (runtime.Result, error) {
	return runtime.Result{State: runtime.Done}, nil
}

func (s *stubborn) Execute(context.Context, runtime.Call) (runtime.Result, error) {
	switch {
	case s.failed:
		return runtime.Result{State: runtime.FatalError}, nil
	case s.done:
		return runtime.Result{State: runtime.Done}, nil
	}
	return runtime.Result{State: runtime.Continue}, nil
}

func (s *stubborn) Terminate(context.Context, runtime.Call) (runtime.Result, error) {
	if s.deaf {
		return runtime.Result{State: runtime.Continue}, nil
	}
	return runtime.Result{State: runtime.Stopped}, nil
}

// working returns a server whose engine works while callers wait, with a workflow wf of the steps; jobs are of the
// type Process. strategy is its run strategy, "" for none.
func working(t *testing.T, strategy, steps string) (*api, *stubborn) {
	t.Helper()
	job := &stubborn{}
	a := newAPI(t, func(r *runtime.Registry) { r.Add("Process", job) })
	a.Loop.Clock = busy{a}
	properties := `"owner": "tester"`
	if strategy != "" {
		properties += fmt.Sprintf(`, "run_strategy": %q`, strategy)
	}
	a.must("POST", "/workflows", fmt.Sprintf(`{"properties": {%s}, "workflow": {"id": "wf", "steps": [%s]}}`, properties, steps))
	return a, job
}

// step is a step of a definition with its successors.
func step(id, kind string, successors ...string) string {
	var to []string
	for _, id := range successors {
		to = append(to, fmt.Sprintf(`%q: "true"`, id))
	}
	return fmt.Sprintf(`{"step": {"id": %q, "type": %q, "transition": {"successors": {%s}}}}`, id, kind, strings.Join(to, ", "))
}

// start starts an instance and lets the engine work for a second.
func (a *api) start() map[string]any {
	a.t.Helper()
	out := a.must("POST", "/workflows/wf/versions/active/actions/start", `{}`)
	a.Drain(time.Second)
	return out
}

// refused calls what must be refused with the status.
func (a *api) refused(want int, method, path, body string) map[string]any {
	a.t.Helper()
	status, out := a.call(method, path, body)
	if status != want {
		a.t.Errorf("%s %s: %d %v, want %d", method, path, status, out, want)
	}
	return out
}

// status returns the status of instance n over all its runs.
func (a *api) status(n int) any {
	a.t.Helper()
	return a.must("GET", fmt.Sprintf("/workflows/wf/instances/%d", n), "")["status"]
}

// stepStatus returns the status of the newest attempt of a step of instance 1.
func (a *api) stepStatus(id string) any {
	a.t.Helper()
	return at(a.must("GET", "/workflows/wf/instances/1/steps/"+id, ""), "runtime_state", "status")
}

// told returns the ACTION events of a timeline as "ACTION author reason".
func told(document map[string]any) []string {
	var out []string
	timeline, _ := document["timeline"].([]any)
	for _, event := range timeline {
		if at(event, "type") == "ACTION" {
			out = append(out, fmt.Sprint(at(event, "action"), " ", at(event, "author"), " ", at(event, "reason")))
		}
	}
	return out
}
