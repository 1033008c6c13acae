package host

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/segue-workflows/segue/localstack/lambda"
	"github.com/segue-workflows/segue/localstack/template"
)

const (
	longPoll = 20 // seconds that one receive waits
	// pollPause is how long a poller rests when the queue does not answer.
	pollPause = time.Second
	// deleteTime bounds the deletion of a batch, so that a queue which hangs does not hold up the end of the host.
	deleteTime = 30 * time.Second
)

// mapping feeds a function from a queue.
type mapping struct {
	host     *Host
	function *function
	arn      string // of the queue
	url      string
	received atomic.Int64 // messages so far
	batch    int
	partial  bool          // the answer names the messages that failed
	slots    chan struct{} // holds a token for each batch that may be at work
}

// mappingProperties are those of an event source mapping.
type mappingProperties struct {
	BatchSize                      int
	Enabled                        *bool
	EventSourceArn                 string
	FunctionName                   string
	FunctionResponseTypes          []string
	MaximumBatchingWindowInSeconds int
	ScalingConfig                  struct{ MaximumConcurrency int }
	streamProperties

	Tags any
}

// partial tells whether answers name what failed.
func (p mappingProperties) partial() bool {
	return slices.Contains(p.FunctionResponseTypes, "ReportBatchItemFailures")
}

// makeMapping lets a queue, or the stream of a table, feed a function.
func (h *Host) makeMapping(_ context.Context, w wanted) (template.Made, error) {
	p := mappingProperties{BatchSize: 10}
	if err := w.read(&p); err != nil {
		return template.Made{}, err
	}
	made := template.Made{Ref: w.id, Attributes: map[string]string{"Id": w.id}}
	if p.Enabled != nil && !*p.Enabled {
		return made, nil
	}
	f := h.functions[p.FunctionName]
	if f == nil {
		f = h.byARN[p.FunctionName]
	}
	if f == nil {
		return made, fmt.Errorf("there is no function %s", p.FunctionName)
	}
	if strings.Contains(p.EventSourceArn, ":dynamodb:") {
		return made, h.makeStream(f, p)
	}
	m := &mapping{host: h, function: f, arn: p.EventSourceArn, batch: p.BatchSize, partial: p.partial()}
	var ok bool
	if m.url, ok = h.queueURLs[p.EventSourceArn]; !ok {
		return made, fmt.Errorf("only queues and streams of the stack can feed a function here, not %s", p.EventSourceArn)
	}
	if p.MaximumBatchingWindowInSeconds > 0 || p.BatchSize > 10 || p.FilterCriteria.Filters != nil {
		return made, fmt.Errorf("batches are handed on as they come here, in tens at most: no window, no filter, no size of %d", p.BatchSize)
	}
	concurrency := h.options.Copies
	if most := p.ScalingConfig.MaximumConcurrency; most > 0 {
		concurrency = min(concurrency, most)
	}
	m.slots = make(chan struct{}, concurrency)
	h.mappings = append(h.mappings, m)
	return made, nil
}

// poll receives batches as long as there are slots for them, so that a message which cannot be worked on
// is not received and its count does not grow.
func (m *mapping) poll(ctx context.Context) {
	var working sync.WaitGroup
	defer working.Wait()
	for {
		select {
		case <-ctx.Done():
			return
		case m.slots <- struct{}{}:
		}
		messages, err := m.receive(ctx)
		if err != nil || len(messages) == 0 {
			<-m.slots
			if err != nil && pause(ctx, pollPause) {
				m.host.note("receive from %s: %v", m.arn, err)
			}
			continue
		}
		working.Go(func() {
			defer func() { <-m.slots }()
			m.deliver(context.WithoutCancel(ctx), messages) // what was received is worked on to its end
		})
	}
}

