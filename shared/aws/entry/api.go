package entry

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-lambda-go/events"

	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// API serves requests of an API Gateway HTTP API (payload format 2.0) with an ordinary handler.
type API struct {
	Handler http.Handler
	Caller  Caller
	Log     *slog.Logger
}

// Invoke is the handler of the function behind the API. It returns no error: what fails is an answer too.
func (a *API) Invoke(ctx context.Context, event events.APIGatewayV2HTTPRequest) (events.APIGatewayV2HTTPResponse, error) {
	limited, cancel := beforeDeadline(ctx)
	defer cancel()
	request, err := a.request(limited, event)
	if err != nil {
		return refusal(err), nil
	}
	out := &answer{header: http.Header{}}
	err = guarded(func() error {
		a.Handler.ServeHTTP(out, request)
		return nil
	})
	if err != nil {
		about := append([]slog.Attr{slog.String("method", request.Method), slog.String("route", event.RouteKey)}, faulty(err)...)
		a.Log.LogAttrs(ctx, slog.LevelError, "a request failed", about...)
		return refusal(err), nil
	}
	return out.response(acceptsGzip(request.Header.Get("Accept-Encoding"))), nil
}

// request makes the request of an event, with the caller in its user header.
func (a *API) request(ctx context.Context, event events.APIGatewayV2HTTPRequest) (*http.Request, error) {
	header := headerOf(event)
	if slices.Contains(wire.JobRoutes, event.RouteKey) {
		header.Del(userHeader) // a job shows a token, which the API checks; it is nobody
	} else {
		caller := a.Caller(event.RequestContext)
		if err := check(caller, header.Get(userHeader)); err != nil {
			return nil, err
		}
		header.Set(userHeader, caller)
	}
	body := event.Body
	if event.IsBase64Encoded {
		data, err := base64.StdEncoding.DecodeString(body)
		if err != nil {
			return nil, workflow.Errorf(workflow.CodeInvalid, "the body is not the base64 that it says")
		}
		body = string(data)
	}
	request, err := http.NewRequestWithContext(ctx, event.RequestContext.HTTP.Method, "/", strings.NewReader(body))
	if err != nil {
		return nil, workflow.Errorf(workflow.CodeInvalid, "the request has no valid method")
	}
	request.Header, request.URL = header, address(event)
	request.RequestURI = request.URL.RequestURI()
	request.Host = event.RequestContext.DomainName
	request.RemoteAddr = event.RequestContext.HTTP.SourceIP
	return request, nil
}

// headerOf returns the headers: API Gateway lower-cases the names, joins values with commas, and keeps cookies apart.
func headerOf(event events.APIGatewayV2HTTPRequest) http.Header {
	header := make(http.Header, len(event.Headers)+1)
	for name, value := range event.Headers {
		header.Set(name, value)
	}
	if len(event.Cookies) > 0 {
		header.Set("Cookie", strings.Join(event.Cookies, "; "))
	}
	return header
}

// address keeps an escaped path as it came; one with a stray percent sign is taken literally.
func address(event events.APIGatewayV2HTTPRequest) *url.URL {
	path := event.RawPath
	if stage := event.RequestContext.Stage; stage != "" && stage != "$default" {
		path = strings.TrimPrefix(path, "/"+stage) // a named stage is part of the path
	}
	if path == "" {
		path = "/"
	}
	out := &url.URL{Path: path, RawQuery: event.RawQueryString}
	if plain, err := url.PathUnescape(path); err == nil {
		out.Path, out.RawPath = plain, path
	}
	return out
}

// refusal is an answer of the edge itself, in the format of the REST API's errors.
func refusal(err error) events.APIGatewayV2HTTPResponse {
	code := workflow.CodeOf(err)
	status := http.StatusInternalServerError
	switch code {
	case workflow.CodeDenied:
		status = http.StatusForbidden
	case workflow.CodeInvalid:
		status = http.StatusBadRequest
	}
	name := workflow.WireCode(code)
	body, _ := json.Marshal(struct {
		Status    string   `json:"status"`
		Message   string   `json:"message"`
		Errors    []string `json:"errors"`
		Retryable bool     `json:"retryable"`
	}{name, name + " - " + workflow.TextOf(err), []string{}, false})
	return events.APIGatewayV2HTTPResponse{
		StatusCode: status, Headers: map[string]string{"Content-Type": "application/json"}, Body: string(body),
	}
}
