package localstack

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/localstack/host"
	"github.com/segue-workflows/segue/shared/workflow"
)

// goTest runs tests of another package with more variables, and fails when they do, or when none ran.
func goTest(t *testing.T, run, pkg string, variables ...string) {
	t.Helper()
	command := exec.Command("go", "test", "-count=1", "-v", "-timeout", "6m", "-run", run, pkg)
	command.Dir = module
	command.Env = append(os.Environ(), append(variables, "SEGUE_REQUIRE_EMULATORS=1")...)
	out, err := command.CombinedOutput()
	if text := string(out); err != nil || !strings.Contains(text, "--- PASS") {
		t.Errorf("%v\n%s", err, text[max(0, len(text)-8_000):])
	}
}

// TestOnWorkingEmulators runs what needs the emulators at work; only then are they stopped. The contracts come first and
// alone: their writers race each other, and an emulator that others keep busy answers them too late.
func TestOnWorkingEmulators(t *testing.T) {
	t.Run("Contracts", testContracts)
	t.Run("Stories", testStories)
	t.Run("SameStates", testSameStates)
	t.Run("TenDeliveries", testTenDeliveries)
	t.Run("LongChains", testLongChains)
	t.Run("RecursionIsStopped", testRecursionIsStopped)
	t.Run("KilledProcesses", testKilledProcesses)
	t.Run("Burst", testBurst)
	t.Run("Worker", testWorker)
	t.Run("Parked", testParked)
	t.Run("StoredSchedules", testStoredSchedules)
	t.Run("Signals", testSignals)
	t.Run("Events", testEvents)
	t.Run("EventsOfKilledProcesses", testEventsOfKilledProcesses)
}

func testContracts(t *testing.T) {
	need(t)
	goTest(t, "^(TestDynamoDBStore|TestSQSQueue)$", "./test/contract", "SEGUE_DYNAMODB="+localStack.address, "SEGUE_SQS="+localStack.address)
}

// testStories tells every story to the HTTP API of the stack.
func testStories(t *testing.T) {
	need(t)
	t.Parallel()
	h, _ := open(t, nil)
	goTest(t, "^TestStories$", "./test/e2e", "SEGUE_STORY_URL="+h.Address())
}

// testSameStates runs every definition of the stories and the examples, also those that stories run without a server.
func testSameStates(t *testing.T) {
	need(t)
	t.Parallel()
	_, c := open(t, nil)
	same(t, c)
}

// testTenDeliveries hands every batch over ten times, as many at once as there are copies.
func testTenDeliveries(t *testing.T) {
	need(t)
	t.Parallel()
	_, c := open(t, func(o *host.Options) { o.Deliveries = 10 })
	same(t, c)
}

// chain is a workflow of jobs one after the other, of which any number runs at once.
func chain(id string, steps int) string {
	var text []string
	for i := range steps {
		next := ""
		if i < steps-1 {
			next = fmt.Sprintf(`, "transition": {"successors": {"job-%d": "true"}}`, i+1)
		}
		text = append(text, fmt.Sprintf(`{"step": {"id": "job-%d", "type": "Echo"%s}}`, i, next))
	}
	return fmt.Sprintf(`{"properties": {"owner": "teller", "run_strategy": {"rule": "PARALLEL", "workflow_concurrency": 1000}},
 "workflow": {"id": %q, "steps": [%s]}}`, id, strings.Join(text, ","))
}

