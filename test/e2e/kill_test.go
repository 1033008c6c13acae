package e2e

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/embedded"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/workflow"
)

// killed has steps of both kinds: two go the whole way of a job, under a claim, and two wait for their time.
const killed = `{"properties": {"owner": "teller", "run_strategy": {"rule": "PARALLEL", "workflow_concurrency": 1000}},
 "workflow": {"id": "killed", "steps": [
  {"step": {"id": "job", "type": "Echo", "transition": {"successors": {"nap": "true", "beside": "true"}}}},
  {"step": {"id": "nap", "type": "Sleep", "params": {"sleep_seconds": {"type": "LONG", "value": 2}}, "transition": {"successors": {"again": "true"}}}},
  {"step": {"id": "beside", "type": "Sleep", "params": {"sleep_seconds": {"type": "LONG", "value": 1}}, "transition": {"successors": {"last": "true"}}}},
  {"step": {"id": "again", "type": "Echo", "transition": {"successors": {"last": "true"}}}},
  {"step": {"id": "last", "type": "NoOp"}}]}}`

const (
	killedSteps = 5
	killedRuns  = 200
	starters    = 24               // clients at once
	allEnd      = 90 * time.Second // claims of a killed process hold for 30 s
)

// TestKill kills a server twice with SIGKILL, while it admits runs and while they are under way. Every start that
// was answered must have its run, every run must end, and no outcome may be recorded twice.
func TestKill(t *testing.T) {
	if testing.Short() {
		t.Skip("skipped: killing servers takes a minute")
	}
	dir := t.TempDir()

	s := serveIn(t, dir)
	if _, err := s.client.Push(t.Context(), []byte(killed), false); err != nil {
		t.Fatal(err)
	}
	answered := s.startAll(t, killedRuns/2, s.kill)
	s = serveIn(t, dir)
	instances := s.startAll(t, 0, nil)
	for request, instance := range answered {
		if instances[request] != instance {
			t.Errorf("request %s was answered with instance %d, and after the crash with %d", request, instance, instances[request])
		}
	}
	distinct(t, instances)

	if ended := s.await(t, "some runs ended", func(ended int) bool { return ended > 0 }); ended == killedRuns {
		t.Fatal("all runs ended before the server could be killed: make them longer")
	}
	s.kill()
	s = serveIn(t, dir)
	_ = s.await(t, "all runs ended", func(ended int) bool { return ended == killedRuns })
	if overview, err := s.client.Overview(t.Context(), "killed"); err != nil || overview.Latest != killedRuns {
		t.Errorf("%+v (%v), want %d instances: one for each request", overview, err, killedRuns)
	}
	s.stop()
	checkLogs(t, dir)
}

// process is a server in a process of its own.
type process struct {
	client  *client.Client
	command *exec.Cmd
	errs    *bytes.Buffer
	end     func(syscall.Signal)
}

func serveIn(t *testing.T, dir string) *process {
	t.Helper()
	return serveWith(t, nil, "--data", dir)
}

