package rest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/store"
)

func steps(n int, one func(i int) string) string {
	var out []string
	for i := range n {
		out = append(out, one(i))
	}
	return strings.Join(out, ",")
}

func workflowWith(steps string) string {
	return `{"properties": {"owner": "tester"}, "workflow": {"id": "wf", "steps": [` + steps + `]}}`
}

func noop(id, rest string) string {
	return fmt.Sprintf(`{"step": {"id": %q, "type": "NoOp"%s}}`, id, rest)
}

// badPushes are bodies that no push may take. The word is one that the answer must say.
var badPushes = map[string]struct{ body, word string }{
	"empty":                {"", "line 1"},
	"10 MB string":         {`{"workflow": {"id": "` + strings.Repeat("x", 10<<20) + `"}}`, "262144"},
	"malformed":            {`{"workflow": {"id": "wf",`, "line 1"},
	"two documents":        {workflowWith(noop("a", "")) + "{}", "line 1"},
	"an array":             {`[]`, "object"},
	"null":                 {`null`, "object"},
	"NUL":                  {workflowWith(noop("a\x00", "")), ""},
	"escaped NUL in an id": {strings.Replace(workflowWith(noop("a", "")), `"wf"`, `"w\u0000f"`, 1), "NUL"},
	"invalid UTF-8":        {workflowWith(noop("a", `, "name": "`+"\xff\xfe"+`"`)), "UTF-8"},
	"cycle":                {workflowWith(noop("a", `, "transition": {"successors": {"b": "true"}}`) + "," + noop("b", `, "transition": {"successors": {"a": "true"}}`)), "cycle"},
	"self":                 {workflowWith(noop("a", `, "transition": {"successors": {"a": "true"}}`)), "cycle"},
	"301 steps":            {workflowWith(steps(301, func(i int) string { return noop(fmt.Sprint("s", i), "") })), "300"},
	"duplicate ids":        {workflowWith(noop("a", "") + "," + noop("a", "")), "already used"},
	"duplicate keys":       {`{"workflow": {"id": "wf", "id": "wf", "steps": []}}`, "twice"},
	"depth bomb of arrays": {strings.Repeat("[", 100_000), "deep"},
	"depth bomb of keys":   {strings.Repeat(`{"a":`, 20_000), "deep"},
	"depth bomb in extras": {`{"x": ` + strings.Repeat("[", 50_000) + strings.Repeat("]", 50_000) + `, "workflow": {"id": "wf"}}`, "deep"},
	"deep expression":      {workflowWith(noop("a", `, "params": {"x": {"type": "LONG", "expression": "`+strings.Repeat("(", 5000)+"1"+strings.Repeat(")", 5000)+`"}}`)), "params.x"},
	"no steps":             {workflowWith(""), "steps"},
	"reserved id":          {strings.Replace(workflowWith(noop("a", "")), `"wf"`, `"maestro_wf"`, 1), "maestro_"},
	"path in an id":        {strings.Replace(workflowWith(noop("a", "")), `"wf"`, `"../wf"`, 1), "workflow id"},
	"unknown field":        {workflowWith(noop("a", `, "colour": 1`)), "colour"},
	"no owner":             {`{"workflow": {"id": "wf", "steps": [` + noop("a", "") + `]}}`, "owner"},
	"tags in a push":       {strings.Replace(workflowWith(noop("a", "")), `"owner": "tester"`, `"owner": "tester", "tags": ["x"]`, 1), "tag"},
	"dry run":              {strings.Replace(workflowWith(noop("a", "")), `"steps"`, `"params": {"x": {"type": "LONG", "expression": "nobody + 1"}}, "steps"`, 1), "nobody"},
}

func TestBadPushIsOneClear400AndNothingIsStored(t *testing.T) {
	for name, c := range badPushes {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t, nil)
			status, answer := a.call("POST", "/workflows", c.body)
			text := fmt.Sprint(answer)
			if status != http.StatusBadRequest || answer["status"] != "BAD_REQUEST" || answer["retryable"] != false {
				t.Errorf("%d %.300s", status, text)
			}
			if !strings.Contains(text, c.word) || len(text) > 20_000 {
				t.Errorf("the answer does not say %q (or says too much, %d bytes): %.600s", c.word, len(text), text)
			}
			a.nothingStored()
		})
	}
}

