package dispatch

import "github.com/segue-workflows/segue/shared/engine/decide"

// Calls runs the calls of one invocation.
type Calls interface {
	// Go begins a call.
	Go(call func() decide.Outcome)
	// Wait returns the outcomes that are there, at least one. It is called only while a call is under way.
	Wait() []decide.Outcome
}

// Concurrent returns Calls that run side by side.
func Concurrent() Calls { return &concurrent{outcomes: make(chan decide.Outcome, decide.MaxClaims)} }

type concurrent struct{ outcomes chan decide.Outcome }

func (c *concurrent) Go(call func() decide.Outcome) {
	go func() { c.outcomes <- call() }()
}

func (c *concurrent) Wait() []decide.Outcome {
	out := []decide.Outcome{<-c.outcomes}
	for {
		select {
		case outcome := <-c.outcomes:
			out = append(out, outcome)
		default:
			return out
		}
	}
}
