package container

import (
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

const uuid = "11111111-2222-3333-4444-555555555555"

// desk is a backend that reports what a test says.
type desk struct {
	jobs   []Job
	report Report
	err    error
	ended  bool
}

func (d *desk) Start(_ context.Context, job Job) (string, error) {
	d.jobs = append(d.jobs, job)
	return "id-1", d.err
}

func (d *desk) Look(context.Context, Ref) (Report, error) { return d.report, d.err }

func (d *desk) Stop(context.Context, Ref, time.Time) (bool, error) { return d.ended, d.err }

func call(params map[string]any) runtime.Call {
	out := &workflow.Params{}
	for _, name := range []string{"kubernetes", "container", "notebook", "script", "limit"} {
		if value, ok := params[name]; ok {
			out.Set(name, &workflow.Param{Evaluated: true, Result: value, Source: workflow.SourceDefinition})
		}
	}
	start := time.Unix(1_700_000_000, 0)
	return runtime.Call{UUID: uuid, Params: out, Started: start, Now: start.Add(time.Second)}
}

func of(t *testing.T, stepType string, d *desk) runtime.Runtime {
	t.Helper()
	r := &runtime.Registry{}
	Register(r, Options{Backend: d})
	step, ok := r.Runtime(strings.ToUpper(stepType))
	if !ok {
		t.Fatalf("no runtime for %s", stepType)
	}
	return step
}

func TestJobOfAStep(t *testing.T) {
	t.Parallel()
	full := map[string]any{"image": "busybox", "command": []string{"echo"}, "args": []string{"a"}, "env": map[string]any{"K": "v", "N": int64(3)},
		"cpu": int64(2), "memory": "1Gi", "job_deduplication_key": "mine", "pre_stop": map[string]any{"exec": map[string]any{"command": []string{"true"}}}}
	for name, tt := range map[string]struct {
		kind   string
		params map[string]any
		want   string // command and args
		key    string
		state  runtime.State
	}{
		"all of it":           {"Kubernetes", map[string]any{"kubernetes": full}, "echo a", "mine", runtime.Done},
		"container":           {"Container", map[string]any{"container": full}, "echo a", "mine", runtime.Done},
		"the image's command": {"Kubernetes", map[string]any{"kubernetes": map[string]any{"image": "x"}}, "", uuid, runtime.Done},
		"a script":            {"Kubernetes", map[string]any{"kubernetes": map[string]any{"image": "x"}, "script": "ls | wc"}, "/bin/sh -c ls | wc", uuid, runtime.Done},
		"an entry point":      {"Kubernetes", map[string]any{"kubernetes": map[string]any{"entrypoint": "ls"}, "script": "no"}, "/bin/sh -c ls", uuid, runtime.Done},
		"command not a list":  {"Kubernetes", map[string]any{"kubernetes": map[string]any{"command": "ls"}}, "", "", runtime.FatalError},
		"env of lists":        {"Kubernetes", map[string]any{"kubernetes": map[string]any{"env": map[string]any{"A": []string{"x"}}}}, "", "", runtime.FatalError},
		"env with a bad name": {"Kubernetes", map[string]any{"kubernetes": map[string]any{"env": map[string]string{"A=B": "x"}}}, "", "", runtime.FatalError},
		"a zero byte":         {"Kubernetes", map[string]any{"kubernetes": map[string]any{"command": []string{"a\x00b"}}}, "", "", runtime.FatalError},
		"too much":            {"Kubernetes", map[string]any{"kubernetes": map[string]any{"command": []string{strings.Repeat("x", maxBytes)}}}, "", "", runtime.FatalError},
		"no map":              {"Kubernetes", map[string]any{"kubernetes": "x"}, "", "", runtime.FatalError},
		"no notebook":         {"Notebook", map[string]any{"kubernetes": full}, "", "", runtime.FatalError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d := &desk{}
			result, err := of(t, tt.kind, d).Start(context.Background(), call(tt.params))
			if err != nil || result.State != tt.state {
				t.Fatalf("state %d, %v: %v", result.State, err, result.Timeline)
			}
			if tt.state != runtime.Done {
				if len(d.jobs) != 0 {
					t.Error("a job was started")
				}
				return
			}
			job := d.jobs[0]
			if got := strings.Join(append(append([]string{}, job.Command...), job.Args...), " "); got != tt.want || job.Key != tt.key {
				t.Errorf("command %q key %q, want %q and %q", got, job.Key, tt.want, tt.key)
			}
			if start, end := Marks(uuid); job.Env[OutputStart] != start || job.Env[OutputEnd] != end {
				t.Errorf("environment %v", job.Env)
			}
		})
	}
}

