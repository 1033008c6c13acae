package entry

import (
	"context"
	"strings"

	"github.com/aws/aws-lambda-go/events"
)

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
