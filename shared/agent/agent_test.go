package agent_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/agent"
	"github.com/segue-workflows/segue/shared/workflow"
)

// back counts its loads and answers as it is told.
type back struct {
	mu    sync.Mutex
	loads int
	err   error
	hold  chan struct{} // nil: loads do not wait
	began chan struct{}
}

func (b *back) Load(_ context.Context, q agent.Query) (*agent.Secret, error) {
	b.mu.Lock()
	b.loads++
	n, err, hold := b.loads, b.err, b.hold
	b.mu.Unlock()
	if hold != nil {
		b.began <- struct{}{}
		<-hold
	}
	if err != nil {
		return nil, err
	}
	return &agent.Secret{ARN: "arn:" + q.ID, Name: q.ID, VersionID: fmt.Sprint(n), SecretString: "s3cret " + q.Stage, VersionStages: []string{"AWSCURRENT"}, CreatedDate: "1"}, nil
}

func (b *back) fail(err error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.err = err
}

// world is an agent on a clock that stands still.
func world() (*agent.Agent, *back, *time.Time) {
	now, b := time.Unix(1000, 0), &back{}
	return agent.New(b, func() time.Time { return now }), b, &now
}

func version(t *testing.T, a *agent.Agent, refresh bool) string {
	t.Helper()
	found, err := a.Get(t.Context(), agent.Query{ID: "a"}, refresh)
	if err != nil {
		t.Fatal(err)
	}
	return found.VersionID
}

func TestAValueIsKeptForFiveMinutes(t *testing.T) {
	a, _, now := world()
	for _, step := range []struct {
		after   time.Duration
		refresh bool
		want    string
	}{{0, false, "1"}, {299 * time.Second, false, "1"}, {time.Second, false, "2"}, {0, true, "3"}, {0, false, "3"}} {
		*now = now.Add(step.after)
		if got := version(t, a, step.refresh); got != step.want {
			t.Errorf("after %v, refresh %t: load %s, want %s", step.after, step.refresh, got, step.want)
		}
	}
}

func TestAnOldValueServesWhileTheSourceFails(t *testing.T) {
	a, b, now := world()
	version(t, a, false)
	*now = now.Add(time.Hour)
	b.fail(workflow.ErrUnavailable)
	if got := version(t, a, false); got != "1" {
		t.Errorf("load %s", got)
	}
	b.fail(workflow.ErrDenied)
	if _, err := a.Get(t.Context(), agent.Query{ID: "a"}, false); !errors.Is(err, workflow.ErrDenied) {
		t.Errorf("%v", err)
	}
	b.fail(workflow.ErrUnavailable)
	if _, err := a.Get(t.Context(), agent.Query{ID: "a"}, false); !errors.Is(err, workflow.ErrUnavailable) {
		t.Errorf("what was taken away still serves: %v", err)
	}
}

func TestNoMoreThanTheLimitIsKept(t *testing.T) {
	a, b, _ := world()
	for round := range 2 {
		for i := range agent.DefaultSize + 1 {
			if _, err := a.Get(t.Context(), agent.Query{ID: fmt.Sprint(i)}, false); err != nil {
				t.Fatal(round, err)
			}
		}
	}
	if b.loads != 2*(agent.DefaultSize+1) { // each time the oldest is gone before its turn comes
		t.Errorf("%d loads", b.loads)
	}
}

func TestManyAtOnceAreOneLoad(t *testing.T) {
	a, b, _ := world()
	b.hold, b.began = make(chan struct{}), make(chan struct{}, 1)
	var all sync.WaitGroup
	for range 50 {
		all.Go(func() {
			if _, err := a.Get(context.Background(), agent.Query{ID: "a"}, false); err != nil {
				t.Error(err)
			}
		})
	}
	<-b.began
	close(b.hold)
	all.Wait()
	if b.loads != 1 {
		t.Errorf("%d loads", b.loads)
	}
}

const token = "t0ken"

// ask sends a request as a program on this machine does.
func ask(h http.Handler, method, path string, header map[string]string) (int, string) {
	request := httptest.NewRequest(method, path, nil)
	for name, value := range header {
		request.Header.Set(name, value)
	}
	recorder := httptest.NewRecorder()
	h.ServeHTTP(recorder, request)
	return recorder.Code, recorder.Body.String()
}