func TestNotebookIsALineOfPapermill(t *testing.T) {
	t.Parallel()
	d := &desk{}
	params := map[string]any{"kubernetes": map[string]any{"image": "python:3"}, "script": "it's", "limit": int64(7), "notebook": map[string]any{
		"init_command": "pip install papermill &&", "input_path": "in put.ipynb", "papermill_arguments": []string{"-k", "python3"},
		"git_repo": "https://git.test/r.git", "git_branch": "main", "git_commit": "abc"}}
	result, err := of(t, "Notebook", d).Start(context.Background(), call(params))
	if err != nil || result.State != runtime.Done {
		t.Fatalf("%v %v", result, err)
	}
	want := `git clone --branch 'main' -- 'https://git.test/r.git' notebook-repository && cd notebook-repository && git checkout --detach 'abc' && ` +
		`pip install papermill  && papermill 'in put.ipynb' '/tmp/notebook-` + uuid + `.ipynb' '-k' 'python3' --parameters_yaml '{"script":"it'\''s","limit":7}'`
	if got := d.jobs[0].Args[0]; got != want {
		t.Errorf("line\n%s\nwant\n%s", got, want)
	}
	raw, _ := result.Artifacts.Get(NotebookArtifact)
	if !strings.Contains(string(raw), "/tmp/notebook-"+uuid) {
		t.Errorf("artifact %s", raw)
	}
}

