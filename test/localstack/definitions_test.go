package localstack

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/txtar"
	"golang.org/x/sync/errgroup"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/local"
	"github.com/segue-workflows/segue/shared/workflow"
)

// definitions returns all definitions of the stories and the examples by name, the faulty ones too; but not those of
// stories that wait for a signal, which end only as their story is told.
func definitions(t *testing.T) map[string]string {
	t.Helper()
	out := map[string]string{}
	for _, pattern := range []string{"examples/*.json", "examples/*.yaml", "test/e2e/*.txtar"} {
		paths, err := filepath.Glob(filepath.Join(module, pattern))
		if err != nil || len(paths) == 0 {
			t.Fatalf("there is no %s (%v)", pattern, err)
		}
		for _, path := range paths {
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			name := filepath.Base(path)
			if filepath.Ext(path) != ".txtar" {
				out[name] = string(text)
				continue
			}
			for _, file := range txtar.Parse(text).Files {
				waits := strings.Contains(string(file.Data), `"signal_dependencies"`)
				if extension := filepath.Ext(file.Name); !waits && (extension == ".json" || extension == ".yaml") {
					id := strings.TrimSuffix(name, ".txtar") + "-" + strings.TrimSuffix(file.Name, extension)
					out[id+extension] = strings.ReplaceAll(string(file.Data), "STORY", id)
				}
			}
		}
	}
	return out
}

// outline is how a definition ended: refused, or the statuses of its run.
type outline struct {
	Refused int // status of the answer to the push; 0: it was taken
	Run     workflow.InstanceStatus
	Steps   map[string]string // "STATUS, attempt N" by step
}

func (o outline) String() string {
	if o.Refused != 0 {
		return "refused with " + strconv.Itoa(o.Refused)
	}
	text := string(o.Run)
	for _, step := range slices.Sorted(maps.Keys(o.Steps)) {
		text += "; " + step + " " + o.Steps[step]
	}
	return text
}

// play pushes a definition, runs it and returns how it ended.
func play(ctx context.Context, c *client.Client, name, text string) (outline, error) {
	pushed, err := c.Push(ctx, []byte(text), filepath.Ext(name) == ".yaml")
	if refused := (*client.Refused)(nil); errors.As(err, &refused) && refused.HTTP < 500 {
		return outline{Refused: refused.HTTP}, nil
	}
	if err != nil {
		return outline{}, err
	}
	// The version is named: stories share ids.
	started, err := c.Start(ctx, pushed.Metadata.WorkflowID, strconv.FormatInt(pushed.Metadata.Version, 10), client.Start{})
	if err != nil {
		return outline{}, err
	}
	key := workflow.RunKey{Workflow: started.WorkflowID, Instance: started.Instance, Run: started.Run}
	run, err := await(ctx, c, key)
	if err != nil {
		return outline{}, err
	}
	out := outline{Run: run.Status, Steps: map[string]string{}}
	attempts, err := c.Attempts(ctx, key)
	if err != nil {
		return outline{}, err
	}
	for _, a := range attempts {
		out.Steps[string(a.Step)] = fmt.Sprintf("%s, attempt %d", a.State.Status, a.Attempt)
	}
	return out, nil
}

// await looks at a run again and again until it has ended.
func await(ctx context.Context, c *client.Client, key workflow.RunKey) (*client.Run, error) {
	return awaitFor(ctx, c, key, allEnd)
}

func awaitFor(ctx context.Context, c *client.Client, key workflow.RunKey, patience time.Duration) (*client.Run, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	ticker := time.NewTicker(300 * time.Millisecond)
	defer ticker.Stop()
	status := workflow.InstanceStatus("unknown")
	var failed error
	for {
		run, err := c.LoadRun(ctx, key)
		if err == nil && run.Status.Terminal() {
			return run, nil
		}
		if failed = err; err == nil {
			status = run.Status
		}
		select {
		case <-ctx.Done():
			return nil, fmt.Errorf("%s has not ended within %v: it is %s (%v)", key, patience, status, failed)
		case <-ticker.C:
		}
	}
}

// playAll plays all definitions, some at a time.
func playAll(t *testing.T, c *client.Client) map[string]outline {
	t.Helper()
	all := definitions(t)
	for _, callee := range []string{"count-orders.json", "foreach.json"} { // before the examples that call them
		if _, err := c.Push(t.Context(), []byte(all[callee]), false); err != nil {
			t.Fatal(err)
		}
	}
	names := slices.Sorted(maps.Keys(all))
	outlines := make([]outline, len(names))
	var group errgroup.Group
	group.SetLimit(6)
	for i, name := range names {
		group.Go(func() (err error) {
			if outlines[i], err = play(t.Context(), c, name, all[name]); err != nil {
				return fmt.Errorf("%s: %w", name, err)
			}
			return nil
		})
	}
	if err := group.Wait(); err != nil {
		t.Fatal(err)
	}
	out := map[string]outline{}
	for i, name := range names {
		out[name] = outlines[i]
	}
	return out
}

// inMemory is a server of the local program.
func inMemory(t *testing.T) *client.Client {
	t.Helper()
	l, err := local.Open(local.Options{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.Run(ctx)
	}()
	server := httptest.NewServer(l.Handler())
	t.Cleanup(func() {
		server.Close()
		cancel()
		<-ended
	})
	return client.New(server.URL, teller)
}

// same compares how all definitions end with how they end in memory.
func same(t *testing.T, c *client.Client) {
	t.Helper()
	got, want := playAll(t, c), playAll(t, inMemory(t))
	ran := 0
	for name := range want {
		if got[name].String() != want[name].String() {
			t.Errorf("%s ends as\n  %s\nand in memory as\n  %s", name, got[name], want[name])
		}
		if want[name].Refused == 0 {
			ran++
		}
	}
	if ran < 15 {
		t.Errorf("only %d definitions ran", ran)
	}
}
