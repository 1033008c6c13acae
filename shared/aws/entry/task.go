package entry

import (
	"context"
	"encoding/json"

	"github.com/segue-workflows/segue/shared/engine/callback"
	"github.com/segue-workflows/segue/shared/token"
)

// Finder looks up tasks of ECS.
type Finder interface {
	// Attempt returns whom a task works for and whether it has ended; known is false for a task of somebody else.
	Attempt(ctx context.Context, task string) (holder token.Holder, ended, known bool, err error)
}

// TaskEvent is what a rule of EventBridge makes of an event that tells of a task: its name and nothing else, for an
// event has the whole environment of the task in it.
type TaskEvent struct {
	Task string `json:"ecsTask"`
}

// Tasks returns what takes the events of tasks. An event is not believed: the task is looked up, and if it has ended
// its runtime is asked, which looks for itself.
func Tasks(finder Finder, back *callback.Callback) func(ctx context.Context, body []byte) (known bool, err error) {
	return func(ctx context.Context, body []byte) (bool, error) {
		var event TaskEvent
		if json.Unmarshal(body, &event) != nil || event.Task == "" {
			return false, nil
		}
		holder, ended, known, err := finder.Attempt(ctx, event.Task)
		if err != nil || !known || !ended {
			return true, err // somebody else's task is no message for people to look at
		}
		return true, back.Ended(ctx, holder)
	}
}
