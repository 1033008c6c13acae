package sim

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"maps"
	"slices"
	"time"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/event"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// statuses are those that an entity went through, by the entity.
type statuses map[string][]string

func runEntity(key workflow.RunKey) string { return key.String() }

func stepEntity(key workflow.RunKey, ordinal int, attempt int64) string {
	return fmt.Sprintf("%s, step %d, attempt %d", key, ordinal, attempt)
}

// note takes down a status that a commit records.
func (w *World) note(entity, status string) {
	if w.Events {
		w.recorded[entity] = append(w.recorded[entity], status)
	}
}

// consumer takes events for a while and then fails, at any place: it may have taken some of what it refuses.
type consumer struct {
	world  *World
	told   statuses
	newest map[string]int64 // number of the last event, by entity
	known  map[string]bool  // ids of events
	failed bool
}

// errConsumer is why a consumer did not take events.
var errConsumer = errors.New("sim: the consumer is down")

// Publish takes the events, or the first of them and fails.
func (c *consumer) Publish(_ context.Context, events []*event.Event) error {
	if c.world.random.IntN(12) == 0 {
		c.failed = true
		events = events[:c.world.random.IntN(len(events)+1)]
	}
	for _, e := range events {
		c.take(e)
	}
	if c.failed && c.world.tooth != EventLies {
		return errConsumer
	}
	return nil
}

// take takes one event. What it has had before it knows by its id.
func (c *consumer) take(e *event.Event) {
	if c.known[e.ID()] {
		return
	}
	c.known[e.ID()] = true
	key := workflow.RunKey{Workflow: e.Workflow, Instance: e.Instance, Run: e.Run}
	entity := runEntity(key)
	if e.Type == event.StepStatus {
		entity = stepEntity(key, int(e.StepNumber)-1, e.Attempt)
	}
	if e.Sequence <= c.newest[entity] {
		c.world.fail("event %d of %s comes after event %d", e.Sequence, entity, c.newest[entity])
	}
	c.newest[entity] = e.Sequence
	if e.Type == event.Status {
		c.told[entity] = append(c.told[entity], e.New)
	}
	for _, change := range e.Changes {
		c.told[entity] = append(c.told[entity], change.New)
	}
}

// stopped is the clock of a process that ends when it would wait.
type stopped struct{ *World }

func (s stopped) Now() time.Time { return s.now }

func (s stopped) Sleep(context.Context, time.Duration) error { return context.Canceled }

// publish carries the events of all that happened to a consumer that is down again and again, by processes that die then,
// and checks that he was told all of it: every status of every run and attempt, in order.
func (w *World) publish() {
	settings := decide.Settings{Runtimes: runtime.Standard()}
	settings.Runtimes.Add(jobType, w.jobs)
	w.handing(settings.Runtimes)
	to := &consumer{world: w, told: statuses{}, newest: map[string]int64{}, known: map[string]bool{}}
	for to.failed = true; to.failed; {
		to.failed = false
		loop := advance.New(advance.Loop{Store: w.table.memory, Sender: w.post, Clock: stopped{w}, Random: w.random.Float64, Settings: settings})
		pump := &event.Pump{Reader: &event.Reader{Loop: loop}, Feed: w.table.memory, Publisher: to, Clock: stopped{w}, Name: "sim", Log: slog.New(slog.DiscardHandler)}
		pump.Run(context.Background())
	}
	for _, entity := range slices.Sorted(maps.Keys(w.recorded)) {
		if !slices.Equal(w.recorded[entity], to.told[entity]) {
			w.fail("%s went through %v, and the events told of %v", entity, w.recorded[entity], to.told[entity])
			return
		}
	}
	for _, entity := range slices.Sorted(maps.Keys(to.told)) {
		if w.recorded[entity] == nil {
			w.fail("events told of %s, which never was", entity)
			return
		}
	}
}
