package agent

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Client asks an agent on this machine, ours or AWS's.
type Client struct {
	address string
	token   string // file
	http    *http.Client
}

const (
	clientTime = 10 * time.Second
	maxAnswer  = 256 << 10 // a secret has at most 64 KiB, and JSON makes at most that much of it
)

// NewClient returns a client of the agent at an address, which shows it the content of a token file. The file is read
// for each question: an agent that begins anew writes a new one.
func NewClient(address, tokenFile string) *Client {
	return &Client{address: address, token: tokenFile, http: &http.Client{Timeout: clientTime,
		Transport:     &http.Transport{Proxy: nil, MaxIdleConnsPerHost: 8}, // the token is for this machine
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}
}

// Secret returns the text of a secret, as secret.Source wants it.
func (c *Client) Secret(ctx context.Context, name, version, stage string) (string, error) {
	token, err := ReadToken(c.token)
	if err != nil {
		return "", workflow.Errorf(workflow.CodeUnavailable, "the agent of secrets is not ready: %w", err)
	}
	query := url.Values{"secretId": {name}}
	if version != "" {
		query.Set("versionId", version)
	}
	if stage != "" {
		query.Set("versionStage", stage)
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+c.address+queryPath+"?"+query.Encode(), nil)
	if err != nil {
		return "", workflow.Errorf(workflow.CodeInvalid, "the agent of secrets has no possible address")
	}
	request.Header.Set(TokenHeader, token)
	response, err := c.http.Do(request)
	if err != nil {
		return "", workflow.Errorf(workflow.CodeUnavailable, "the agent of secrets does not answer")
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxAnswer))
	if err != nil {
		return "", workflow.Errorf(workflow.CodeUnavailable, "the agent of secrets does not answer")
	}
	if response.StatusCode != http.StatusOK {
		return "", failure(name, response.StatusCode, body)
	}
	var found Secret
	if json.Unmarshal(body, &found) != nil {
		return "", workflow.Errorf(workflow.CodeInternal, "the agent of secrets answers with something else")
	}
	return found.text(), nil
}

// failure reads an answer of the agent that is no secret. Its text stays away: it may name accounts and roles.
func failure(name string, status int, body []byte) error {
	var said struct {
		Type string `json:"__type"`
	}
	_ = json.Unmarshal(body, &said) // what is not JSON has no type
	switch {
	case said.Type == "ResourceNotFoundException":
		return workflow.Errorf(workflow.CodeNotFound, "there is no secret %q of that version or stage", name)
	case said.Type == "AccessDeniedException":
		return workflow.Errorf(workflow.CodeDenied, "the deployment may not read the secret %q", name)
	case status == http.StatusForbidden, status == http.StatusTooManyRequests, status >= http.StatusInternalServerError:
		return workflow.Errorf(workflow.CodeUnavailable, "the agent of secrets answers with status %d", status)
	}
	return workflow.Errorf(workflow.CodeInvalid, "the secret %q cannot be read: status %d", name, status)
}
