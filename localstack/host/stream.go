package host

import (
	"context"
	"encoding/json"
	"fmt"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/segue-workflows/segue/localstack/lambda"
)

const (
	shardPoll    = 10 * time.Second // between two looks for new shards, unless one ends
	firstRetry   = 250 * time.Millisecond
	longestRetry = 5 * time.Second
)

// stream feeds a function from the stream of a table: the records of a shard in their order, one batch at a time.
type stream struct {
	host     *Host
	function *function
	arn      string
	batch    int
	window   time.Duration
	from     types.ShardIteratorType
	filters  []filter
	partial  bool // the answer names the record that failed first
	bisect   bool
	tries    int           // more than the first; negative: any number
	age      time.Duration // of a record that is still tried; 0: any
	dead     string        // address of the queue for what is given up; "": it is lost
}

// streamProperties are those of a mapping that only streams have.
type streamProperties struct {
	StartingPosition           string
	ParallelizationFactor      int
	BisectBatchOnFunctionError bool
	MaximumRetryAttempts       *int
	MaximumRecordAgeInSeconds  int
	DestinationConfig          struct{ OnFailure struct{ Destination string } }
	FilterCriteria             struct{ Filters []struct{ Pattern string } }
}

// makeStream lets a stream feed a function.
func (h *Host) makeStream(f *function, p mappingProperties) error {
	s := &stream{host: h, function: f, arn: p.EventSourceArn, batch: p.BatchSize, partial: p.partial(), bisect: p.BisectBatchOnFunctionError,
		window: time.Duration(p.MaximumBatchingWindowInSeconds) * time.Second, tries: -1, from: types.ShardIteratorType(p.StartingPosition)}
	if p.ParallelizationFactor > 1 {
		return fmt.Errorf("a shard is read by one batch at a time here, not by %d", p.ParallelizationFactor)
	}
	if p.MaximumRetryAttempts != nil {
		s.tries = *p.MaximumRetryAttempts
	}
	if p.MaximumRecordAgeInSeconds > 0 {
		s.age = time.Duration(p.MaximumRecordAgeInSeconds) * time.Second
	}
	if arn := p.DestinationConfig.OnFailure.Destination; arn != "" {
		var ok bool
		if s.dead, ok = h.queueURLs[arn]; !ok {
			return fmt.Errorf("what failed can go to queues of the stack here, not to %s", arn)
		}
	}
	for _, given := range p.FilterCriteria.Filters {
		f, err := parseFilter(given.Pattern)
		if err != nil {
			return err
		}
		s.filters = append(s.filters, f)
	}
	h.streams = append(h.streams, s)
	return nil
}

// run reads all shards, each after the one that it goes on from.
func (s *stream) run(ctx context.Context) {
	var mu sync.Mutex
	var working sync.WaitGroup
	defer working.Wait()
	begun, ended, over := map[string]bool{}, map[string]bool{}, make(chan struct{}, 1)
	for {
		shards, err := s.shards(ctx)
		if err != nil && ctx.Err() == nil {
			s.host.note("shards of %s: %v", s.arn, err)
		}
		mu.Lock()
		for _, found := range shards {
			id, parent := *found.ShardId, sdk.ToString(found.ParentShardId)
			if begun[id] || begun[parent] && !ended[parent] {
				continue
			}
			begun[id] = true
			working.Go(func() {
				s.shard(id).read(ctx)
				mu.Lock()
				ended[id] = true
				mu.Unlock()
				select {
				case over <- struct{}{}:
				default: // somebody has said it already
				}
			})
		}
		mu.Unlock()
		wait := shardPoll
		if err != nil {
			wait = pollPause
		}
		if !pauseOr(ctx, wait, over) {
			return
		}
	}
}

// pauseOr waits for d, or until something is over. It says false when the context ended first.
func pauseOr(ctx context.Context, d time.Duration, over <-chan struct{}) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-over:
	case <-timer.C:
	}
	return true
}

func (s *stream) shards(ctx context.Context) (all []types.Shard, err error) {
	in := &dynamodbstreams.DescribeStreamInput{StreamArn: &s.arn}
	for {
		out, err := s.host.changes.DescribeStream(ctx, in)
		if err != nil {
			return nil, err
		}
		all = append(all, out.StreamDescription.Shards...)
		if in.ExclusiveStartShardId = out.StreamDescription.LastEvaluatedShardId; in.ExclusiveStartShardId == nil {
			return all, nil
		}
	}
}

