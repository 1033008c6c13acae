package handover

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// LambdaArtifact is the key of what a Lambda step records.
const LambdaArtifact = "segue_lambda"

// lambdaParam describes the job of a Lambda step: function, callback, heartbeat_seconds.
const lambdaParam = "lambda"

// AnswerTime is how long a function that is waited for may take; what is written after it fits within
// runtime.CallTimeout.
const AnswerTime = 18 * time.Second

// Invocation is one call of a function.
type Invocation struct {
	Function string // name, name:alias, or ARN
	Task     []byte
	Wait     bool // for its answer
}

// Answer is what came of an invocation.
type Answer struct {
	Payload []byte // of a function that was waited for
	Fault   string // "": none; else the kind of fault that the function ended with
	ID      string // of the request, for whoever reads the function's log
}

// Invoker calls functions.
type Invoker interface {
	// Invoke makes one call. It returns CodeDenied for a function that is not the deployment's to call, CodeNotFound
	// for one that is not there, CodeTimeout when the answer took too long, CodeInvalid for what no call can change, and
	// CodeUnavailable when it may succeed later.
	Invoke(ctx context.Context, i Invocation) (Answer, error)
}

// Lambda is the runtime of Lambda steps.
type Lambda struct{ Invoker Invoker }

// Start calls the function, unless it is to be waited for: that is one call, and Execute makes it.
func (l Lambda) Start(ctx context.Context, call runtime.Call) (runtime.Result, error) {
	o, err := read(call, lambdaParam, "function")
	switch {
	case err != nil:
		return ended(call, runtime.FatalError, err), nil
	case !o.callback:
		return runtime.Result{State: runtime.Done}, nil
	}
	if err := needsToken(call); err != nil {
		return ended(call, runtime.FatalError, err), nil
	}
	return l.invoke(ctx, call, o)
}

// Execute calls a function that is waited for, and leaves any other alone until it reports.
func (l Lambda) Execute(ctx context.Context, call runtime.Call) (runtime.Result, error) {
	o, err := read(call, lambdaParam, "function")
	switch {
	case err != nil:
		return ended(call, runtime.FatalError, err), nil
	case o.callback:
		return o.waiting(), nil
	}
	return l.invoke(ctx, call, o)
}

// Terminate returns Stopped: a call cannot be taken back. A function that was left alone learns from the answer to its
// next report.
func (Lambda) Terminate(context.Context, runtime.Call) (runtime.Result, error) {
	return runtime.Result{State: runtime.Stopped}, nil
}

func (l Lambda) invoke(ctx context.Context, call runtime.Call, o orders) (runtime.Result, error) {
	task, err := taskOf(call, lambdaParam)
	if err != nil {
		return ended(call, runtime.FatalError, err), nil
	}
	ctx, cancel := context.WithTimeout(ctx, AnswerTime)
	defer cancel()
	answer, err := l.Invoker.Invoke(ctx, Invocation{Function: o.name, Task: task, Wait: !o.callback})
	switch {
	case err == nil:
		return outcome(call, o, answer), nil
	case errors.Is(err, workflow.ErrUnavailable):
		return runtime.Result{}, err
	case errors.Is(err, workflow.ErrTimeout):
		return ended(call, runtime.UserError, err), nil // asking again would only begin it twice
	case errors.Is(err, workflow.ErrDenied), errors.Is(err, workflow.ErrNotFound), errors.Is(err, workflow.ErrInvalid):
		return ended(call, runtime.FatalError, err), nil
	}
	return ended(call, runtime.PlatformError, err), nil
}

// lambdaRecord is the artifact.
type lambdaRecord struct {
	Type     string `json:"type"`
	Function string `json:"function"`
	Request  string `json:"request_id,omitempty"`
	Fault    string `json:"fault,omitempty"`
	Response string `json:"response,omitempty"` // its beginning
}

// maxRecorded bounds what an artifact holds of a response.
const maxRecorded = 4 << 10

func outcome(call runtime.Call, o orders, answer Answer) runtime.Result {
	response := string(answer.Payload)
	if len(response) > maxRecorded {
		response = response[:maxRecorded] + "…"
	}
	record := lambdaRecord{Type: "LAMBDA", Function: o.name, Request: answer.ID, Fault: answer.Fault,
		Response: strings.ToValidUTF8(response, "")}
	result := runtime.Result{State: runtime.Done, Artifacts: artifact(LambdaArtifact, record)}
	fail := func(err error) runtime.Result {
		failed := ended(call, runtime.UserError, err)
		failed.Artifacts = result.Artifacts
		return failed
	}
	if answer.Fault != "" {
		return fail(invalidf("the function ended with a fault (%s); the artifact %s has what it said", answer.Fault, LambdaArtifact))
	}
	output, err := outputOf(answer.Payload)
	if err != nil {
		return fail(invalidf("the response of the function cannot be read as outputs: %s", workflow.TextOf(err)))
	}
	if output == nil {
		return result
	}
	result.Output = output.Params
	for key, value := range output.Artifacts.All() {
		raw, err := json.Marshal(value)
		if err != nil || strings.HasPrefix(key, "maestro_") && key != "maestro_dynamic_output" && key != "maestro_retry" {
			return fail(invalidf("an artifact of the response is not the function's to set"))
		}
		result.Artifacts.Set(key, raw)
	}
	return result
}

// outputOf reads outputs from a response: an object that has params or artifacts. Any other response is for the
// artifact only, because functions that were not written for Segue answer what they like.
func outputOf(payload []byte) (*definition.Output, error) {
	var fields map[string]json.RawMessage
	if json.Unmarshal(bytes.TrimSpace(payload), &fields) != nil {
		return nil, nil
	}
	if fields["params"] == nil && fields["artifacts"] == nil {
		return nil, nil
	}
	return definition.ParseOutput(payload)
}