// startAll pushes a definition and starts instances of it.
func startAll(t *testing.T, c *client.Client, text string, instances int) []workflow.RunKey {
	t.Helper()
	pushed, err := c.Push(t.Context(), []byte(text), false)
	if err != nil {
		t.Fatal(err)
	}
	keys := make([]workflow.RunKey, instances)
	var group errgroup.Group
	group.SetLimit(4)
	for i := range keys {
		group.Go(func() error {
			started, err := c.Start(context.Background(), pushed.Metadata.WorkflowID, "active", client.Start{})
			if err == nil {
				keys[i] = workflow.RunKey{Workflow: started.WorkflowID, Instance: started.Instance, Run: started.Run}
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return keys
}

// allSucceed waits for the end of all runs.
func allSucceed(t *testing.T, c *client.Client, keys []workflow.RunKey) {
	t.Helper()
	var group errgroup.Group
	group.SetLimit(4)
	for _, key := range keys {
		group.Go(func() error {
			run, err := await(t.Context(), c, key)
			if err == nil && run.Status != workflow.InstanceSucceeded {
				return fmt.Errorf("%s ended as %s", key, run.Status)
			}
			return err
		})
	}
	if err := group.Wait(); err != nil {
		t.Error(err)
	}
}

// testLongChains goes on for far more invocations than Lambda lets a chain have unless the function allows it.
func testLongChains(t *testing.T) {
	need(t)
	t.Parallel()
	_, c := open(t, nil)
	allSucceed(t, c, startAll(t, c, chain("long", 250), 20))
}

// testRecursionIsStopped runs the stack as if nobody had allowed recursion: a chain of timers is one lineage of events,
// and dropped. It shows that the lineage really travels through functions and queues.
func testRecursionIsStopped(t *testing.T) {
	need(t)
	t.Parallel()
	log := &watched{want: "dropped, the event's lineage", seen: make(chan struct{})}
	_, c := open(t, func(o *host.Options) {
		allowed := bytes.Count(o.Template, []byte(`"RecursiveLoop": "Allow"`))
		if allowed == 0 {
			t.Error("no function of the stack allows recursion")
		}
		o.Template, o.Log = bytes.ReplaceAll(o.Template, []byte(`"RecursiveLoop": "Allow"`), []byte(`"RecursiveLoop": "Terminate"`)), log
	})
	nap := `"type": "Sleep", "params": {"sleep_seconds": {"type": "LONG", "value": 1}}`
	startAll(t, c, strings.ReplaceAll(chain("recursive", 40), `"type": "Echo"`, nap), 1)
	select {
	case <-log.seen:
	case <-time.After(allEnd):
		t.Error("after 40 timers nothing was dropped")
	}
}

// watched is a log that is waited for.
type watched struct {
	mu   sync.Mutex
	want string
	seen chan struct{} // closed when the log has what is wanted
}

func (w *watched) Write(data []byte) (int, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.want != "" && bytes.Contains(data, []byte(w.want)) {
		w.want = ""
		close(w.seen)
	}
	return len(data), nil
}

// testKilledProcesses kills functions while they work on batches. Claims and hidden messages hold for up to a minute.
func testKilledProcesses(t *testing.T) {
	need(t)
	t.Parallel()
	h, c := open(t, nil)
	keys := startAll(t, c, chain("killed", 60), 20)
	kills := 0
	ticker := time.NewTicker(150 * time.Millisecond)
	defer ticker.Stop()
	for deadline := time.Now().Add(30 * time.Second); kills < 5 && time.Now().Before(deadline); <-ticker.C {
		if h.Kill("functions/dispatch") {
			kills++
		}
	}
	if kills == 0 {
		t.Error("no process could be killed at work: make the runs longer")
	}
	t.Logf("%d processes killed", kills)
	allSucceed(t, c, keys)
}

// TestStoppedEmulators stops both emulators for twenty seconds in the middle of the work. It does not run beside others.
func TestStoppedEmulators(t *testing.T) {
	need(t)
	_, c := open(t, nil)
	keys := startAll(t, c, chain("stopped", 60), 20)
	open := 0
	for _, key := range keys {
		if run, err := c.LoadRun(t.Context(), key); err == nil && !run.Status.Terminal() {
			open++
		}
	}
	if open == 0 {
		t.Error("all runs have ended before the stop: make them longer")
	}
	both := []*emulator{dynamoDB, localStack}
	for _, e := range both {
		e.signal(syscall.SIGSTOP)
	}
	<-time.After(20 * time.Second)
	for _, e := range both {
		e.signal(syscall.SIGCONT)
	}
	allSucceed(t, c, keys)
}
