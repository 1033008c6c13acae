package entry

import (
	"context"
	"encoding/json"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Lost is a span of records of a stream that Lambda gave up, as its letter names it.
type Lost struct {
	Stream string `json:"streamArn"`
	Shard  string `json:"shardId"`
	First  string `json:"startSequenceNumber"`
	Last   string `json:"endSequenceNumber"`
}

// Recover publishes the events of the records that a letter of Lambda names: the letter says where they are, and the
// stream keeps them for 24 hours. They come late, behind newer events of their entities, whose sequence numbers tell. It
// returns false for what is no such letter, and for records that the stream keeps no more, and CodeUnavailable for what
// must be tried again from the beginning.
func (s *Stream) Recover(ctx context.Context, body []byte) (known bool, err error) {
	var letter struct {
		Lost Lost `json:"DDBStreamBatchInfo"`
	}
	if json.Unmarshal(body, &letter) != nil || letter.Lost.Shard == "" {
		return false, nil
	}
	err = s.Lost(ctx, letter.Lost, func(records []events.DynamoDBEventRecord) error {
		var told []events.DynamoDBEventRecord
		for _, r := range records {
			if selected(r) {
				told = append(told, r)
			}
		}
		if s.tell(ctx, told, make([]delivery, len(told))) < len(told) {
			return workflow.Errorf(workflow.CodeUnavailable, "events of the stream's shard %s cannot be published now", letter.Lost.Shard)
		}
		return nil
	})
	if workflow.CodeOf(err) == workflow.CodeNotFound {
		return false, nil // nobody can publish them: people learn of it
	}
	return true, err
}

// selected tells whether Lambda would hand over the record, by the filters of the stream's mapping.
func selected(r events.DynamoDBEventRecord) bool {
	rev, ok := r.Change.NewImage[wire.AttributeRev]
	if !ok || rev.DataType() != events.DataTypeNumber || rev.Number() != "1" {
		return false
	}
	part, sort := keyOf(r)
	return strings.HasPrefix(part, wire.PartInstance) && sort != "" && sort[0] >= '0' && sort[0] <= '9' ||
		strings.HasPrefix(part, wire.PartWorkflow) && strings.HasPrefix(sort, wire.SortTimeline)
}
