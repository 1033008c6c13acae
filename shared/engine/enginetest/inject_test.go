package enginetest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// giving is a job that gives params and a tag to its steps.
type giving struct {
	*enginetest.Job
	seen []runtime.Call // of Inject
}

func (g *giving) Inject(call runtime.Call) runtime.Injection {
	g.seen = append(g.seen, call)
	params := &workflow.Params{}
	params.Set("region", workflow.Literal("eu"))
	params.Set("size", workflow.Literal(int64(1)))
	return runtime.Injection{Params: params, Tags: []workflow.Tag{{Name: "spark"}}}
}

// TestTagsThatARuntimeInjectsLimit: they count beside those of the step.
func TestTagsThatARuntimeInjectsLimit(t *testing.T) {
	job, most := slow()
	w := enginetest.New(t, func(r *runtime.Registry) { r.Add("Echo", &giving{Job: job}) })
	limit(t, w, "spark", 3)
	w.Push(tagged("many", "Echo", 10, "cheap"), workflow.DefaultRunStrategy)
	w.Start("many", "")
	w.Drain(10 * time.Minute)
	run := w.Run("many", 1)
	if run.State.Status != workflow.InstanceSucceeded || *most != 3 {
		t.Errorf("%s %v, %d executed at once, want 3", run.State.Status, enginetest.Statuses(run), *most)
	}
	if pool, err := w.Loop.Pool(t.Context(), "spark"); err != nil || len(pool.Holders) > 0 {
		t.Errorf("left behind: %+v %v", pool, err)
	}
	key, commit := run.DetailAt(0)
	detail, err := w.Loop.Detail(t.Context(), key, commit, 0)
	if err != nil || len(detail.Tags) != 2 || detail.Tags[0].Name != "cheap" || detail.Tags[1].Name != "spark" {
		t.Errorf("tags of the attempt: %v %v", detail, err)
	}
}

// TestParamsThatARuntimeInjects: the definition's go above them, expressions see them, and each attempt has them anew.
func TestParamsThatARuntimeInjects(t *testing.T) {
	type got struct{ region, size, where string }
	var calls []got
	job := &enginetest.Job{}
	job.Answer = func(call runtime.Call) (runtime.Result, error) {
		calls = append(calls, got{text(call, "region"), text(call, "size"), text(call, "where")})
		if call.Key.Attempt == 1 {
			return runtime.Result{State: runtime.UserError}, nil
		}
		return runtime.Result{State: runtime.Done}, nil
	}
	injecting := &giving{Job: job}
	w := enginetest.New(t, func(r *runtime.Registry) { r.Add("Echo", injecting) })
	step := enginetest.Step("one", "Echo")
	step.Params = &workflow.Params{}
	step.Params.Set("size", workflow.Literal(int64(7)))
	step.Params.Set("where", &workflow.Param{Type: workflow.String, Expression: `region + "-west"`, HasExpr: true})
	w.Push(&workflow.Workflow{ID: "gifts", Steps: []*workflow.Step{step}}, workflow.DefaultRunStrategy)
	w.Start("gifts", "")
	w.Drain(10 * time.Minute)
	want := got{"eu", "7", "eu-west"}
	if len(calls) != 2 || calls[0] != want || calls[1] != want {
		t.Errorf("%+v, want twice %+v", calls, want)
	}
	for _, call := range injecting.seen {
		if call.Params != nil || call.UUID == "" {
			t.Errorf("asked with params or without a name: %+v", call)
		}
	}
	if len(injecting.seen) < 2 {
		t.Errorf("asked %d times for 2 attempts", len(injecting.seen))
	}
}

func text(call runtime.Call, name string) string {
	p, ok := call.Params.Get(name)
	if !ok {
		return ""
	}
	return fmt.Sprint(p.Result)
}