// deliver hands over the records until all are done or given up.
func (s *stream) deliver(ctx context.Context, shard string, records []events.DynamoDBEventRecord) {
	wait := firstRetry
	for tries := 0; len(records) > 0; tries++ {
		done, err := s.invoke(context.WithoutCancel(ctx), records)
		if done > 0 {
			records, tries, wait = records[done:], -1, firstRetry
			continue
		}
		s.host.note("%s: %d records of %s from %s on are not done: %v", s.function.Name, len(records), shard, records[0].Change.SequenceNumber, err)
		if err != nil && s.bisect && len(records) > 1 {
			half := len(records) / 2
			s.deliver(ctx, shard, records[:half])
			records, tries = records[half:], -1
			continue
		}
		old := s.age > 0 && time.Since(records[0].Change.ApproximateCreationDateTime.Time) > s.age
		if old || s.tries >= 0 && tries >= s.tries {
			s.giveUp(ctx, shard, records)
			return
		}
		if !pause(ctx, wait) {
			return
		}
		wait = min(2*wait, longestRetry)
	}
}

// invoke returns how many of the first records are done.
func (s *stream) invoke(ctx context.Context, records []events.DynamoDBEventRecord) (int, error) {
	payload, err := json.Marshal(events.DynamoDBEvent{Records: records})
	if err != nil {
		return 0, err
	}
	least := len(records)
	for range s.host.options.Deliveries {
		out, err := s.function.Invoke(ctx, payload, lambda.NewTrace())
		if err != nil {
			return 0, err
		}
		done, err := s.done(out, records)
		if err != nil {
			return 0, err
		}
		least = min(least, done)
	}
	return least, nil
}

// done reads an answer: everything before the first record that it names is done.
func (s *stream) done(out []byte, records []events.DynamoDBEventRecord) (int, error) {
	if !s.partial {
		return len(records), nil
	}
	var answer events.DynamoDBEventResponse
	if err := json.Unmarshal(out, &answer); err != nil {
		return 0, fmt.Errorf("its answer is not what a batch is answered with: %w", err)
	}
	least := len(records)
	for _, failure := range answer.BatchItemFailures {
		at := -1
		for i, r := range records {
			if r.Change.SequenceNumber == failure.ItemIdentifier {
				at = i
			}
		}
		if at < 0 {
			return 0, fmt.Errorf("its answer names a record %q that was not in the batch", failure.ItemIdentifier)
		}
		least = min(least, at)
	}
	return least, nil
}

// giveUp tells the queue for what failed where the records are; as on AWS, it does not say what they hold.
func (s *stream) giveUp(ctx context.Context, shard string, records []events.DynamoDBEventRecord) {
	if s.dead == "" {
		return
	}
	body, err := json.Marshal(map[string]any{"version": "1.0", "DDBStreamBatchInfo": map[string]any{
		"shardId": shard, "streamArn": s.arn, "batchSize": len(records),
		"startSequenceNumber": records[0].Change.SequenceNumber, "endSequenceNumber": records[len(records)-1].Change.SequenceNumber,
	}})
	if err == nil {
		_, err = s.host.queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &s.dead, MessageBody: sdk.String(string(body))})
	}
	s.host.note("%s: %d records of %s are given up (%v)", s.function.Name, len(records), shard, err)
}

// record is a record as Lambda hands it over.
func (s *stream) record(r types.Record) events.DynamoDBEventRecord {
	return events.DynamoDBEventRecord{
		AWSRegion: region, EventID: sdk.ToString(r.EventID), EventName: string(r.EventName), EventSource: "aws:dynamodb",
		EventVersion: sdk.ToString(r.EventVersion), EventSourceArn: s.arn,
		Change: events.DynamoDBStreamRecord{
			ApproximateCreationDateTime: events.SecondsEpochTime{Time: sdk.ToTime(r.Dynamodb.ApproximateCreationDateTime)},
			Keys:                        attributes(r.Dynamodb.Keys), NewImage: attributes(r.Dynamodb.NewImage),
			SequenceNumber: sdk.ToString(r.Dynamodb.SequenceNumber), SizeBytes: sdk.ToInt64(r.Dynamodb.SizeBytes),
			StreamViewType: string(r.Dynamodb.StreamViewType),
		},
	}
}

// attributes converts the scalar types; a table of the stack has no others.
func attributes(from map[string]types.AttributeValue) map[string]events.DynamoDBAttributeValue {
	to := map[string]events.DynamoDBAttributeValue{}
	for name, value := range from {
		switch v := value.(type) {
		case *types.AttributeValueMemberS:
			to[name] = events.NewStringAttribute(v.Value)
		case *types.AttributeValueMemberN:
			to[name] = events.NewNumberAttribute(v.Value)
		case *types.AttributeValueMemberB:
			to[name] = events.NewBinaryAttribute(v.Value)
		}
	}
	return to
}
