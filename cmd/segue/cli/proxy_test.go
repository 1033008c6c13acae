package cli

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/segue-workflows/segue/cmd/segue/cloud"
	"github.com/segue-workflows/segue/cmd/segue/cloud/cloudtest"
	"github.com/segue-workflows/segue/shared/local"
)

const stageRegion = "eu-west-1"

// gated serves next behind a gate that wants signatures.
func gated(t *testing.T, next http.HandlerFunc) *httptest.Server {
	t.Helper()
	server := httptest.NewServer(cloudtest.Gate{Key: "AKID", Secret: "secret", Region: stageRegion, Now: time.Now, Next: next})
	t.Cleanup(server.Close)
	return server
}

// TestAStageIsCalledWithASignature runs a command as a user would: a file of outputs, credentials in variables.
func TestAStageIsCalledWithASignature(t *testing.T) {
	var users []string
	server := gated(t, func(w http.ResponseWriter, r *http.Request) {
		users = append(users, r.Header.Get("User"))
		_, _ = io.WriteString(w, `{"latest_instance_id":0}`)
	})
	folder := t.TempDir()
	if err := os.Mkdir(filepath.Join(folder, "segue"), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(folder, "segue", "dev.json"), []byte(`{"segue-dev":{"ApiUrl":"`+server.URL+`"}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, value := range map[string]string{"AWS_ACCESS_KEY_ID": "AKID", "AWS_SECRET_ACCESS_KEY": "secret", "AWS_SESSION_TOKEN": "",
		"AWS_REGION": stageRegion, "XDG_CONFIG_HOME": folder, "SEGUE_USER": "ada"} {
		t.Setenv(name, value)
	}
	call := func(args ...string) (int, string) {
		var out bytes.Buffer
		s := &session{name: "segue", out: &out, errs: &out, env: os.Getenv, clock: local.SystemClock{}}
		return s.run(t.Context(), args), out.String()
	}
	for _, args := range [][]string{{"status", "w", "--stage", "dev"}, {"status", "w", "--stage", "dev", "--user", "bob"}} {
		if code, out := call(args...); code != exitFailed || !strings.Contains(out, "has no instance yet") {
			t.Errorf("%v: exit %d, %s", args, code, out)
		}
	}
	if len(users) != 2 || users[0] != "" || users[1] != "bob" {
		t.Errorf("named %q; want nobody, unless asked", users)
	}
	if code, out := call("status", "w", "--stage", "prod"); code != exitFailed || !strings.Contains(out, "make deploy STAGE=prod") {
		t.Errorf("a stage that is not there: exit %d, %s", code, out)
	}
	if code, _ := call("status", "w", "--stage", "dev", "--url", server.URL); code != exitUsage {
		t.Errorf("a stage and an address: exit %d", code)
	}
	for _, args := range [][]string{{"proxy"}, {"proxy", "--stage", "dev", "--addr", "0.0.0.0:0"}, {"proxy", "--stage", "dev", "--addr", "localhost:0"}} {
		if code, out := call(args...); code != exitUsage {
			t.Errorf("%v: exit %d, %s", args, code, out)
		}
	}
}

func TestTheProxySigns(t *testing.T) {
	t.Parallel()
	server := gated(t, func(w http.ResponseWriter, r *http.Request) {
		for _, name := range []string{"User", "Cookie", "X-Forwarded-For"} {
			if r.Header.Get(name) != "" {
				t.Errorf("the header %s went through", name)
			}
		}
		w.WriteHeader(http.StatusTeapot)
		_, _ = io.WriteString(w, r.Method+" "+r.URL.EscapedPath()+"?"+r.URL.RawQuery+" ")
		_, _ = io.Copy(w, r.Body)
	})
	target, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	proxy := httptest.NewUnstartedServer(nil)
	proxy.Config.Handler = signing(proxy.Listener.Addr(), target, &cloud.Signer{Region: stageRegion, Now: time.Now, Next: http.DefaultTransport,
		Credentials: credentials.NewStaticCredentialsProvider("AKID", "secret", "")})
	proxy.Start()
	t.Cleanup(proxy.Close)

	for name, tt := range map[string]struct {
		header map[string]string
		host   string
		want   string
	}{
		"a client of Maestro": {map[string]string{"User": "ada", "Cookie": "a=b", "Authorization": "Basic x"}, "", "POST /api/v3/a%2Fb?c=d body"},
		"a page with a name":  {nil, "evil.example", "answers only as localhost"},
		"a page with a form":  {map[string]string{"Origin": "https://evil.example"}, "", "cross-origin"},
	} {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, proxy.URL+"/api/v3/a%2Fb?c=d", strings.NewReader("body"))
		for key, value := range tt.header {
			request.Header.Set(key, value)
		}
		request.Host = tt.host
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		answer, _ := io.ReadAll(response.Body)
		_ = response.Body.Close()
		if !strings.Contains(string(answer), tt.want) {
			t.Errorf("%s: %d %s, want %q", name, response.StatusCode, answer, tt.want)
		}
	}
}