func (a *api) nothingStored() {
	a.t.Helper()
	changes, _, err := a.Store.Next(a.t.Context(), "")
	if err != nil || len(changes) > 0 {
		a.t.Errorf("%d items were stored: %v %v", len(changes), keys(changes), err)
	}
}

func keys(changes []store.Change) (out []store.Key) {
	for _, c := range changes {
		out = append(out, c.Key)
	}
	return out
}

func TestValidateStoresNothing(t *testing.T) {
	a := newAPI(t, nil)
	event := a.must("PUT", "/workflows/actions/validate", workflowWith(noop("a", "")))
	expect(t, "type", event["type"], "ACTION")
	expect(t, "action", event["action"], "VALIDATE")
	status, _ := a.call("PUT", "/workflows/actions/validate", badPushes["dry run"].body)
	expect(t, "a bad one", status, http.StatusBadRequest)
	a.nothingStored()
}

func TestBadStart(t *testing.T) {
	for name, c := range map[string]struct {
		version, body string
		status        int
	}{
		"empty":             {"active", "", 400},
		"malformed":         {"active", `{"initiator"`, 400},
		"unknown field":     {"active", `{"initiatr": {}}`, 400},
		"unknown initiator": {"active", `{"initiator": {"type": "foreach"}}`, 400},
		"version text":      {"newest", `{"initiator": {"type": "manual"}}`, 400},
		"version 0":         {"0", `{"initiator": {"type": "manual"}}`, 400},
		"version unknown":   {"2", `{"initiator": {"type": "manual"}}`, 404},
		"param type":        {"active", `{"run_params": {"p": {"type": "STRING", "value": [1]}}}`, 400},
		"param fails":       {"active", `{"run_params": {"p": {"type": "LONG", "expression": "nobody"}}}`, 400},
		"immutable param":   {"active", `{"run_params": {"fixed": {"type": "LONG", "value": 2}}}`, 400},
		"disabled trigger":  {"active", `{"initiator": {"type": "time", "trigger_uuid": "u", "trigger_time": 1}}`, 422},
	} {
		t.Run(name, func(t *testing.T) {
			a := newAPI(t, nil)
			a.must("POST", "/workflows", `{"properties": {"owner": "x", "time_trigger_disabled": true}, "workflow": {"id": "wf",
				"params": {"fixed": {"type": "LONG", "value": 1, "mode": "CONSTANT"}}, "steps": [`+noop("a", "")+`]}}`)
			status, answer := a.call("POST", "/workflows/wf/versions/"+c.version+"/actions/start", c.body)
			if status != c.status {
				t.Errorf("%d %v", status, answer)
			}
			if status, _ := a.call("GET", "/workflows/wf/instances/1", ""); status != http.StatusNotFound {
				t.Errorf("the refused start left an instance: %d", status)
			}
		})
	}
}

func TestPathsAndMethods(t *testing.T) {
	a := newAPI(t, nil)
	a.must("POST", "/workflows", workflowWith(noop("a.b", "")))
	a.must("POST", "/workflows/wf/versions/active/actions/start", `{}`)
	for _, c := range []struct {
		method, path string
		status       int
	}{
		{"GET", "/nothing", 404},
		{"GET", "/workflows/nobody/overview", 404},
		{"GET", "/workflows/w%2Ff/overview", 404},
		{"GET", "/workflows/w%00f/overview", 404},
		{"GET", "/workflows/" + strings.Repeat("x", 2000) + "/overview", 404},
		{"PATCH", "/workflows", 405},
		{"POST", "/workflows/wf/overview", 405},
		{"HEAD", "/workflows/wf/overview", 200},
		{"GET", "/workflows/wf/overview?nobody=knows", 200},
		{"GET", "/workflows/wf/instances/1", 200},
		{"GET", "/workflows/wf/instances/2", 404},
		{"GET", "/workflows/wf/instances/0", 400},
		{"GET", "/workflows/wf/instances/x", 400},
		{"GET", "/workflows/wf/instances/99999999999999999999", 400},
		{"GET", "/workflows/wf/instances/1/runs/latest", 200},
		{"GET", "/workflows/wf/instances/1/runs/1", 200},
		{"GET", "/workflows/wf/instances/1/runs/2", 404},
		{"GET", "/workflows/wf/instances/1?enriched=perhaps", 400},
		{"GET", "/workflows/wf/instances/1/inline-path", 200},
		{"GET", "/workflows/wf/instances/1/steps/a.b", 200},
		{"GET", "/workflows/wf/instances/1/steps/a", 404},
		{"GET", "/workflows/wf/instances/1/runs/1/steps", 200},
		{"GET", "/workflows/wf/instances/1/runs/1/steps/a.b/attempts/1", 200},
		{"GET", "/workflows/wf/instances/1/runs/1/steps/a.b/attempts/latest", 200},
		{"GET", "/workflows/wf/instances/1/runs/1/steps/a.b/attempts/2", 404},
		{"GET", "/workflows/wf/instances", 400},
		{"GET", "/workflows/wf/instances?first=1&last=1", 400},
		{"GET", "/workflows/wf/instances?first=201", 400},
		{"GET", "/workflows/wf/instances?first=200", 200},
		{"GET", "/workflows/wf/instances?first=1&cursor=x", 400},
		{"GET", "/workflows/wf/versions/pagination?first=1", 200},
		{"GET", "/workflows/wf/versions/2", 404},
		{"GET", "/workflows/wf/properties-snapshot/latest", 200},
		{"GET", "/workflows/wf/properties-snapshot/1", 400},
		{"GET", "/workflows/instances/action-map", 200},
		{"GET", "/workflows/steps/instances/action-map", 200},
		{"GET", "/signals", 405}, {"GET", "/signals/a/instances/0", 400}, {"GET", "/signals/a/instances/latest", 404},
		{"GET", "/workflows/wf/instances/1/lineage?hops=9", 400},
	} {
		status, answer := a.raw(c.method, c.path, "")
		if status != c.status {
			t.Errorf("%s %.80s: %d, want %d: %.200s", c.method, c.path, status, c.status, answer)
		}
	}
}

