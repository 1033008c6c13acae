package httpstep

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/segue-workflows/segue/shared/expression"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Artifact is the key of what a step records of its request and response.
const Artifact = "maestro_http"

// maxRecorded bounds what the artifact holds of a body: the whole one is the param response_body.
const maxRecorded = 4 << 10

// Options of a Step. The zero value reaches nothing.
type Options struct {
	Allowed  Allowed
	Resolver *net.Resolver // nil: the system's
	Trust    *tls.Config   // nil: the system's certificates
	Compat   bool          // evaluate state_expr as Maestro does where Segue fixed a quirk
}

// Step is the runtime of Http steps.
type Step struct {
	allowed Allowed
	compat  bool
	client  *http.Client
}

// New returns the runtime.
func New(o Options) *Step {
	return &Step{allowed: o.Allowed, compat: o.Compat, client: newClient(o.Allowed, o.Resolver, o.Trust)}
}

// Start returns Done: the request is sent by Execute.
func (s *Step) Start(context.Context, runtime.Call) (runtime.Result, error) {
	return runtime.Result{State: runtime.Done}, nil
}

// Terminate returns Stopped: nothing outlives a call.
func (s *Step) Terminate(context.Context, runtime.Call) (runtime.Result, error) {
	return runtime.Result{State: runtime.Stopped}, nil
}

// Execute sends the request and lets state_expr say what the response means.
func (s *Step) Execute(ctx context.Context, call runtime.Call) (runtime.Result, error) {
	r, err := readRequest(call)
	if err != nil {
		return failed(call, record{}, err), nil
	}
	out := record{Type: "HTTP", Status: "FAILED", Request: recordedRequest(r)}
	if out.Code, out.Body, err = r.send(ctx, s.client, s.allowed, call); err != nil {
		return failed(call, out, err), nil
	}
	out.Status = "SUCCESS"
	outputs := &workflow.Params{}
	outputs.Set("status_code", workflow.Literal(int64(out.Code)))
	outputs.Set("response_body", workflow.Literal(out.Body))
	state, err := s.state(ctx, call, outputs)
	if err != nil {
		return failed(call, out, err), nil
	}
	return runtime.Result{State: state, Output: outputs, Artifacts: out.artifacts()}, nil
}

// states are the names that state_expr may return.
var states = map[string]runtime.State{"CONTINUE": runtime.Continue, "DONE": runtime.Done, "USER_ERROR": runtime.UserError,
	"PLATFORM_ERROR": runtime.PlatformError, "FATAL_ERROR": runtime.FatalError, "STOPPED": runtime.Stopped, "TIMED_OUT": runtime.TimedOut}

// state evaluates state_expr with the params of the step and, before them, the outputs of the response.
func (s *Step) state(ctx context.Context, call runtime.Call, outputs *workflow.Params) (runtime.State, error) {
	p, _ := call.Params.Get("state_expr")
	text := ""
	if p != nil {
		text, _ = p.Result.(string)
	}
	program, err := expression.Compile(text, expression.Options{})
	if err != nil {
		return 0, refuse("the param state_expr: %s", workflow.TextOf(err))
	}
	lookup := func(name string) (any, bool, error) {
		if p, ok := outputs.Get(name); ok {
			return p.Value, true, nil
		}
		p, ok := call.Params.Get(name)
		if !ok {
			return nil, false, nil
		}
		return p.Result, true, nil
	}
	value, err := program.Eval(ctx, expression.Env{Lookup: lookup, Now: call.Now, Compat: s.compat})
	if err != nil {
		return 0, refuse("the param state_expr cannot be evaluated: %s", workflow.TextOf(err))
	}
	name, _ := value.(string)
	state, ok := states[strings.ToUpper(name)]
	if !ok {
		return 0, refuse("the param state_expr must return one of CONTINUE, DONE, USER_ERROR, PLATFORM_ERROR, FATAL_ERROR, STOPPED, TIMED_OUT")
	}
	return state, nil
}

// failed ends a call without a state of its own: for good when it was refused, and else as the platform's fault.
func failed(call runtime.Call, out record, err error) runtime.Result {
	refused := (*refusal)(nil)
	result := runtime.Result{State: runtime.PlatformError, Artifacts: out.artifacts()}
	text := reason(err)
	if errors.As(err, &refused) {
		result.State, text = runtime.FatalError, refused.text
	}
	result.Timeline = []workflow.Event{{Timestamp: call.Now.UnixMilli(), Type: workflow.EventLog, Level: "ERROR", Message: text}}
	return result
}

// record is the artifact.
type record struct {
	Type    string   `json:"type"`
	Request recorded `json:"request"`
	Status  string   `json:"status"` // SUCCESS: there was a response
	Code    int      `json:"status_code,omitempty"`
	Body    string   `json:"body,omitempty"`
}

type recorded struct {
	URL     string            `json:"url"`
	Method  string            `json:"method"`
	Headers map[string]string `json:"headers,omitempty"`
	Body    string            `json:"body,omitempty"`
}

// recordedRequest is what may be kept of a request.
func recordedRequest(r request) recorded {
	out := recorded{URL: cut(shown(r.url)), Method: r.method, Headers: map[string]string{}, Body: cut(r.body)}
	for name, value := range r.headers {
		if slices.Contains(credentials, name) {
			value = "***"
		}
		out.Headers[name] = cut(value)
	}
	return out
}

func (r record) artifacts() *workflow.Ordered[json.RawMessage] {
	out := &workflow.Ordered[json.RawMessage]{}
	if r.Type == "" {
		return out
	}
	r.Body = cut(r.Body)
	text, err := json.Marshal(r)
	if err != nil {
		panic("httpstep: a record of texts cannot be written: " + err.Error())
	}
	out.Set(Artifact, text)
	return out
}

// shown returns a URL without the credentials that it should not have had; nothing of one that cannot be read.
func shown(text string) string {
	u, err := url.Parse(text)
	if err != nil {
		return ""
	}
	u.User = nil
	return u.String()
}

// cut returns the beginning of a text.
func cut(text string) string {
	if len(text) <= maxRecorded {
		return text
	}
	return strings.ToValidUTF8(text[:maxRecorded], "") + "…"
}
