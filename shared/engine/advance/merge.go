package advance

import (
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/queue"
)

// Merged is what queue.Joined is to make of hints that go to one queue at about the same time: reports of ended runs of
// one workflow become one.
func Merged(messages []queue.Message) (merged []queue.Message, into []int) {
	var hints []hint.Message
	for _, m := range messages {
		h, err := hint.Decode(m.Body)
		if err != nil || m.Delay > 0 {
			return messages, nil
		}
		hints = append(hints, h)
	}
	some, into := hint.Merge(hints)
	for _, h := range some {
		merged = append(merged, queue.Message{Body: h.Encode()})
	}
	return merged, into
}
