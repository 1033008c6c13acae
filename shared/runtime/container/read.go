package container

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Variables that every job finds in its environment. What it prints between the two texts is its output.
const (
	OutputStart = "MAESTRO_OUTPUT_START"
	OutputEnd   = "MAESTRO_OUTPUT_END"
	AttemptUUID = "SEGUE_STEP_UUID"
	tokenEnv    = "SEGUE_TOKEN"
	callbackEnv = "SEGUE_CALLBACK"
	failuresEnv = "SEGUE_FAILED_DELIVERIES" // of the attempt so far: the job may have been begun before
)

// Marks returns the texts around the output of an attempt: words that no shell reads anything into.
func Marks(uuid string) (start, end string) {
	return "__maestro_output_start_" + uuid + "__", "__maestro_output_end_" + uuid + "__"
}

// Limits of a job.
const (
	maxParts = 256       // of a command, and of its environment
	maxBytes = 128 << 10 // of all of them together
)

func invalidf(format string, args ...any) error {
	return workflow.Errorf(workflow.CodeInvalid, format, args...)
}

// fields reads the entries of a MAP param. The first that cannot be read is remembered.
type fields struct {
	param  string
	values map[string]any
	err    error
}

func fieldsOf(call runtime.Call, name string) *fields {
	f := &fields{param: name}
	p, ok := call.Params.Get(name)
	if !ok {
		return f
	}
	if f.values, ok = p.Result.(map[string]any); !ok {
		f.err = invalidf("the param %s must be a MAP", name)
	}
	return f
}

func (f *fields) fault(name, want string) {
	if f.err == nil {
		f.err = invalidf("the param %s.%s must be a %s", f.param, name, want)
	}
}

// text reads a text, or a number as one: cpu is often written without quotes.
func (f *fields) text(name string) string {
	switch value := f.values[name].(type) {
	case nil:
	case string:
		return value
	case int64, float64:
		return fmt.Sprint(value)
	default:
		f.fault(name, "STRING")
	}
	return ""
}

func (f *fields) texts(name string) []string {
	switch value := f.values[name].(type) {
	case nil:
	case []string:
		return value
	case []int64:
		out := make([]string, len(value))
		for i, n := range value {
			out[i] = fmt.Sprint(n)
		}
		return out
	default:
		f.fault(name, "STRING_ARRAY")
	}
	return nil
}

func (f *fields) environment(name string) map[string]string {
	out := map[string]string{}
	switch value := f.values[name].(type) {
	case nil:
	case map[string]string:
		maps.Copy(out, value)
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			switch item := value[key].(type) {
			case string, int64, float64, bool:
				out[key] = fmt.Sprint(item)
			default:
				f.fault(name, "map of texts")
			}
		}
	default:
		f.fault(name, "STRING_MAP")
	}
	return out
}

func (f *fields) inner(name string) *fields {
	out := &fields{param: f.param + "." + name}
	if value, ok := f.values[name]; ok {
		if out.values, ok = value.(map[string]any); !ok {
			f.fault(name, "MAP")
		}
	}
	return out
}

// readJob reads what Kubernetes and Container steps have in common from the entries of one param.
func readJob(call runtime.Call, param string) (Job, error) {
	f := fieldsOf(call, param)
	job := Job{Key: f.text("job_deduplication_key"), Attempt: call.Key, Name: f.text("app_name"), Image: f.text("image"),
		Command: f.texts("command"), Args: f.texts("args"), Env: f.environment("env"), CPU: f.text("cpu"), Memory: f.text("memory"),
		Disk: f.text("disk"), GPU: f.text("gpu"), Owner: f.text("owner_email")}
	stop := f.inner("pre_stop").inner("exec")
	job.PreStop = stop.texts("command")
	entrypoint := f.text("entrypoint") // of old definitions: a line for the shell
	if f.err == nil {
		f.err = stop.err
	}
	if len(job.Command)+len(job.Args) == 0 {
		job.Command = shell(entrypoint, call)
	}
	if job.Key == "" {
		job.Key = call.UUID
	}
	surround(&job, call)
	if f.err != nil {
		return job, f.err
	}
	return job, job.check()
}

// shell returns the command of a step that gives none: its entry point or its script, for the shell. Without either
// the image's own command runs.
func shell(entrypoint string, call runtime.Call) []string {
	if entrypoint == "" {
		if p, ok := call.Params.Get("script"); ok {
			entrypoint, _ = p.Result.(string)
		}
	}
	if entrypoint == "" {
		return nil
	}
	return []string{"/bin/sh", "-c", entrypoint}
}

// surround gives a job what it needs to answer.
func surround(job *Job, call runtime.Call) {
	start, end := Marks(call.UUID)
	job.Env[OutputStart], job.Env[OutputEnd], job.Env[AttemptUUID] = start, end, call.UUID
	job.Env[failuresEnv] = strconv.FormatInt(call.Failures, 10)
	if call.Token != "" {
		job.Env[tokenEnv] = call.Token
	}
	if call.Callback != "" {
		job.Env[callbackEnv] = call.Callback
	}
}

// check refuses what no backend can run. It names no value.
func (j Job) check() error {
	size, parts := 0, slices.Concat(j.Command, j.Args)
	for name, value := range j.Env {
		if name == "" || strings.ContainsAny(name, "=\x00") {
			return invalidf("a variable of the job's environment has no possible name")
		}
		parts = append(parts, name+"="+value)
	}
	for _, part := range parts {
		size += len(part)
		if strings.ContainsRune(part, 0) {
			return invalidf("the command and the environment of a job must not hold zero bytes")
		}
	}
	if len(parts) > maxParts || size > maxBytes {
		return invalidf("the command and the environment of a job have %d parts and %d bytes; the limits are %d and %d", len(parts), size, maxParts, maxBytes)
	}
	if len(j.Key) > workflow.MaxNameLength || strings.ContainsFunc(j.Key, func(r rune) bool { return r < ' ' }) {
		return invalidf("the job_deduplication_key must be a text of at most %d bytes", workflow.MaxNameLength)
	}
	return nil
}
