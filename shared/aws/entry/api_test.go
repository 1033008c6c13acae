package entry

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/segue-workflows/segue/shared/wire"
)

const alice = "arn:aws:iam::123456789012:user/alice"

func request(method, path string) events.APIGatewayV2HTTPRequest {
	return events.APIGatewayV2HTTPRequest{
		RawPath: path, Headers: map[string]string{"host": "api.example.com"},
		RequestContext: events.APIGatewayV2HTTPRequestContext{
			Stage: "$default", DomainName: "api.example.com",
			HTTP:       events.APIGatewayV2HTTPRequestContextHTTPDescription{Method: method, Path: path, SourceIP: "192.0.2.1"},
			Authorizer: &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{IAM: &events.APIGatewayV2HTTPRequestContextAuthorizerIAMDescription{UserARN: alice}},
		},
	}
}

func serve(t *testing.T, event events.APIGatewayV2HTTPRequest, handler http.HandlerFunc) events.APIGatewayV2HTTPResponse {
	t.Helper()
	api := &API{Handler: handler, Caller: CallerOf(""), Log: slog.New(slog.DiscardHandler)}
	answer, err := api.Invoke(t.Context(), event)
	if err != nil {
		t.Fatal(err)
	}
	return answer
}

func TestRequestArrivesWhole(t *testing.T) {
	t.Parallel()
	event := request("POST", "/api/v3/workflows/a%20b/x")
	event.RawQueryString = "first=3&cursor=a%2Bb"
	event.Headers["content-type"] = "application/json"
	event.Headers["x-many"] = "one,two"
	event.Cookies = []string{"a=1", "b=2"}
	event.Body, event.IsBase64Encoded = base64.StdEncoding.EncodeToString([]byte("\x00binary\xff")), true
	answer := serve(t, event, func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		b, _ := r.Cookie("b")
		for name, ok := range map[string]bool{
			"method": r.Method == "POST", "path": r.URL.Path == "/api/v3/workflows/a b/x", "escaped path": r.URL.EscapedPath() == "/api/v3/workflows/a%20b/x",
			"query": r.URL.Query().Get("cursor") == "a+b", "header": r.Header.Get("X-Many") == "one,two",
			"type": r.Header.Get("Content-Type") == "application/json", "cookie": b != nil && b.Value == "2",
			"body": string(body) == "\x00binary\xff", "length": r.ContentLength == 8, "host": r.Host == "api.example.com",
			"caller": r.Header.Get("user") == alice, "address": r.RemoteAddr == "192.0.2.1",
		} {
			if !ok {
				t.Errorf("%s did not arrive: %+v", name, r)
			}
		}
		w.Header().Add("Set-Cookie", "c=3")
		w.Header().Add("Set-Cookie", "d=4")
		w.Header().Add("Vary", "A")
		w.Header().Add("Vary", "B")
		w.WriteHeader(http.StatusAccepted)
		fmt.Fprint(w, `{"ok":true}`)
	})
	if answer.StatusCode != 202 || answer.Body != `{"ok":true}` || answer.IsBase64Encoded || len(answer.Cookies) != 2 || answer.Headers["Vary"] != "A, B" {
		t.Errorf("the answer is %+v", answer)
	}
}

func TestPaths(t *testing.T) {
	t.Parallel()
	for _, row := range []struct{ stage, raw, want string }{
		{"$default", "/a/b", "/a/b"},
		{"$default", "", "/"},
		{"prod", "/prod/a", "/a"},
		{"prod", "/prod", "/"},
		{"$default", "/a%2Fb", "/a%2Fb"},
		{"$default", "/100%", "/100%25"},
	} {
		event := request("GET", row.raw)
		event.RequestContext.Stage = row.stage
		serve(t, event, func(_ http.ResponseWriter, r *http.Request) {
			if got := r.URL.EscapedPath(); got != row.want {
				t.Errorf("%q of stage %s arrives as %q, want %q", row.raw, row.stage, got, row.want)
			}
		})
	}
}

