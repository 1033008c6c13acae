package host

import (
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

func TestFilters(t *testing.T) {
	record := events.DynamoDBEventRecord{EventName: "INSERT", Change: events.DynamoDBStreamRecord{
		Keys:     map[string]events.DynamoDBAttributeValue{"p": events.NewStringAttribute("i/wf/1")},
		NewImage: map[string]events.DynamoDBAttributeValue{"r": events.NewNumberAttribute("1"), "b": events.NewBinaryAttribute([]byte{1})},
	}}
	for pattern, want := range map[string]bool{
		`{"eventName": ["INSERT"]}`:                                     true,
		`{"eventName": ["MODIFY", "INSERT"]}`:                           true,
		`{"eventName": ["REMOVE"]}`:                                     false,
		`{"dynamodb": {"Keys": {"p": {"S": [{"prefix": "i/"}]}}}}`:      true,
		`{"dynamodb": {"Keys": {"p": {"S": [{"prefix": "w/"}]}}}}`:      false,
		`{"dynamodb": {"Keys": {"s": {"S": [{"prefix": ""}]}}}}`:        false,
		`{"dynamodb": {"NewImage": {"r": {"N": ["1"]}}}}`:               true,
		`{"dynamodb": {"NewImage": {"r": {"N": [1]}}}}`:                 false,
		`{"eventName": ["INSERT"], "dynamodb": {"OldImage": ["none"]}}`: false,
	} {
		f, err := parseFilter(pattern)
		if err != nil {
			t.Fatal(err)
		}
		if got := (&stream{filters: []filter{f}}).selects(record); got != want {
			t.Errorf("%s selects it: %v", pattern, got)
		}
	}
	if _, err := parseFilter(`{"dynamodb": {"Keys": {"p": {"S": [{"suffix": "x"}]}}}}`); err == nil || !strings.Contains(err.Error(), "suffix") {
		t.Errorf("a rule that cannot be followed: %v", err)
	}
}

func TestAnAnswerNamesTheFirstThatFailed(t *testing.T) {
	s := &stream{partial: true}
	var records []events.DynamoDBEventRecord
	for _, n := range []string{"10", "11", "12"} {
		records = append(records, events.DynamoDBEventRecord{Change: events.DynamoDBStreamRecord{SequenceNumber: n}})
	}
	for answer, want := range map[string]int{
		`{"batchItemFailures": []}`: 3,
		`{"batchItemFailures": [{"itemIdentifier": "12"}, {"itemIdentifier": "11"}]}`: 1,
		`{"batchItemFailures": [{"itemIdentifier": "10"}]}`:                           0,
	} {
		if got, err := s.done([]byte(answer), records); got != want || err != nil {
			t.Errorf("%s: %d records are done, %v", answer, got, err)
		}
	}
	for _, answer := range []string{`{"batchItemFailures": [{"itemIdentifier": "13"}]}`, `7`} {
		if got, err := s.done([]byte(answer), records); got != 0 || err == nil {
			t.Errorf("%s: %d records are done", answer, got)
		}
	}
}
