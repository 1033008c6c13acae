package main

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/jsii-runtime-go"

	"github.com/segue-workflows/segue/shared/wire"
)

// eventChoice is how events go out.
type eventChoice struct {
	topic    string // topicStandard, topicFIFO or topicNone
	envelope string // "", or wire.EnvelopeCloud
}

// Choices of the topic.
const (
	topicStandard = "standard"
	topicFIFO     = "fifo" // subscribers get the events of an entity in order and, for five minutes, once
	topicNone     = "none" // nothing reads the stream, and nothing is paid for it
)

// eventsOf reads the choices.
func eventsOf(text func(name, preset string) string) (eventChoice, error) {
	e := eventChoice{topic: text("eventTopic", topicStandard), envelope: text("eventEnvelope", "")}
	switch e.topic {
	case topicStandard, topicFIFO, topicNone:
	default:
		return e, fmt.Errorf("eventTopic %q: standard, fifo or none", e.topic)
	}
	if e.envelope != "" && e.envelope != wire.EnvelopeCloud {
		return e, fmt.Errorf("eventEnvelope %q: %s, or nothing", e.envelope, wire.EnvelopeCloud)
	}
	return e, nil
}

// makeEventTopic makes the topic that events go out by.
func (s *segue) makeEventTopic() {
	if s.options.events.topic == topicNone {
		return
	}
	props := &awssns.TopicProps{DisplayName: text("Segue events, out")}
	if s.options.events.topic == topicFIFO {
		props.Fifo, props.FifoThroughputScope = jsii.Bool(true), awssns.FifoThroughputScope_MESSAGE_GROUP
	}
	s.events = awssns.NewTopic(s.stack, text("EventTopic"), props)
}

// How the stream is read. The function is invoked for a full batch or after the window, so a busy deployment pays for
// one invocation a second and shard, and an idle one for none: reading the stream costs nothing.
const (
	streamBatch  = 100
	streamWindow = 1 // seconds by which an event may come later

	// A record that ends the process is given up after so many tries. While the topic does not answer a try lasts as
	// long as the function may run, so that the age comes first.
	streamTries = 5_000
	streamAge   = 12 * 3600 // seconds; the stream keeps its records for 24 hours
)

var (
	streamActions  = texts("dynamodb:DescribeStream", "dynamodb:GetRecords", "dynamodb:GetShardIterator")
	publishActions = texts("sns:Publish")
)

// publishEvents lets the table's stream feed rollup, which publishes what landed.
//
// The shards are read one batch at a time: batches side by side would keep the order of an item, but a run is many.
// What rollup can tell to be hopeless it parks itself; what is given up here goes to the dead letters, as its place in
// the stream.
func (s *segue) publishEvents() {
	if s.events == nil {
		return
	}
	f, stream := s.functions[wire.Rollup], s.table.TableStreamArn()
	f.AddToRolePolicy(allow(stream, streamActions))
	f.AddToRolePolicy(allow(text("*"), texts("dynamodb:ListStreams"))) // Lambda asks for it before it reads any
	f.AddToRolePolicy(allow(s.events.TopicArn(), publishActions))
	s.queues[wire.DeadLetters].Grant(f, *sendActions...)
	f.AddEnvironment(text(wire.EventTopic), s.events.TopicArn(), nil)
	if s.options.events.envelope != "" {
		f.AddEnvironment(text(wire.EventEnvelope), text(s.options.events.envelope), nil)
	}
	awslambda.NewCfnEventSourceMapping(s.stack, text("StreamMapping"), &awslambda.CfnEventSourceMappingProps{
		FunctionName:                   f.FunctionName(),
		EventSourceArn:                 stream,
		StartingPosition:               text("TRIM_HORIZON"), // also what landed before the mapping was there
		BatchSize:                      number(streamBatch),
		MaximumBatchingWindowInSeconds: number(streamWindow),
		ParallelizationFactor:          number(1),
		FunctionResponseTypes:          texts("ReportBatchItemFailures"),
		BisectBatchOnFunctionError:     jsii.Bool(true),
		MaximumRetryAttempts:           number(streamTries),
		MaximumRecordAgeInSeconds:      number(streamAge),
		DestinationConfig: &awslambda.CfnEventSourceMapping_DestinationConfigProperty{
			OnFailure: &awslambda.CfnEventSourceMapping_OnFailureProperty{Destination: s.queues[wire.DeadLetters].QueueArn()},
		},
		FilterCriteria: &awslambda.CfnEventSourceMapping_FilterCriteriaProperty{Filters: streamFilters()},
	})
}

// streamFilters select new commits, and new lines of the timelines of workflows. What has no new image, such as what
// expired, is not selected, nor is what is written again: the heads, claims of time, wake items.
func streamFilters() []any {
	var commits []any
	for digit := range 10 {
		commits = append(commits, beginning(strconv.Itoa(digit)))
	}
	var out []any
	for _, keys := range []struct {
		part  string
		sorts []any
	}{{wire.PartInstance, commits}, {wire.PartWorkflow, []any{beginning(wire.SortTimeline)}}} {
		pattern, err := json.Marshal(map[string]any{"dynamodb": map[string]any{
			"Keys": map[string]any{
				wire.AttributePart: map[string]any{"S": []any{beginning(keys.part)}},
				wire.AttributeSort: map[string]any{"S": keys.sorts},
			},
			"NewImage": map[string]any{wire.AttributeRev: map[string]any{"N": []string{"1"}}},
		}})
		if err != nil {
			panic("infra: " + err.Error()) // it is made of texts
		}
		out = append(out, &awslambda.CfnEventSourceMapping_FilterProperty{Pattern: text(string(pattern))})
	}
	return out
}

func beginning(of string) any { return map[string]string{"prefix": of} }
