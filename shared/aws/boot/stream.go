package boot

import (
	"context"
	"errors"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
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
		Lost:      v.lost(),
		Publisher: &topic.Topic{Client: client, ARN: arn, Cloud: v.get(wire.EventEnvelope) == wire.EnvelopeCloud},
		Mover:     h.Queues, Parked: wire.Parked, Clock: h.Loop.Clock, Log: h.Log, Lines: h.Lines,
	}
}

// lost reads records of the stream that were given up.
func (v *variables) lost() func(context.Context, entry.Lost, func([]events.DynamoDBEventRecord) error) error {
	client := dynamodbstreams.NewFromConfig(v.config(), func(o *dynamodbstreams.Options) { o.BaseEndpoint = v.endpointOf(dynamoDBEndpoint) })
	return func(ctx context.Context, l entry.Lost, take func([]events.DynamoDBEventRecord) error) error {
		err := aws.Records(ctx, client, aws.Span{Stream: l.Stream, Shard: l.Shard, From: l.First, To: l.Last}, func(page []streamtypes.Record) error {
			records := make([]events.DynamoDBEventRecord, len(page))
			for i, r := range page {
				records[i] = events.DynamoDBEventRecord{EventSourceArn: l.Stream, Change: events.DynamoDBStreamRecord{
					SequenceNumber: *r.Dynamodb.SequenceNumber, Keys: handed(r.Dynamodb.Keys), NewImage: handed(r.Dynamodb.NewImage)}}
			}
			return take(records)
		})
		var coded *workflow.Error
		switch {
		case err == nil || errors.As(err, &coded):
			return err
		case errors.Is(err, aws.ErrTrimmed):
			return workflow.Errorf(workflow.CodeNotFound, "records of the stream: %w", err)
		}
		return workflow.Errorf(workflow.CodeUnavailable, "reading records of the stream: %w", err)
	}
}

// handed converts the three types of attributes that an item has to those that Lambda hands over.
func handed(from map[string]streamtypes.AttributeValue) map[string]events.DynamoDBAttributeValue {
	to := make(map[string]events.DynamoDBAttributeValue, len(from))
	for name, value := range from {
		switch v := value.(type) {
		case *streamtypes.AttributeValueMemberS:
			to[name] = events.NewStringAttribute(v.Value)
		case *streamtypes.AttributeValueMemberN:
			to[name] = events.NewNumberAttribute(v.Value)
		case *streamtypes.AttributeValueMemberB:
			to[name] = events.NewBinaryAttribute(v.Value)
		}
	}
	return to
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
