// Command function is a function for the tests of the host: it tells what it saw of a request, and does with the
// messages of a batch what their bodies say.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"os"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"
)

func main() { lambda.Start(handle) }

func handle(_ context.Context, payload json.RawMessage) (any, error) {
	var batch events.SQSEvent
	if err := json.Unmarshal(payload, &batch); err == nil && len(batch.Records) > 0 {
		return work(batch)
	}
	return events.APIGatewayV2HTTPResponse{
		StatusCode: 201, Headers: map[string]string{"X-Stage": os.Getenv("STAGE"), "Content-Type": "application/json"},
		Cookies: []string{"a=1", "b=2"}, Body: string(payload),
	}, nil
}

func work(batch events.SQSEvent) (any, error) {
	answer := events.SQSEventResponse{BatchItemFailures: []events.SQSBatchItemFailure{}}
	for _, record := range batch.Records {
		switch record.Body {
		case "again":
			answer.BatchItemFailures = append(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: record.MessageId})
		case "stranger":
			answer.BatchItemFailures = append(answer.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: "stranger"})
		case "fail":
			return nil, errors.New("on purpose")
		case "die":
			os.Exit(1)
		}
	}
	return answer, nil
}
