package e2e

import (
	"context"
	"fmt"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/rogpeppe/go-internal/testscript"

	"github.com/segue-workflows/segue/cmd/segue/cli"
	"github.com/segue-workflows/segue/shared/local"
)

// The test binary is also the program: a script that calls segue calls it.
func TestMain(m *testing.M) {
	testscript.Main(m, map[string]func(){"segue": func() { os.Exit(cli.Main()) }, "papermill": papermill})
}

// tellings makes the workflow ids of one run of the tests differ from those of any other.
var tellings atomic.Int64

func TestStories(t *testing.T) {
	t.Parallel()
	address := os.Getenv("SEGUE_STORY_URL")
	if address == "" {
		address = serve(t)
	}
	examples, err := filepath.Abs("../../examples")
	if err != nil {
		t.Fatal(err)
	}
	testscript.Run(t, testscript.Params{
		Dir:                 ".",
		RequireExplicitExec: true,
		RequireUniqueNames:  true,
		Setup: func(env *testscript.Env) error {
			env.Setenv("SEGUE_URL", address)
			env.Setenv("SEGUE_USER", "teller")
			env.Setenv("EXAMPLES", examples)
			env.Setenv("WF", fmt.Sprintf("story-%d-%d", time.Now().UnixMilli(), tellings.Add(1)))
			return nil
		},
		Cmds: map[string]func(*testscript.TestScript, bool, []string){"story": story, "until": until},
	})
}

// serve starts a server in memory for the time of the test.
func serve(t *testing.T) string {
	t.Helper()
	l := working(t, local.Options{})
	server := httptest.NewServer(l.Handler())
	t.Cleanup(server.Close)
	return server.URL
}

// working opens a host that works until the test ends.
func working(t *testing.T, options local.Options) *local.Local {
	t.Helper()
	l, err := local.Open(options)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		l.Run(ctx)
	}()
	t.Cleanup(func() {
		cancel()
		<-ended
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	})
	return l
}

// story writes this telling's workflow id into files.
func story(ts *testscript.TestScript, negated bool, files []string) {
	if negated || len(files) == 0 {
		ts.Fatalf("usage: story FILE...")
	}
	for _, file := range files {
		text := strings.ReplaceAll(ts.ReadFile(file), "STORY", ts.Getenv("WF"))
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(text), 0o600))
	}
}

// until runs a program again and again until a line that it prints matches a pattern: what a command sets off may be seen
// only after it has answered, on the stack by another function. How the program ends does not matter.
func until(ts *testscript.TestScript, negated bool, args []string) {
	if negated || len(args) < 2 {
		ts.Fatalf("usage: until PATTERN PROGRAM [ARGUMENT...]")
	}
	wanted, err := regexp.Compile("(?m)" + args[0])
	ts.Check(err)
	for deadline := time.Now().Add(patience); ; {
		_ = ts.Exec(args[1], args[2:]...)
		if wanted.MatchString(ts.ReadFile("stdout")) {
			return
		}
		if time.Now().After(deadline) {
			ts.Fatalf("%s did not print %q in %s, but at last:\n%s%s", args[1], args[0], patience, ts.ReadFile("stdout"), ts.ReadFile("stderr"))
		}
	}
}

// patience is how long until goes on.
const patience = 30 * time.Second