func TestOutcomeOfAJob(t *testing.T) {
	t.Parallel()
	start, end := Marks(uuid)
	good := start + `{"params":{"foo":{"value":"bar","type":"STRING"}},"artifacts":{"mine":{"a":1},"maestro_dynamic_output":{"x":[]}}}` + end
	final := start + `{"artifacts":{"maestro_retry":{"retryable":false,"type":"RETRY"}}}` + end
	for name, tt := range map[string]struct {
		report    Report
		err       error
		want      runtime.State
		foo       string
		artifacts []string
	}{
		"runs":               {report: Report{Phase: Working}, want: runtime.Continue},
		"waits":              {report: Report{Phase: Waiting}, want: runtime.Continue},
		"nobody knows now":   {err: workflow.Errorf(workflow.CodeInternal, "x"), want: runtime.Continue},
		"gone":               {report: Report{Phase: Lost}, want: runtime.PlatformError},
		"never seen":         {report: Report{}, want: runtime.PlatformError},
		"silent":             {report: Report{Phase: Succeeded, Log: "hello\n"}, want: runtime.Done},
		"with output":        {report: Report{Phase: Succeeded, Log: "hello\n" + good + "\nbye\n"}, want: runtime.Done, foo: "bar", artifacts: []string{"mine", "maestro_dynamic_output"}},
		"the last pair":      {report: Report{Phase: Succeeded, Log: start + "{" + end + good}, want: runtime.Done, foo: "bar"},
		"an end too many":    {report: Report{Phase: Succeeded, Log: end + " nothing"}, want: runtime.Done},
		"another attempt's":  {report: Report{Phase: Succeeded, Log: strings.ReplaceAll(good, uuid, "other")}, want: runtime.Done},
		"nothing between":    {report: Report{Phase: Succeeded, Log: start + " " + end}, want: runtime.Done},
		"no JSON":            {report: Report{Phase: Succeeded, Log: start + "{" + end}, want: runtime.UserError},
		"the engine's own":   {report: Report{Phase: Succeeded, Log: start + `{"artifacts":{"maestro_foreach":{}}}` + end}, want: runtime.UserError},
		"failed":             {report: Report{Phase: Failed, Exit: 3, Log: "oops"}, want: runtime.UserError},
		"failed, with words": {report: Report{Phase: Failed, Exit: 3, Log: final}, want: runtime.UserError, artifacts: []string{"maestro_retry"}},
		"failed, bad JSON":   {report: Report{Phase: Failed, Exit: 3, Log: start + "{" + end}, want: runtime.UserError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			result, err := of(t, "Container", &desk{report: tt.report, err: tt.err}).Execute(context.Background(), call(map[string]any{"container": map[string]any{}}))
			if err != nil || result.State != tt.want {
				t.Fatalf("state %d, want %d: %v %v", result.State, tt.want, err, result.Timeline)
			}
			foo := ""
			if p, ok := result.Output.Get("foo"); ok {
				foo, _ = p.Value.(string)
			}
			if foo != tt.foo {
				t.Errorf("foo is %q", foo)
			}
			for _, key := range tt.artifacts {
				if !result.Artifacts.Has(key) {
					t.Errorf("no artifact %s", key)
				}
			}
			if tt.report.Phase == Failed {
				raw, _ := result.Artifacts.Get(KubernetesArtifact)
				var record jobRecord
				if err := json.Unmarshal(raw, &record); err != nil || record.Exit == nil || *record.Exit != 3 || record.Output != tt.report.Log {
					t.Errorf("artifact %s", raw)
				}
			}
		})
	}
}

func TestStartAndTerminate(t *testing.T) {
	t.Parallel()
	c := call(map[string]any{"container": map[string]any{}})
	for code, want := range map[workflow.Code]runtime.State{workflow.CodeDenied: runtime.FatalError, workflow.CodeInvalid: runtime.FatalError,
		workflow.CodeInternal: runtime.PlatformError} {
		result, err := of(t, "Container", &desk{err: workflow.Errorf(code, "no")}).Start(context.Background(), c)
		if err != nil || result.State != want {
			t.Errorf("%s: state %d, %v", code, result.State, err)
		}
	}
	if _, err := of(t, "Container", &desk{err: workflow.Errorf(workflow.CodeUnavailable, "later")}).Start(context.Background(), c); workflow.CodeOf(err) != workflow.CodeUnavailable {
		t.Errorf("unavailable: %v", err)
	}
	for ended, want := range map[bool]runtime.State{false: runtime.Continue, true: runtime.Stopped} {
		result, err := of(t, "Container", &desk{ended: ended}).Terminate(context.Background(), c)
		if err != nil || result.State != want {
			t.Errorf("ended %t: state %d, %v", ended, result.State, err)
		}
	}
	if _, err := of(t, "Container", &desk{err: workflow.Errorf(workflow.CodeInternal, "x")}).Terminate(context.Background(), c); workflow.CodeOf(err) != workflow.CodeUnavailable {
		t.Errorf("a job that cannot be stopped: %v", err)
	}
}

func TestTail(t *testing.T) {
	t.Parallel()
	if got := Tail(strings.Repeat("a\n", 200)); strings.Count(got, "\n") != MaxLogLines {
		t.Errorf("%d lines", strings.Count(got, "\n"))
	}
	if got := Tail(strings.Repeat("é", MaxLogBytes)); len(got) > MaxLogBytes || strings.Contains(got, "\uFFFD") {
		t.Errorf("%d bytes, cut in a character: %t", len(got), strings.Contains(got, "\uFFFD"))
	}
	if Tail("") != "" || Tail("x") != "x" {
		t.Error("a short log is changed")
	}
}
