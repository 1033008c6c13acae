package rest_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/rest"
)

var placeholder = regexp.MustCompile(`\{[a-z]+\}`)

var (
	pathValues = []string{"wf", "a", "a.b", "1", "2", "latest", "active", "0", "-1", "9223372036854775808", "x/y", "\x00", "\xff", "%", "~", " ",
		"maestro_foreach_x", strings.Repeat("9", 400), "../wf", "."}
	queries = []string{"", "first=3", "last=3", "first=3&cursor=2", "first=0", "first=-9223372036854775808", "last=3&cursor=9223372036854775807",
		"enriched=false", "aggregated=no", "first=%00", "%zz", "aggregated=false&enriched=0"}
	bodies = []string{"", "{}", "[]", "null", `"x"`, `{"name": "t"}`, `{"owner": "x"}`, `{"run_strategy": 3}`, `{"run_params": {}}`, "a: b", "\xff", "{",
		`{"initiator": {"type": "signal"}}`, `{"request_id": "r"}`}
)

// Whatever is asked, the answer is JSON, and nothing is ever our fault.
func TestNoRequestIsOurFault(t *testing.T) {
	a := newAPI(t, nil)
	pushed := workflowWith(noop("a.b", ""))
	rapid.Check(t, func(rt *rapid.T) {
		method, path, _ := strings.Cut(rapid.SampledFrom(rest.Routes()).Draw(rt, "route"), " ")
		if rapid.IntRange(0, 9).Draw(rt, "other method") == 0 {
			method = rapid.SampledFrom([]string{"GET", "HEAD", "PUT", "PATCH", "OPTIONS", "TRACE"}).Draw(rt, "method")
		}
		path = placeholder.ReplaceAllStringFunc(path, func(string) string {
			return url.PathEscape(rapid.SampledFrom(pathValues).Draw(rt, "value"))
		})
		body := rapid.SampledFrom(append([]string{pushed}, bodies...)).Draw(rt, "body")
		request := httptest.NewRequest(method, path+"?"+rapid.SampledFrom(queries).Draw(rt, "query"), strings.NewReader(body))
		request.Header.Set("user", "tester")
		recorder := httptest.NewRecorder()
		a.handler.ServeHTTP(recorder, request)
		redirected := recorder.Code >= 300 && recorder.Code < 400 // the mux cleans paths
		if recorder.Code >= http.StatusInternalServerError || !redirected && !json.Valid(recorder.Body.Bytes()) {
			rt.Fatalf("%s %s with %q: %d %s", method, request.URL, body, recorder.Code, recorder.Body)
		}
	})
}