// serveWith starts a server with flags, and variables on top of those of the test.
func serveWith(t *testing.T, variables []string, flags ...string) *process {
	t.Helper()
	p := &process{command: exec.Command("segue", append([]string{"dev", "--addr", "127.0.0.1:0"}, flags...)...), errs: &bytes.Buffer{}}
	p.command.Env = append(os.Environ(), variables...)
	p.command.Stderr = p.errs
	out, err := p.command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.command.Start(); err != nil {
		t.Fatal(err)
	}
	ended := sync.OnceValue(p.command.Wait)
	p.end = func(signal syscall.Signal) {
		_ = p.command.Process.Signal(signal)
		_ = ended()
	}
	t.Cleanup(func() {
		p.kill()
		if text := p.errs.String(); t.Failed() && text != "" {
			t.Log(text)
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	fields := strings.Fields(line)
	if err != nil || len(fields) < 4 {
		p.kill()
		t.Fatalf("the server did not say where it listens: %q %v %s", line, err, p.errs)
	}
	p.client = client.New(fields[3], "teller")
	return p
}

func (p *process) kill() { p.end(syscall.SIGKILL) }
func (p *process) stop() { p.end(syscall.SIGTERM) }

// startAll asks for all runs, each under a request id of its own, and returns the instances that were answered.
// After so many answers it calls then, once.
func (p *process) startAll(t *testing.T, enough int, then func()) map[string]int64 {
	t.Helper()
	var mu sync.Mutex
	answers := map[string]int64{}
	var group errgroup.Group
	group.SetLimit(starters)
	var count atomic.Int64
	for i := range killedRuns {
		group.Go(func() error {
			request := fmt.Sprintf("request-%d", i)
			started, err := p.start(request)
			if unreachable := (*client.Unreachable)(nil); then != nil && errors.As(err, &unreachable) {
				return nil // it was killed
			}
			if err != nil {
				return fmt.Errorf("start %s: %w", request, err)
			}
			mu.Lock()
			answers[request] = started.Instance
			mu.Unlock()
			if count.Add(1) == int64(enough) && then != nil {
				then()
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	return answers
}

// start asks until it gets an answer that is not "try again": under one request id that is safe.
func (p *process) start(request string) (*client.Started, error) {
	for {
		started, err := p.client.Start(context.Background(), "killed", "active", client.Start{RequestID: request})
		if refused := (*client.Refused)(nil); !errors.As(err, &refused) || refused.HTTP != http.StatusServiceUnavailable {
			return started, err
		}
	}
}

func distinct(t *testing.T, instances map[string]int64) {
	t.Helper()
	seen := map[int64]string{}
	for request, instance := range instances {
		if other, taken := seen[instance]; taken {
			t.Errorf("instance %d answers both %s and %s", instance, request, other)
		}
		seen[instance] = request
	}
	if len(instances) != killedRuns {
		t.Errorf("%d of %d starts were answered", len(instances), killedRuns)
	}
}

// await looks at all runs again and again until done says so of how many have ended, and returns that.
func (p *process) await(t *testing.T, what string, done func(ended int) bool) int {
	t.Helper()
	ticker := time.NewTicker(200 * time.Millisecond)
	defer ticker.Stop()
	deadline := time.After(allEnd)
	open := make([]int64, killedRuns)
	for i := range open {
		open[i] = int64(i + 1)
	}
	for {
		var left []int64
		for _, instance := range open {
			run, err := p.client.LoadRun(t.Context(), workflow.RunKey{Workflow: "killed", Instance: instance, Run: 1})
			if err != nil {
				t.Fatal(err)
			}
			if !run.Status.Terminal() {
				left = append(left, instance)
			}
		}
		if open = left; done(killedRuns - len(open)) {
			return killedRuns - len(open)
		}
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("not within %v: %s; still open: %v", allEnd, what, open)
		}
	}
}

// checkLogs reads the log of every run: each step has one attempt, which ended once, well.
func checkLogs(t *testing.T, dir string) {
	t.Helper()
	s, err := embedded.Open(dir, embedded.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = s.Close() }()
	for instance := int64(1); instance <= killedRuns; instance++ {
		key := workflow.RunKey{Workflow: "killed", Instance: instance, Run: 1}
		commits := commitsOf(t, s, key)
		outcomes := map[int]int{}
		for n, commit := range commits {
			if last := n == len(commits)-1; commit.State.Status.Terminal() != last {
				t.Errorf("%s: commit %d of %d has the status %s", key, n+1, len(commits), commit.State.Status)
			}
			for _, detail := range commit.Details {
				if detail.Attempt != 1 {
					t.Errorf("%s: step %d has an attempt %d", key, detail.Ordinal, detail.Attempt)
				}
				for _, move := range detail.Moves[len(detail.Moves)-detail.Fresh:] {
					if move.To.Terminal() {
						outcomes[detail.Ordinal]++
					}
					if move.To.Terminal() && move.To != workflow.Succeeded {
						t.Errorf("%s: step %d ended as %s", key, detail.Ordinal, move.To)
					}
				}
			}
		}
		for step := range killedSteps {
			if outcomes[step] != 1 {
				t.Errorf("%s: %d outcomes of step %d are recorded", key, outcomes[step], step)
			}
		}
	}
}

func commitsOf(t *testing.T, s *embedded.Store, key workflow.RunKey) []*record.Commit {
	t.Helper()
	items, next, err := s.List(t.Context(), record.AllCommits(key))
	if err != nil || next != "" {
		t.Fatalf("list the commits of %s: %v (next %q)", key, err, next)
	}
	var out []*record.Commit
	for _, item := range items {
		commit, err := record.Decode[record.Commit](key.String(), item.Body)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, commit)
	}
	return out
}
