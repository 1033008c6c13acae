package rest

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/segue-workflows/segue/shared/workflow"
)

// problem is the body of every answer that is not a success.
type problem struct {
	Status    string   `json:"status"`
	Message   string   `json:"message"`
	Errors    []string `json:"errors,omitempty"`
	Retryable bool     `json:"retryable"`
}

// httpStatus is what each code becomes; codes that are not listed are our fault.
var httpStatus = map[workflow.Code]int{
	workflow.CodeInvalid:      http.StatusBadRequest,
	workflow.CodeNotFound:     http.StatusNotFound,
	workflow.CodeConflict:     http.StatusConflict,
	workflow.CodeStale:        http.StatusConflict,
	workflow.CodeDenied:       http.StatusForbidden,
	workflow.CodePrecondition: http.StatusPreconditionFailed,
	workflow.CodeUnprocessed:  http.StatusUnprocessableEntity,
	workflow.CodeTimeout:      http.StatusRequestTimeout,
	workflow.CodeOverloaded:   http.StatusTooManyRequests,
	workflow.CodeUnavailable:  http.StatusServiceUnavailable,
}

// retryable are the codes after which the same request may succeed.
var retryable = map[workflow.Code]bool{
	workflow.CodeConflict: true, workflow.CodeTimeout: true, workflow.CodeOverloaded: true, workflow.CodeUnavailable: true,
}

// fail answers with an error.
func (s *server) fail(w http.ResponseWriter, r *http.Request, err error) {
	code := workflow.CodeOf(err)
	status, known := httpStatus[code]
	body := problem{Status: workflow.WireCode(code), Message: workflow.TextOf(err), Errors: workflow.DetailOf(err), Retryable: retryable[code]}
	if !known {
		status = http.StatusInternalServerError
		body.Message, body.Errors = "internal error", nil
	}
	if status >= http.StatusInternalServerError {
		s.Log.Error("a request failed", "method", r.Method, "path", r.URL.Path, "code", string(code), "error", err.Error())
	}
	if retryable[code] {
		w.Header().Set("Retry-After", "1")
	}
	s.write(w, r, status, body)
}

// accepted wraps a document about something that goes on after the answer.
type accepted struct{ document any }

// succeed answers with what a handler returned.
func (s *server) succeed(w http.ResponseWriter, r *http.Request, document any) {
	if later, ok := document.(accepted); ok {
		s.write(w, r, http.StatusAccepted, later.document)
		return
	}
	s.write(w, r, http.StatusOK, document)
}

// write answers with a document. It is encoded before the first byte goes out, so that a failure is an honest 500.
func (s *server) write(w http.ResponseWriter, r *http.Request, status int, document any) {
	var out bytes.Buffer
	encoder := json.NewEncoder(&out)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(document); err != nil {
		s.Log.Error("a document of ours does not marshal", "path", r.URL.Path, "error", err.Error())
		status = http.StatusInternalServerError
		out.Reset()
		out.WriteString(`{"status":"INTERNAL_ERROR","message":"internal error","retryable":false}` + "\n")
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(readable(out.Bytes())) // the client may be gone: nothing is left to tell him
}

// readable undoes in place the escapes that types with a MarshalJSON of their own still make for browsers: conditions
// are full of < and >, and these answers never become HTML.
func readable(text []byte) []byte {
	out := text[:0]
	for i := 0; i < len(text); i++ {
		if text[i] != '\\' || i+1 == len(text) {
			out = append(out, text[i])
			continue
		}
		if plain, ok := escaped[string(text[i:min(i+6, len(text))])]; ok {
			out = append(out, plain)
			i += 5
			continue
		}
		out = append(out, text[i], text[i+1]) // any other escape, a backslash itself above all
		i++
	}
	return out
}

var escaped = map[string]byte{`\u003c`: '<', `\u003e`: '>', `\u0026`: '&'}

// readBody reads a body up to the limit. It returns CodeInvalid for a longer one.
func readBody(w http.ResponseWriter, r *http.Request) ([]byte, error) {
	return readUpTo(w, r, workflow.MaxRequestBytes)
}

func readUpTo(w http.ResponseWriter, r *http.Request, limit int64) ([]byte, error) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, limit))
	if tooLong := (*http.MaxBytesError)(nil); errors.As(err, &tooLong) {
		return nil, workflow.Errorf(workflow.CodeInvalid, "the body is longer than %d bytes", limit)
	}
	if err != nil {
		return nil, workflow.Errorf(workflow.CodeInvalid, "the body could not be read to its end")
	}
	return body, nil
}
