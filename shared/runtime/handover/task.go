package handover

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// MaxTask bounds the JSON of a task: it is what a queue takes, and a function that is called without being waited for.
const MaxTask = 256 << 10

// Task is what a worker gets.
type Task struct {
	Key      string          `json:"key"` // names the work: do each key once
	Workflow workflow.ID     `json:"workflow_id"`
	Instance int64           `json:"workflow_instance_id"`
	Run      int64           `json:"workflow_run_id"`
	Step     workflow.StepID `json:"step_id"`
	Attempt  int64           `json:"step_attempt_id"`

	// FailedDeliveries is how often the engine failed to get this attempt through. How often the worker itself received
	// the message is told by its queue.
	FailedDeliveries int64                  `json:"failed_deliveries"`
	Params           *workflow.Ordered[any] `json:"params"`
	Callback         string                 `json:"callback,omitempty"` // address of the API
	Token            string                 `json:"token,omitempty"`    // shown there; dies with the attempt
}

// taskOf returns the JSON of the task of an attempt. It returns CodeInvalid when it is too large.
func taskOf(call runtime.Call, describing string) ([]byte, error) {
	k := call.Key
	text, err := json.Marshal(Task{Key: call.UUID, Workflow: k.Workflow, Instance: k.Instance, Run: k.Run, Step: k.Step, Attempt: k.Attempt,
		FailedDeliveries: call.Failures, Params: Params(call, describing), Callback: call.Callback, Token: call.Token})
	switch {
	case err != nil:
		return nil, invalidf("the params of the step cannot be written as JSON")
	case len(text) > MaxTask:
		return nil, invalidf("the params of the step make a task of %d bytes; the limit is %d: pass a reference to what is large", len(text), MaxTask)
	}
	return text, nil
}

// Params are those of a step that its author or its template gave: what the system adds, and the params that describe
// the job itself, are no business of whoever does it.
func Params(call runtime.Call, describing ...string) *workflow.Ordered[any] {
	out := &workflow.Ordered[any]{}
	for name, p := range call.Params.All() {
		switch {
		case slices.Contains(describing, name), !p.Evaluated:
		case p.Source == workflow.SourceSystem, p.Source == workflow.SourceSystemDefault, p.Source == workflow.SourceSystemInjected, p.Source == "":
		default:
			out.Set(name, workflow.JSONResult(p.Result))
		}
	}
	return out
}

func invalidf(format string, args ...any) error {
	return workflow.Errorf(workflow.CodeInvalid, format, args...)
}

// orders is the MAP param that says who does the job.
type orders struct {
	name      string // of the function or the queue
	callback  bool
	heartbeat time.Duration
}

// maxHeartbeat is far above any sensible one, and keeps sums of times in range.
const maxHeartbeat = 120 * 24 * time.Hour

// read reads the orders from a param whose entry field names the worker.
func read(call runtime.Call, param, field string) (orders, error) {
	p, ok := call.Params.Get(param)
	if !ok {
		return orders{}, invalidf("the param %s is missing", param)
	}
	entries, ok := p.Result.(map[string]any)
	if !ok {
		return orders{}, invalidf("the param %s must be a MAP", param)
	}
	out := orders{}
	if out.name, ok = entries[field].(string); !ok || out.name == "" {
		return out, invalidf("the param %s.%s must be a STRING that is not empty", param, field)
	}
	if value, given := entries["callback"]; given {
		if out.callback, ok = value.(bool); !ok {
			return out, invalidf("the param %s.callback must be a BOOLEAN", param)
		}
	}
	if value, given := entries["heartbeat_seconds"]; given {
		seconds, ok := value.(int64)
		if !ok || seconds < 0 || seconds > int64(maxHeartbeat/time.Second) {
			return out, invalidf("the param %s.heartbeat_seconds must be a LONG from 0 to 120 days", param)
		}
		out.heartbeat = time.Duration(seconds) * time.Second
	}
	return out, nil
}

// waiting leaves the job to its worker until that reports.
func (o orders) waiting() runtime.Result {
	return runtime.Result{State: runtime.Continue, Wait: true, Heartbeat: o.heartbeat}
}

// needsToken refuses to hand a job to somebody who could never answer.
func needsToken(call runtime.Call) error {
	if call.Token == "" {
		return invalidf("this deployment takes no callbacks, so nobody could tell how the job ended")
	}
	return nil
}

func ended(call runtime.Call, state runtime.State, err error) runtime.Result {
	return runtime.Result{State: state, Timeline: []workflow.Event{{Timestamp: call.Now.UnixMilli(), Type: workflow.EventLog, Level: "ERROR",
		Message: workflow.TextOf(err)}}}
}

// artifact records what is known of a hand-over under a key.
func artifact(key string, record any) *workflow.Ordered[json.RawMessage] {
	text, err := json.Marshal(record)
	if err != nil {
		panic("handover: a record of texts cannot be written: " + err.Error())
	}
	out := &workflow.Ordered[json.RawMessage]{}
	out.Set(key, text)
	return out
}
