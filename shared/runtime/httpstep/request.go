package httpstep

import (
	"context"
	"io"
	"net/http"
	"net/textproto"
	"slices"
	"strconv"
	"strings"

	"github.com/segue-workflows/segue/shared/runtime"
)

// request is the http param of a step.
type request struct {
	url, method, body string
	headers           map[string]string
}

// methods are those that a step may use.
var methods = []string{http.MethodGet, http.MethodHead, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}

// connection are headers that speak of the connection, which is ours.
var connection = []string{"Connection", "Content-Length", "Expect", "Host", "Keep-Alive", "Proxy-Authorization", "Proxy-Connection",
	"Te", "Trailer", "Transfer-Encoding", "Upgrade"}

// credentials are headers whose values are not recorded.
var credentials = []string{"Authorization", "Cookie", "X-Api-Key"}

// idempotencyKey is the header that names the attempt to a server that can tell a repeated request.
const idempotencyKey = "Idempotency-Key"

// failedDeliveries is the header that tells a server how often delivering the attempt has failed, when it has: it may
// have got the request before.
const failedDeliveries = "Segue-Failed-Deliveries"

// readRequest reads the http param of an attempt.
func readRequest(call runtime.Call) (request, error) {
	out := request{method: http.MethodGet}
	p, ok := call.Params.Get("http")
	if !ok {
		return out, refuse("the param http is missing")
	}
	fields, ok := p.Result.(map[string]any)
	if !ok {
		return out, refuse("the param http must be a MAP")
	}
	texts := map[string]*string{"url": &out.url, "method": &out.method, "body": &out.body}
	for name, to := range texts {
		switch value := fields[name].(type) {
		case nil:
		case string:
			*to = value
		default:
			return out, refuse("the param http.%s must be a STRING", name)
		}
	}
	out.method = strings.ToUpper(out.method)
	if !slices.Contains(methods, out.method) {
		return out, refuse("the param http.method must be one of %s", strings.Join(methods, ", "))
	}
	var err error
	out.headers, err = readHeaders(fields["headers"])
	return out, err
}

func readHeaders(value any) (map[string]string, error) {
	out := map[string]string{}
	set := func(name, text string) error {
		name = textproto.CanonicalMIMEHeaderKey(name)
		if slices.Contains(connection, name) {
			return refuse("the header %s is not a step's to set", name)
		}
		out[name] = text
		return nil
	}
	switch headers := value.(type) {
	case nil:
	case map[string]string:
		for name, text := range headers {
			if err := set(name, text); err != nil {
				return nil, err
			}
		}
	case map[string]any:
		for name, item := range headers {
			text, ok := item.(string)
			if !ok {
				return nil, refuse("the param http.headers must hold texts")
			}
			if err := set(name, text); err != nil {
				return nil, err
			}
		}
	default:
		return nil, refuse("the param http.headers must be a STRING_MAP")
	}
	return out, nil
}

// send makes the request and reads the response.
func (r request) send(ctx context.Context, client *http.Client, allowed Allowed, call runtime.Call) (status int, body string, err error) {
	to, err := allowed.parse(r.url)
	if err != nil {
		return 0, "", err
	}
	out, err := http.NewRequestWithContext(ctx, r.method, to.String(), strings.NewReader(r.body))
	if err != nil {
		return 0, "", refuse("the URL cannot be read")
	}
	for name, value := range r.headers {
		out.Header.Set(name, value)
	}
	if out.Header.Get("User-Agent") == "" {
		out.Header.Set("User-Agent", "segue")
	}
	if r.method != http.MethodGet && r.method != http.MethodHead && out.Header.Get(idempotencyKey) == "" {
		out.Header.Set(idempotencyKey, call.UUID)
	}
	if call.Failures > 0 {
		out.Header.Set(failedDeliveries, strconv.FormatInt(call.Failures, 10))
	}
	response, err := client.Do(out)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(io.LimitReader(response.Body, MaxResponse+1))
	if err != nil {
		return 0, "", err
	}
	if len(text) > MaxResponse {
		return 0, "", refuse("the response is longer than %d bytes", MaxResponse)
	}
	return response.StatusCode, strings.ToValidUTF8(string(text), "\uFFFD"), nil
}
