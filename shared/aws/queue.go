package aws

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/aws/smithy-go"

	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/queue"
)

// longestWait is how long one receive of SQS may wait.
const longestWait = 20 * time.Second

// Queue is a queue.Queue on SQS. Here the SDK's own retries stay: a message that is sent twice is
// within the port's promise.
type Queue struct {
	client *sqs.Client
	urls   map[string]string
	meter  *meter.Meter
}

// NewQueue returns the queues whose addresses are given by name.
func NewQueue(client *sqs.Client, urls map[string]string) *Queue {
	return &Queue{client: client, urls: urls}
}

// Count makes the queues count on m what they are billed. Call it before the first use.
func (q *Queue) Count(m *meter.Meter) { q.meter = m }

// Send hands over the messages. It fails with ErrNoQueue, ErrMalformed, ErrThrottled or
// ErrUnavailable for all of them, or with a *queue.SendError for some.
func (q *Queue) Send(ctx context.Context, name string, messages ...queue.Message) error {
	if err := queue.CheckSend(messages); err != nil {
		return err
	}
	url, err := q.url(name)
	if err != nil {
		return err
	}
	refused, bytes := &queue.SendError{Cause: queue.ErrMalformed}, 0
	in := &sqs.SendMessageBatchInput{QueueUrl: url}
	for i, m := range messages {
		if queue.Check(m) != nil {
			refused.Failed = append(refused.Failed, i)
			continue
		}
		id, body := strconv.Itoa(i), string(m.Body)
		bytes += len(body)
		in.Entries = append(in.Entries, types.SendMessageBatchRequestEntry{
			Id: &id, MessageBody: &body, DelaySeconds: int32(queue.WholeSeconds(m.Delay) / time.Second),
		})
	}
	if len(in.Entries) > 0 {
		q.meter.Queue(meter.QueueRequests(bytes))
		out, err := q.client.SendMessageBatch(ctx, in)
		if err != nil {
			return queueError(name, err)
		}
		noteFailed(refused, out.Failed)
	}
	if len(refused.Failed) > 0 {
		return refused
	}
	return nil
}

// noteFailed adds what SQS refused. Where it refused some, its reason is the cause.
func noteFailed(refused *queue.SendError, failed []types.BatchResultErrorEntry) {
	for _, f := range failed {
		if i, err := strconv.Atoi(value(f.Id)); err == nil {
			refused.Failed = append(refused.Failed, i)
		}
		refused.Cause = queue.ErrUnavailable
		if f.SenderFault {
			refused.Cause = queue.ErrMalformed
		}
	}
	slices.Sort(refused.Failed)
}

// Receive returns at most limit and at most queue.MaxBatch deliveries. It fails with ErrNoQueue,
// ErrThrottled or ErrUnavailable.
func (q *Queue) Receive(ctx context.Context, name string, limit int, wait time.Duration) ([]queue.Delivery, error) {
	url, err := q.url(name)
	if err != nil {
		return nil, err
	}
	for {
		once := min(wait, longestWait)
		wait -= once
		out, err := q.client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: url, MaxNumberOfMessages: int32(min(limit, queue.MaxBatch)), WaitTimeSeconds: int32(queue.WholeSeconds(once) / time.Second),
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{
				types.MessageSystemAttributeNameApproximateReceiveCount, types.MessageSystemAttributeNameSentTimestamp,
			},
		})
		if err != nil {
			return nil, queueError(name, err)
		}
		found, bytes := deliveries(out.Messages)
		q.meter.Queue(meter.QueueRequests(bytes))
		if len(found) > 0 || wait <= 0 {
			return found, nil
		}
	}
}

func deliveries(messages []types.Message) (found []queue.Delivery, bytes int) {
	for _, m := range messages {
		d := queue.Delivery{ID: value(m.MessageId), Receipt: value(m.ReceiptHandle), Body: []byte(value(m.Body)), Receives: 1}
		if n, err := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)]); err == nil {
			d.Receives = n
		}
		if ms, err := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64); err == nil {
			d.Sent = time.UnixMilli(ms).UTC()
		}
		bytes += len(d.Body)
		found = append(found, d)
	}
	return found, bytes
}

// Delete removes messages for good. A receipt that SQS no longer knows removes nothing and is no
// error. It fails with ErrNoQueue, ErrThrottled or ErrUnavailable, and may then have removed some.
func (q *Queue) Delete(ctx context.Context, name string, receipts ...string) error {
	return q.inTens(name, receipts, func(url *string, tens []string) ([]types.BatchResultErrorEntry, error) {
		in := &sqs.DeleteMessageBatchInput{QueueUrl: url}
		for i := range tens {
			in.Entries = append(in.Entries, types.DeleteMessageBatchRequestEntry{Id: place(i), ReceiptHandle: &tens[i]})
		}
		out, err := q.client.DeleteMessageBatch(ctx, in)
		if err != nil {
			return nil, err
		}
		return out.Failed, nil
	})
}

// Hide makes delivered messages visible again after d. Errors as Delete.
func (q *Queue) Hide(ctx context.Context, name string, d time.Duration, receipts ...string) error {
	seconds := int32(min(queue.WholeSeconds(d)/time.Second, math.MaxInt32))
	return q.inTens(name, receipts, func(url *string, tens []string) ([]types.BatchResultErrorEntry, error) {
		in := &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: url}
		for i := range tens {
			in.Entries = append(in.Entries, types.ChangeMessageVisibilityBatchRequestEntry{Id: place(i), ReceiptHandle: &tens[i], VisibilityTimeout: seconds})
		}
		out, err := q.client.ChangeMessageVisibilityBatch(ctx, in)
		if err != nil {
			return nil, err
		}
		return out.Failed, nil
	})
}

func (q *Queue) inTens(name string, receipts []string, call func(url *string, tens []string) ([]types.BatchResultErrorEntry, error)) error {
	url, err := q.url(name)
	if err != nil {
		return err
	}
	for len(receipts) > 0 {
		n := min(len(receipts), queue.MaxBatch)
		q.meter.Queue(1)
		failed, err := call(url, receipts[:n])
		if err != nil {
			return queueError(name, err)
		}
		for _, f := range failed {
			// The sender's fault is a receipt of the past: the message is gone or someone else's.
			if !f.SenderFault {
				return fmt.Errorf("%w: %s: %s", queue.ErrUnavailable, name, value(f.Code))
			}
		}
		receipts = receipts[n:]
	}
	return nil
}

func (q *Queue) url(name string) (*string, error) {
	url, ok := q.urls[name]
	if !ok {
		return nil, fmt.Errorf("%w: %s", queue.ErrNoQueue, name)
	}
	return &url, nil
}

func queueError(name string, err error) error {
	var api smithy.APIError
	switch {
	case throttles.IsErrorThrottle(err).Bool():
		return fmt.Errorf("%w: %s: %w", queue.ErrThrottled, name, err)
	case errors.As(err, &api) && api.ErrorCode() == (&types.QueueDoesNotExist{}).ErrorCode():
		return fmt.Errorf("%w: %s: %w", queue.ErrNoQueue, name, err)
	default:
		return fmt.Errorf("%w: %s: %w", queue.ErrUnavailable, name, err)
	}
}

func place(i int) *string {
	s := strconv.Itoa(i)
	return &s
}

func value(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}
