package job

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"sync/atomic"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/lambda"

	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/runtime/handover"
	"github.com/segue-workflows/segue/shared/workflow"
)

// config leads clients of the SDK to a stand-in.
func config() sdk.Config {
	return sdk.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("key", "secret", "")}
}

// request is what the stand-in saw.
type request struct{ method, path, kind, body string }

// standIn is Lambda as its API reference shows it: one call, one answer.
func standIn(t *testing.T, answer http.HandlerFunc) (*lambda.Client, *[]request) {
	t.Helper()
	var seen []request
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		seen = append(seen, request{r.Method, r.URL.Path, r.Header.Get("X-Amz-Invocation-Type"), string(body)})
		answer(w, r)
	}))
	t.Cleanup(server.Close)
	return lambda.NewFromConfig(config(), func(o *lambda.Options) { o.BaseEndpoint = &server.URL }), &seen
}

func TestInvokeOnTheWire(t *testing.T) {
	t.Parallel()
	client, seen := standIn(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Amzn-RequestId", "request-1")
		if r.Header.Get("X-Amz-Invocation-Type") == "Event" {
			w.WriteHeader(http.StatusAccepted)
			return
		}
		w.Header().Set("X-Amz-Function-Error", "Unhandled")
		_, _ = io.WriteString(w, `{"errorMessage":"no","errorType":"Error"}`)
	})
	f := Functions{Client: client, Allowed: []string{"mail", "mail:live"}}
	waited, err := f.Invoke(t.Context(), handover.Invocation{Function: "mail", Task: []byte(`{"key":"k"}`), Wait: true})
	if err != nil || waited.Fault != "Unhandled" || waited.ID != "request-1" || string(waited.Payload) != `{"errorMessage":"no","errorType":"Error"}` {
		t.Errorf("%+v %v", waited, err)
	}
	left, err := f.Invoke(t.Context(), handover.Invocation{Function: "mail:live", Task: []byte(`{"key":"k"}`)})
	if err != nil || left.Fault != "" || len(left.Payload) != 0 {
		t.Errorf("%+v %v", left, err)
	}
	want := []request{{"POST", "/2015-03-31/functions/mail/invocations", "RequestResponse", `{"key":"k"}`},
		{"POST", "/2015-03-31/functions/mail:live/invocations", "Event", `{"key":"k"}`}}
	if len(*seen) != 2 || (*seen)[0] != want[0] || (*seen)[1] != want[1] {
		t.Errorf("the stand-in saw %v", *seen)
	}
}

func TestFailuresOfLambda(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		status int
		want   workflow.Code
	}{
		"ResourceNotFoundException":      {404, workflow.CodeNotFound},
		"AccessDeniedException":          {403, workflow.CodeDenied},
		"TooManyRequestsException":       {429, workflow.CodeUnavailable},
		"ServiceException":               {500, workflow.CodeUnavailable},
		"EC2ThrottledException":          {502, workflow.CodeUnavailable},
		"KMSAccessDeniedException":       {502, workflow.CodeInvalid},
		"ResourceNotReadyException":      {502, workflow.CodeUnavailable},
		"ResourceConflictException":      {409, workflow.CodeUnavailable},
		"InvalidRequestContentException": {400, workflow.CodeInvalid},
		"RequestTooLargeException":       {413, workflow.CodeInvalid},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			client, seen := standIn(t, func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Amzn-Errortype", name)
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, `{"Type":"User","Message":"arn:aws:iam::1:role/x"}`)
			})
			_, err := Functions{Client: client, Allowed: []string{"f"}}.Invoke(t.Context(), handover.Invocation{Function: "f", Task: []byte("{}")})
			if workflow.CodeOf(err) != tt.want || len(*seen) != 1 {
				t.Errorf("%v, after %d calls", err, len(*seen))
			}
		})
	}
}

func TestAFunctionThatTakesTooLong(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64 // the stand-in may still be answering when the call has been given up
	client, _ := standIn(t, func(_ http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		<-r.Context().Done()
	})
	ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
	defer cancel()
	_, err := Functions{Client: client, Allowed: []string{"f"}}.Invoke(ctx, handover.Invocation{Function: "f", Task: []byte("{}"), Wait: true})
	if !errors.Is(err, workflow.ErrTimeout) || calls.Load() > 1 {
		t.Errorf("%v, after %d calls", err, calls.Load())
	}
}

func TestOnlyListedFunctionsAreCalled(t *testing.T) {
	t.Parallel()
	client, seen := standIn(t, func(http.ResponseWriter, *http.Request) {})
	arn := "arn:aws:lambda:eu-west-1:123456789012:function:pay"
	f := Functions{Client: client, Allowed: []string{"mail", arn, ""}}
	for name, want := range map[string]bool{
		"mail": true, arn: true,
		"mail:7": false, arn + ":live": false,
		"Mail": false, "mailer": false, "pay": false, "": false, "mail/../pay": false, "arn:aws:lambda:eu-west-1:999999999999:function:mail": false,
		arn + "er": false, "123456789012:function:pay": false, "*": false,
	} {
		if got := f.allows(name); got != want {
			t.Errorf("%q: %v", name, got)
		}
	}
	_, err := f.Invoke(t.Context(), handover.Invocation{Function: "other", Task: []byte("{}")})
	if !errors.Is(err, workflow.ErrDenied) || len(*seen) > 0 {
		t.Errorf("%v, after %d calls", err, len(*seen))
	}
}

func TestTasksTravelByQueue(t *testing.T) {
	t.Parallel()
	local := memory.NewQueue(func() time.Time { return time.Unix(1_700_000_000, 0) }, memory.QueueConfig{Name: "emails", Visibility: time.Minute})
	q := Queues{Sender: local}
	if err := q.Send(t.Context(), "emails", []byte(`{"key":"k"}`)); err != nil {
		t.Fatal(err)
	}
	got, err := local.Receive(t.Context(), "emails", 1, 0)
	if err != nil || len(got) != 1 || string(got[0].Body) != `{"key":"k"}` || got[0].Receives != 1 {
		t.Errorf("%+v %v", got, err)
	}
	if err := q.Send(t.Context(), "others", []byte(`{}`)); !errors.Is(err, workflow.ErrDenied) {
		t.Errorf("%v", err)
	}
	if err := q.Send(t.Context(), "emails", nil); err == nil {
		t.Error("an empty task was sent")
	}
}
