package topic

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"slices"
	"strconv"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sns/types"

	"github.com/segue-workflows/segue/shared/event"
)

// Limits of one call of SNS.
const (
	maxMessages = 10
	maxBytes    = 256 << 10
	maxID       = 128 // characters of a group and of a deduplication id
)

// Attributes of a message, for the filter policies of subscribers.
const (
	AttributeType     = "event_type"
	AttributeWorkflow = "workflow_id"
)

// Topic is an event.Publisher on SNS.
type Topic struct {
	Client *sns.Client
	ARN    string
	Cloud  bool // in the envelope of CloudEvents
}

// fifo tells whether the topic keeps the order of a group.
func (t *Topic) fifo() bool { return strings.HasSuffix(t.ARN, ".fifo") }

// message is an event on its way.
type message struct {
	entry types.PublishBatchRequestEntry
	bytes int
}

// Publish publishes the events in their order. Its error is an *event.Undelivered.
func (t *Topic) Publish(ctx context.Context, events []*event.Event) error {
	var messages []message
	var impossible error
	for _, e := range events {
		var m message
		if m, impossible = t.message(e); impossible != nil {
			break
		}
		messages = append(messages, m)
	}
	if taken, err := t.publish(ctx, messages); err != nil {
		return &event.Undelivered{Taken: taken, Refused: err.refused, Cause: err}
	}
	if impossible != nil {
		return &event.Undelivered{Taken: len(messages), Refused: true, Cause: impossible}
	}
	return nil
}

// failure is why a message was not taken.
type failure struct {
	cause   error
	refused bool // for what it is: it would be again
}

func (f *failure) Error() string { return "publishing an event: " + f.cause.Error() }
func (f *failure) Unwrap() error { return f.cause }

// publish returns how many of the first messages were taken.
func (t *Topic) publish(ctx context.Context, messages []message) (taken int, failed *failure) {
	for len(messages) > 0 {
		n := t.fitting(messages)
		done, failed := t.send(ctx, messages[:n])
		taken += done
		if failed != nil {
			return taken, failed
		}
		messages = messages[n:]
	}
	return taken, nil
}

// fitting returns how many of the first messages one call takes.
func (t *Topic) fitting(messages []message) int {
	bytes, groups := 0, map[string]bool{}
	for i, m := range messages {
		group := sdk.ToString(m.entry.MessageGroupId)
		bytes += m.bytes
		if i > 0 && (bytes > maxBytes || groups[group]) || i == maxMessages {
			return i
		}
		groups[group] = t.fifo()
	}
	return len(messages)
}

// send makes one call, and returns how many of the first messages it took. Others behind may have been taken too: they
// come again.
func (t *Topic) send(ctx context.Context, messages []message) (int, *failure) {
	in := &sns.PublishBatchInput{TopicArn: &t.ARN}
	for i, m := range messages {
		m.entry.Id = sdk.String(strconv.Itoa(i))
		in.PublishBatchRequestEntries = append(in.PublishBatchRequestEntries, m.entry)
	}
	out, err := t.Client.PublishBatch(ctx, in)
	if err != nil {
		return 0, &failure{cause: err}
	}
	if len(out.Failed) == 0 {
		return len(messages), nil
	}
	number := func(f types.BatchResultErrorEntry) int {
		n, _ := strconv.Atoi(sdk.ToString(f.Id))
		return n
	}
	first := slices.MinFunc(out.Failed, func(a, b types.BatchResultErrorEntry) int { return cmp.Compare(number(a), number(b)) })
	code := sdk.ToString(first.Code)
	return number(first), &failure{refused: first.SenderFault && strings.HasPrefix(code, "InvalidParameter"),
		cause: fmt.Errorf("SNS answered %s", code)}
}

// message makes the message of an event. It fails for one that SNS cannot take.
func (t *Topic) message(e *event.Event) (message, error) {
	body, err := event.Encode(e, t.Cloud)
	if err != nil {
		return message{}, err
	}
	m := message{bytes: len(body) + len(AttributeType+AttributeWorkflow+"StringString") + len(e.Type) + len(e.Workflow)}
	if m.bytes > maxBytes {
		return m, fmt.Errorf("the event %s has %d bytes, more than SNS takes", e.ID(), m.bytes)
	}
	m.entry = types.PublishBatchRequestEntry{Message: sdk.String(string(body)), MessageAttributes: map[string]types.MessageAttributeValue{
		AttributeType: text(e.Type), AttributeWorkflow: text(e.Workflow),
	}}
	if t.fifo() {
		m.entry.MessageGroupId, m.entry.MessageDeduplicationId = identity(e.Entity()), identity(e.ID())
	}
	return m, nil
}

func text(value string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: sdk.String("String"), StringValue: &value}
}

// identity is a text as SNS takes it for a group or a deduplication id: what is too long, or not ASCII, is hashed.
func identity(name string) *string {
	plain := !strings.ContainsFunc(name, func(r rune) bool { return r <= ' ' || r > '~' })
	if plain && len(name) <= maxID {
		return &name
	}
	sum := sha256.Sum256([]byte(name))
	return sdk.String(hex.EncodeToString(sum[:]))
}
