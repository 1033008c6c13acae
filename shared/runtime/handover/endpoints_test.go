package handover

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// worker answers with the status of its path, and says what it got.
func worker(t *testing.T) (*httptest.Server, *[]string) {
	t.Helper()
	got := &[]string{}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		*got = append(*got, r.Method+" "+r.Header.Get("Content-Type")+" "+string(body))
		switch path := strings.Trim(r.URL.Path, "/"); path {
		case "fault":
			w.Header().Set("X-Amz-Function-Error", "Unhandled")
		case "moved":
			http.Redirect(w, r, "/200", http.StatusTemporaryRedirect)
		case "large":
			_, _ = io.WriteString(w, strings.Repeat("x", maxPayload+1))
		case "never":
			<-r.Context().Done()
		default:
			status, _ := strconv.Atoi(path)
			w.WriteHeader(status)
			_, _ = io.WriteString(w, `{"params": {"n": {"type": "LONG", "value": 3}}}`)
		}
	}))
	t.Cleanup(server.Close)
	return server, got
}

func endpoints(t *testing.T, list ...string) *Endpoints {
	t.Helper()
	e, err := NewEndpoints("--queue", list)
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func TestWorkersOfThisMachine(t *testing.T) {
	t.Parallel()
	server, _ := worker(t)
	gone := httptest.NewServer(nil)
	gone.Close()
	for path, want := range map[string]struct {
		code   workflow.Code // of a queue
		lambda string        // "": the same; a fault
	}{
		"200": {}, "202": {}, "404": {code: workflow.CodeInvalid}, "429": {code: workflow.CodeUnavailable}, "503": {code: workflow.CodeUnavailable},
		"500": {code: workflow.CodeUnavailable, lambda: "Unhandled"}, "fault": {lambda: "Unhandled"}, "moved": {code: workflow.CodeInvalid},
		"large": {code: workflow.CodeInvalid}, "gone": {code: workflow.CodeUnavailable},
	} {
		address := server.URL + "/" + path
		if path == "gone" {
			address = gone.URL
		}
		e := endpoints(t, "w="+address)
		if err := e.Send(t.Context(), "w", []byte("{}")); workflow.CodeOf(err) != want.code && (err != nil || want.code != "") {
			t.Errorf("%s: a queue's worker gives %v, want %q", path, err, want.code)
		}
		answer, err := e.Invoke(t.Context(), Invocation{Function: "w", Task: []byte("{}"), Wait: true})
		if answer.Fault != want.lambda || want.lambda == "" && workflow.CodeOf(err) != want.code && (err != nil || want.code != "") {
			t.Errorf("%s: a function gives %+v %v", path, answer.Fault, err)
		}
		if err != nil && strings.Contains(err.Error(), "127.0.0.1") {
			t.Errorf("%s: the error tells the address: %v", path, err)
		}
	}
}

func TestAWorkerGetsTheTaskAndStepsReachNobodyElse(t *testing.T) {
	t.Parallel()
	server, got := worker(t)
	e := endpoints(t, "emails="+server.URL+"/200")
	result, err := Queue{Sender: e}.Start(t.Context(), call("queue", entries{"name": "emails"}))
	if err != nil || result.State != runtime.Done || len(*got) != 1 || !strings.HasPrefix((*got)[0], `POST application/json {"key":"uuid-1"`) {
		t.Errorf("%+v %v %v", result, err, *got)
	}
	for _, name := range []string{"other", "", server.URL, "emails/../x"} {
		if err := e.Send(t.Context(), name, nil); workflow.CodeOf(err) != workflow.CodeDenied {
			t.Errorf("%q: %v", name, err)
		}
	}
	done, err := Lambda{Invoker: e}.Execute(t.Context(), call("lambda", entries{"function": "emails"}))
	if n, ok := done.Output.Get("n"); err != nil || !ok || n.Value != int64(3) {
		t.Errorf("the function's output is %+v (%v)", done, err)
	}
	if len(*got) != 2 {
		t.Errorf("the worker was called %d times", len(*got))
	}
}

func TestAFunctionThatDoesNotAnswerInTime(t *testing.T) {
	t.Parallel()
	server, _ := worker(t)
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := endpoints(t, "f="+server.URL+"/never").Invoke(ctx, Invocation{Function: "f", Wait: true})
	if workflow.CodeOf(err) != workflow.CodeTimeout {
		t.Error(err)
	}
}

func TestWhatIsNoEndpoint(t *testing.T) {
	t.Parallel()
	for _, bad := range []string{"", "x", "=http://127.0.0.1/", "x=", "x=127.0.0.1:9", "x=file:///etc/passwd", "x=http://u:p@127.0.0.1/", "x=http://", "x=://"} {
		if _, err := NewEndpoints("--queue", []string{bad}); workflow.CodeOf(err) != workflow.CodeInvalid {
			t.Errorf("%q is accepted: %v", bad, err)
		}
	}
}
