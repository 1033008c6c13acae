package e2e

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestDevSaysWhatToDo checks the one line that people get when the server cannot start.
func TestDevSaysWhatToDo(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	running := serveIn(t, dir)
	file := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	photos := t.TempDir()
	if err := os.WriteFile(filepath.Join(photos, "holiday.jpg"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	for name, tt := range map[string]struct {
		args []string
		code int
		want string
	}{
		"the folder belongs to a server that runs": {[]string{"--addr", "127.0.0.1:0", "--data", dir}, 1, "is in use by another segue: stop that one or choose another folder"},
		"the port is taken":                        {[]string{"--memory", "--addr", strings.TrimPrefix(running.client.Address(), "http://")}, 1, "is in use: stop the program that listens there, or choose another one with --addr"},
		"the folder is a file":                     {[]string{"--addr", "127.0.0.1:0", "--data", file}, 1, "choose another one"},
		"the folder holds something else":          {[]string{"--addr", "127.0.0.1:0", "--data", photos}, 1, "choose an empty folder"},
		"the address is none":                      {[]string{"--memory", "--addr", "here"}, 2, "want host:port such as 127.0.0.1:8080"},
		"memory in a folder":                       {[]string{"--memory", "--data", dir}, 2, "[data memory]"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			out, err := exec.Command("segue", append([]string{"dev"}, tt.args...)...).CombinedOutput()
			failed := &exec.ExitError{}
			if !errors.As(err, &failed) || failed.ExitCode() != tt.code {
				t.Errorf("it ended with %v, want exit code %d", err, tt.code)
			}
			line, rest, _ := strings.Cut(string(out), "\n")
			if !strings.HasPrefix(line, "segue: ") || !strings.Contains(line, tt.want) || tt.code == 1 && rest != "" {
				t.Errorf("it said:\n%s\nwant one line with %q", out, tt.want)
			}
		})
	}
}

func TestDevEndsWhenItIsAsked(t *testing.T) {
	t.Parallel()
	for _, signal := range []syscall.Signal{syscall.SIGINT, syscall.SIGTERM} {
		p := serveIn(t, t.TempDir())
		p.end(signal)
		if code := p.command.ProcessState.ExitCode(); code != 0 {
			t.Errorf("after %v it ended with %d: %s", signal, code, p.errs)
		}
	}
}