func TestCallers(t *testing.T) {
	t.Parallel()
	claims := func(c map[string]string) *events.APIGatewayV2HTTPRequestContextAuthorizerDescription {
		return &events.APIGatewayV2HTTPRequestContextAuthorizerDescription{JWT: &events.APIGatewayV2HTTPRequestContextAuthorizerJWTDescription{Claims: c}}
	}
	iam := request("GET", "/").RequestContext.Authorizer
	for name, row := range map[string]struct {
		claim      string
		authorizer *events.APIGatewayV2HTTPRequestContextAuthorizerDescription
		header     string
		caller     string // "": refused
	}{
		"signed":                        {"", iam, "", alice},
		"the header repeats the caller": {"", iam, alice, alice},
		"the header names another":      {"", iam, "bob", ""},
		"the short name is another":     {"", iam, "alice", ""},
		"nobody was checked":            {"", nil, "alice", ""},
		"a token where IAM is asked":    {"", claims(map[string]string{"email": "a@b"}), "", ""},
		"the claim of a token":          {"email", claims(map[string]string{"email": "a@b", "sub": "1"}), "", "a@b"},
		"the claim and the header":      {"email", claims(map[string]string{"email": "a@b"}), "a@b", "a@b"},
		"another claim":                 {"email", claims(map[string]string{"sub": "1"}), "1", ""},
		"a signature where a claim is":  {"email", iam, "", ""},
	} {
		event := request("GET", "/")
		event.RequestContext.Authorizer = row.authorizer
		if row.header != "" {
			event.Headers["user"] = row.header
		}
		got := ""
		api := &API{Caller: CallerOf(row.claim), Log: slog.New(slog.DiscardHandler),
			Handler: http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("user") })}
		answer, err := api.Invoke(t.Context(), event)
		if err != nil || got != row.caller || (row.caller == "") != (answer.StatusCode == http.StatusForbidden) {
			t.Errorf("%s: the caller is %q, status %d, %v; want %q", name, got, answer.StatusCode, err, row.caller)
		}
	}
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	large := strings.Repeat(`{"a":"<b>"}`, 20_000)
	noise := make([]byte, 5<<20)
	random := rand.NewChaCha8([32]byte{})
	_, _ = random.Read(noise)
	for name, row := range map[string]struct {
		accept, body string
		encoding     string // of the content
		binary       bool
		status       int
	}{
		"text":                              {"gzip", "short", "", false, 200},
		"binary":                            {"", "\xff\xfe", "", true, 200},
		"large, and gzip is welcome":        {"br, gzip;q=0.5", large, "gzip", true, 200},
		"large, and gzip is not welcome":    {"gzip;q=0.0, br", large, "", false, 200},
		"large, and nothing is said":        {"", large, "", false, 200},
		"too large as text, and gzip helps": {"", strings.Repeat(large, 30), "gzip", true, 200},
		"too large in any form":             {"gzip", string(noise), "", false, 500},
	} {
		event := request("GET", "/")
		event.Headers["accept-encoding"] = row.accept
		answer := serve(t, event, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", fmt.Sprint(len(row.body)))
			_, _ = io.WriteString(w, row.body)
		})
		if answer.StatusCode != row.status || answer.Headers["Content-Encoding"] != row.encoding || answer.IsBase64Encoded != row.binary {
			t.Errorf("%s: status %d, encoding %q, base64 %t", name, answer.StatusCode, answer.Headers["Content-Encoding"], answer.IsBase64Encoded)
		}
		if answer.Headers["Content-Length"] != "" {
			t.Errorf("%s: the length of another body is kept", name)
		}
		if row.status == 200 && decoded(t, answer) != row.body {
			t.Errorf("%s: the body is another", name)
		}
	}
}

func decoded(t *testing.T, answer events.APIGatewayV2HTTPResponse) string {
	t.Helper()
	body := []byte(answer.Body)
	var err error
	if answer.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(answer.Body); err != nil {
			t.Fatal(err)
		}
	}
	if answer.Headers["Content-Encoding"] == "gzip" {
		reader, err := gzip.NewReader(bytes.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		if body, err = io.ReadAll(reader); err != nil {
			t.Fatal(err)
		}
	}
	return string(body)
}

func TestWhatTheEdgeRefuses(t *testing.T) {
	t.Parallel()
	nothing := func(http.ResponseWriter, *http.Request) { t.Error("called") }
	badBody, badMethod := request("POST", "/"), request("NO METHOD", "/")
	badBody.Body, badBody.IsBase64Encoded = "%%", true
	for name, event := range map[string]events.APIGatewayV2HTTPRequest{"body": badBody, "method": badMethod, "empty event": {}} {
		answer := serve(t, event, nothing)
		if answer.StatusCode < 400 || answer.StatusCode > 499 || !strings.Contains(answer.Body, `"status":`) {
			t.Errorf("%s: %+v", name, answer)
		}
	}
	answer := serve(t, request("GET", "/"), func(http.ResponseWriter, *http.Request) { panic("a secret") })
	if answer.StatusCode != 500 || strings.Contains(answer.Body, "secret") {
		t.Errorf("a panic is answered with %+v", answer)
	}
	if answer := serve(t, request("GET", "/"), func(http.ResponseWriter, *http.Request) {}); answer.StatusCode != 200 {
		t.Errorf("silence is answered with %d", answer.StatusCode)
	}
}

// TestAJobIsNobody: a route of jobs has no caller, whoever claims to be one; other routes that look alike do.
func TestAJobIsNobody(t *testing.T) {
	t.Parallel()
	served := 0
	handler := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		served++
		if user := r.Header.Get("user"); user != "" {
			t.Errorf("%s: the caller is %q", r.URL.Path, user)
		}
	})
	api := &API{Handler: handler, Caller: CallerOf(""), Log: slog.New(slog.DiscardHandler)}
	for _, key := range append([]string{"$default", "PUT /api/v3/output-data/more", ""}, wire.JobRoutes...) {
		event := events.APIGatewayV2HTTPRequest{RouteKey: key, RawPath: "/api/v3/output-data", Headers: map[string]string{"user": "mallory"}}
		event.RequestContext.HTTP.Method = "PUT"
		answer, err := api.Invoke(t.Context(), event)
		if err != nil {
			t.Fatal(err)
		}
		if slices.Contains(wire.JobRoutes, key) != (answer.StatusCode == http.StatusOK) {
			t.Errorf("%q: %d %s", key, answer.StatusCode, answer.Body)
		}
	}
	if served != len(wire.JobRoutes) {
		t.Errorf("%d requests were served", served)
	}
}
