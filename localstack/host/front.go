package host

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"mime"
	"net"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-lambda-go/events"

	"github.com/segue-workflows/segue/localstack/lambda"
)

// maxBody is the largest body that API Gateway takes.
const maxBody = 10 << 20

// front turns requests into events and answers of the function into responses, as API Gateway does.
type front struct {
	host  *Host
	route route
	apiID string
}

// ServeHTTP hands the request to the function.
func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxBody))
	if err != nil {
		refuse(w, http.StatusRequestEntityTooLarge, "Request Entity Too Large")
		return
	}
	payload, err := json.Marshal(f.event(r, body, time.Now()))
	if err != nil {
		refuse(w, http.StatusBadRequest, "Bad Request")
		return
	}
	out, err := f.route.function.Invoke(r.Context(), payload, lambda.NewTrace())
	switch {
	case errors.Is(err, lambda.ErrTimedOut):
		refuse(w, http.StatusServiceUnavailable, "Service Unavailable")
	case err != nil:
		f.host.note("%s: %v", f.route.function.Name, err)
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
	default:
		respond(w, out)
	}
}

// event is the request in version 2.0 of the format.
func (f *front) event(r *http.Request, body []byte, now time.Time) events.APIGatewayV2HTTPRequest {
	source, _, _ := net.SplitHostPort(r.RemoteAddr)
	event := events.APIGatewayV2HTTPRequest{
		Version: "2.0", RouteKey: f.route.key, RawPath: r.URL.EscapedPath(), RawQueryString: r.URL.RawQuery, Headers: map[string]string{},
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			RouteKey: f.route.key, AccountID: account, Stage: "$default", APIID: f.apiID, DomainName: r.Host,
			Time: now.UTC().Format("02/Jan/2006:15:04:05 +0000"), TimeEpoch: now.UnixMilli(),
			HTTP: events.APIGatewayV2HTTPRequestContextHTTPDescription{
				Method: r.Method, Path: r.URL.Path, Protocol: r.Proto, SourceIP: source, UserAgent: r.UserAgent(),
			},
		},
	}
	if f.route.checksByIAM {
		event.RequestContext.Authorizer = &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{
			IAM: &events.APIGatewayV2HTTPRequestContextAuthorizerIAMDescription{
				AccountID: account, CallerID: key, AccessKey: key, UserID: key, UserARN: f.host.options.Caller,
			},
		}
	}
	for name, values := range r.Header {
		if name == "Cookie" {
			event.Cookies = strings.Split(strings.Join(values, "; "), "; ")
			continue
		}
		event.Headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	event.Headers["host"] = r.Host
	if query := r.URL.Query(); len(query) > 0 {
		event.QueryStringParameters = map[string]string{}
		for name, values := range query {
			event.QueryStringParameters[name] = strings.Join(values, ",")
		}
	}
	if event.Body = string(body); len(body) > 0 && !textual(r.Header.Get("Content-Type")) {
		event.Body, event.IsBase64Encoded = base64.StdEncoding.EncodeToString(body), true
	}
	return event
}

// textual tells whether a body of that type is handed on as it is; others become base64.
func textual(contentType string) bool {
	kind, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return false
	}
	return strings.HasPrefix(kind, "text/") || kind == "application/json" || kind == "application/xml" || kind == "application/javascript"
}

// respond writes the function's answer.
func respond(w http.ResponseWriter, out []byte) {
	var answer events.APIGatewayV2HTTPResponse
	if err := json.Unmarshal(out, &answer); err != nil || answer.StatusCode == 0 {
		refuse(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	body := []byte(answer.Body)
	if answer.IsBase64Encoded {
		decoded, err := base64.StdEncoding.DecodeString(answer.Body)
		if err != nil {
			refuse(w, http.StatusInternalServerError, "Internal Server Error")
			return
		}
		body = decoded
	}
	for name, value := range answer.Headers {
		w.Header().Set(name, value)
	}
	for _, cookie := range answer.Cookies {
		w.Header().Add("Set-Cookie", cookie)
	}
	w.WriteHeader(answer.StatusCode)
	_, _ = w.Write(body)
}

// refuse answers as API Gateway does when it has no answer of a function.
func refuse(w http.ResponseWriter, status int, message string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"message": message})
}
