package rest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/catalog"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/rest"
	"github.com/segue-workflows/segue/shared/runtime"
)

// api is the whole server over a world of its own.
type api struct {
	*enginetest.World
	t       *testing.T
	handler http.Handler
	deps    rest.Deps
}

func newAPI(t *testing.T, register func(*runtime.Registry)) *api {
	w := enginetest.New(t, register)
	a := &api{World: w, t: t, deps: rest.Deps{Loop: w.Loop, Trigger: w.Trigger, Version: "test", Tokens: w.Tokens,
		Catalog: &catalog.Catalog{Loop: w.Loop, Listener: w.Signals}}}
	a.serve()
	return a
}

// serve begins to serve anew.
func (a *api) serve() { a.handler = rest.New(a.deps) }

// call sends a request as the user tester, and returns the status and the body.
func (a *api) call(method, path, body string) (int, map[string]any) {
	a.t.Helper()
	status, raw := a.raw(method, path, body)
	out := map[string]any{}
	if err := json.Unmarshal(raw, &out); err != nil && raw[0] != '[' {
		a.t.Fatalf("%s %s: %v: %s", method, path, err, raw)
	}
	return status, out
}

func (a *api) raw(method, path, body string) (int, []byte) {
	a.t.Helper()
	request := httptest.NewRequest(method, "/api/v3"+path, bytes.NewReader([]byte(body)))
	request.Header.Set("user", "tester")
	recorder := httptest.NewRecorder()
	a.handler.ServeHTTP(recorder, request)
	answer, err := io.ReadAll(recorder.Body)
	if err != nil {
		a.t.Fatal(err)
	}
	return recorder.Code, answer
}

// must is call for what has to succeed.
func (a *api) must(method, path, body string) map[string]any {
	a.t.Helper()
	status, out := a.call(method, path, body)
	if status != http.StatusOK {
		a.t.Fatalf("%s %s: %d %v", method, path, status, out)
	}
	return out
}

// list is must for an answer that is an array.
func (a *api) list(path string) []map[string]any {
	a.t.Helper()
	status, raw := a.raw("GET", path, "")
	var out []map[string]any
	if err := json.Unmarshal(raw, &out); err != nil || status != http.StatusOK {
		a.t.Fatalf("GET %s: %d %s", path, status, raw)
	}
	return out
}

// corpus returns a file of the reference's test data, and skips the test when there is none.
func corpus(t *testing.T, name string) string {
	t.Helper()
	root := os.Getenv("SEGUE_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "..", "shared", "corpus")
	}
	data, err := os.ReadFile(filepath.Join(root, "maestro", name))
	if err != nil {
		t.Skipf("no corpus: %v", err)
	}
	return string(data)
}

// at walks through objects and arrays.
func at(value any, path ...any) any {
	for _, part := range path {
		switch key := part.(type) {
		case string:
			object, _ := value.(map[string]any)
			value = object[key]
		case int:
			array, _ := value.([]any)
			if key >= len(array) {
				return nil
			}
			value = array[key]
		}
	}
	return value
}

func expect(t *testing.T, what string, got, want any) {
	t.Helper()
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("%s: got %v, want %v", what, got, want)
	}
}

// pass lets time go by, with the sweep that looks after long timers.
func (a *api) pass(d time.Duration) {
	a.t.Helper()
	if err := a.Evaluate.Sweep(a.t.Context(), 0); err != nil {
		a.t.Fatal(err)
	}
	a.Drain(d)
}
