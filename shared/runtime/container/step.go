package container

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// The artifacts of the steps.
const (
	KubernetesArtifact = "maestro_kubernetes"
	NotebookArtifact   = "maestro_notebook"
)

// The params that describe the jobs of the steps.
const (
	kubernetesParam = "kubernetes"
	containerParam  = "container"
)

// Step is the runtime of one type of step, on a backend.
type Step struct {
	backend Backend
	quick   time.Duration
	slow    time.Duration
	read    func(call runtime.Call) (job Job, notebook string, err error)
}

// Options of the steps.
type Options struct {
	Backend Backend
	Quick   time.Duration // the shortest pause between two looks at a job; 0: the longest
	Slow    time.Duration // the longest; 0: runtime.DefaultPoll
}

// Register adds the runtimes of Kubernetes, Notebook and Container steps.
func Register(r *runtime.Registry, o Options) {
	of := func(param string) func(runtime.Call) (Job, string, error) {
		return func(call runtime.Call) (Job, string, error) {
			job, err := readJob(call, param)
			return job, "", err
		}
	}
	if o.Slow == 0 {
		o.Slow = runtime.DefaultPoll
	}
	r.Add("Kubernetes", &Step{o.Backend, o.Quick, o.Slow, of(kubernetesParam)})
	r.Add("Container", &Step{o.Backend, o.Quick, o.Slow, of(containerParam)})
	r.Add("Notebook", &Step{o.Backend, o.Quick, o.Slow, readNotebook})
}

// Start begins the job of the attempt.
func (s *Step) Start(ctx context.Context, call runtime.Call) (runtime.Result, error) {
	job, notebook, err := s.read(call)
	if err != nil {
		return refused(call, runtime.FatalError, err), nil
	}
	id, err := s.backend.Start(ctx, job)
	switch {
	case err == nil:
		return runtime.Result{State: runtime.Done, Artifacts: artifact(job, Report{ID: id}, notebook)}, nil
	case errors.Is(err, workflow.ErrUnavailable):
		return runtime.Result{}, err
	case errors.Is(err, workflow.ErrDenied), errors.Is(err, workflow.ErrInvalid):
		return refused(call, runtime.FatalError, err), nil
	}
	return refused(call, runtime.PlatformError, err), nil
}

// Execute looks at the job.
func (s *Step) Execute(ctx context.Context, call runtime.Call) (runtime.Result, error) {
	job, notebook, err := s.read(call)
	if err != nil {
		return refused(call, runtime.FatalError, err), nil
	}
	ref := refOf(call, job)
	report, err := s.backend.Look(ctx, ref)
	if err != nil {
		return s.later(call), nil // nothing is known, which is no outcome
	}
	report.ID = cmp.Or(report.ID, ref.ID)
	switch report.Phase {
	case Waiting, Working:
		return s.later(call), nil
	case Unknown, Lost:
		text := "the job is gone, and nobody knows how it ended"
		if report.Reason != "" {
			text = "the job was lost: " + report.Reason
		}
		return runtime.Result{State: runtime.PlatformError, Artifacts: artifact(job, report, notebook),
			Timeline: []workflow.Event{fault(call, text)}}, nil
	}
	return s.ended(call, job, report, notebook), nil
}

// ended turns the end of a job into the outcome of its attempt. A job that failed may still say something: whether
// another attempt makes sense, above all.
func (s *Step) ended(call runtime.Call, job Job, report Report, notebook string) runtime.Result {
	result := runtime.Result{State: runtime.Done, Artifacts: artifact(job, report, notebook)}
	reported, err := output(report.Log, call.UUID)
	if err == nil {
		var artifacts *workflow.Ordered[json.RawMessage]
		if artifacts, err = artifactsOf(reported); err == nil {
			for key, value := range artifacts.All() {
				result.Artifacts.Set(key, value)
			}
		}
	}
	if report.Phase == Failed {
		result.State = runtime.UserError
		text := fmt.Sprintf("the job ended with exit code %d", report.Exit)
		if report.Reason != "" {
			text += ": " + report.Reason
		}
		result.Timeline = append(result.Timeline, fault(call, text))
		return result
	}
	if err != nil {
		result.State = runtime.UserError
		result.Timeline = append(result.Timeline, fault(call, "the output of the job cannot be read: "+workflow.TextOf(err)))
		return result
	}
	if reported != nil {
		result.Output = reported.Params
	}
	return result
}

