package localstack

import (
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/localstack/host"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

const poisonLimit = 2 // failed deliveries of an attempt, each of which takes as long as a claim holds

// killer is a service that jobs call. Whoever calls it for the poison dies.
type killer struct {
	poison string      // path
	kill   func() bool // the function that calls

	mu     sync.Mutex
	calls  map[string]int // by path
	deaths []string       // the failed deliveries that the poison came with
}

func (k *killer) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	k.mu.Lock()
	defer k.mu.Unlock()
	k.calls[r.URL.Path]++
	if r.URL.Path == k.poison && k.kill() {
		k.deaths = append(k.deaths, r.Header.Get("Segue-Failed-Deliveries"))
	}
}

// testPoison has one job among many that kills the function which calls it, each time. All others end well. It is called
// as often as the deployment allows, is told how often that failed, fails as the platform's error with the reason, and is
// set aside once.
func testPoison(t *testing.T) {
	need(t)
	t.Parallel()
	n := burst(t)
	service := &killer{poison: fmt.Sprint("/", n/2), calls: map[string]int{}}
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	h, c := open(t, func(o *host.Options) {
		o.Copies = 1 // so that who is killed is who called
		o.Template = narrow(t, o.Template, map[string]string{
			wire.HTTPAllow: "127.0.0.1:" + port, wire.DeliveryLimit: fmt.Sprint(poisonLimit)})
	})
	service.kill = func() bool { return h.Kill("functions/dispatch") }
	pushed, err := c.Push(t.Context(), fmt.Appendf(nil, `{"properties": {"owner": "teller"}, "workflow": {"id": "poisoned", "steps": [
 {"foreach": {"id": "each", "params": {"loop_params": {"type": "MAP", "value": {"n": {"type": "LONG_ARRAY", "expression": "Util.intsBetween(0, %d, 1)"}}}},
  "steps": [{"step": {"id": "call", "type": "Http", "params": {"http": {"type": "MAP", "value": {
   "url": {"type": "STRING", "value": %q}}}}}}]}}]}}`, n, server.URL+"/${n}"), false)
	if err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	started, err := c.Start(t.Context(), pushed.Metadata.WorkflowID, "active", client.Start{})
	if err != nil {
		t.Fatal(err)
	}
	key := workflow.RunKey{Workflow: started.WorkflowID, Instance: started.Instance, Run: started.Run}
	run, err := awaitFor(t.Context(), c, key, allEnd+time.Duration(n)*200*time.Millisecond)
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%d jobs and the poison took %v, in %d invocations", n-1, time.Since(began).Round(time.Second), h.Invocations())
	if run.Status != workflow.InstanceFailed || len(service.calls) != n {
		t.Errorf("the run is %s, and %d jobs of %d were called", run.Status, len(service.calls), n)
	}
	if want := []string{"", "1"}; !slices.Equal(service.deaths, want) || service.calls[service.poison] != poisonLimit {
		t.Errorf("the poison was called %d times, with %q failed deliveries, want %q", service.calls[service.poison], service.deaths, want)
	}
	if leaves := run.Leaves(); leaves["SUCCEEDED"] != int64(n)-1 || leaves["FATALLY_FAILED"] != 1 {
		t.Errorf("of %d: %v", n, leaves)
	}
	setAside(t, c)
}

// setAside expects the attempt of the poison to be the one dead letter, and its timeline to say why. No message is given up.
func setAside(t *testing.T, c *client.Client) {
	t.Helper()
	letters, err := c.DeadLetters(t.Context(), "")
	if err != nil || len(letters.Letters) != 1 || len(letters.Parked) != 0 {
		t.Fatalf("set aside: %+v, %v", letters, err)
	}
	letter := letters.Letters[0]
	reason := fmt.Sprintf("platform error: the delivery limit of %d is reached", poisonLimit)
	if letter.Step != "call" || letter.Attempt != 1 || letter.Failures != poisonLimit || !strings.Contains(letter.Reason, reason) {
		t.Errorf("set aside: %+v", letter)
	}
	attempt, err := c.Attempt(t.Context(), workflow.RunKey{Workflow: letter.Workflow, Instance: letter.Instance, Run: letter.Run}, letter.Step)
	if err != nil || !slices.ContainsFunc(attempt.Timeline, func(e workflow.Event) bool { return strings.HasPrefix(e.Message, reason) }) {
		t.Errorf("its attempt: %+v, %v", attempt, err)
	}
}
