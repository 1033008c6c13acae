package extension

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"
)

// Names of the API.
const (
	version    = "/2020-01-01/extension/"
	nameHeader = "Lambda-Extension-Name"
	idHeader   = "Lambda-Extension-Identifier"
	kindHeader = "Lambda-Extension-Function-Error-Type"

	maxAnswer = 64 << 10
)

// API is the Extensions API of one environment, as one extension sees it. Make it with Register.
type API struct {
	address string
	id      string
	client  *http.Client
}

// Shutdown is why, and until when, the environment ends.
type Shutdown struct {
	Reason   string // SPINDOWN, TIMEOUT or FAILURE
	Deadline time.Time
}

// Register makes the extension known under the name of its file. It is called once, before anything else that takes
// time: the function begins when all extensions are registered.
func Register(ctx context.Context, address, name string) (*API, error) {
	a := &API{address: address, client: &http.Client{Transport: &http.Transport{Proxy: nil}}} // no time-out: next waits
	header, _, err := a.call(ctx, http.MethodPost, "register", http.Header{nameHeader: {name}}, []byte(`{"events":["SHUTDOWN"]}`))
	if err != nil {
		return nil, err
	}
	if a.id = header.Get(idHeader); a.id == "" {
		return nil, fmt.Errorf("extension: register gave no identifier")
	}
	return a, nil
}

// Wait says that the extension is ready, and returns when the environment ends.
func (a *API) Wait(ctx context.Context) (Shutdown, error) {
	for {
		_, body, err := a.call(ctx, http.MethodGet, "event/next", http.Header{idHeader: {a.id}}, nil)
		if err != nil {
			return Shutdown{}, err
		}
		var event struct {
			Type     string `json:"eventType"`
			Reason   string `json:"shutdownReason"`
			Deadline int64  `json:"deadlineMs"`
		}
		if err := json.Unmarshal(body, &event); err != nil {
			return Shutdown{}, fmt.Errorf("extension: an event that is no JSON: %w", err)
		}
		if event.Type == "SHUTDOWN" {
			return Shutdown{Reason: event.Reason, Deadline: time.UnixMilli(event.Deadline)}, nil
		}
	}
}

// FailInit reports that the extension cannot get ready, and FailExit that it cannot go on. kind is such as
// "Segue.Listen"; the extension then ends.
func (a *API) FailInit(ctx context.Context, kind string) error {
	return a.fail(ctx, "init/error", kind)
}

// FailExit: see FailInit.
func (a *API) FailExit(ctx context.Context, kind string) error {
	return a.fail(ctx, "exit/error", kind)
}

func (a *API) fail(ctx context.Context, path, kind string) error {
	body, err := json.Marshal(map[string]any{"errorMessage": kind, "errorType": kind, "stackTrace": []string{}})
	if err == nil {
		_, _, err = a.call(ctx, http.MethodPost, path, http.Header{idHeader: {a.id}, kindHeader: {kind}}, body)
	}
	return err
}

func (a *API) call(ctx context.Context, method, path string, header http.Header, body []byte) (http.Header, []byte, error) {
	request, err := http.NewRequestWithContext(ctx, method, "http://"+a.address+version+path, bytes.NewReader(body))
	if err != nil {
		return nil, nil, fmt.Errorf("extension: %s: %w", path, err)
	}
	request.Header = header
	response, err := a.client.Do(request)
	if err != nil {
		return nil, nil, fmt.Errorf("extension: %s: %w", path, err)
	}
	defer func() { _ = response.Body.Close() }()
	answer, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return nil, nil, fmt.Errorf("extension: %s: %w", path, err)
	}
	if response.StatusCode != http.StatusOK && response.StatusCode != http.StatusAccepted {
		return nil, nil, fmt.Errorf("extension: %s: status %d", path, response.StatusCode)
	}
	return response.Header, answer, nil
}
