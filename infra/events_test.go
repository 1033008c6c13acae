package main

import (
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/wire"
)

// streamMapping returns the mapping that the table's stream feeds, and whether there is one.
func streamMapping(t *testing.T, tm template) (named, bool) {
	t.Helper()
	for _, m := range tm.all(t, "AWS::Lambda::EventSourceMapping") {
		if tm.Resources[target(m.Properties["EventSourceArn"])].Type == "AWS::DynamoDB::Table" {
			return m, true
		}
	}
	return named{}, false
}

// TestTheStreamIsRead: in order, from its beginning, and what cannot be published goes to the dead letters in the end.
func TestTheStreamIsRead(t *testing.T) {
	for _, tm := range []template{standard, guarded} {
		m, ok := streamMapping(t, tm)
		if !ok {
			t.Fatal("nothing reads the table's stream")
		}
		p := m.Properties
		if f := tm.Resources[target(p["FunctionName"])]; f.Metadata["go"] != "functions/"+wire.Rollup {
			t.Errorf("%v reads the stream", f.Metadata["go"])
		}
		if p["ParallelizationFactor"] != 1.0 || p["StartingPosition"] != "TRIM_HORIZON" || p["BisectBatchOnFunctionError"] != true ||
			!slices.Contains(listOf(p["FunctionResponseTypes"]), any("ReportBatchItemFailures")) {
			t.Errorf("the stream is read as %v", p)
		}
		tries, _ := p["MaximumRetryAttempts"].(float64)
		age, _ := p["MaximumRecordAgeInSeconds"].(float64)
		if tries <= 0 || age < 3600 || age >= 24*3600 {
			t.Errorf("a record is given up after %v tries or %v s; want more than an hour, and less than the stream keeps", tries, age)
		}
		dead := target(at(p, "DestinationConfig", "OnFailure", "Destination"))
		if dead != queueOf(t, tm, wire.Rollup, wire.DeadLetterQueue).id {
			t.Errorf("what is given up goes to %q", dead)
		}
	}
	if _, ok := streamMapping(t, bare); ok || bare.Outputs[wire.OutputEvents] != nil {
		t.Error("without a topic the stream is read, or a topic is told of")
	}
}

// TestTheFilterSelectsWhatHasEvents plays the patterns on rows of every kind.
func TestTheFilterSelectsWhatHasEvents(t *testing.T) {
	m, _ := streamMapping(t, standard)
	var patterns []map[string]any
	for _, filter := range listOf(at(m.Properties, "FilterCriteria", "Filters")) {
		var pattern map[string]any
		if err := json.Unmarshal([]byte(at(filter, "Pattern").(string)), &pattern); err != nil {
			t.Fatal(err)
		}
		patterns = append(patterns, pattern["dynamodb"].(map[string]any))
	}
	beginsWith := func(list any, value string) bool {
		return slices.ContainsFunc(listOf(list), func(rule any) bool { return strings.HasPrefix(value, at(rule, "prefix").(string)) })
	}
	for name, row := range map[string]struct {
		part, sort, rev string
		want            bool
	}{
		"a commit":             {"i/wf/12", "000001/00000001", "1", true},
		"of a late run":        {"i/wf/12", "912345/00000007", "1", true},
		"a line of a timeline": {"w/wf", "t/001767323043000/x", "1", true},
		"a commit kept longer": {"i/wf/12", "000001/00000001", "2", false},
		"a part of a commit":   {"i/wf/12\x00parts", "000001/00000001~ab~01", "", false},
		"an order to a run":    {"i/wf/12", "~a/000001", "1", false},
		"progress of a loop":   {"i/wf/12", "~p/000001/000", "1", false},
		"a head":               {"w/wf", "head", "1", false},
		"a version":            {"w/wf", "v/0000000001", "1", false},
		"a wake item":          {"t/123/4", "05/wf:1:1", "1", false},
		"what expired":         {"i/wf/12", "000001/00000001", "", false},
	} {
		got := slices.ContainsFunc(patterns, func(p map[string]any) bool {
			return beginsWith(at(p, "Keys", "p", "S"), row.part) && beginsWith(at(p, "Keys", "s", "S"), row.sort) &&
				slices.Contains(listOf(at(p, "NewImage", "r", "N")), any(row.rev))
		})
		if got != row.want {
			t.Errorf("%s: selected %v", name, got)
		}
	}
}

// TestEventsGoToTheirTopicAlone: rollup alone may publish, to that topic alone.
func TestEventsGoToTheirTopicAlone(t *testing.T) {
	for name, tm := range map[string]template{"standard": standard, "fifo": guarded, "none": bare} {
		var topics []string
		for _, s := range allowed(t, tm) {
			if slices.Contains(s.actions, any("sns:Publish")) {
				if len(s.actions) != 1 || len(s.resources) != 1 || !strings.HasPrefix(s.policy, "RollupRole") {
					t.Errorf("%s: %s allows %v on %v", name, s.policy, s.actions, s.resources)
				}
				topics = append(topics, target(s.resources[0]))
			}
		}
		variables := at(tm.function(t, wire.Rollup).Properties, "Environment", "Variables")
		topic := target(at(variables, wire.EventTopic))
		if name == "none" {
			if len(topics) > 0 || topic != "" {
				t.Errorf("without a topic rollup may publish to %v", topics)
			}
			continue
		}
		if !slices.Equal(topics, []string{topic}) || tm.Resources[topic].Type != "AWS::SNS::Topic" {
			t.Errorf("%s: rollup publishes to %q and may publish to %v", name, topic, topics)
		}
		fifo := name == "fifo"
		if got := tm.Resources[topic].Properties["FifoTopic"] == true; got != fifo {
			t.Errorf("%s: the topic keeps an order: %v", name, got)
		}
		if got := at(variables, wire.EventEnvelope) == wire.EnvelopeCloud; got != fifo {
			t.Errorf("%s: CloudEvents: %v", name, got)
		}
	}
}
