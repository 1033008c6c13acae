package lambda

import (
	"context"
	"fmt"
	"io"
	"slices"
	"sync"
	"time"
)

// Config says what Lambda knows of a function.
type Config struct {
	Name       string
	ARN        string
	Program    string   // a file that can be run
	Extensions []string // files too, which run beside each copy
	Variables  []string // "NAME=value"
	Timeout    time.Duration
	Memory     int       // MB; told to the program, not enforced
	Recursion  bool      // allowed: the lineage of events is not looked at
	Copies     int       // processes at once
	Output     io.Writer // of all copies at once; nil: nowhere
}

// Function is a program and its running copies.
type Function struct {
	Config
	service *Service
	free    chan struct{} // holds a token for each copy that may be busy

	mu       sync.Mutex
	idle     []*process
	requests int
}

// Add makes a function known. It starts no process: events do.
func (s *Service) Add(c Config) *Function {
	if c.Output == nil {
		c.Output = io.Discard
	}
	f := &Function{Config: c, service: s, free: make(chan struct{}, c.Copies)}
	for range c.Copies {
		f.free <- struct{}{}
	}
	return f
}

// Invoke hands an event to a free copy, which it starts if there is none, and returns its answer. It waits while
// all copies are busy, and fails with ErrThrottled when the account is. Errors are those of this package.
func (f *Function) Invoke(ctx context.Context, payload []byte, trace Trace) ([]byte, error) {
	if len(payload) > maxPayload {
		return nil, ErrTooLarge
	}
	if trace.Hops > maxHops && !f.Recursion {
		return nil, ErrRecursion
	}
	select {
	case <-ctx.Done():
		return nil, ctx.Err()
	case <-f.free:
	}
	if err := f.service.enter(); err != nil {
		f.free <- struct{}{}
		return nil, err
	}
	defer f.service.leave()
	p, err := f.copy()
	if err != nil {
		f.free <- struct{}{}
		return nil, err
	}
	out := p.handle(f.event(payload, trace))
	go f.retire(p)
	return out.payload, out.err
}

// retire makes a copy that has answered idle, once it asks for more: until then it may still end, as after a panic.
func (f *Function) retire(p *process) {
	select {
	case <-p.exited:
	case <-p.asked:
		f.mu.Lock()
		f.idle = append(f.idle, p)
		f.mu.Unlock()
	}
	f.free <- struct{}{}
}

// copy returns an idle process, or a new one.
func (f *Function) copy() (*process, error) {
	f.mu.Lock()
	for len(f.idle) > 0 {
		p := f.idle[len(f.idle)-1]
		f.idle = f.idle[:len(f.idle)-1]
		if p.alive() {
			f.mu.Unlock()
			return p, nil
		}
	}
	f.mu.Unlock()
	return f.start()
}

func (f *Function) event(payload []byte, trace Trace) *invocation {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.requests++
	return &invocation{
		id: fmt.Sprintf("%s-%08d", f.Name, f.requests), payload: payload, trace: trace.String(),
		deadline: time.Now().Add(f.Timeout), answer: make(chan answer, 1),
	}
}

// Invocations returns how many events have been handed to processes.
func (f *Function) Invocations() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.requests
}

// variables are those that Lambda sets, and those of the function.
func (f *Function) variables() []string {
	return append(slices.Clone(f.Variables),
		"AWS_LAMBDA_FUNCTION_NAME="+f.Name,
		fmt.Sprint("AWS_LAMBDA_FUNCTION_MEMORY_SIZE=", f.Memory),
		"AWS_LAMBDA_FUNCTION_VERSION=$LATEST",
		"_HANDLER=bootstrap",
		"TZ=:UTC",
	)
}
