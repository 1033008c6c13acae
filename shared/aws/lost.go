package aws

import (
	"context"
	"errors"

	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// ErrTrimmed says that a stream keeps records no more: they are older than 24 hours.
var ErrTrimmed = errors.New("aws: the stream keeps these records no more")

// Span is records of one shard of a stream, by the sequence numbers of the first and the last.
type Span struct{ Stream, Shard, From, To string }

// Records hands the records of a span to take, a page after the other, until take fails. It fails with ErrTrimmed, or an
// error of the service or of take.
func Records(ctx context.Context, client *dynamodbstreams.Client, s Span, take func([]types.Record) error) error {
	at, err := client.GetShardIterator(ctx, &dynamodbstreams.GetShardIteratorInput{StreamArn: &s.Stream, ShardId: &s.Shard,
		ShardIteratorType: types.ShardIteratorTypeAtSequenceNumber, SequenceNumber: &s.From})
	if err != nil {
		return trimmed(err)
	}
	for next, over := at.ShardIterator, false; next != nil && !over; {
		out, err := client.GetRecords(ctx, &dynamodbstreams.GetRecordsInput{ShardIterator: next})
		if err != nil {
			return trimmed(err)
		}
		var page []types.Record
		for _, r := range out.Records {
			if over = over || beyond(*r.Dynamodb.SequenceNumber, s.To); !over {
				page = append(page, r)
			}
		}
		if err := take(page); err != nil {
			return err
		}
		over = over || len(page) > 0 && *page[len(page)-1].Dynamodb.SequenceNumber == s.To
		next = out.NextShardIterator
	}
	return nil
}

// beyond compares sequence numbers: decimal numbers of any length.
func beyond(a, b string) bool { return len(a) > len(b) || len(a) == len(b) && a > b }

func trimmed(err error) error {
	if old := (*types.TrimmedDataAccessException)(nil); errors.As(err, &old) {
		return ErrTrimmed
	}
	if gone := (*types.ResourceNotFoundException)(nil); errors.As(err, &gone) { // the shard, as old as its records
		return ErrTrimmed
	}
	return err
}
