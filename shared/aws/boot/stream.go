package boot

import (
	"context"
	"errors"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/segue-workflows/segue/shared/aws"
	"github.com/segue-workflows/segue/shared/aws/entry"
	"github.com/segue-workflows/segue/shared/aws/topic"
	"github.com/segue-workflows/segue/shared/event"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// stream publishes what the table's stream tells, in the function that was given a topic.
func (v *variables) stream(h *Home, items *aws.Store) *entry.Stream {
	arn := v.get(wire.EventTopic)
	if arn == "" {
		return nil
	}
	client := sns.NewFromConfig(v.config(), func(o *sns.Options) { o.BaseEndpoint = v.endpointOf(snsEndpoint) })
	reader := &event.Reader{Loop: h.Loop, Cluster: v.get(wire.Stage)}
	return &entry.Stream{
		Read: func(ctx context.Context, r events.DynamoDBEventRecord) ([]*event.Event, error) {
			return told(ctx, items, reader, r)
		},
		Publisher: &topic.Topic{Client: client, ARN: arn, Cloud: v.get(wire.EventEnvelope) == wire.EnvelopeCloud},
		Mover:     h.Queues, Parked: wire.Parked, Clock: h.Loop.Clock, Log: h.Log, Lines: h.Lines,
	}
}

// told returns the events of a record.
func told(ctx context.Context, items *aws.Store, reader *event.Reader, r events.DynamoDBEventRecord) ([]*event.Event, error) {
	change, ok, err := items.Change(ctx, attributes(r.Change.Keys), attributes(r.Change.NewImage))
	switch {
	case errors.Is(err, aws.ErrCorrupt):
		return nil, workflow.Errorf(workflow.CodeInternal, "a record of the stream holds no item: %w", err)
	case err != nil:
		return nil, workflow.Errorf(workflow.CodeUnavailable, "a record of the stream cannot be read: %w", err)
	case !ok:
		return nil, nil
	}
	return reader.Read(ctx, change)
}

// attributes converts the three types of attributes that an item has.
func attributes(from map[string]events.DynamoDBAttributeValue) map[string]types.AttributeValue {
	to := make(map[string]types.AttributeValue, len(from))
	for name, value := range from {
		switch value.DataType() {
		case events.DataTypeString:
			to[name] = &types.AttributeValueMemberS{Value: value.String()}
		case events.DataTypeNumber:
			to[name] = &types.AttributeValueMemberN{Value: value.Number()}
		case events.DataTypeBinary:
			to[name] = &types.AttributeValueMemberB{Value: value.Binary()}
		}
	}
	return to
}
