package entry

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Sources serves a function that the table's stream feeds beside queues. An invocation holds records of one source only.
type Sources struct {
	Queues func(context.Context, events.SQSEvent) (events.SQSEventResponse, error)
	Stream *Stream // nil: the deployment publishes no events
}

// Invoke hands the event to what its source feeds.
func (s Sources) Invoke(ctx context.Context, raw json.RawMessage) (any, error) {
	var origin struct {
		Records []struct {
			Source string `json:"eventSource"`
		}
	}
	if err := json.Unmarshal(raw, &origin); err != nil {
		return nil, unreadable
	}
	if len(origin.Records) > 0 && origin.Records[0].Source == "aws:dynamodb" {
		var event events.DynamoDBEvent
		if err := json.Unmarshal(raw, &event); err != nil {
			return nil, unreadable
		}
		if s.Stream == nil {
			return nil, workflow.Errorf(workflow.CodeInvalid, "the function has no topic to publish events to: %s is not set", wire.EventTopic)
		}
		return s.Stream.Invoke(ctx, event)
	}
	var event events.SQSEvent
	if err := json.Unmarshal(raw, &event); err != nil {
		return nil, unreadable
	}
	return s.Queues(ctx, event)
}

// unreadable has no more to say: a decoder's text may quote a payload.
var unreadable = workflow.Errorf(workflow.CodeInvalid, "the event is neither of a queue nor of a stream")

// keyOf returns the key of the row that a record is of.
func keyOf(record events.DynamoDBEventRecord) (part, sort string) {
	text := func(name string) string {
		if v, ok := record.Change.Keys[name]; ok && v.DataType() == events.DataTypeString {
			return v.String()
		}
		return ""
	}
	return text(wire.AttributePart), text(wire.AttributeSort)
}

// Split serves a function that the dead-letter queue feeds beside its own. An invocation holds messages of
// one queue only.
type Split struct {
	Dead    string // name of the dead-letter queue in the cloud
	Letters *Batch
	Others  *Batch
}

// Invoke hands the event to the batch of its queue.
func (s Split) Invoke(ctx context.Context, event events.SQSEvent) (events.SQSEventResponse, error) {
	if len(event.Records) > 0 && lastPart(event.Records[0].EventSourceARN, ":") == s.Dead {
		return s.Letters.Invoke(ctx, event)
	}
	return s.Others.Invoke(ctx, event)
}

// QueueName returns the name at the end of a queue's address.
func QueueName(address string) string { return lastPart(address, "/") }

func lastPart(text, separator string) string { return text[strings.LastIndex(text, separator)+1:] }
