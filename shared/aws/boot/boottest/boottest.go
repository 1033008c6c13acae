// Package boottest runs the functions' handlers in tests: on memory adapters, and as Lambda does, with the
// bytes of an event. Only tests import it.
package boottest

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"github.com/segue-workflows/segue/shared/aws/boot"
	"github.com/segue-workflows/segue/shared/aws/entry"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/secret"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Function is a function under test, and the world in which it works.
type Function struct {
	*enginetest.World
	Parked *memory.Queue // where the function parks, and hides what failed
	Log    *bytes.Buffer

	t       *testing.T
	handler lambda.Handler
}

// New makes a function on memory. The world's workflow "w" has one step, which a job does; its first instance
// was started, and nobody has heard of it.
func New(t *testing.T, invoker func(*boot.Home) any) *Function {
	f := &Function{World: enginetest.New(t, nil), Log: &bytes.Buffer{}, t: t}
	var queues []memory.QueueConfig
	for _, q := range wire.Queues {
		queues = append(queues, memory.QueueConfig{Name: q.Name, Visibility: time.Minute})
	}
	f.Parked = memory.NewQueue(f.Now, queues...)
	f.Push(&workflow.Workflow{ID: "w", Steps: []*workflow.Step{enginetest.Step("s", "Echo")}}, workflow.DefaultRunStrategy)
	f.Start("w", "")
	f.Forget()
	home := &boot.Home{
		Loop: f.Loop, NewID: f.Trigger.NewID, Log: slog.New(slog.NewJSONHandler(f.Log, nil)), Caller: entry.CallerOf(""),
		Queues: f.Parked, Dead: wire.DeadLetters, Tokens: f.Tokens, Secrets: &secret.Binder{},
	}
	f.handler = lambda.NewHandler(invoker(home))
	return f
}

// Invoke hands an event of testdata to the function and returns its answer.
func (f *Function) Invoke(name string) string {
	f.t.Helper()
	event, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		f.t.Fatal(err)
	}
	answer, err := f.handler.Invoke(f.t.Context(), event)
	if err != nil {
		f.t.Fatal(err)
	}
	return string(answer)
}

// Sent takes what the function sent, as "queue kind".
func (f *Function) Sent() (sent []string) {
	for _, name := range hint.Queues {
		for _, body := range f.take(f.Queue, name) {
			m, err := hint.Decode(body)
			if err != nil {
				f.t.Fatal(err)
			}
			sent = append(sent, name+" "+m.Kind)
		}
	}
	return sent
}

// TakeParked takes what the function parked.
func (f *Function) TakeParked() (bodies []string) {
	for _, body := range f.take(f.Parked, wire.Parked) {
		bodies = append(bodies, string(body))
	}
	return bodies
}

func (f *Function) take(from *memory.Queue, name string) (bodies [][]byte) {
	f.t.Helper()
	for {
		batch, err := from.Receive(f.t.Context(), name, queue.MaxBatch, 0)
		if err != nil {
			f.t.Fatal(err)
		}
		if len(batch) == 0 {
			return bodies
		}
		for _, d := range batch {
			bodies = append(bodies, d.Body)
			if err := from.Delete(f.t.Context(), name, d.Receipt); err != nil {
				f.t.Fatal(err)
			}
		}
	}
}
