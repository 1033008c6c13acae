package localstack

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/localstack/host"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

const (
	account  = 100 // functions that run at once, all together
	jobLimit = 20  // jobs of Http steps that execute at once
	jobTime  = 100 * time.Millisecond
	together = 10 * time.Second // that the first ones wait for each other at most
)

// shares are how many batches of a queue a stack with -c accountConcurrency=100 lets be at work at once, by the number
// without.
var shares = map[float64]int{100: 47, 50: 24, 20: 11, 5: 4, 2: 2}

// burst is how many steps become ready at once: 100, or what SEGUE_BURST says.
func burst(t *testing.T) int {
	t.Helper()
	text := os.Getenv("SEGUE_BURST")
	if text == "" {
		return 100
	}
	n, err := strconv.Atoi(text)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

// counter is a service that jobs call. It knows who called, and how many at once. It keeps the first ones until as many
// have come as may.
type counter struct {
	mu        sync.Mutex
	now, most int
	calls     map[string]int // by path
	full      chan struct{}  // closed when as many are there at once as may
}

func (c *counter) ServeHTTP(_ http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	c.now++
	if c.now > c.most {
		if c.most = c.now; c.most == jobLimit {
			close(c.full)
		}
	}
	c.calls[r.URL.Path]++
	c.mu.Unlock()
	select {
	case <-c.full:
	case <-time.After(together):
	}
	<-time.After(jobTime)
	c.mu.Lock()
	c.now--
	c.mu.Unlock()
}

// narrow changes a template as the options for an account's concurrency and for the concurrency of Http steps do, and
// lets those reach a service of this machine.
func narrow(t *testing.T, text []byte, variables map[string]string) []byte {
	t.Helper()
	var whole map[string]any
	if err := json.Unmarshal(text, &whole); err != nil {
		t.Fatal(err)
	}
	resources, _ := whole["Resources"].(map[string]any)
	mappings := 0
	for _, value := range resources {
		resource, _ := value.(map[string]any)
		properties, _ := resource["Properties"].(map[string]any)
		switch resource["Type"] {
		case "AWS::Lambda::EventSourceMapping":
			if scaling, ok := properties["ScalingConfig"].(map[string]any); ok {
				most, _ := scaling["MaximumConcurrency"].(float64)
				if scaling["MaximumConcurrency"] = shares[most]; shares[most] == 0 {
					t.Fatalf("no share of the account is known for %v batches", most)
				}
				mappings++
			}
		case "AWS::Lambda::Function":
			environment, _ := properties["Environment"].(map[string]any)
			own, _ := environment["Variables"].(map[string]any)
			for name, value := range variables {
				own[name] = value
			}
		}
	}
	if mappings != 5 {
		t.Fatalf("%d queues feed functions", mappings)
	}
	out, err := json.Marshal(whole)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// testBurst lets many steps become ready at once, in an account whose concurrency the shares of the queues fit into: the
// jobs that execute at once are never more than the deployment allows, no receive is throttled, no message becomes a dead
// letter, and all end.
func testBurst(t *testing.T) {
	need(t)
	t.Parallel()
	n := burst(t)
	service := &counter{calls: map[string]int{}, full: make(chan struct{})}
	server := httptest.NewServer(service)
	t.Cleanup(server.Close)
	_, port, err := net.SplitHostPort(server.Listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	h, c := open(t, func(o *host.Options) {
		o.Copies, o.Account = account, account
		o.Template = narrow(t, o.Template, map[string]string{
			wire.HTTPAllow: "127.0.0.1:" + port, wire.Concurrency: fmt.Sprintf("Http=%d", jobLimit)})
	})
	pushed, err := c.Push(t.Context(), fmt.Appendf(nil, `{"properties": {"owner": "teller"}, "workflow": {"id": "burst", "steps": [
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
	patience := allEnd + time.Duration(n)*100*time.Millisecond
	run, err := awaitFor(t.Context(), c, workflow.RunKey{Workflow: started.WorkflowID, Instance: started.Instance, Run: started.Run}, patience)
	if err != nil {
		t.Fatal(err)
	}
	most, throttled := h.Load()
	t.Logf("%d jobs took %v, at most %d at once, in %d invocations, at most %d at once",
		n, time.Since(began).Round(time.Second), service.most, h.Invocations(), most)
	if run.Status != workflow.InstanceSucceeded || len(service.calls) != n {
		t.Errorf("the run is %s, and %d jobs of %d ran", run.Status, len(service.calls), n)
	}
	if service.most != jobLimit {
		t.Errorf("%d jobs executed at once, want %d", service.most, jobLimit)
	}
	if throttled != 0 {
		t.Errorf("%d receives were throttled in an account of %d", throttled, account)
	}
	if letters, err := c.DeadLetters(t.Context(), ""); err != nil || len(letters.Letters)+len(letters.Parked) != 0 || h.Received("DeadLetterQueue") != 0 {
		t.Errorf("dead letters: %+v, %v; %d messages were given up", letters, err, h.Received("DeadLetterQueue"))
	}
}
