package client

import (
	"bytes"
	"io"
	"net/http"
)

// transport calls a handler instead of the network.
type transport struct{ handler http.Handler }

// RoundTrip returns what the handler answers.
func (t transport) RoundTrip(request *http.Request) (*http.Response, error) {
	a := &answer{header: http.Header{}, status: http.StatusOK}
	if request.Body == nil {
		request.Body = http.NoBody
	}
	t.handler.ServeHTTP(a, request)
	return &http.Response{Status: http.StatusText(a.status), StatusCode: a.status, Header: a.header,
		Body: io.NopCloser(&a.body), ContentLength: int64(a.body.Len()), Request: request}, nil
}

// answer collects what a handler writes.
type answer struct {
	header  http.Header
	status  int
	written bool
	body    bytes.Buffer
}

// Header returns the headers of the answer.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader sets the status; the first one counts.
func (a *answer) WriteHeader(status int) {
	if !a.written {
		a.status, a.written = status, true
	}
}

// Write appends to the body.
func (a *answer) Write(data []byte) (int, error) {
	a.written = true
	return a.body.Write(data)
}
