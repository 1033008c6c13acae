//go:build unix

package process

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/runtime/container"
	"github.com/segue-workflows/segue/shared/workflow"
)

func newJobs(t *testing.T) *Jobs {
	t.Helper()
	j := New(t.TempDir(), os.Getenv("PATH"))
	t.Cleanup(func() { _ = j.Close() })
	return j
}

func begin(t *testing.T, j *Jobs, key, script string) {
	t.Helper()
	if _, err := j.Start(context.Background(), container.Job{Key: key, Command: []string{"/bin/sh", "-c", script}}); err != nil {
		t.Fatal(err)
	}
}

// end waits for the end of a job.
func finish(t *testing.T, j *Jobs, key string) container.Report {
	t.Helper()
	j.mu.Lock()
	known := j.jobs[key]
	j.mu.Unlock()
	select {
	case <-known.stopped:
	case <-time.After(20 * time.Second):
		t.Fatal("the job does not end")
	}
	report, err := j.Look(context.Background(), container.Ref{Key: key})
	if err != nil {
		t.Fatal(err)
	}
	return report
}

func TestOutcomes(t *testing.T) {
	t.Parallel()
	j := newJobs(t)
	for i, tt := range []struct {
		script string
		phase  container.Phase
		exit   int
		log    string
	}{
		{"echo out; echo err >&2", container.Succeeded, 0, "out\nerr\n"},
		{"echo no; exit 7", container.Failed, 7, "no\n"},
		{"kill -9 $$", container.Failed, -1, ""},
		{"sleep 60 & echo left behind", container.Succeeded, 0, "left behind\n"},
	} {
		key := fmt.Sprint(i)
		begin(t, j, key, tt.script)
		if got := finish(t, j, key); got.Phase != tt.phase || got.Exit != tt.exit || got.Log != tt.log {
			t.Errorf("%s: %+v", tt.script, got)
		}
	}
}

func TestOneProcessPerKey(t *testing.T) {
	t.Parallel()
	j := newJobs(t)
	file := filepath.Join(t.TempDir(), "starts")
	for range 5 {
		begin(t, j, "k", "echo x >> "+file)
	}
	finish(t, j, "k")
	begin(t, j, "k", "echo x >> "+file)
	if text, _ := os.ReadFile(file); string(text) != "x\n" {
		t.Errorf("started %d times", len(text)/2)
	}
}

func TestSurroundings(t *testing.T) {
	t.Setenv("AWS_SECRET_ACCESS_KEY", "planted")
	j := newJobs(t)
	job := container.Job{Key: "k", Command: []string{"/bin/sh", "-c", `env; pwd; touch here`}, Env: map[string]string{"MINE": "yes"}}
	if _, err := j.Start(context.Background(), job); err != nil {
		t.Fatal(err)
	}
	log := finish(t, j, "k").Log
	if strings.Contains(log, "planted") || !strings.Contains(log, "MINE=yes\n") || !strings.Contains(log, "segue-job-") {
		t.Errorf("the job sees\n%s", log)
	}
	if left, _ := filepath.Glob(filepath.Join(j.dir, "*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestStopEndsTheWholeGroup(t *testing.T) {
	t.Parallel()
	ctx, now := context.Background(), time.Unix(1_700_000_000, 0)
	for name, script := range map[string]string{
		"one that listens":  `sleep 60 & echo $! > PIDS; wait`,
		"one that does not": `trap "" TERM; (trap "" TERM; sleep 60) & echo $! > PIDS; while :; do wait; done`,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			j := newJobs(t)
			file := filepath.Join(t.TempDir(), "pids")
			begin(t, j, "k", strings.ReplaceAll(script, "PIDS", file))
			child := 0
			for child == 0 { // until the shell wrote it
				text, _ := os.ReadFile(file)
				child, _ = strconv.Atoi(strings.TrimSpace(string(text)))
			}
			if ended, err := j.Stop(ctx, container.Ref{Key: "k"}, now); err != nil || ended {
				t.Fatalf("ended %t at once, %v", ended, err)
			}
			if _, err := j.Stop(ctx, container.Ref{Key: "k"}, now.Add(grace)); err != nil {
				t.Fatal(err)
			}
			if report := finish(t, j, "k"); report.Phase != container.Failed {
				t.Errorf("report %+v", report)
			}
			if ended, _ := j.Stop(ctx, container.Ref{Key: "k"}, now); !ended {
				t.Error("it has not ended")
			}
			// It was killed before the job was said to have ended, and goes as soon as the machine gets to it.
			for patience := time.Now().Add(10 * time.Second); syscall.Kill(child, 0) == nil && running(child); {
				if time.Now().After(patience) {
					t.Fatal("a child goes on")
				}
			}
		})
	}
	if ended, err := newJobs(t).Stop(ctx, container.Ref{Key: "nobody"}, now); err != nil || !ended {
		t.Errorf("a job that never was: %t, %v", ended, err)
	}
}

// running tells a process from one that only waits to be buried.
func running(pid int) bool {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	return err == nil && !strings.Contains(string(text), ") Z ")
}

func TestCloseEndsEveryJob(t *testing.T) {
	t.Parallel()
	j := newJobs(t)
	begin(t, j, "a", "sleep 60")
	begin(t, j, "b", "sleep 60")
	if err := j.Close(); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"a", "b"} {
		if report, _ := j.Look(context.Background(), container.Ref{Key: key}); report.Phase != container.Failed {
			t.Errorf("%s: %+v", key, report)
		}
	}
	if _, err := j.Start(context.Background(), container.Job{Key: "c", Command: []string{"true"}}); workflow.CodeOf(err) != workflow.CodeUnavailable {
		t.Errorf("a job starts after the end: %v", err)
	}
}

func TestWhatCannotStart(t *testing.T) {
	t.Parallel()
	j := newJobs(t)
	for name, words := range map[string][]string{"no command": nil, "unknown": {"no-such-command-here"}, "a folder": {"/"}, "an empty word": {""}} {
		if _, err := j.Start(context.Background(), container.Job{Key: name, Command: words}); workflow.CodeOf(err) != workflow.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(j.dir, "*")); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

func TestNoMoreThanTheLimit(t *testing.T) {
	t.Parallel()
	j := newJobs(t)
	for i := range MaxWorking {
		begin(t, j, fmt.Sprint(i), "sleep 60")
	}
	if _, err := j.Start(context.Background(), container.Job{Key: "more", Command: []string{"true"}}); workflow.CodeOf(err) != workflow.CodeUnavailable {
		t.Errorf("one more starts: %v", err)
	}
}

func TestDenied(t *testing.T) {
	t.Parallel()
	_, err := Denied{}.Start(context.Background(), container.Job{Key: "k", Command: []string{"true"}})
	if workflow.CodeOf(err) != workflow.CodeDenied || !strings.Contains(workflow.TextOf(err), "--allow-exec") {
		t.Errorf("error %v", err)
	}
}
