package host

import (
	"context"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// Pauses between two reads of a shard. A shard that is quiet is read less and less often, because each read holds up all
// writers of the emulator.
const (
	busyPoll  = 200 * time.Millisecond
	quietPoll = 2 * time.Second
)

// shard is the place in a shard of a stream up to which its records were taken.
type shard struct {
	*stream
	place dynamodbstreams.GetShardIteratorInput
	next  *string // iterator that goes on from the last read; nil: the place says where
	batch []events.DynamoDBEventRecord
	first time.Time // when the first record of the batch came
}

func (s *stream) shard(id string) *shard {
	return &shard{stream: s, place: dynamodbstreams.GetShardIteratorInput{StreamArn: &s.arn, ShardId: &id, ShardIteratorType: s.from}}
}

// read hands on the records of the shard until it ends: when a batch is full, or the window of its first record is over.
func (s *shard) read(ctx context.Context) {
	for wait := busyPoll; ; {
		page, err := s.page(ctx)
		if err != nil {
			if !pause(ctx, pollPause) {
				return
			}
			s.host.note("read %s: %v", *s.place.ShardId, err)
			continue
		}
		for _, record := range page.Records {
			s.take(ctx, record)
		}
		ended := page.NextShardIterator == nil
		if ended || time.Since(s.first) >= s.window {
			s.flush(ctx)
		}
		if wait = min(2*wait, quietPoll); len(page.Records) > 0 || len(s.batch) > 0 {
			wait = busyPoll
		}
		if ended || !pause(ctx, wait) {
			return
		}
	}
}

// page reads on. After an error it does so from the last record that was taken, because an iterator does not live long.
func (s *shard) page(ctx context.Context) (*dynamodbstreams.GetRecordsOutput, error) {
	if s.next == nil {
		at, err := s.host.changes.GetShardIterator(ctx, &s.place)
		if err != nil {
			return nil, err
		}
		s.next = at.ShardIterator
	}
	out, err := s.host.changes.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: s.next})
	if s.next = nil; err != nil {
		return nil, err
	}
	s.next = out.NextShardIterator
	return out, nil
}

// take adds a record to the batch when a filter selects it.
func (s *shard) take(ctx context.Context, record types.Record) {
	s.place.ShardIteratorType, s.place.SequenceNumber = types.ShardIteratorTypeAfterSequenceNumber, record.Dynamodb.SequenceNumber
	r := s.record(record)
	if !s.selects(r) {
		return
	}
	if len(s.batch) == 0 {
		s.first = time.Now()
	}
	if s.batch = append(s.batch, r); len(s.batch) == s.stream.batch {
		s.flush(ctx)
	}
}

// flush hands over what the batch holds.
func (s *shard) flush(ctx context.Context) {
	batch := s.batch
	s.batch = nil
	s.deliver(ctx, *s.place.ShardId, batch)
}
