package bench

import (
	"context"
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/local"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
	"github.com/segue-workflows/segue/test/world"
)

// shape is a load: instances of one workflow under a run strategy.
type shape struct {
	name      string
	instances int
	steps     int // of one instance
	wide      bool
	strategy  workflow.RunStrategy
}

var shapes = []shape{
	{"sequential", 4, 250, false, workflow.DefaultRunStrategy},
	{"parallel", 4, 250, true, workflow.DefaultRunStrategy},
	{"many", 200, 5, false, workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: 20}},
}

func BenchmarkSteps(b *testing.B) {
	for _, s := range shapes {
		for _, body := range []string{"Echo", "NoOp"} {
			for _, home := range []string{"memory", "embedded"} {
				name := fmt.Sprintf("%s/%s/%s", s.name, map[string]string{"Echo": "job", "NoOp": "light"}[body], home)
				b.Run(name, func(b *testing.B) { s.measure(b, body, home == "embedded") })
			}
		}
	}
}

func (s shape) measure(b *testing.B, body string, durable bool) {
	var spans []time.Duration
	began := time.Duration(0)
	for n := range b.N {
		b.StopTimer()
		h := open(b, durable)
		h.push(b, s.workflow(body), s.strategy)
		b.StartTimer()
		at := time.Now()
		for range s.instances {
			h.start(b)
		}
		h.await(b, s.instances)
		began += time.Since(at)
		b.StopTimer()
		spans = append(spans, h.spans(b, s.instances)...)
		h.stop()
		_ = n
	}
	steps := float64(s.instances * s.steps * b.N)
	b.ReportMetric(began.Seconds()*1000/steps, "ms/step")
	b.ReportMetric(steps/began.Seconds(), "steps/s")
	slices.Sort(spans)
	b.ReportMetric(spans[len(spans)/2].Seconds()*1000, "p50-ms/run")
	b.ReportMetric(spans[len(spans)*99/100].Seconds()*1000, "p99-ms/run")
	b.ReportMetric(0, "ns/op")
}

func (s shape) workflow(body string) *workflow.Workflow {
	w := &workflow.Workflow{ID: "bench"}
	for i := range s.steps {
		step := &workflow.Step{Kind: workflow.KindStep, ID: fmt.Sprintf("s%d", i), Type: body}
		if !s.wide && i+1 < s.steps {
			step.Transition.Successors = &workflow.Ordered[string]{}
			step.Transition.Successors.Set(fmt.Sprintf("s%d", i+1), "true")
		}
		w.Steps = append(w.Steps, step)
	}
	return w
}

// home is a local host at work.
type home struct {
	*local.Local
	stop func()
}

func open(b *testing.B, durable bool) home {
	b.Helper()
	dir := ""
	if durable {
		dir = b.TempDir()
	}
	runtimes := runtime.Standard()
	runtimes.Add(world.Shuffled, world.NewShuffle(1))
	l, err := local.Open(local.Options{Dir: dir, Settings: decide.Settings{MaxIterations: 1_000_000, Runtimes: runtimes}})
	if err != nil {
		b.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.Run(ctx)
	}()
	return home{l, func() {
		cancel()
		<-ended
		if err := l.Close(); err != nil {
			b.Error(err)
		}
	}}
}

func (h home) push(b *testing.B, w *workflow.Workflow, rules workflow.RunStrategy) {
	b.Helper()
	version := &workflow.Version{Number: 1, Author: "bench", InternalID: 10000, Workflow: w}
	head := strategy.Head{InternalID: 10000, Latest: 1, Active: 1, Strategy: rules, Next: 1}
	for key, body := range map[store.Key]any{record.VersionKey(w.ID, 1): version, record.HeadKey(w.ID): head} {
		if err := h.Loop.Store.Put(b.Context(), store.Write{Item: store.Item{Key: key, Body: record.Encode(body)}}); err != nil {
			b.Fatal(err)
		}
	}
}

func (h home) start(b *testing.B) {
	b.Helper()
	start := trigger.Start{Initiator: &workflow.Initiator{Type: workflow.InitiatorManual}}
	if _, err := h.Trigger.Start(b.Context(), "bench", "active", start); err != nil {
		b.Fatal(err)
	}
}

func (h home) state(b *testing.B, instance int) *record.State {
	b.Helper()
	run, err := h.Loop.LoadRun(b.Context(), workflow.RunKey{Workflow: "bench", Instance: int64(instance), Run: 1})
	if err != nil {
		b.Fatal(err)
	}
	return run.State
}

// await waits until all instances have succeeded.
func (h home) await(b *testing.B, instances int) {
	b.Helper()
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for i := 1; i <= instances; {
		switch state := h.state(b, i); {
		case state.Status == workflow.InstanceSucceeded:
			i++
		case state.Status.Terminal():
			b.Fatalf("instance %d ended as %s", i, state.Status)
		default:
			<-tick.C
		}
	}
}

// spans returns how long each instance took from its begin to its end.
func (h home) spans(b *testing.B, instances int) []time.Duration {
	b.Helper()
	var out []time.Duration
	for i := range instances {
		state := h.state(b, i+1)
		out = append(out, time.Duration(state.End-state.Start)*time.Millisecond)
	}
	return out
}
