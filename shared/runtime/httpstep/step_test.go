package httpstep

import (
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/runtime"
)

func TestStatesFollowTheResponse(t *testing.T) {
	t.Parallel()
	w := newWorld(t, http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/ok":
			out.WriteHeader(http.StatusCreated)
			_, _ = io.WriteString(out, `{"ready":true}`)
		case "/missing":
			out.WriteHeader(http.StatusNotFound)
		case "/broken":
			out.WriteHeader(http.StatusBadGateway)
		case "/long":
			_, _ = io.WriteString(out, strings.Repeat("x", MaxResponse+1))
		case "/full":
			_, _ = io.WriteString(out, strings.Repeat("x", MaxResponse))
		case "/bomb":
			out.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(out)
			_, _ = z.Write(make([]byte, 2*MaxResponse))
			_ = z.Close()
		case "/cut":
			hijacked, _, _ := out.(http.Hijacker).Hijack()
			_ = hijacked.Close()
		}
	}))
	w.names.at("open.test", openIP)
	s := w.step(t, "open.test")
	for _, tt := range []struct {
		path, expr string
		want       runtime.State
	}{
		{"/ok", "", runtime.Done},
		{"/missing", "", runtime.FatalError},
		{"/broken", "", runtime.UserError},
		{"/long", "", runtime.FatalError},
		{"/full", "", runtime.Done},
		{"/bomb", "", runtime.FatalError},
		{"/cut", "", runtime.PlatformError},
		{"/ok", `response_body.contains("true") ? "DONE" : "CONTINUE"`, runtime.Done},
		{"/broken", `status_code == 502 ? "CONTINUE" : "DONE"`, runtime.Continue},
		{"/missing", "if (status_code == 404) return \"DONE\";\nelse return \"FATAL_ERROR\";", runtime.Done},
		{"/missing", `"PLATFORM_ERROR"`, runtime.PlatformError},
		{"/missing", `"TIMED_OUT"`, runtime.TimedOut},
		{"/ok", `"NONSENSE"`, runtime.FatalError},
		{"/ok", `status_code`, runtime.FatalError},
		{"/ok", `nobody == 1 ? "DONE" : "DONE"`, runtime.FatalError},
		{"/ok", `((`, runtime.FatalError},
	} {
		result := execute(t, s, call(map[string]any{"url": "http://open.test:" + port(w.open) + tt.path}, tt.expr))
		if result.State != tt.want {
			t.Errorf("%s with %q: state %d, want %d: %v", tt.path, tt.expr, result.State, tt.want, result.Timeline)
		}
	}
}

func TestOutputsAndArtifact(t *testing.T) {
	t.Parallel()
	var seen *http.Request
	var body string
	w := newWorld(t, http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		seen, body = r.Clone(r.Context()), string(text)
		out.WriteHeader(http.StatusAccepted)
		_, _ = io.WriteString(out, "answer"+strings.Repeat(".", 2*maxRecorded))
	}))
	w.names.at("open.test", openIP)
	fields := map[string]any{"url": "http://OPEN.test:" + port(w.open) + "/a?b=c", "method": "post", "body": "question",
		"headers": map[string]string{"authorization": "Bearer planted", "Content-Type": "text/plain"}}
	c := call(fields, "")
	result := execute(t, w.step(t, "Open.Test"), c)
	if result.State != runtime.Done {
		t.Fatalf("state %d: %v", result.State, result.Timeline)
	}
	if seen.Method != "POST" || body != "question" || seen.Header.Get("Authorization") != "Bearer planted" || seen.Header.Get("Content-Type") != "text/plain" ||
		seen.Header.Get(idempotencyKey) != c.UUID {
		t.Errorf("the server got %s %q %v", seen.Method, body, seen.Header)
	}
	code, _ := result.Output.Get("status_code")
	text, _ := result.Output.Get("response_body")
	if code.Value != int64(202) || len(text.Value.(string)) != 6+2*maxRecorded {
		t.Errorf("outputs %v", result.Output)
	}
	raw, _ := result.Artifacts.Get(Artifact)
	var artifact record
	if err := json.Unmarshal(raw, &artifact); err != nil {
		t.Fatal(err)
	}
	if artifact.Type != "HTTP" || artifact.Status != "SUCCESS" || artifact.Code != 202 || !strings.HasPrefix(artifact.Body, "answer") ||
		len(artifact.Body) > maxRecorded+3 || artifact.Request.Method != "POST" || artifact.Request.Body != "question" {
		t.Errorf("artifact %s", raw)
	}
	if strings.Contains(string(raw), "planted") {
		t.Error("the artifact holds the credentials")
	}
}

func TestRecordedURLHasNoCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t, http.NotFoundHandler())
	for _, url := range []string{"http://user:planted@open.test/", "http://user:planted@%zz/"} {
		result := execute(t, w.step(t, "open.test"), call(map[string]any{"url": url}, ""))
		raw, _ := result.Artifacts.Get(Artifact)
		if result.State != runtime.FatalError || strings.Contains(string(raw), "planted") {
			t.Errorf("state %d, artifact %s", result.State, raw)
		}
	}
}

func TestWhatDoesNotAnswerIsThePlatformsFault(t *testing.T) {
	t.Parallel()
	w := newWorld(t, http.NotFoundHandler())
	w.names.at("open.test", openIP)
	w.open.Close()
	for name, url := range map[string]string{"closed port": "http://open.test:" + port(w.open) + "/?planted", "unknown name": "http://nobody.test/?planted"} {
		result := execute(t, w.step(t, "open.test", "nobody.test"), call(map[string]any{"url": url}, ""))
		if result.State != runtime.PlatformError || strings.Contains(result.Timeline[0].Message, "planted") {
			t.Errorf("%s: state %d, %v", name, result.State, result.Timeline)
		}
	}
}

// TestLocalhostMeansLoopback: the name localhost is the only one that implies addresses.
func TestLocalhostMeansLoopback(t *testing.T) {
	t.Parallel()
	w := newWorld(t, http.NotFoundHandler())
	w.names.at("other.test", insideIP)
	s := w.step(t, "localhost", "other.test")
	if result := execute(t, s, call(map[string]any{"url": "http://localhost:" + port(w.inside) + "/"}, "")); result.State != runtime.Done || w.hits.Load() != 1 {
		t.Errorf("state %d, %d requests: %v", result.State, w.hits.Load(), result.Timeline)
	}
	if result := execute(t, s, call(map[string]any{"url": "http://other.test:" + port(w.inside) + "/"}, "")); result.State != runtime.FatalError {
		t.Errorf("another name reached loopback: state %d", result.State)
	}
}
