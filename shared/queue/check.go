package queue

import (
	"errors"
	"fmt"
	"time"
)

// ErrMalformed marks a message that no queue may take: a bug of the caller.
var ErrMalformed = errors.New("queue: malformed message")

// Check fails with ErrMalformed when no queue may take the message.
func Check(m Message) error {
	switch {
	case len(m.Body) == 0:
		return fmt.Errorf("%w: the body is empty", ErrMalformed)
	case len(m.Body) > MaxBody:
		return fmt.Errorf("%w: a body has at most %d bytes, this one has %d", ErrMalformed, MaxBody, len(m.Body))
	case m.Delay < 0 || m.Delay > MaxDelay:
		return fmt.Errorf("%w: a delay lies between 0 and %v, this one is %v", ErrMalformed, MaxDelay, m.Delay)
	}
	return nil
}

// CheckSend fails with ErrMalformed when no queue may take the messages in one call: a bad message
// among good ones is no reason, it fails alone.
func CheckSend(messages []Message) error {
	bytes := 0
	for _, m := range messages {
		if Check(m) == nil {
			bytes += len(m.Body)
		}
	}
	switch {
	case len(messages) == 0 || len(messages) > MaxBatch:
		return fmt.Errorf("%w: Send takes 1 to %d messages, not %d", ErrMalformed, MaxBatch, len(messages))
	case bytes > MaxBody:
		return fmt.Errorf("%w: all bodies of one Send have at most %d bytes together, these have %d", ErrMalformed, MaxBody, bytes)
	}
	return nil
}

// WholeSeconds rounds a delay up to whole seconds, which is what queues know.
func WholeSeconds(d time.Duration) time.Duration {
	return (d + time.Second - 1) / time.Second * time.Second
}
