package memory

import (
	"container/heap"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/queue"
)

// QueueConfig describes one queue.
type QueueConfig struct {
	Name        string
	Visibility  time.Duration // how long a delivery hides its message; 0 means 30 s
	MaxReceives int           // a receive beyond this many moves the message to DeadLetter; 0: never
	DeadLetter  string        // name of another queue; "" drops the message instead
	Exact       bool          // delays are kept to the nanosecond; otherwise they round up to whole seconds, as in SQS
}

// delay returns how long a message is really delayed.
func (c QueueConfig) delay(d time.Duration) time.Duration {
	if c.Exact {
		return d
	}
	return queue.WholeSeconds(d)
}

// Queue is a queue.Queue in memory that holds any number of named queues.
type Queue struct {
	now   func() time.Time
	meter *meter.Meter

	mu     sync.Mutex
	queues map[string]*lane
	last   uint64 // number of the last message
}

// lane is one named queue. Messages in flight are simply those that become visible later.
type lane struct {
	config  QueueConfig
	order   schedule
	byID    map[string]*message
	changed chan struct{} // closed when a message may have become visible; nil when nobody waits
}

// NewQueue returns empty queues. now decides what is visible. A dead letter queue that is
// not among the configs is made with the defaults.
func NewQueue(now func() time.Time, configs ...QueueConfig) *Queue {
	q := &Queue{now: now, queues: map[string]*lane{}}
	for _, c := range configs {
		q.add(c)
	}
	for _, c := range configs {
		if c.DeadLetter != "" && q.queues[c.DeadLetter] == nil {
			q.add(QueueConfig{Name: c.DeadLetter})
		}
	}
	return q
}

func (q *Queue) add(c QueueConfig) {
	if c.Visibility == 0 {
		c.Visibility = 30 * time.Second
	}
	q.queues[c.Name] = &lane{config: c, byID: map[string]*message{}}
}

// Count makes the queues count on m what SQS would bill. Call it before the first message.
func (q *Queue) Count(m *meter.Meter) { q.meter = m }

// Send hands over the messages. It fails with ErrNoQueue or ErrMalformed for all of them, or with
// a *queue.SendError for those that are too long or delayed too long.
func (q *Queue) Send(ctx context.Context, name string, messages ...queue.Message) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", queue.ErrUnavailable, err)
	}
	if err := queue.CheckSend(messages); err != nil {
		return err
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.queues[name]
	if l == nil {
		return fmt.Errorf("%w: %s", queue.ErrNoQueue, name)
	}
	now, bytes := q.now(), 0
	refused := &queue.SendError{Cause: queue.ErrMalformed}
	for i, m := range messages {
		if queue.Check(m) != nil {
			refused.Failed = append(refused.Failed, i)
			continue
		}
		bytes += len(m.Body)
		q.last++
		l.push(&message{
			id: strconv.FormatUint(q.last, 10), number: q.last, body: slices.Clone(m.Body),
			sent: now, visible: now.Add(l.config.delay(m.Delay)),
		})
	}
	q.meter.Queue(meter.QueueRequests(bytes))
	l.wake()
	if refused.Failed != nil {
		return refused
	}
	return nil
}

// Receive returns what is visible, at most limit and at most queue.MaxBatch messages. When there is
// none it blocks until one becomes visible, the wait is over, or the context ends (an error then).
func (q *Queue) Receive(ctx context.Context, name string, limit int, wait time.Duration) ([]queue.Delivery, error) {
	var over <-chan time.Time
	if wait > 0 {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		over = timer.C
	}
	for {
		found, changed, pause, err := q.take(ctx, name, limit, wait > 0)
		if err != nil || len(found) > 0 || wait <= 0 {
			return found, err
		}
		if waited, err := await(ctx, changed, over, pause); err != nil || waited {
			return nil, err
		}
	}
}

