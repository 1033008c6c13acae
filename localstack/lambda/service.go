package lambda

import (
	"fmt"
	"net"
	"net/http"
	"sync"
	"time"
)

// Service is the Runtime API and all processes that use it. Make it with Start, end it with Close.
type Service struct {
	account  int // how many events all functions together handle at once; 0: any number
	listener net.Listener
	server   *http.Server

	mu        sync.Mutex
	processes map[string]*process // by the id that is in the address which each was given
	started   int
	busy      int // events that are being handled
	most      int // the largest number of those
	throttled int // events that were refused for the account's concurrency
	closed    bool
	ended     sync.WaitGroup
}

// Start serves the Runtime API on a free port of loopback, to an account whose functions handle so many events at once, all
// together (0: any number).
func Start(account int) (*Service, error) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, fmt.Errorf("lambda: %w", err)
	}
	s := &Service{account: account, listener: listener, processes: map[string]*process{}}
	s.server = &http.Server{Handler: s.runtimeAPI(), ReadHeaderTimeout: 10 * time.Second}
	go func() { _ = s.server.Serve(listener) }()
	return s, nil
}

// Close kills all processes and waits for their end.
func (s *Service) Close() {
	s.mu.Lock()
	s.closed = true
	for _, p := range s.processes {
		p.kill(spindown)
	}
	s.mu.Unlock()
	s.ended.Wait()
	_ = s.server.Close()
}

// add gives a process its id. It fails when the service is closed.
func (s *Service) add(p *process) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		return fmt.Errorf("lambda: the service is closed")
	}
	s.started++
	p.id = fmt.Sprintf("%s-%d", p.function.Name, s.started)
	s.processes[p.id] = p
	s.ended.Add(1)
	return nil
}

// remove forgets a process that ended.
func (s *Service) remove(p *process) {
	s.mu.Lock()
	delete(s.processes, p.id)
	s.mu.Unlock()
	s.ended.Done()
}

// enter takes one of the account's places for an event. It fails with ErrThrottled when all are taken.
func (s *Service) enter() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.account > 0 && s.busy >= s.account {
		s.throttled++
		return ErrThrottled
	}
	s.busy++
	s.most = max(s.most, s.busy)
	return nil
}

func (s *Service) leave() {
	s.mu.Lock()
	s.busy--
	s.mu.Unlock()
}

// Load returns how many events were handled at once at most, and how many were throttled.
func (s *Service) Load() (most, throttled int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.most, s.throttled
}

func (s *Service) find(id string) *process {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.processes[id]
}

// address is what a process gets as AWS_LAMBDA_RUNTIME_API: with a path of its own, by which it is known.
func (s *Service) address(p *process) string {
	return s.listener.Addr().String() + "/" + p.id
}

// Kill kills one process of the function that is handling an event, as a crash would. It says whether there was one.
func (s *Service) Kill(function string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.processes {
		if p.function.Name == function && p.busy() {
			p.kill(failure)
			return true
		}
	}
	return false
}

// invocation is one event on its way through a process.
type invocation struct {
	id       string
	payload  []byte
	trace    string
	deadline time.Time
	answer   chan answer // takes one
}

// answer is what a process made of an event.
type answer struct {
	payload []byte
	err     error
}

func (i *invocation) reply(a answer) bool {
	select {
	case i.answer <- a:
		return true
	default:
		return false // it has one
	}
}