func TestItAnswersLikeTheAgentOfAWS(t *testing.T) {
	a, _, _ := world()
	h := agent.Handler(a, token)
	shown := map[string]string{agent.TokenHeader: token}
	const body = `{"ARN":"arn:a/b","Name":"a/b","VersionId":"1","SecretString":"s3cret ","VersionStages":["AWSCURRENT"],"CreatedDate":"1"}`
	for _, c := range []struct {
		method, path string
		header       map[string]string
		status       int
		body         string
	}{
		{"GET", "/ping", nil, 200, "healthy"},
		{"GET", "/secretsmanager/get?secretId=a/b", shown, 200, body},
		{"GET", "/v1/a/b", shown, 200, body},
		{"GET", "/v1/a/b", map[string]string{"X-Vault-Token": token}, 200, body},
		{"GET", "/secretsmanager/get?secretId=a%2Fb", shown, 200, body},
		{"GET", "/secretsmanager/get?secretId=a/b&versionStage=AWSPREVIOUS", shown, 200, strings.NewReplacer(`"1","Secret`, `"2","Secret`, `s3cret `, `s3cret AWSPREVIOUS`).Replace(body)},
		{"GET", "/secretsmanager/get?secretId=a/b&refreshNow=true", shown, 200, strings.Replace(body, `"VersionId":"1"`, `"VersionId":"3"`, 1)},
		{"GET", "/secretsmanager/get?secretId=a/b", nil, 403, "Bad Token"},
		{"GET", "/secretsmanager/get?secretId=a/b", map[string]string{agent.TokenHeader: "other"}, 403, "Bad Token"},
		{"GET", "/secretsmanager/get?secretId=a/b", map[string]string{agent.TokenHeader: token, "X-Forwarded-For": "10.0.0.1"}, 400, "Forwarded"},
		{"POST", "/secretsmanager/get?secretId=a/b", shown, 405, "Not allowed"},
		{"GET", "/secretsmanager/put?secretId=a/b", shown, 404, "Not found"},
		{"GET", "/other", shown, 404, "Not found"},
		{"GET", "/other", nil, 403, "Bad Token"},
		{"GET", "/secretsmanager/get", shown, 400, "missing secretId parameter"},
		{"GET", "/secretsmanager/get?secretId=a&refreshNow=perhaps", shown, 400, "invalid refreshNow value"},
	} {
		if status, text := ask(h, c.method, c.path, c.header); status != c.status || text != c.body {
			t.Errorf("%s %s %v: %d %s, want %d %s", c.method, c.path, c.header, status, text, c.status, c.body)
		}
	}
	if status, _ := ask(agent.Handler(a, ""), "GET", "/v1/a", map[string]string{agent.TokenHeader: ""}); status != 403 {
		t.Errorf("an agent without a token answers %d", status)
	}
}

func TestErrorsAreThoseOfTheService(t *testing.T) {
	a, b, _ := world()
	h := agent.Handler(a, token)
	for code, want := range map[workflow.Code]string{
		workflow.CodeNotFound: "400 ResourceNotFoundException", workflow.CodeDenied: "400 AccessDeniedException", workflow.CodeUnavailable: "500 InternalServiceError",
	} {
		b.fail(workflow.Errorf(code, "no"))
		status, text := ask(h, "GET", "/v1/a", map[string]string{agent.TokenHeader: token})
		if words := strings.Fields(want); fmt.Sprint(status) != words[0] || !strings.Contains(text, words[1]) {
			t.Errorf("%s: %d %s, want %s", code, status, text, want)
		}
	}
}

func TestOverTheLimitOnlyHealthIsAnswered(t *testing.T) {
	a, b, _ := world()
	b.hold, b.began = make(chan struct{}), make(chan struct{}, agent.MaxConnections)
	h := agent.Handler(a, token)
	shown := map[string]string{agent.TokenHeader: token}
	var all sync.WaitGroup
	for i := range agent.MaxConnections {
		all.Go(func() { ask(h, "GET", fmt.Sprint("/v1/", i), shown) })
	}
	for range agent.MaxConnections {
		<-b.began
	}
	if status, text := ask(h, "GET", "/v1/more", shown); status != 429 || text != "Connection limit exceeded" {
		t.Errorf("%d %s", status, text)
	}
	if status, _ := ask(h, "GET", "/ping", nil); status != 200 {
		t.Errorf("health is %d", status)
	}
	close(b.hold)
	all.Wait()
}

func TestTheFileOfSecrets(t *testing.T) {
	path := filepath.Join(t.TempDir(), "secrets.json")
	write := func(mode os.FileMode, text string) {
		if err := errors.Join(os.WriteFile(path, []byte(text), mode), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
	}
	file := agent.File{Path: path}
	if err := file.Check(); !errors.Is(err, workflow.ErrInvalid) {
		t.Error("no file:", err)
	}
	write(0o644, `{}`)
	if err := file.Check(); !errors.Is(err, workflow.ErrInvalid) || !strings.Contains(err.Error(), "chmod") {
		t.Error("a file for everybody:", err)
	}
	write(0o600, `{"a": "p4ss" broken`)
	if err := file.Check(); !errors.Is(err, workflow.ErrInvalid) || strings.Contains(err.Error(), "p4ss") {
		t.Error("a broken file:", err)
	}
	write(0o600, `{"a": "p4ss", "o": {"k": "v"}}`)
	for q, want := range map[agent.Query]string{{ID: "a"}: "p4ss", {ID: "o"}: `{"k": "v"}`, {ID: "a", Stage: "AWSCURRENT"}: "p4ss", {ID: "b"}: "", {ID: "a", Stage: "AWSPREVIOUS"}: "", {ID: "a", Version: "1"}: ""} {
		found, err := file.Load(t.Context(), q)
		if (err == nil) != (want != "") || err == nil && found.SecretString != want {
			t.Errorf("%v: %v %v", q, found, err)
		}
	}
}

func TestTheTokenFileIsNotForEverybody(t *testing.T) {
	path := filepath.Join(t.TempDir(), "token")
	for mode, good := range map[os.FileMode]bool{0o600: true, 0o640: true, 0o440: true, 0o644: false, 0o660: false, 0o604: false} {
		if err := errors.Join(os.WriteFile(path, []byte(token+"\n"), 0o600), os.Chmod(path, mode)); err != nil {
			t.Fatal(err)
		}
		got, err := agent.ReadToken(path)
		if good != (err == nil) || good && got != token {
			t.Errorf("%o: %q %v", mode, got, err)
		}
		if err := os.Chmod(path, 0o600); err != nil {
			t.Fatal(err)
		}
	}
}
