package client_test

import (
	"encoding/json"
	"errors"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/workflow"
)

// answering returns a client of a server that gives one answer, and the requests that it got.
func answering(t *testing.T, status int, body string) (*client.Client, *[]*http.Request) {
	t.Helper()
	requests := &[]*http.Request{}
	handler := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		*requests = append(*requests, r)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	})
	return client.Within(handler, "ada"), requests
}

func TestTheServersNo(t *testing.T) {
	t.Parallel()
	for name, tt := range map[string]struct {
		body, want string
		errors     []string
	}{
		"its words, without the code": {`{"status":"BAD_REQUEST","message":"BAD_REQUEST - it is wrong","errors":["here","there"]}`, "it is wrong", []string{"here", "there"}},
		"plain words":                 {`{"status":"NOT_FOUND","message":"there is no such thing"}`, "there is no such thing", nil},
		"the page of a proxy":         {`<html>no</html>`, "the server answered 400 Bad Request", nil},
		"nothing":                     {``, "the server answered 400 Bad Request", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := answering(t, http.StatusBadRequest, tt.body)
			_, err := c.Overview(t.Context(), "w")
			refused := &client.Refused{}
			if !errors.As(err, &refused) || refused.Error() != tt.want || !slices.Equal(refused.Errors, tt.errors) {
				t.Errorf("%v (%+v), want %q", err, refused, tt.want)
			}
		})
	}
}

func TestNobodyThere(t *testing.T) {
	t.Parallel()
	server := httptest.NewServer(http.NotFoundHandler())
	server.Close()
	_, err := client.New(server.URL+"/", "ada").Overview(t.Context(), "w")
	unreachable := &client.Unreachable{}
	if !errors.As(err, &unreachable) || unreachable.Address != server.URL {
		t.Errorf("%v, want an *Unreachable of %s", err, server.URL)
	}
}

func TestPathsAreEscapedAndCallersNamed(t *testing.T) {
	t.Parallel()
	c, requests := answering(t, http.StatusOK, `{}`)
	if _, err := c.Version(t.Context(), "a/b?c", "active"); err != nil {
		t.Fatal(err)
	}
	r := (*requests)[0]
	if got, want := r.URL.EscapedPath(), "/api/v3/workflows/a%2Fb%3Fc/versions/active"; got != want {
		t.Errorf("asked for %s, want %s", got, want)
	}
	if r.Header.Get("user") != "ada" {
		t.Errorf("the caller is %q", r.Header.Get("user"))
	}
}

func TestSomethingElseAnswers(t *testing.T) {
	t.Parallel()
	c, _ := answering(t, http.StatusOK, `<html>welcome</html>`)
	if _, err := c.Overview(t.Context(), "w"); err == nil || !strings.Contains(err.Error(), "is no Segue server") {
		t.Errorf("%v", err)
	}
}

func TestStepsComeOutOfTheirWrappers(t *testing.T) {
	t.Parallel()
	var w client.Workflow
	text := `{"id":"w","steps":[{"step":{"id":"a","type":"NoOp","transition":{"successors":{"b":"true"}}}},{"foreach":{"id":"b","steps":[{"step":{"id":"c","type":"Sleep"}}]}}]}`
	if err := json.Unmarshal([]byte(text), &w); err != nil {
		t.Fatal(err)
	}
	if len(w.Steps) != 2 || w.Steps[0].ID != "a" || w.Steps[0].Kind != workflow.KindStep || !w.Steps[0].Transition.Successors.Has("b") ||
		w.Steps[1].Type != "foreach" || len(w.Steps[1].Steps) != 1 || w.Steps[1].Steps[0].Type != "Sleep" {
		t.Errorf("%+v", w.Steps)
	}
}
