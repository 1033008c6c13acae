package process

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/segue-workflows/segue/shared/runtime/container"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Limits of the jobs of one server.
const (
	MaxWorking = 64   // at once
	maxKept    = 1000 // ended jobs that are remembered
)

// grace is how long a job may take to end by itself once it was asked to.
const grace = 5 * time.Second

// drain is how long the output of a job is read after it ended: what it left behind may hold it open.
const drain = 2 * time.Second

// Jobs is the backend. Make it with New, and Close it.
type Jobs struct {
	dir  string
	path string // where commands are found

	mu      sync.Mutex
	closed  bool
	working int
	jobs    map[string]*job
	ended   []string // keys, oldest first
}

// job is one process, or what is known of it.
type job struct {
	report  container.Report
	log     *tail
	group   int       // process group; 0: none
	asked   time.Time // when it was first asked to end
	stopped chan struct{}
}

// New returns a backend whose jobs work in folders of their own below dir, and find commands in path, which is that of
// the server.
func New(dir, path string) *Jobs {
	return &Jobs{dir: dir, path: path, jobs: map[string]*job{}}
}

// Start begins the process of a job, unless it was begun before. It returns CodeUnavailable when MaxWorking jobs run,
// and CodeInvalid for a job without a command or with one that this machine does not have.
func (j *Jobs) Start(_ context.Context, spec container.Job) (string, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	if known, ok := j.jobs[spec.Key]; ok {
		return known.report.ID, nil
	}
	if j.closed || j.working >= MaxWorking {
		return "", workflow.Errorf(workflow.CodeUnavailable, "%d jobs run on this machine, which is the limit", j.working)
	}
	words := slices.Concat(spec.Command, spec.Args)
	if len(words) == 0 {
		return "", workflow.Errorf(workflow.CodeInvalid, "the step gives no command, and a process on this machine has no image whose command could run")
	}
	dir, err := os.MkdirTemp(j.dir, "segue-job-")
	if err != nil {
		return "", workflow.Errorf(workflow.CodeInternal, "no folder can be made for the job")
	}
	running := &job{log: &tail{}, stopped: make(chan struct{})}
	command, err := j.begin(spec, words, dir, running.log)
	if err != nil {
		_ = os.RemoveAll(dir)
		return "", err
	}
	running.group = command.Process.Pid
	running.report = container.Report{Phase: container.Working, ID: fmt.Sprintf("process-%d", command.Process.Pid)}
	j.jobs[spec.Key] = running
	j.working++
	go j.wait(spec.Key, running, command, dir)
	return running.report.ID, nil
}

// begin starts the process.
func (j *Jobs) begin(spec container.Job, words []string, dir string, log *tail) (*exec.Cmd, error) {
	program := words[0]
	if filepath.Base(program) == program {
		found, err := exec.LookPath(program)
		if err != nil {
			return nil, workflow.Errorf(workflow.CodeInvalid, "this machine has no command of the name that the step gives")
		}
		program = found
	}
	command := exec.Command(program, words[1:]...)
	command.Dir, command.Env = dir, j.environment(spec, dir)
	command.Stdout, command.Stderr = log, log
	command.WaitDelay = drain
	alone(command)
	if err := command.Start(); err != nil {
		return nil, workflow.Errorf(workflow.CodeInvalid, "this machine cannot run the command that the step gives")
	}
	return command, nil
}

// environment is what a job sees: where commands and its folder are, and what its step says.
func (j *Jobs) environment(spec container.Job, dir string) []string {
	all := map[string]string{"PATH": j.path, "HOME": dir, "TMPDIR": dir, "LANG": "C.UTF-8"}
	maps.Copy(all, spec.Env)
	out := make([]string, 0, len(all))
	for _, name := range slices.Sorted(maps.Keys(all)) {
		out = append(out, name+"="+all[name])
	}
	return out
}

// wait records how a job ended.
func (j *Jobs) wait(key string, running *job, command *exec.Cmd, dir string) {
	err := command.Wait()
	_ = kill(running.group) // what the job left behind
	_ = os.RemoveAll(dir)
	j.mu.Lock()
	defer j.mu.Unlock()
	defer close(running.stopped)
	running.group = 0
	report := &running.report
	report.Log, report.Exit = running.log.text(), command.ProcessState.ExitCode()
	exit := (*exec.ExitError)(nil)
	switch {
	case err == nil || errors.Is(err, exec.ErrWaitDelay) && report.Exit == 0:
		report.Phase = container.Succeeded
	case errors.As(err, &exit) && report.Exit < 0:
		report.Phase, report.Reason = container.Failed, exit.String()
	default:
		report.Phase = container.Failed
	}
	j.working--
	j.ended = append(j.ended, key)
	if len(j.ended) > maxKept {
		delete(j.jobs, j.ended[0])
		j.ended = j.ended[1:]
	}
}

// Look returns what is known of a job.
func (j *Jobs) Look(_ context.Context, ref container.Ref) (container.Report, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	known, ok := j.jobs[ref.Key]
	if !ok {
		return container.Report{}, nil
	}
	return known.report, nil
}

// Stop asks a job to end, and kills it when it does not within the grace period.
func (j *Jobs) Stop(_ context.Context, ref container.Ref, now time.Time) (bool, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	known, ok := j.jobs[ref.Key]
	if !ok || known.group == 0 {
		return true, nil
	}
	if known.asked.IsZero() {
		known.asked = now
		return false, end(known.group)
	}
	if now.Sub(known.asked) >= grace {
		return false, kill(known.group)
	}
	return false, nil
}

// Close kills every job and waits until all are gone. No job starts afterwards.
func (j *Jobs) Close() error {
	j.mu.Lock()
	j.closed = true
	var running []*job
	for _, known := range j.jobs {
		if known.group != 0 {
			_ = kill(known.group)
			running = append(running, known)
		}
	}
	j.mu.Unlock()
	for _, known := range running {
		<-known.stopped
	}
	return nil
}
