package entry

import (
	"context"
	"encoding/json"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/signal"
)

// Announce returns what takes the signals that a topic brings to a queue, as they are or in the envelope of SNS.
// A signal that comes again is the same signal.
func Announce(signals *signal.Signals) func(ctx context.Context, body []byte) (known bool, err error) {
	return func(ctx context.Context, body []byte) (bool, error) {
		parsed, err := definition.ParseSignal(unwrap(body))
		if err != nil {
			return false, nil // no signal either: people look at it
		}
		_, err = signals.Announce(ctx, signal.Of(parsed))
		return true, err
	}
}

// unwrap takes a message out of the envelope of SNS, if it is in one.
func unwrap(body []byte) []byte {
	var envelope struct {
		Type    string `json:"Type"`
		Topic   string `json:"TopicArn"`
		Message string `json:"Message"`
	}
	if json.Unmarshal(body, &envelope) == nil && envelope.Type == "Notification" && envelope.Topic != "" {
		return []byte(envelope.Message)
	}
	return body
}
