package cloud_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/segue-workflows/segue/cmd/segue/cloud"
	"github.com/segue-workflows/segue/cmd/segue/cloud/cloudtest"
)

var noon = time.Date(2026, 3, 4, 12, 0, 0, 0, time.UTC)

// pair returns a signer and a server that takes only what it signs, and answers with the body that it got.
func pair(t *testing.T) (*cloud.Signer, *httptest.Server) {
	t.Helper()
	now := func() time.Time { return noon }
	server := httptest.NewServer(cloudtest.Gate{Key: "AKID", Secret: "secret", Session: "session", Region: "eu-west-1", Now: now,
		Next: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })})
	t.Cleanup(server.Close)
	return &cloud.Signer{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", "session"),
		Now: now, Next: http.DefaultTransport}, server
}

func TestASignedRequestIsLetThrough(t *testing.T) {
	t.Parallel()
	signer, server := pair(t)
	for name, tt := range map[string]struct{ method, path, body string }{
		"plain":               {http.MethodGet, "/api/v3/workflows/w", ""},
		"escaped path":        {http.MethodGet, "/api/v3/workflows/a%2Fb%20c", ""},
		"query":               {http.MethodGet, "/api/v3/w?z=1&a=x%2By+z&a=b", ""},
		"body":                {http.MethodPost, "/api/v3/workflows", `{"workflow":{"id":"w"}}`},
		"beyond seven bits":   {http.MethodPut, "/api/v3/workflows/%C3%A9", "é"},
		"asterisk and dashes": {http.MethodDelete, "/a*b/~c-d_e.f", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			request, err := http.NewRequestWithContext(t.Context(), tt.method, server.URL+tt.path, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			request.Header.Set("Content-Type", "application/json")
			response, err := signer.RoundTrip(request)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = response.Body.Close() }()
			answer, _ := io.ReadAll(response.Body)
			if response.StatusCode != http.StatusOK || string(answer) != tt.body {
				t.Errorf("%d %s; want what was sent", response.StatusCode, answer)
			}
			if request.Header.Get("Authorization") != "" {
				t.Error("the caller's request was changed")
			}
		})
	}
}

// TestTheGateRefuses proves that the server in these tests can say no.
func TestTheGateRefuses(t *testing.T) {
	t.Parallel()
	good, server := pair(t)
	spoil := map[string]func(s *cloud.Signer){
		"another secret": func(s *cloud.Signer) {
			s.Credentials = credentials.NewStaticCredentialsProvider("AKID", "other", "session")
		},
		"another session": func(s *cloud.Signer) { s.Credentials = credentials.NewStaticCredentialsProvider("AKID", "secret", "") },
		"another region":  func(s *cloud.Signer) { s.Region = "us-east-1" },
		"an old clock":    func(s *cloud.Signer) { s.Now = func() time.Time { return noon.Add(-time.Hour) } },
		"a changed body": func(s *cloud.Signer) {
			s.Next = changed(func(r *http.Request) { r.Body, r.ContentLength = io.NopCloser(strings.NewReader("y")), 1 })
		},
		"a changed path": func(s *cloud.Signer) { s.Next = changed(func(r *http.Request) { r.URL.Path = "/b" }) },
	}
	for name, with := range spoil {
		signer := *good
		with(&signer)
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL+"/a", strings.NewReader("x"))
		response, err := signer.RoundTrip(request)
		if err != nil {
			t.Fatal(err)
		}
		_ = response.Body.Close()
		if response.StatusCode != http.StatusForbidden {
			t.Errorf("%s: %d, want 403", name, response.StatusCode)
		}
	}
}

// changed is somebody on the way.
type changed func(*http.Request)

// RoundTrip changes the request and sends it on.
func (c changed) RoundTrip(r *http.Request) (*http.Response, error) {
	c(r)
	return http.DefaultTransport.RoundTrip(r)
}

func TestABodyThatTheAPIWouldNotTake(t *testing.T) {
	t.Parallel()
	signer, server := pair(t)
	request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, server.URL, io.LimitReader(zeros{}, 10<<20+1))
	response, err := signer.RoundTrip(request)
	if response != nil {
		_ = response.Body.Close()
	}
	if !errors.Is(err, cloud.ErrTooLarge) {
		t.Errorf("%v, want ErrTooLarge", err)
	}
}

type zeros struct{}

// Read gives as much as is asked for.
func (zeros) Read(out []byte) (int, error) { return len(out), nil }

func TestLoad(t *testing.T) {
	t.Parallel()
	const api = "https://abc123.execute-api.eu-west-1.amazonaws.com"
	for name, tt := range map[string]struct {
		stage, content, address, region, fault string
	}{
		"of a stack":       {"prod", `{"segue-prod":{"ApiUrl":"` + api + `/","TableName":"t"}}`, api, "eu-west-1", ""},
		"a domain of ours": {"prod", `{"segue-prod":{"ApiUrl":"https://flows.example.com"}}`, "https://flows.example.com", "", ""},
		"an emulator":      {"dev", `{"segue-dev":{"ApiUrl":"http://127.0.0.1:4567"}}`, "http://127.0.0.1:4567", "", ""},
		"in the open":      {"dev", `{"segue-dev":{"ApiUrl":"http://flows.example.com"}}`, "", "", "beginning with https://"},
		"another stack":    {"dev", `{"segue-prod":{"ApiUrl":"` + api + `"}}`, "", "", "ApiUrl of stack segue-dev"},
		"no JSON":          {"dev", `oops`, "", "", "does not hold the outputs of a stack"},
		"no file":          {"dev", "", "", "", "make deploy STAGE=dev"},
		"a way out":        {"../dev", "", "", "", "lower-case letters"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			env := func(name string) string { return map[string]string{"XDG_CONFIG_HOME": folder}[name] }
			if tt.content != "" {
				file := cloud.File(tt.stage, env)
				if err := errors.Join(os.MkdirAll(filepath.Dir(file), 0o700), os.WriteFile(file, []byte(tt.content), 0o600)); err != nil {
					t.Fatal(err)
				}
			}
			d, err := cloud.Load(tt.stage, env)
			switch {
			case tt.fault != "":
				if err == nil || !strings.Contains(err.Error(), tt.fault) {
					t.Errorf("%v, want one that says %q", err, tt.fault)
				}
			case err != nil:
				t.Error(err)
			case d.Address != tt.address || d.Region != tt.region:
				t.Errorf("%+v", d)
			}
		})
	}
}
