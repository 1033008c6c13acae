package queue

import (
	"context"
	"errors"
	"time"
)

// MaxBatch is the largest number of messages in one call.
const MaxBatch = 10

// MaxDelay is the longest delay of a message; longer timers are wake items.
const MaxDelay = 15 * time.Minute

// MaxBody is the largest body of a message, and of all bodies of one Send together, in bytes.
const MaxBody = 256 << 10

// Message is a hint on its way out.
type Message struct {
	Body  []byte
	Delay time.Duration // 0 to MaxDelay; whole seconds, rounded up
}

// Delivery is a message as one receive saw it.
type Delivery struct {
	ID       string // of the message, the same at each delivery
	Receipt  string // of this delivery only
	Body     []byte
	Receives int       // how often it was received, this time included
	Sent     time.Time // when it was first sent
}

// Queue sends and receives at least once and in any order. test/contract proves an implementation.
type Queue interface {
	// Send hands over at most MaxBatch messages. A *SendError names those that did not get through.
	Send(ctx context.Context, name string, messages ...Message) error
	// Receive waits up to wait for at most max messages and hides them for the queue's visibility time.
	Receive(ctx context.Context, name string, max int, wait time.Duration) ([]Delivery, error)
	// Delete removes delivered messages for good. A receipt of an earlier delivery removes nothing.
	Delete(ctx context.Context, name string, receipts ...string) error
	// Hide makes delivered messages visible again after d (0: at once).
	Hide(ctx context.Context, name string, d time.Duration, receipts ...string) error
}

// SendError names the messages, by their place in the call, that were not accepted.
type SendError struct {
	Failed []int
	Cause  error
}

func (e *SendError) Error() string {
	return "queue: not all messages were accepted: " + e.Cause.Error()
}

// Unwrap returns the cause.
func (e *SendError) Unwrap() error { return e.Cause }

// Errors of a queue.
var (
	ErrThrottled   = errors.New("queue: throttled")
	ErrUnavailable = errors.New("queue: unavailable")
	ErrNoQueue     = errors.New("queue: no such queue")
)
