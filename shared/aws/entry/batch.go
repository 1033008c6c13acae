package entry

import (
	"context"
	"log/slog"
	"strconv"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/queue"
)

// replyTime is what is kept of an invocation's time for the answer: without one the whole batch comes again.
const replyTime = 500 * time.Millisecond

// Pauses before a failed message comes again: they grow with its receives. Without them it would come when
// its visibility ends, which is minutes after a throttle of milliseconds.
const (
	firstPause   = time.Second
	longestPause = time.Minute
)

// Mover is the part of the queues that the edge needs.
type Mover interface {
	Send(ctx context.Context, name string, messages ...queue.Message) error
	Hide(ctx context.Context, name string, d time.Duration, receipts ...string) error
}

// Batch hands the messages of one queue to a use case.
type Batch struct {
	Queue  string                                                     // where they come from
	Handle func(ctx context.Context, messages []hint.Message) []error // an error for each message, or nil
	// Foreign takes a body that is no hint, and tells whether it is one that it knows; nil: there are none.
	Foreign func(ctx context.Context, body []byte) (known bool, err error)
	Mover   Mover
	Parked  string // the queue for what nobody understands
	Now     func() time.Time
	Log     *slog.Logger
	Lines   *Lines // one for each batch; nil: none
}

// delivery is a record on its way through the batch.
type delivery struct {
	record  *events.SQSMessage
	message hint.Message
	foreign error // why it is no hint
	err     error // of the handler
	verdict verdict
}

// Invoke is the handler of a function that a queue feeds. It returns no error: the answer says what failed.
func (b *Batch) Invoke(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	began := b.Now()
	before := b.Lines.begin()
	limited, cancel := beforeDeadline(ctx)
	defer cancel()
	batch := decode(event.Records)
	b.handle(limited, batch)
	b.take(limited, batch)
	answer := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for i := range batch {
		d := &batch[i]
		b.judge(ctx, d)
		if d.verdict == leave {
			answer.BatchItemFailures = append(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: d.record.MessageId})
		}
	}
	b.hide(ctx, batch)
	b.Lines.end(b.Queue, began, b.Now(), before, batch)
	return answer, nil
}

// beforeDeadline ends ctx a little before Lambda ends the invocation.
func beforeDeadline(ctx context.Context) (context.Context, context.CancelFunc) {
	deadline, ok := ctx.Deadline()
	if !ok {
		return context.WithCancel(ctx)
	}
	return context.WithDeadline(ctx, deadline.Add(-replyTime))
}

func decode(records []events.SQSMessage) []delivery {
	batch := make([]delivery, len(records))
	for i := range records {
		batch[i].record = &records[i]
		batch[i].message, batch[i].foreign = hint.Decode([]byte(records[i].Body))
		batch[i].message.Again = receives(&records[i]) > 1
	}
	return batch
}

// handle calls the use case with what is understood. When it panics as a whole, all of that comes again.
func (b *Batch) handle(ctx context.Context, batch []delivery) {
	var messages []hint.Message
	for i := range batch {
		if batch[i].foreign == nil {
			messages = append(messages, batch[i].message)
		}
	}
	if len(messages) == 0 {
		return
	}
	var errs []error
	err := guarded(func() error {
		errs = b.Handle(ctx, messages)
		return nil
	})
	for i := range batch {
		d := &batch[i]
		switch {
		case d.foreign != nil:
			continue
		case err != nil:
			d.err = err
		case len(errs) > 0:
			d.err, errs = errs[0], errs[1:]
		}
	}
}

// take hands what is no hint to whoever may know it.
func (b *Batch) take(ctx context.Context, batch []delivery) {
	for i := range batch {
		d := &batch[i]
		if d.foreign == nil || b.Foreign == nil {
			continue
		}
		known := true
		d.err = guarded(func() (err error) {
			known, err = b.Foreign(ctx, []byte(d.record.Body))
			return err
		})
		if known {
			d.foreign = nil
		}
	}
}

// judge decides what becomes of a message, logs why, and parks it when nobody understands it.
func (b *Batch) judge(ctx context.Context, d *delivery) {
	if d.foreign != nil {
		b.park(ctx, d)
		return
	}
	if d.err == nil {
		return
	}
	ruling := rule(d.err)
	d.verdict = ruling.verdict
	b.Log.LogAttrs(ctx, ruling.level, "a message failed", b.about(d, d.err)...)
}

// park moves a message to where people look. What cannot be parked is left.
func (b *Batch) park(ctx context.Context, d *delivery) {
	d.verdict = park
	err := b.Mover.Send(ctx, b.Parked, queue.Message{Body: []byte(d.record.Body)})
	if err != nil {
		d.verdict = leave
		b.Log.LogAttrs(ctx, slog.LevelError, "parking a message failed", b.about(d, err)...)
		return
	}
	b.Log.LogAttrs(ctx, slog.LevelError, "parked a message that is no hint", b.about(d, nil)...)
}

// hide sets when the messages that are left come again.
func (b *Batch) hide(ctx context.Context, batch []delivery) {
	for pause := firstPause; pause <= longestPause; pause = longer(pause) {
		var receipts []string
		for i := range batch {
			if d := &batch[i]; d.verdict == leave && pauseAfter(receives(d.record)) == pause {
				receipts = append(receipts, d.record.ReceiptHandle)
			}
		}
		if len(receipts) > 0 {
			if err := b.Mover.Hide(ctx, b.Queue, pause, receipts...); err != nil {
				b.Log.WarnContext(ctx, "failed messages come again only when their visibility ends", "queue", b.Queue, "error", err.Error())
			}
		}
		if pause == longestPause {
			return
		}
	}
}

func longer(pause time.Duration) time.Duration { return min(2*pause, longestPause) }

func pauseAfter(receives int) time.Duration {
	pause := firstPause
	for n := 1; n < receives && pause < longestPause; n++ {
		pause = longer(pause)
	}
	return pause
}

// receives returns how often a message was received; 1 when SQS does not say.
func receives(record *events.SQSMessage) int {
	n, err := strconv.Atoi(record.Attributes["ApproximateReceiveCount"])
	if err != nil {
		return 1
	}
	return n
}
