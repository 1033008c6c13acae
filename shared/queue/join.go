package queue

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"
)

// Sender is the half of a queue that hands messages over.
type Sender interface {
	Send(ctx context.Context, name string, messages ...Message) error
}

// Joined hands messages over together that are sent to one queue at about the same time: a call costs the same
// whether it carries one message or ten. Each Send still answers for its own messages, after they are handed over.
// Make it for queues whose messages can wait a few milliseconds, and that handlers of one batch send to side by side.
type Joined struct {
	To     Sender
	Queues []string                                   // whose messages wait for others
	Wait   time.Duration                              // how long at most
	Sleep  func(context.Context, time.Duration) error // of a clock

	// Merge makes fewer messages that say the same, and tells which of them says each; no indices: the messages are as
	// they were. nil: none are merged.
	Merge func([]Message) (merged []Message, into []int)

	mu   sync.Mutex
	open map[string]*joint
}

// joint is a call in the making. Whoever began it makes it.
type joint struct {
	messages []Message
	bytes    int
	full     context.CancelFunc // ends the wait
	done     chan struct{}
	err      error
}

// Send hands over at most MaxBatch messages. It fails as the queue does, with a *SendError that names those of the
// messages that did not get through.
func (j *Joined) Send(ctx context.Context, name string, messages ...Message) error {
	if !j.joins(name) || len(messages) == 0 || len(messages) >= MaxBatch {
		return j.To.Send(ctx, name, messages...)
	}
	wait, full := context.WithCancel(ctx)
	defer full()
	it, first, began := j.enter(name, messages, full)
	if began {
		_ = j.Sleep(wait, j.Wait) // cut short when the call is full
		j.close(name, it)
		it.err = j.send(ctx, name, it.messages)
		close(it.done)
	}
	select {
	case <-it.done:
		return it.errorOf(first, len(messages))
	case <-ctx.Done():
		return ctx.Err()
	}
}

// send hands over what a call has come to hold. It fails as if each message had gone by itself.
func (j *Joined) send(ctx context.Context, name string, messages []Message) error {
	var into []int
	if j.Merge != nil {
		messages, into = j.Merge(messages)
	}
	err := j.To.Send(ctx, name, messages...)
	var refused *SendError
	if into == nil || !errors.As(err, &refused) {
		return err
	}
	each := &SendError{Cause: refused.Cause}
	for i, at := range into {
		if slices.Contains(refused.Failed, at) {
			each.Failed = append(each.Failed, i)
		}
	}
	return each
}

func (j *Joined) joins(name string) bool {
	for _, joined := range j.Queues {
		if joined == name {
			return true
		}
	}
	return false
}

// enter puts messages into the call in the making, or begins one. It returns at which place they are.
func (j *Joined) enter(name string, messages []Message, full context.CancelFunc) (it *joint, first int, began bool) {
	size := 0
	for _, m := range messages {
		size += len(m.Body)
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	it = j.open[name]
	if it != nil && (len(it.messages)+len(messages) > MaxBatch || it.bytes+size > MaxBody) {
		it.full()
		it = nil
	}
	if it == nil {
		it, began = &joint{full: full, done: make(chan struct{})}, true
		if j.open == nil {
			j.open = map[string]*joint{}
		}
		j.open[name] = it
	}
	first = len(it.messages)
	it.messages, it.bytes = append(it.messages, messages...), it.bytes+size
	if len(it.messages) == MaxBatch {
		it.full()
		delete(j.open, name)
	}
	return it, first, began
}

// close keeps others from entering a call.
func (j *Joined) close(name string, it *joint) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.open[name] == it {
		delete(j.open, name)
	}
}

// errorOf returns what became of n messages from the first on.
func (it *joint) errorOf(first, n int) error {
	var refused *SendError
	if !errors.As(it.err, &refused) {
		return it.err
	}
	mine := &SendError{Cause: refused.Cause}
	for _, i := range refused.Failed {
		if i >= first && i < first+n {
			mine.Failed = append(mine.Failed, i-first)
		}
	}
	if len(mine.Failed) == 0 {
		return nil
	}
	return mine
}
