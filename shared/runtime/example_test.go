package runtime_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// A printer is somebody else's service: its jobs have names, and printing under a name that it knows does nothing.
type printer struct {
	pages map[string]int64
	busy  bool
}

var errBusy = errors.New("the printer does not answer")

// print begins a job, or finds that it has begun.
func (p *printer) print(name string, pages int64) error {
	if p.busy {
		return errBusy
	}
	if _, known := p.pages[name]; !known {
		p.pages[name] = pages
	}
	return nil
}

// left returns how many pages of a job are still to come, and prints one.
func (p *printer) left(name string) int64 {
	p.pages[name] = max(p.pages[name]-1, 0)
	return p.pages[name]
}

// printing is the runtime of steps of the type Print. It keeps nothing: whatever it needs is in the call.
type printing struct{ printer *printer }

// Inject gives each attempt the param that it reads, which a definition may set to something else, and a tag by which
// POST /api/v3/tag-permits bounds how many print at once.
func (printing) Inject(runtime.Call) runtime.Injection {
	params := &workflow.Params{}
	params.Set("pages", workflow.Literal(int64(1)))
	return runtime.Injection{Params: params, Tags: []workflow.Tag{{Name: "printer"}}}
}

// Start prints under the attempt's key, so that a call repeated after a crash finds the job that it began. Params were
// checked against their type; their values are the user's.
func (p printing) Start(_ context.Context, call runtime.Call) (runtime.Result, error) {
	param, _ := call.Params.Get("pages")
	pages, ok := param.Result.(int64)
	if !ok || pages < 1 {
		event := workflow.LogEvent(call.Now.UnixMilli(), "pages is no number above 0")
		return runtime.Result{State: runtime.FatalError, Timeline: []workflow.Event{event}}, nil
	}
	if err := p.printer.print(call.UUID, pages); err != nil {
		return runtime.Result{}, workflow.Errorf(workflow.CodeUnavailable, "%s", err) // the call is repeated
	}
	return runtime.Result{State: runtime.Done}, nil
}

// Execute looks once. A runtime never waits: it says when it wants to look again.
func (p printing) Execute(_ context.Context, call runtime.Call) (runtime.Result, error) {
	if left := p.printer.left(call.UUID); left > 0 {
		return runtime.Result{State: runtime.Continue, Poll: time.Duration(left) * time.Second}, nil
	}
	out := &workflow.Ordered[json.RawMessage]{}
	out.Set("print", json.RawMessage(`{"tray": 1}`))
	return runtime.Result{State: runtime.Done, Artifacts: out}, nil
}

// Terminate ends the job; ending what has ended, or never began, does nothing.
func (p printing) Terminate(_ context.Context, call runtime.Call) (runtime.Result, error) {
	delete(p.printer.pages, call.UUID)
	return runtime.Result{State: runtime.Stopped}, nil
}

// A complete runtime, called as the engine calls it: what is injected, a start that meets a service that is away and is
// repeated, and two looks.
func ExampleRuntime() {
	service := &printer{pages: map[string]int64{}, busy: true}
	registry := &runtime.Registry{}
	registry.Add("Print", printing{service})

	job, _ := registry.Runtime("PRINT")
	injector, _ := registry.Injector("PRINT")
	call := runtime.Call{UUID: "0b6e", Now: time.UnixMilli(0)}
	given := injector.Inject(call)
	fmt.Println(given.Tags[0].Name)

	call.Params = &workflow.Params{}
	call.Params.Set("pages", &workflow.Param{Type: workflow.Long, Evaluated: true, Result: int64(2)}) // the definition's
	_, err := job.Start(context.Background(), call)
	fmt.Println(errors.Is(err, workflow.ErrUnavailable))
	service.busy = false
	for range 2 { // after a crash
		result, _ := job.Start(context.Background(), call)
		fmt.Println(result.State == runtime.Done)
	}
	look, _ := job.Execute(context.Background(), call)
	fmt.Println(look.State == runtime.Continue, look.Poll)
	look, _ = job.Execute(context.Background(), call)
	fmt.Println(look.State == runtime.Done)
	// Output:
	// printer
	// true
	// true
	// true
	// true 1s
	// true
}