func TestMutatingCallsNeedACaller(t *testing.T) {
	a := newAPI(t, nil)
	for _, path := range []string{"POST /workflows", "POST /workflows/yaml", "PUT /workflows/actions/validate", "POST /workflows/wf/properties",
		"DELETE /workflows/wf", "PUT /workflows/wf/actions/deactivate", "POST /workflows/wf/versions/1/actions/start"} {
		method, path, _ := strings.Cut(path, " ")
		for _, user := range []string{"", strings.Repeat("x", 300), "\xff"} {
			request := httptest.NewRequest(method, "/api/v3"+path, strings.NewReader(workflowWith(noop("a", ""))))
			request.Header.Set("user", user)
			recorder := httptest.NewRecorder()
			a.handler.ServeHTTP(recorder, request)
			if recorder.Code != http.StatusBadRequest || !strings.Contains(recorder.Body.String(), "header") {
				t.Errorf("%s %s as %.10q: %d %s", method, path, user, recorder.Code, recorder.Body)
			}
		}
	}
	a.nothingStored()
}

func TestHealthAndHeaders(t *testing.T) {
	a := newAPI(t, nil)
	recorder := httptest.NewRecorder()
	a.handler.ServeHTTP(recorder, httptest.NewRequest("GET", "/healthz", nil))
	body, _ := io.ReadAll(recorder.Body)
	expect(t, "body", strings.TrimSpace(string(body)), `{"status":"ok","version":"test"}`)
	expect(t, "type", recorder.Header().Get("Content-Type"), "application/json")
	expect(t, "sniffing", recorder.Header().Get("X-Content-Type-Options"), "nosniff")
	expect(t, "other origins", recorder.Header().Get("Access-Control-Allow-Origin"), "")

	recorder = httptest.NewRecorder()
	a.handler.ServeHTTP(recorder, httptest.NewRequest("PATCH", "/api/v3/workflows", nil))
	expect(t, "allow", recorder.Header().Get("Allow"), "POST")
}

// Ids that no workflow can have never come near a key, and a body is not read beyond its limit even where nobody looks at it.
func TestEdgesOfTheEdge(t *testing.T) {
	a := newAPI(t, nil)
	for _, id := range []string{"w%2Ff", "w%00f", "%FF", "-x", strings.Repeat("x", 300)} {
		_, answer := a.call("GET", "/workflows/"+id+"/overview", "")
		expect(t, id, answer["message"], "there is no workflow of that id")
	}
	a.must("POST", "/workflows", workflowWith(noop("a", "")))
	status, answer := a.call("PUT", "/workflows/wf/actions/deactivate", strings.Repeat("x", 10<<20))
	expect(t, "10 MB for nothing", status, http.StatusBadRequest)
	expect(t, "message", answer["message"], "the body is longer than 262144 bytes")
}
