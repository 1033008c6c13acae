package entry

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/event"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Pauses before a publisher that failed is tried again, within one invocation.
const (
	firstTry   = 250 * time.Millisecond
	longestTry = 2 * time.Second
)

// Stream publishes the events of the table's stream. Its records are landed writes in the order of their shard, so an
// event never comes before what it tells of is durable.
//
// It publishes in that order, and what cannot be published now fails with all records behind it: Lambda hands them over
// again. What can never be published is parked, with its key and the reason, so that it holds up nothing.
type Stream struct {
	Read      func(ctx context.Context, record events.DynamoDBEventRecord) ([]*event.Event, error)
	Lost      func(ctx context.Context, lost Lost, take func([]events.DynamoDBEventRecord) error) error // CodeNotFound: gone
	Publisher event.Publisher
	Mover     Mover
	Parked    string
	Clock     advance.Clock
	Log       *slog.Logger
	Lines     *Lines
}

// outgoing is an event and the record that it is of.
type outgoing struct {
	*event.Event
	record int
}

// Invoke is the handler of a function that a stream feeds. It returns no error: the answer names the first record that
// is not done.
func (s *Stream) Invoke(ctx context.Context, in events.DynamoDBEvent) (events.DynamoDBEventResponse, error) {
	began, before := s.Clock.Now(), s.Lines.begin()
	limited, cancel := beforeDeadline(ctx)
	defer cancel()
	batch := make([]delivery, len(in.Records))
	done := s.tell(limited, in.Records, batch)
	answer := events.DynamoDBEventResponse{BatchItemFailures: []events.DynamoDBBatchItemFailure{}}
	if done < len(in.Records) {
		answer.BatchItemFailures = append(answer.BatchItemFailures, events.DynamoDBBatchItemFailure{ItemIdentifier: in.Records[done].Change.SequenceNumber})
	}
	for i := done; i < len(batch); i++ {
		batch[i].verdict = leave
	}
	s.Lines.end(sourceStream, began, s.Clock.Now(), before, batch)
	return answer, nil
}

// tell publishes the events of the records, and returns how many of the first records are done.
func (s *Stream) tell(ctx context.Context, records []events.DynamoDBEventRecord, batch []delivery) int {
	all, done := s.read(ctx, records, batch)
	if rest := s.publish(ctx, all, records, batch); len(rest) > 0 {
		return rest[0].record
	}
	return done
}

// sourceStream is the source in the line of a batch.
const sourceStream = "stream"

// read makes the events of the records, and returns how many it could read.
func (s *Stream) read(ctx context.Context, records []events.DynamoDBEventRecord, batch []delivery) (all []outgoing, done int) {
	for i, record := range records {
		var made []*event.Event
		err := guarded(func() (err error) {
			made, err = s.Read(ctx, record)
			return err
		})
		if err != nil && (!event.Hopeless(err) || !s.park(ctx, record, err)) {
			s.Log.LogAttrs(ctx, slog.LevelWarn, "a record of the stream cannot be read now", append(naming(record), faulty(err)...)...)
			return all, i
		}
		if err != nil {
			batch[i].verdict = park
		}
		for _, e := range made {
			all = append(all, outgoing{e, i})
		}
	}
	return all, len(records)
}

// publish publishes the events, again and again as long as there is time, and returns what is left.
func (s *Stream) publish(ctx context.Context, rest []outgoing, records []events.DynamoDBEventRecord, batch []delivery) []outgoing {
	for pause := firstTry; len(rest) > 0; {
		err := s.Publisher.Publish(ctx, plain(rest))
		if err == nil {
			return nil
		}
		stuck := &event.Undelivered{Cause: err}
		_ = errors.As(err, &stuck)
		rest = rest[stuck.Taken:]
		if stuck.Taken > 0 {
			pause = firstTry
		}
		if record := rest[0].record; stuck.Refused && s.park(ctx, records[record], err) {
			batch[record].verdict = park
			rest = rest[1:]
			continue
		}
		if s.Clock.Sleep(ctx, pause) != nil {
			s.Log.LogAttrs(ctx, slog.LevelWarn, "events cannot be published now", append(naming(records[rest[0].record]), faulty(err)...)...)
			return rest
		}
		pause = min(2*pause, longestTry)
	}
	return nil
}

func plain(list []outgoing) []*event.Event {
	out := make([]*event.Event, len(list))
	for i, o := range list {
		out[i] = o.Event
	}
	return out
}

// park puts a record aside that can never be published, and tells whether that worked.
func (s *Stream) park(ctx context.Context, record events.DynamoDBEventRecord, cause error) bool {
	part, sort := keyOf(record)
	body, err := json.Marshal(wire.ParkedEvent{Kind: wire.ParkedKindEvent, Part: part, Sort: sort, Sequence: record.Change.SequenceNumber,
		Stream: record.EventSourceArn, Code: string(workflow.CodeOf(cause)), Reason: cause.Error()})
	if err == nil {
		err = s.Mover.Send(ctx, s.Parked, queue.Message{Body: body})
	}
	if err != nil {
		s.Log.LogAttrs(ctx, slog.LevelError, "parking a record of the stream failed", append(naming(record), faulty(err)...)...)
		return false
	}
	s.Log.LogAttrs(ctx, slog.LevelError, "parked a record that has no event to publish", append(naming(record), faulty(cause)...)...)
	return true
}

func naming(record events.DynamoDBEventRecord) []slog.Attr {
	part, sort := keyOf(record)
	return []slog.Attr{slog.String("part", part), slog.String("sort", sort), slog.String("sequence", record.Change.SequenceNumber)}
}
