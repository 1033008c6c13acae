package entry

import (
	"context"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/segue-workflows/segue/shared/workflow"
)

// landed is a record of a new row, or of one that was written so many times.
func landed(name, part, sort, rev string) events.DynamoDBEventRecord {
	r := change(name)
	r.Change.Keys = map[string]events.DynamoDBAttributeValue{"p": events.NewStringAttribute(part), "s": events.NewStringAttribute(sort)}
	if rev != "" {
		r.Change.NewImage = map[string]events.DynamoDBAttributeValue{"r": events.NewNumberAttribute(rev)}
	}
	return r
}

// TestWhatLambdaGaveUpIsPublished: a letter names a span, which is read in two pages; what the mapping would not select is
// left out, and what cannot be published now comes again.
func TestWhatLambdaGaveUpIsPublished(t *testing.T) {
	const letter = `{"requestContext": {"condition": "RetryAttemptsExhausted"}, "DDBStreamBatchInfo": {"shardId": "shard-1",
		"startSequenceNumber": "7", "endSequenceNumber": "19", "batchSize": 3, "streamArn": "arn"}}`
	pages := [][]events.DynamoDBEventRecord{
		{landed("7", "i/wf/1", "0001", "1"), landed("8", "w/wf", "head", "4"), landed("9", "i/wf/1", "~x", "1")},
		{landed("10", "w/wf", "t/1", "1"), landed("11", "i/wf/1", "0002", "2"), landed("12", "i/wf/1", "0003", ""), landed("19", "i/wf/1", "0004", "1")},
	}
	for name, row := range map[string]struct {
		body, got string
		known     bool
		code      workflow.Code
		shut      time.Duration
		gone      error
	}{
		"all":               {body: letter, got: "7 7 10 10 19 19", known: true},
		"down":              {body: letter, known: true, shut: time.Hour, code: workflow.CodeUnavailable},
		"trimmed":           {body: letter, gone: workflow.Errorf(workflow.CodeNotFound, "gone")},
		"the stream is not": {body: letter, known: true, gone: workflow.Errorf(workflow.CodeUnavailable, "busy"), code: workflow.CodeUnavailable},
		"another letter":    {body: `{"kind": "steps"}`},
		"no letter":         {body: `text`},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx, cancel := context.WithTimeout(t.Context(), 10*time.Second)
				defer cancel()
				out := &outlet{opens: time.Now().Add(row.shut)}
				s, _ := streamOf(out, &moves{}, nil)
				s.Lost = func(_ context.Context, lost Lost, take func([]events.DynamoDBEventRecord) error) error {
					if lost != (Lost{"arn", "shard-1", "7", "19"}) {
						t.Errorf("asked for %+v", lost)
					}
					for _, page := range pages {
						if row.gone != nil {
							return row.gone
						}
						if err := take(page); err != nil {
							return err
						}
					}
					return nil
				}
				known, err := s.Recover(ctx, []byte(row.body))
				if known != row.known || (err == nil) != (row.code == "") || err != nil && workflow.CodeOf(err) != row.code {
					t.Errorf("known %v, %v", known, err)
				}
				if got := strings.Join(out.got, " "); got != row.got {
					t.Errorf("published %q", got)
				}
			})
		})
	}
}
