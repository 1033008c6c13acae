package history

import (
	"sync"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Kind is what happened.
type Kind uint8

// The kinds.
const (
	Asked     Kind = iota // a client asks for a start
	Answered              // he has an answer
	Called                // a job is called
	Returned              // the call returns
	Unblocked             // somebody is about to unblock the workflow
	Ended                 // somebody read how an instance ended
)

// Event is one line of a history.
type Event struct {
	Kind     Kind
	Request  string
	Instance int64
	Refused  bool // the answer: the run strategy turned the start away
	Failed   bool // the job failed
	Status   workflow.InstanceStatus
}

// History is what happened, in order. It is safe for concurrent use while it is written.
type History struct {
	mu     sync.Mutex
	events []Event
}

// Note appends an event.
func (h *History) Note(e Event) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.events = append(h.events, e)
}
