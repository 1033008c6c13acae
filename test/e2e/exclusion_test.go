package e2e

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os/exec"
	"strings"
	"sync"
	"testing"
)

// exclusion is both services of the example: the list, which changes while the run goes on, and the messages.
type exclusion struct {
	mu       sync.Mutex
	excluded map[string]bool
	asked    []string
	sent     map[string]int
	wrong    []string // sent to a player whose newest answer was not that he is free
	free     map[string]bool
}

func (e *exclusion) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	defer e.mu.Unlock()
	player := strings.TrimPrefix(r.URL.Path, "/players/")
	if r.Method == http.MethodPost {
		if e.sent[player]++; !e.free[player] {
			e.wrong = append(e.wrong, player)
		}
		e.free[player] = false // an answer is good for one message
		return
	}
	e.asked = append(e.asked, player)
	switch len(e.asked) {
	case 4: // from here on two who have not been asked are excluded, and one no more
		e.excluded["kira"], e.excluded["leo"], e.excluded["ida"] = true, true, false
	case 6:
		http.Error(w, "free", http.StatusBadRequest) // no answer, whatever it says
		e.free[player] = false
		return
	}
	if e.free[player] = !e.excluded[player]; e.excluded[player] {
		_, _ = fmt.Fprint(w, "excluded")
		return
	}
	_, _ = fmt.Fprint(w, "free")
}

// TestNobodyWhoExcludedHimselfGetsAMessage: the list is asked right before each message, so a change counts at once.
func TestNobodyWhoExcludedHimselfGetsAMessage(t *testing.T) {
	t.Parallel()
	e := &exclusion{excluded: map[string]bool{"bert": true, "ida": true}, sent: map[string]int{}, free: map[string]bool{}}
	server := httptest.NewServer(e)
	defer server.Close()
	out, err := exec.Command("segue", "run", "../../examples/self-exclusion.json", "--http-allow", "127.0.0.1",
		"--param", "exclusion_list="+server.URL, "--param", "messages="+server.URL).CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	if len(e.asked) != 12 || len(e.wrong) > 0 {
		t.Errorf("asked about %v; sent to %v although they were not free", e.asked, e.wrong)
	}
	refused := e.asked[5]
	for _, player := range e.asked {
		want := 1
		if player == "bert" || player == "kira" || player == "leo" || player == refused {
			want = 0
		}
		if e.sent[player] != want {
			t.Errorf("%s got %d messages, want %d\n%s", player, e.sent[player], want, out)
		}
	}
}
