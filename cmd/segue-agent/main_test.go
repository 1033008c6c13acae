package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	runtime "github.com/aws/aws-lambda-go/lambda"

	"github.com/segue-workflows/segue/localstack/lambda"
	"github.com/segue-workflows/segue/shared/agent"
	"github.com/segue-workflows/segue/shared/wire"
)

// The test binary is also a function, which asks the agent for the secret that its event names.
const asFunction = "AGENT_TEST_FUNCTION"

func TestMain(m *testing.M) {
	if os.Getenv(asFunction) != "" {
		asks := agent.NewClient(os.Getenv(wire.Agent), os.Getenv(wire.AgentToken))
		runtime.Start(func(ctx context.Context, name string) (string, error) { return asks.Secret(ctx, name, "", "") })
	}
	os.Exit(m.Run())
}

// vault answers GetSecretValue as the service's reference shows it, and counts.
func vault(t *testing.T) (string, *atomic.Int64) {
	t.Helper()
	var calls atomic.Int64
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		var in struct{ SecretId string }
		_ = json.NewDecoder(r.Body).Decode(&in)
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		if in.SecretId != "db" || r.Header.Get("X-Amz-Target") != "secretsmanager.GetSecretValue" {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprint(w, `{"__type":"ResourceNotFoundException","Message":"no"}`)
			return
		}
		_, _ = fmt.Fprint(w, `{"ARN":"arn:db","Name":"db","VersionId":"v","SecretString":"s3cret","VersionStages":["AWSCURRENT"],"CreatedDate":1.5}`)
	}))
	t.Cleanup(server.Close)
	return server.URL, &calls
}

func TestAFunctionAsksTheAgentBesideIt(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: -short, and this builds a program")
	}
	dir := t.TempDir()
	program, file := filepath.Join(dir, wire.AgentProgram), filepath.Join(dir, "token")
	if out, err := exec.Command("go", "build", "-o", program, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	source, calls := vault(t)
	host, err := lambda.Start(0)
	if err != nil {
		t.Fatal(err)
	}
	defer host.Close()
	f := host.Add(lambda.Config{Name: "f", Program: self, Extensions: []string{program}, Timeout: time.Minute, Copies: 1, Variables: []string{asFunction + "=1",
		wire.Agent + "=" + address, wire.AgentToken + "=" + file, "AWS_ENDPOINT_URL=" + source, "AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=k", "AWS_SECRET_ACCESS_KEY=s"}})
	for range 3 {
		if answer, err := f.Invoke(t.Context(), []byte(`"db"`), lambda.Trace{}); err != nil || string(answer) != `"s3cret"` {
			t.Fatalf("%s %v", answer, err)
		}
	}
	if n := calls.Load(); n != 1 {
		t.Errorf("%d calls of the service", n)
	}
	if about, err := os.Stat(file); err != nil || about.Mode().Perm() != 0o600 {
		t.Errorf("the token file: %v %v", about, err)
	}
	if _, err := f.Invoke(t.Context(), []byte(`"other"`), lambda.Trace{}); err == nil || !strings.Contains(err.Error(), "there is no secret") {
		t.Errorf("%v", err)
	}
	host.Close() // tells the extension, and waits for its end
	if _, err := os.Stat(file); err == nil {
		t.Error("the token outlives the environment")
	}
}

func TestItListensOnLoopbackAlone(t *testing.T) {
	for _, address := range []string{"", "0.0.0.0:0", ":0", "192.0.2.1:2773", "localhost:0", "127.0.0.1"} {
		if l, _, err := ready(address, filepath.Join(t.TempDir(), "token")); err == nil {
			_ = l.Close()
			t.Errorf("%q is accepted", address)
		}
	}
}
