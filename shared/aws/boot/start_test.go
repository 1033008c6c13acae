package boot_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/wire"
)

// program builds a function for this machine, as it is built for Lambda.
func program(t testing.TB, dir, name string) string {
	t.Helper()
	path := filepath.Join(dir, name)
	build := exec.Command("go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", path, "../../../functions/"+name)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return path
}

// start starts a program and returns how long it took until it asked for its first event, and what it had
// called before. Everything that it may call is one server: the runtime's interface, DynamoDB and SQS.
func start(t testing.TB, path string) (time.Duration, []string) {
	t.Helper()
	calls := make(chan string, 100)
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		calls <- r.URL.Path
		<-r.Context().Done() // no event ever comes
	}))
	defer server.Close()
	command := exec.Command(path)
	command.Env = []string{
		"AWS_LAMBDA_RUNTIME_API=" + strings.TrimPrefix(server.URL, "http://"), "AWS_ENDPOINT_URL=" + server.URL,
		"HTTP_PROXY=" + server.URL, "HTTPS_PROXY=" + server.URL, // so that a look at a metadata address would be seen
		"AWS_REGION=eu-west-1", "AWS_ACCESS_KEY_ID=key", "AWS_SECRET_ACCESS_KEY=secret", wire.Table + "=table",
	}
	var said strings.Builder
	command.Stdout, command.Stderr = &said, &said
	began := time.Now()
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	defer func() {
		_ = command.Process.Kill()
		_ = command.Wait()
	}()
	var before []string
	deadline := time.After(time.Minute)
	for {
		select {
		case call := <-calls:
			if strings.HasSuffix(call, "/runtime/invocation/next") {
				return time.Since(began), before
			}
			before = append(before, call)
		case <-deadline:
			t.Fatalf("no call for an event; the program said: %s", said.String())
		}
	}
}

func TestFunctionsCallNobodyBeforeTheirFirstEvent(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: -short, and this builds five programs")
	}
	dir := t.TempDir()
	for _, name := range wire.Functions {
		if _, before := start(t, program(t, dir, name)); len(before) > 0 {
			t.Errorf("%s called %v before it asked for an event", name, before)
		}
	}
}

// BenchmarkStart measures from the start of the process to its first call for an event. Its goal is a median of
// 25 ms over 50 starts on an idle machine: go test -run '^$' -bench Start -benchtime 50x ./shared/aws/boot
func BenchmarkStart(b *testing.B) {
	for _, name := range wire.Functions {
		path := program(b, b.TempDir(), name)
		b.Run(name, func(b *testing.B) {
			var took []time.Duration
			for range b.N {
				once, _ := start(b, path)
				took = append(took, once)
			}
			slices.Sort(took)
			for _, p := range []int{50, 90} {
				b.ReportMetric(float64(took[len(took)*p/100].Microseconds())/1000, fmt.Sprintf("ms-p%d", p))
			}
		})
	}
}
