package handover

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"net/url"
	"strings"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Endpoints is the other end of both ports on one machine: each function, and each queue, is an address that takes a task
// as the body of a POST. Whoever starts the server names the addresses, so they may be private; steps choose among the
// names.
//
// A queue keeps nothing: a task is taken when its worker answers 2xx, and offered again until then, so that there is no
// second store that could lose it.
type Endpoints struct {
	at   map[string]*url.URL
	flag string // that adds a name, for the errors
	http *http.Client
}

// maxPayload bounds what is read of a function's answer; Lambda itself takes 6 MB, and artifacts take far less.
const maxPayload = 1 << 20

// faultHeader is how Lambda and its emulators say that a function ended with a fault.
const faultHeader = "X-Amz-Function-Error"

// NewEndpoints reads what a flag gave: NAME=URL each. It returns CodeInvalid for anything else.
func NewEndpoints(flag string, list []string) (*Endpoints, error) {
	e := &Endpoints{at: map[string]*url.URL{}, flag: flag, http: &http.Client{
		Transport:     &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 8}, // tasks hold tokens: they go nowhere else
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
	for _, entry := range list {
		name, text, _ := strings.Cut(entry, "=")
		address, err := url.Parse(text)
		if err != nil || name == "" || address.Host == "" || address.User != nil || address.Scheme != "http" && address.Scheme != "https" {
			return nil, invalidf("%s wants NAME=URL, as in %s emails=http://127.0.0.1:9000/, without a user in the URL", flag, flag)
		}
		e.at[name] = address
	}
	return e, nil
}

// Invoke sends a task to a function. The answer's body is what the function returns.
func (e *Endpoints) Invoke(ctx context.Context, i Invocation) (Answer, error) {
	status, answer, err := e.post(ctx, i.Function, i.Task)
	switch {
	case i.Wait && errors.Is(ctx.Err(), context.DeadlineExceeded):
		return answer, workflow.Errorf(workflow.CodeTimeout,
			"the function did not answer within %v: longer work is called with callback, and reports by its token", AnswerTime)
	case err != nil:
		return answer, err
	case i.Wait && status == http.StatusInternalServerError && answer.Fault == "":
		answer.Fault = "Unhandled"
	}
	if answer.Fault != "" {
		return answer, nil
	}
	return answer, judge(status)
}

// Send sends a task to the worker of a queue.
func (e *Endpoints) Send(ctx context.Context, queue string, task []byte) error {
	ctx, cancel := context.WithTimeout(ctx, AnswerTime)
	defer cancel()
	status, _, err := e.post(ctx, queue, task)
	if err != nil {
		return err
	}
	return judge(status)
}

// judge gives a status its code.
func judge(status int) error {
	switch {
	case status/100 == 2:
		return nil
	case status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		return workflow.Errorf(workflow.CodeUnavailable, "the worker answers with status %d", status)
	}
	return workflow.Errorf(workflow.CodeInvalid, "the worker refuses the task with status %d", status)
}

func (e *Endpoints) post(ctx context.Context, name string, task []byte) (status int, answer Answer, err error) {
	address, ok := e.at[name]
	if !ok {
		return 0, answer, workflow.Errorf(workflow.CodeDenied, "this server knows no %q: start it with %s %s=URL", name, e.flag, name)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, address.String(), bytes.NewReader(task))
	if err != nil {
		return 0, answer, invalidf("the address of %q cannot be called", name)
	}
	request.Header.Set("Content-Type", "application/json")
	response, err := e.http.Do(request)
	if err != nil {
		return 0, answer, workflow.Errorf(workflow.CodeUnavailable, "the worker of %q does not answer", name)
	}
	defer func() { _ = response.Body.Close() }()
	answer.Fault = response.Header.Get(faultHeader)
	answer.Payload, err = io.ReadAll(io.LimitReader(response.Body, maxPayload+1))
	switch {
	case err != nil:
		return 0, answer, workflow.Errorf(workflow.CodeUnavailable, "the worker of %q does not finish its answer", name)
	case len(answer.Payload) > maxPayload:
		return 0, answer, invalidf("the answer of %q has more than %d bytes", name, maxPayload)
	}
	return response.StatusCode, answer, nil
}
