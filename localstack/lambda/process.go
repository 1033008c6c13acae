package lambda

import (
	"context"
	"fmt"
	"os/exec"
	"sync"
)

// process is one running copy of a function's program.
type process struct {
	function *Function
	id       string
	command  *exec.Cmd
	work     chan *invocation // holds one event until the program asks for it
	asked    chan struct{}    // holds a token while the program asks for an event
	exited   chan struct{}    // closed when the program has ended

	mu         sync.Mutex
	current    *invocation
	extensions []*extension
	killed     bool
	end        string // why it was killed, as extensions are told
}

// Why an environment ends.
const (
	spindown = "SPINDOWN" // nobody needs it any more
	timeout  = "TIMEOUT"  // an event was not answered in time
	failure  = "FAILURE"  // one of its programs ended
)

// start starts the programs of a copy in the order of Lambda: its extensions, then its own. It returns when the
// extensions are ready, and before the program asks for its first event.
func (f *Function) start() (*process, error) {
	p := &process{function: f, work: make(chan *invocation, 1), asked: make(chan struct{}, 1), exited: make(chan struct{}), end: failure}
	if err := f.service.add(p); err != nil {
		return nil, err
	}
	p.command = exec.Command(f.Program)
	p.command.Env = append(f.variables(), "AWS_LAMBDA_RUNTIME_API="+f.service.address(p))
	p.command.Stdout, p.command.Stderr = f.Output, f.Output
	err := p.startExtensions()
	if err == nil {
		err = p.startCommand()
	}
	if err != nil {
		close(p.exited)
		p.endExtensions()
		f.service.remove(p)
		return nil, err
	}
	go func() {
		_ = p.command.Wait()
		close(p.exited)
		p.endExtensions()
		f.service.remove(p)
	}()
	if err := p.await(func(e *extension) <-chan struct{} { return e.ready }); err != nil {
		p.kill(failure)
		return nil, err
	}
	return p, nil
}

// startCommand keeps kill, which another goroutine may call, away from a command that is not started.
func (p *process) startCommand() error {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed {
		return fmt.Errorf("lambda: %s was killed before it began", p.id)
	}
	if err := p.command.Start(); err != nil {
		return fmt.Errorf("lambda: start %s: %w", p.function.Name, err)
	}
	return nil
}

// kill ends a copy: for which reason, its extensions are told.
func (p *process) kill(reason string) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.killed {
		return
	}
	p.killed, p.end = true, reason
	if p.command != nil && p.command.Process != nil {
		_ = p.command.Process.Kill()
	}
}

func (p *process) handling() *invocation {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.current
}

func (p *process) busy() bool { return p.handling() != nil }

func (p *process) set(current *invocation) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.current = current
}

// handle hands one event to the process and returns what it made of it. A process that misses the deadline is killed.
func (p *process) handle(event *invocation) answer {
	p.set(event)
	defer p.set(nil)
	p.work <- event
	ctx, cancel := context.WithDeadline(context.Background(), event.deadline)
	defer cancel()
	select {
	case a := <-event.answer:
		return a
	case <-p.exited:
		return answer{err: ErrExited}
	case <-ctx.Done():
		p.kill(timeout)
		<-p.exited
		return answer{err: ErrTimedOut}
	}
}

func (p *process) alive() bool {
	select {
	case <-p.exited:
		return false
	default:
		return true
	}
}

// note writes a line of the host among those of the function.
func (p *process) note(text string) { _, _ = fmt.Fprintf(p.function.Output, "%s: %s\n", p.id, text) }
