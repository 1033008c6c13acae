package cli

import (
	"bytes"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/local"
)

const lettersAndParked = `{"dead_letters": [{"id": "w:1:1:s:1", "status": "FATALLY_FAILED", "failed_deliveries": 20, "time": 1767323045000}],
 "parked": [{"id": "m-1", "kind": "steps", "about": "w:3:1", "reason": "50 receives", "time": 1767323045000, "bytes": 90, "redrivable": true},
  {"id": "m-2", "kind": "unknown", "about": "", "reason": "no hint", "time": 1767323045000, "bytes": 7}], "more": true}`

// TestParkedMessagesAreShownBesideDeadLetters: and all are acted on, but only those that can be are redriven.
func TestParkedMessagesAreShownBesideDeadLetters(t *testing.T) {
	var acted []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodGet {
			_, _ = io.WriteString(w, lettersAndParked)
			return
		}
		parts := strings.Split(r.URL.Path, "/dead-letters/")
		acted = append(acted, parts[len(parts)-1])
		_, _ = io.WriteString(w, `{"done": true, "message": "done"}`)
	}))
	defer server.Close()
	call := func(args ...string) string {
		acted = nil
		var out bytes.Buffer
		s := &session{name: "segue", out: &out, errs: &out, env: func(string) string { return "" }, clock: local.SystemClock{}}
		if code := s.run(t.Context(), append([]string{"dead-letters", "--url", server.URL, "--user", "ada"}, args...)); code != exitOK {
			t.Fatalf("%v: exit %d, %s", args, code, out.String())
		}
		return out.String()
	}
	want := `w:1:1:s:1  2026-01-02T03:04:05Z  FATALLY_FAILED after 20 failed deliveries
m-1  2026-01-02T03:04:05Z  steps w:3:1, 90 bytes: 50 receives
m-2  2026-01-02T03:04:05Z  unknown , 7 bytes: no hint
and more
`
	if got := call("list"); got != want {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	call("redrive", "--all")
	if got := strings.Join(acted, " "); got != "w:1:1:s:1/actions/redrive m-1/actions/redrive" {
		t.Error("redriven:", got)
	}
	call("drop", "--all")
	if got := strings.Join(acted, " "); got != "w:1:1:s:1/actions/drop m-1/actions/drop m-2/actions/drop" {
		t.Error("dropped:", got)
	}
}
