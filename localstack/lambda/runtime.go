package lambda

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
)

// maxPayload bounds events and answers.
const maxPayload = 6 << 20

// Errors of an invocation. What a function answered as its error is a *FunctionError.
var (
	ErrTimedOut  = errors.New("lambda: the function was killed at its deadline")
	ErrExited    = errors.New("lambda: the process ended before it answered")
	ErrTooLarge  = errors.New("lambda: payloads and answers have at most 6 MB")
	ErrThrottled = errors.New("lambda: the account's concurrency is used up")
	ErrRecursion = errors.New("lambda: dropped, the event's lineage went through 16 invocations")
)

// FunctionError is the error that a handler returned, or its panic.
type FunctionError struct {
	Type    string `json:"errorType"`
	Message string `json:"errorMessage"`
}

func (e *FunctionError) Error() string {
	return "lambda: the function failed: " + e.Type + ": " + e.Message
}

const prefix = "/{process}/2018-06-01/runtime/"

// runtimeAPI is what processes call.
func (s *Service) runtimeAPI() http.Handler {
	mux := http.NewServeMux()
	handle := func(pattern string, serve func(*process, http.ResponseWriter, *http.Request)) {
		mux.HandleFunc(pattern, func(w http.ResponseWriter, r *http.Request) {
			p := s.find(r.PathValue("process"))
			if p == nil {
				http.Error(w, "no such process", http.StatusForbidden)
				return
			}
			serve(p, w, r)
		})
	}
	handle("GET "+prefix+"invocation/next", (*process).serveNext)
	handle("POST "+prefix+"invocation/{id}/response", (*process).serveResponse)
	handle("POST "+prefix+"invocation/{id}/error", (*process).serveError)
	handle("POST "+prefix+"init/error", (*process).serveInitError)
	extensionsAPI(handle)
	return mux
}

// serveNext waits for an event.
func (p *process) serveNext(w http.ResponseWriter, r *http.Request) {
	select {
	case p.asked <- struct{}{}:
	default: // it has asked before, and did not wait
	}
	select {
	case <-r.Context().Done():
	case next := <-p.work:
		select {
		case <-p.asked:
		default: // taken by who saw that it is idle
		}
		header := w.Header()
		header.Set("Lambda-Runtime-Aws-Request-Id", next.id)
		header.Set("Lambda-Runtime-Deadline-Ms", strconv.FormatInt(next.deadline.UnixMilli(), 10))
		header.Set("Lambda-Runtime-Invoked-Function-Arn", p.function.ARN)
		header.Set("Lambda-Runtime-Trace-Id", next.trace)
		header.Set("Content-Type", "application/json")
		_, _ = w.Write(next.payload)
	}
}

func (p *process) serveResponse(w http.ResponseWriter, r *http.Request) {
	payload, err := io.ReadAll(io.LimitReader(r.Body, maxPayload+1))
	switch {
	case err != nil:
		p.answer(w, r, answer{err: fmt.Errorf("%w: %w", ErrExited, err)})
	case len(payload) > maxPayload:
		p.answer(w, r, answer{err: ErrTooLarge})
	default:
		p.answer(w, r, answer{payload: payload})
	}
}

func (p *process) serveError(w http.ResponseWriter, r *http.Request) {
	p.answer(w, r, answer{err: functionError(r)})
}

// serveInitError is the end of a process that could not start. It ends by itself.
func (p *process) serveInitError(w http.ResponseWriter, r *http.Request) {
	p.note("could not start: " + functionError(r).Error())
	w.WriteHeader(http.StatusAccepted)
}

func functionError(r *http.Request) error {
	failure := &FunctionError{Type: r.Header.Get("Lambda-Runtime-Function-Error-Type")}
	if body, err := io.ReadAll(io.LimitReader(r.Body, maxPayload)); err == nil {
		_ = json.Unmarshal(body, failure) // what is not JSON leaves the type
	}
	return failure
}

// answer takes the answer to the event that the process is handling; one to any other comes too late.
func (p *process) answer(w http.ResponseWriter, r *http.Request, a answer) {
	current := p.handling()
	if current == nil || current.id != r.PathValue("id") || !current.reply(a) {
		http.Error(w, "no such invocation", http.StatusBadRequest)
		return
	}
	if errors.Is(a.err, ErrTooLarge) {
		w.WriteHeader(http.StatusRequestEntityTooLarge)
		return
	}
	w.WriteHeader(http.StatusAccepted)
}