// refOf names the job of an attempt by its key, and by the id that an earlier call recorded.
func refOf(call runtime.Call, job Job) Ref {
	ref := Ref{Key: job.Key, Age: call.Now.Sub(call.Started)}
	if raw, ok := call.Artifacts.Get(KubernetesArtifact); ok {
		var known jobRecord
		if json.Unmarshal(raw, &known) == nil {
			ref.ID = known.JobID
		}
	}
	return ref
}

// later asks to be called again, soon for a job that began just now.
func (s *Step) later(call runtime.Call) runtime.Result {
	poll := s.slow
	if s.quick > 0 {
		poll = min(max(call.Now.Sub(call.Started)/4, s.quick), s.slow)
	}
	return runtime.Result{State: runtime.Continue, Poll: poll}
}

// Terminate stops the job.
func (s *Step) Terminate(ctx context.Context, call runtime.Call) (runtime.Result, error) {
	job, _, err := s.read(call)
	if err != nil {
		return runtime.Result{State: runtime.Stopped}, nil // it was never begun
	}
	ended, err := s.backend.Stop(ctx, refOf(call, job), call.Now)
	if err != nil {
		return runtime.Result{}, workflow.Errorf(workflow.CodeUnavailable, "the job cannot be stopped now: %w", err)
	}
	if !ended {
		return runtime.Result{State: runtime.Continue}, nil
	}
	return runtime.Result{State: runtime.Stopped}, nil
}

func refused(call runtime.Call, state runtime.State, err error) runtime.Result {
	return runtime.Result{State: state, Timeline: []workflow.Event{fault(call, workflow.TextOf(err))}}
}

func fault(call runtime.Call, text string) workflow.Event {
	return workflow.Event{Timestamp: call.Now.UnixMilli(), Type: workflow.EventLog, Level: "ERROR", Message: text}
}

// jobRecord is the artifact of every step of this package; each names it as the reference does.
type jobRecord struct {
	Type      string `json:"type"`
	JobID     string `json:"job_id,omitempty"`
	Command   string `json:"command,omitempty"`
	Script    string `json:"execution_script,omitempty"`
	Output    string `json:"execution_output,omitempty"`
	Exit      *int   `json:"exit_code,omitempty"`
	MoreWords string `json:"reason,omitempty"`
}

// maxRecorded bounds what an artifact holds of a command.
const maxRecorded = 4 << 10

func artifact(job Job, report Report, notebook string) *workflow.Ordered[json.RawMessage] {
	out := &workflow.Ordered[json.RawMessage]{}
	r := jobRecord{Type: "KUBERNETES", JobID: report.ID, Command: cut(strings.Join(job.Command, " ")), Script: cut(strings.Join(job.Args, " ")),
		Output: Tail(report.Log), MoreWords: report.Reason}
	if report.Phase == Succeeded || report.Phase == Failed {
		r.Exit = &report.Exit
	}
	set(out, KubernetesArtifact, r)
	if notebook != "" {
		set(out, NotebookArtifact, map[string]string{"type": "NOTEBOOK", "output_path": notebook})
	}
	return out
}

func set(out *workflow.Ordered[json.RawMessage], key string, value any) {
	text, err := json.Marshal(value)
	if err != nil {
		panic("container: an artifact cannot be written: " + err.Error())
	}
	out.Set(key, text)
}

func cut(text string) string {
	if len(text) <= maxRecorded {
		return text
	}
	return strings.ToValidUTF8(text[:maxRecorded], "") + "…"
}