func (m *mapping) receive(ctx context.Context) ([]types.Message, error) {
	out, err := m.host.queues.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: &m.url, MaxNumberOfMessages: int32(m.batch), WaitTimeSeconds: longPoll,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameAll},
	})
	if err != nil {
		return nil, err
	}
	m.received.Add(int64(len(out.Messages)))
	return out.Messages, nil
}

// deliver hands a batch to the function, as often as the options say, and deletes what no answer lists.
func (m *mapping) deliver(ctx context.Context, messages []types.Message) {
	var mu sync.Mutex
	again := map[string]bool{} // ids of messages that must come again
	var all sync.WaitGroup
	for repeat := range m.host.options.Deliveries {
		all.Go(func() {
			failed, err := m.invoke(ctx, messages, repeat)
			if err != nil {
				m.host.note("%s: %v", m.function.Name, err)
			}
			mu.Lock()
			defer mu.Unlock()
			for _, id := range failed {
				again[id] = true
			}
		})
	}
	all.Wait()
	var entries []types.DeleteMessageBatchRequestEntry
	for i, message := range messages {
		if !again[*message.MessageId] {
			id := strconv.Itoa(i)
			entries = append(entries, types.DeleteMessageBatchRequestEntry{Id: &id, ReceiptHandle: message.ReceiptHandle})
		}
	}
	if len(entries) == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(ctx, deleteTime)
	defer cancel()
	if _, err := m.host.queues.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: &m.url, Entries: entries}); err != nil {
		m.host.note("delete from %s: %v", m.arn, err) // they come again, as they may
	}
}

// invoke returns the ids of the messages that must come again: all of them when the function failed.
func (m *mapping) invoke(ctx context.Context, messages []types.Message, repeat int) ([]string, error) {
	event := events.SQSEvent{}
	trace, ids := lambda.Trace{}, []string{}
	for i, message := range messages {
		event.Records = append(event.Records, m.record(message, repeat))
		trace = trace.Longest(lambda.Follow(message.Attributes[string(types.MessageSystemAttributeNameAWSTraceHeader)]))
		ids = append(ids, *messages[i].MessageId)
	}
	payload, err := json.Marshal(event)
	if err != nil {
		return ids, err
	}
	out, err := m.function.Invoke(ctx, payload, trace)
	if errors.Is(err, lambda.ErrRecursion) {
		return nil, err // Lambda drops it
	}
	if err != nil {
		return ids, err
	}
	if !m.partial {
		return nil, nil
	}
	return m.failures(out, ids)
}

// failures reads an answer. One that names no message, or one that was not in the batch, fails the batch.
func (m *mapping) failures(out []byte, ids []string) ([]string, error) {
	var answer events.SQSEventResponse
	if err := json.Unmarshal(out, &answer); err != nil {
		return ids, fmt.Errorf("its answer is not what a batch is answered with: %w", err)
	}
	var failed []string
	for _, failure := range answer.BatchItemFailures {
		if !slices.Contains(ids, failure.ItemIdentifier) {
			return ids, fmt.Errorf("its answer names a message %q that was not in the batch", failure.ItemIdentifier)
		}
		failed = append(failed, failure.ItemIdentifier)
	}
	return failed, nil
}

func (m *mapping) record(message types.Message, repeat int) events.SQSMessage {
	attributes := map[string]string{}
	for name, value := range message.Attributes {
		attributes[name] = value
	}
	if count, err := strconv.Atoi(attributes["ApproximateReceiveCount"]); err == nil {
		attributes["ApproximateReceiveCount"] = strconv.Itoa(count + repeat)
	}
	return events.SQSMessage{
		MessageId: *message.MessageId, ReceiptHandle: *message.ReceiptHandle, Body: *message.Body, Md5OfBody: text(message.MD5OfBody),
		Attributes: attributes, MessageAttributes: map[string]events.SQSMessageAttribute{},
		EventSourceARN: m.arn, EventSource: "aws:sqs", AWSRegion: region,
	}
}

func text(s *string) string {
	if s == nil {
		return ""
	}
	return *s
}

// pause waits for d. It says false when the context ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
