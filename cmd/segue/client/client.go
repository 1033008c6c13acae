package client

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// callTime bounds one call.
const callTime = 30 * time.Second

// maxAnswer bounds what is read of an answer.
const maxAnswer = 64 << 20

// Client calls one server as one user.
type Client struct {
	base string
	user string
	http *http.Client
}

// New returns a client of the server at the address.
func New(address, user string) *Client {
	return &Client{strings.TrimRight(address, "/"), user, &http.Client{Timeout: callTime}}
}

// Over returns a client of the server at the address that sends its requests through transport. Without a user it
// names nobody: then the server knows the caller from what the transport adds.
func Over(transport http.RoundTripper, address, user string) *Client {
	return &Client{strings.TrimRight(address, "/"), user, &http.Client{Timeout: callTime, Transport: transport}}
}

// Within returns a client of a handler in the same process.
func Within(handler http.Handler, user string) *Client {
	return &Client{"http://in-process", user, &http.Client{Transport: transport{handler}}}
}

// Address is where the server is.
func (c *Client) Address() string { return c.base }

// Refused is the server's no.
type Refused struct {
	HTTP    int      `json:"-"`
	Status  string   `json:"status"` // NOT_FOUND and the like
	Message string   `json:"message"`
	Errors  []string `json:"errors"`
}

// Error returns the message without the code that the API puts in front of it.
func (e *Refused) Error() string {
	text := strings.TrimPrefix(e.Message, e.Status+" - ")
	if text == "" {
		text = fmt.Sprintf("the server answered %d %s", e.HTTP, http.StatusText(e.HTTP))
	}
	return text
}

// Unreachable means that there was no answer.
type Unreachable struct {
	Address string
	Cause   error
}

func (e *Unreachable) Error() string {
	why := ""
	if cause := e.Cause; !errors.Is(cause, syscall.ECONNREFUSED) {
		if call := (*url.Error)(nil); errors.As(cause, &call) {
			cause = call.Err
		}
		why = fmt.Sprintf(" (%v)", cause)
	}
	return fmt.Sprintf("no Segue server answers at %s%s: start one with \"segue dev\", or name another with --url", e.Address, why)
}

// Unwrap returns the cause.
func (e *Unreachable) Unwrap() error { return e.Cause }

const (
	jsonType = "application/json"
	yamlType = "application/yaml"
)

// call sends body, if there is one, and returns the answer as it came.
func (c *Client) call(ctx context.Context, method, path, contentType string, body []byte) (json.RawMessage, error) {
	request, err := http.NewRequestWithContext(ctx, method, c.base+"/api/v3"+path, bytes.NewReader(body))
	if err != nil {
		return nil, &Unreachable{c.base, err}
	}
	if c.user != "" {
		request.Header.Set("user", c.user)
	}
	request.Header.Set("Accept", jsonType)
	if body != nil {
		request.Header.Set("Content-Type", contentType)
	}
	response, err := c.http.Do(request)
	if err != nil {
		if ctx.Err() != nil {
			return nil, ctx.Err()
		}
		return nil, &Unreachable{c.base, err}
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, &Unreachable{c.base, err}
	}
	if response.StatusCode >= http.StatusBadRequest {
		refused := &Refused{HTTP: response.StatusCode}
		if json.Unmarshal(answer, refused) != nil {
			*refused = Refused{HTTP: response.StatusCode} // a proxy's page is no message for people
		}
		return nil, refused
	}
	return answer, nil
}

// get calls a path and decodes the answer.
func get[T any](ctx context.Context, c *Client, path string) (*T, error) {
	answer, err := c.call(ctx, http.MethodGet, path, "", nil)
	if err != nil {
		return nil, err
	}
	return decode[T](c, answer)
}

func decode[T any](c *Client, answer []byte) (*T, error) {
	out := new(T)
	if err := json.Unmarshal(answer, out); err != nil {
		return nil, fmt.Errorf("what answers at %s is no Segue server: %w", c.base, err)
	}
	return out, nil
}

// path joins the parts of a path, escaped.
func path(parts ...any) string {
	var out strings.Builder
	for _, part := range parts {
		out.WriteByte('/')
		switch p := part.(type) {
		case int64:
			out.WriteString(strconv.FormatInt(p, 10))
		case string:
			out.WriteString(url.PathEscape(p))
		}
	}
	return out.String()
}