// await returns true when the wait is over, false when it is worth looking again.
func await(ctx context.Context, changed <-chan struct{}, over <-chan time.Time, pause time.Duration) (bool, error) {
	var due <-chan time.Time
	if pause > 0 {
		timer := time.NewTimer(pause)
		defer timer.Stop()
		due = timer.C
	}
	select {
	case <-ctx.Done():
		return true, fmt.Errorf("%w: %w", queue.ErrUnavailable, ctx.Err())
	case <-over:
		return true, nil
	case <-changed:
	case <-due:
	}
	return false, nil
}

// take receives what is visible now. Without any it returns what to wait for: a change, or the
// pause until the next message becomes visible (0: none is on its way).
func (q *Queue) take(ctx context.Context, name string, limit int, willWait bool) (found []queue.Delivery, changed <-chan struct{}, pause time.Duration, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, 0, fmt.Errorf("%w: %w", queue.ErrUnavailable, err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.queues[name]
	if l == nil {
		return nil, nil, 0, fmt.Errorf("%w: %s", queue.ErrNoQueue, name)
	}
	now, bytes := q.now(), 0
	for len(found) < min(limit, queue.MaxBatch) && len(l.order) > 0 && !l.order[0].visible.After(now) {
		m := l.order[0]
		if l.config.MaxReceives > 0 && m.receives >= l.config.MaxReceives {
			q.redrive(l, m, now)
			continue
		}
		m.receives++
		l.move(m, now.Add(l.config.Visibility))
		bytes += len(m.body)
		found = append(found, m.delivery())
	}
	if len(found) > 0 || !willWait {
		q.meter.Queue(meter.QueueRequests(bytes))
		return found, nil, 0, nil
	}
	if len(l.order) > 0 {
		pause = l.order[0].visible.Sub(now)
	}
	return nil, l.watch(), pause, nil
}

// redrive moves a message that was received too often to the dead letters.
func (q *Queue) redrive(from *lane, m *message, now time.Time) {
	from.drop(m)
	to := q.queues[from.config.DeadLetter]
	if to == nil {
		return
	}
	m.receives, m.visible = 0, now
	to.push(m)
	to.wake()
}

// Delete removes messages for good. A receipt that is not the latest of its message removes nothing.
func (q *Queue) Delete(ctx context.Context, name string, receipts ...string) error {
	return q.each(ctx, name, receipts, func(l *lane, m *message) { l.drop(m) })
}

// Hide makes delivered messages visible again after d. An old receipt changes nothing.
func (q *Queue) Hide(ctx context.Context, name string, d time.Duration, receipts ...string) error {
	now := q.now()
	return q.each(ctx, name, receipts, func(l *lane, m *message) {
		l.move(m, now.Add(l.config.delay(d)))
		l.wake()
	})
}

func (q *Queue) each(ctx context.Context, name string, receipts []string, do func(*lane, *message)) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("%w: %w", queue.ErrUnavailable, err)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	l := q.queues[name]
	if l == nil {
		return fmt.Errorf("%w: %s", queue.ErrNoQueue, name)
	}
	for _, receipt := range receipts {
		if id, _, ok := strings.Cut(receipt, "/"); ok {
			if m := l.byID[id]; m != nil && m.receipt() == receipt {
				do(l, m)
			}
		}
	}
	q.meter.Queue((len(receipts) + queue.MaxBatch - 1) / queue.MaxBatch)
	return nil
}

func (l *lane) push(m *message) {
	l.byID[m.id] = m
	heap.Push(&l.order, m)
}

func (l *lane) drop(m *message) {
	delete(l.byID, m.id)
	heap.Remove(&l.order, m.place)
}

func (l *lane) move(m *message, visible time.Time) {
	m.visible = visible
	heap.Fix(&l.order, m.place)
}

func (l *lane) watch() <-chan struct{} {
	if l.changed == nil {
		l.changed = make(chan struct{})
	}
	return l.changed
}

func (l *lane) wake() {
	if l.changed != nil {
		close(l.changed)
		l.changed = nil
	}
}
