package aws

import (
	"context"
	"encoding/json"
	"errors"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	streamtypes "github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"

	"github.com/segue-workflows/segue/shared/store"
)

// Stream is a store.Feed on the stream of the table, for hosts that poll. In the cloud a mapping
// polls instead and Change reads its records. It keeps what the service keeps: 24 hours.
type Stream struct {
	store  *Store
	client *dynamodbstreams.Client
	arn    string
}

// NewStream returns the feed of the stream with the ARN, which belongs to the table of s.
func NewStream(s *Store, client *dynamodbstreams.Client, arn string) *Stream {
	return &Stream{store: s, client: client, arn: arn}
}

// shards is what a cursor remembers: for each shard the last sequence number read.
type shards map[string]string

const readToTheEnd = "end" // in place of a sequence number: the shard is closed and wholly read

// Next returns the changes of one round over the shards. It fails with ErrCursor, ErrThrottled or
// ErrUnavailable.
func (f *Stream) Next(ctx context.Context, after store.Cursor) ([]store.Change, store.Cursor, error) {
	seen := shards{}
	if after != "" && json.Unmarshal([]byte(after), &seen) != nil {
		return nil, after, store.ErrCursor
	}
	known, err := f.describe(ctx)
	if err != nil {
		return nil, after, storeError(err)
	}
	places := shards{}
	for _, shard := range known {
		places[*shard.ShardId] = seen[*shard.ShardId]
	}
	var changes []store.Change
	for _, shard := range known {
		if shard.ParentShardId != nil {
			// A child goes on where its parent ended, so it waits: that keeps the order of each key.
			if place, ok := places[*shard.ParentShardId]; ok && place != readToTheEnd {
				continue
			}
		}
		page, err := f.read(ctx, *shard.ShardId, places)
		if err != nil {
			return nil, after, storeError(err)
		}
		changes = append(changes, page...)
	}
	cursor, err := json.Marshal(places)
	return changes, store.Cursor(cursor), err
}

func (f *Stream) describe(ctx context.Context) (known []streamtypes.Shard, err error) {
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: &f.arn}
	for {
		out, err := f.client.DescribeStream(ctx, in)
		if err != nil {
			return nil, err
		}
		known = append(known, out.StreamDescription.Shards...)
		if in.ExclusiveStartShardId = out.StreamDescription.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			return known, nil
		}
	}
}

// read reads one page of the shard and moves its place.
func (f *Stream) read(ctx context.Context, shard string, places shards) ([]store.Change, error) {
	if places[shard] == readToTheEnd {
		return nil, nil
	}
	iterator, err := f.iterator(ctx, shard, places[shard])
	if err != nil {
		return nil, err
	}
	out, err := f.client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: iterator})
	if err != nil {
		return nil, err
	}
	var changes []store.Change
	for _, record := range out.Records {
		c, ok, err := f.store.Change(ctx, plainAttributes(record.Dynamodb.Keys), plainAttributes(record.Dynamodb.NewImage))
		if err != nil {
			return nil, err
		}
		if ok {
			changes = append(changes, c)
		}
		places[shard] = *record.Dynamodb.SequenceNumber
	}
	if out.NextShardIterator == nil {
		places[shard] = readToTheEnd
	}
	return changes, nil
}

func (f *Stream) iterator(ctx context.Context, shard, place string) (*string, error) {
	in := &dynamodbstreams.GetShardIteratorInput{StreamArn: &f.arn, ShardId: &shard, ShardIteratorType: streamtypes.ShardIteratorTypeTrimHorizon}
	if place != "" {
		in.ShardIteratorType, in.SequenceNumber = streamtypes.ShardIteratorTypeAfterSequenceNumber, &place
	}
	out, err := f.client.GetShardIterator(ctx, in)
	if trimmed := (*streamtypes.TrimmedDataAccessException)(nil); errors.As(err, &trimmed) {
		in.ShardIteratorType, in.SequenceNumber = streamtypes.ShardIteratorTypeTrimHorizon, nil
		out, err = f.client.GetShardIterator(ctx, in)
	}
	if err != nil {
		return nil, err
	}
	return out.ShardIterator, nil
}

// Change reads a record of the table's stream: the keys and the new image, which is empty for a
// removed item. It says false for what is not an item, such as a part of a large body. It fails
// with ErrThrottled or ErrUnavailable; an item that nobody can read is ErrCorrupt too.
func (s *Store) Change(ctx context.Context, keys, image map[string]types.AttributeValue) (c store.Change, ok bool, err error) {
	key, err := parseRow(keys)
	if err != nil {
		return store.Change{}, false, unavailable(err)
	}
	if strings.IndexByte(key.key.Part, 0) >= 0 {
		return store.Change{}, false, nil
	}
	if len(image) == 0 {
		return store.Change{Item: store.Item{Key: key.key}}, true, nil
	}
	r, err := parseRow(image)
	if err != nil {
		return store.Change{}, false, unavailable(err)
	}
	r.key = key.key
	item, err := s.load(ctx, r)
	return store.Change{Item: item}, err == nil, storeError(err)
}

// plainAttributes converts the three types of attributes that an item has.
func plainAttributes(from map[string]streamtypes.AttributeValue) attributes {
	to := make(attributes, len(from))
	for name, value := range from {
		switch v := value.(type) {
		case *streamtypes.AttributeValueMemberS:
			to[name] = textValue(v.Value)
		case *streamtypes.AttributeValueMemberN:
			to[name] = &types.AttributeValueMemberN{Value: v.Value}
		case *streamtypes.AttributeValueMemberB:
			to[name] = bytesValue(v.Value)
		}
	}
	return to
}
