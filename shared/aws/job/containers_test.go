package job

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/segue-workflows/segue/shared/aws/job/ecstest"
	"github.com/segue-workflows/segue/shared/runtime/container"
	"github.com/segue-workflows/segue/shared/workflow"
)

const uuid = "11111111-2222-3333-4444-555555555555"

func containers(t *testing.T) (Containers, *ecstest.Server) {
	t.Helper()
	server := ecstest.New(t)
	plan, err := ParsePlan(`{"cluster": "` + ecstest.Cluster + `", "subnets": ["subnet-1"], "securityGroups": ["sg-1"],
		"images": {"python:3.12": {"task": "` + ecstest.Definition + `", "logGroup": "` + ecstest.LogGroup + `"}, "team/*": {"task": "` + ecstest.Definition + `"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	return Containers{Stage: "dev", Plan: plan,
		Tasks: ecs.NewFromConfig(config(), func(o *ecs.Options) { o.RetryMaxAttempts, o.BaseEndpoint = 1, &server.URL }),
		Logs:  cloudwatchlogs.NewFromConfig(config(), func(o *cloudwatchlogs.Options) { o.RetryMaxAttempts, o.BaseEndpoint = 1, &server.URL })}, server
}

// started has begun the job of order.
func started(t *testing.T) (Containers, *ecstest.Server, string) {
	t.Helper()
	c, server := containers(t)
	arn, err := c.Start(t.Context(), order())
	if err != nil {
		t.Fatal(err)
	}
	return c, server, arn
}

func order() container.Job {
	return container.Job{Key: uuid, Image: "python:3.12", Command: []string{"python"}, Args: []string{"-c", "1"},
		Env: map[string]string{container.AttemptUUID: uuid, "K": "v"}, CPU: "500m", Memory: "3Gi", Disk: "30Gi",
		Attempt: workflow.AttemptKey{RunKey: workflow.RunKey{Workflow: "w", Instance: 3, Run: 2}, Step: "s", Attempt: 4}}
}

func TestRunTaskOnTheWire(t *testing.T) {
	t.Parallel()
	c, server := containers(t)
	arn, err := c.Start(t.Context(), order())
	if err != nil || len(server.Tasks()) != 1 || server.Tasks()[0] != arn {
		t.Fatalf("%q %v", arn, err)
	}
	sent, _ := json.Marshal(server.Calls("RunTask")[0])
	want := `{"clientToken":"` + uuid + `","cluster":"` + ecstest.Cluster + `","count":1,"group":"segue-dev",` +
		`"launchType":"FARGATE","networkConfiguration":{"awsvpcConfiguration":{"assignPublicIp":"DISABLED","securityGroups":["sg-1"],"subnets":["subnet-1"]}},` +
		`"overrides":{"containerOverrides":[{"command":["python","-c","1"],"cpu":512,"environment":[{"name":"K","value":"v"},{"name":"SEGUE_STEP_UUID","value":"` + uuid + `"}],` +
		`"memory":3072,"name":"main"}],"cpu":"512","ephemeralStorage":{"sizeInGiB":30},"memory":"3072"},"startedBy":"` + uuid + `",` +
		`"tags":[{"key":"segue:stage","value":"dev"},{"key":"segue:workflow","value":"w"},{"key":"segue:instance","value":"3"},{"key":"segue:run","value":"2"},` +
		`{"key":"segue:step","value":"s"},{"key":"segue:attempt","value":"4"},{"key":"segue:uuid","value":"` + uuid + `"}],"taskDefinition":"` + ecstest.Definition + `"}`
	if string(sent) != want {
		t.Errorf("the request is\n%s, not\n%s", sent, want)
	}
}

// TestOneTaskUnderOneKey: a start that is repeated, because its answer was lost or its caller died, says other things
// of the job than the first one did, and still begins nothing.
func TestOneTaskUnderOneKey(t *testing.T) {
	t.Parallel()
	c, server := containers(t)
	first, err := c.Start(t.Context(), order())
	if err != nil {
		t.Fatal(err)
	}
	for failures := range 3 {
		again := order()
		again.Env["SEGUE_FAILED_DELIVERIES"] = fmt.Sprint(failures)
		if arn, err := c.Start(t.Context(), again); err != nil || arn != first {
			t.Errorf("again: %q %v", arn, err)
		}
	}
	if n := len(server.Tasks()); n != 1 {
		t.Errorf("%d tasks", n)
	}
	for _, ref := range []container.Ref{{Key: uuid}, {Key: uuid, ID: first}} {
		if report, err := c.Look(t.Context(), ref); err != nil || report.ID != first || report.Phase != container.Waiting {
			t.Errorf("%+v: %+v %v", ref, report, err)
		}
	}
	server.Run(first)
	if report, _ := c.Look(t.Context(), container.Ref{Key: uuid, ID: first}); report.Phase != container.Working {
		t.Errorf("%+v", report)
	}
}

func TestKeysThatECSWouldNotTake(t *testing.T) {
	t.Parallel()
	c, server := containers(t)
	job := order()
	job.Key = "daily report, éditée"
	if _, err := c.Start(t.Context(), job); err != nil {
		t.Fatal(err)
	}
	if report, err := c.Look(t.Context(), container.Ref{Key: job.Key}); err != nil || report.Phase != container.Waiting || report.ID == "" {
		t.Errorf("%+v %v", report, err)
	}
	if token := fmt.Sprint(server.Calls("RunTask")[0]["clientToken"]); !tokenForm.MatchString(token) {
		t.Errorf("token %q", token)
	}
}

func TestEndsOfTasks(t *testing.T) {
	t.Parallel()
	lines := make([]string, 200)
	for i := range lines {
		lines[i] = fmt.Sprint("line ", i)
	}
	for name, tt := range map[string]struct {
		end    ecstest.End
		phase  container.Phase
		reason string
		log    string
	}{
		"well":                {ecstest.End{Log: []string{"hello", "bye"}}, container.Succeeded, "", "hello\nbye"},
		"without a log":       {ecstest.End{}, container.Succeeded, "", ""},
		"with a long log":     {ecstest.End{Log: lines}, container.Succeeded, "", strings.Join(lines[200-container.MaxLogLines:], "\n")},
		"by its own fault":    {ecstest.End{Exit: 3}, container.Failed, "", ""},
		"out of memory":       {ecstest.End{Exit: 137, Of: ecstest.Object{"reason": "OutOfMemoryError: Container killed due to memory usage"}}, container.Failed, "OutOfMemoryError: Container killed due to memory usage", ""},
		"well, then stopped":  {ecstest.End{Exit: 0, Code: "UserInitiated", Reason: "by me"}, container.Succeeded, "UserInitiated: by me", ""},
		"stopped by somebody": {ecstest.End{Exit: 143, Code: "UserInitiated", Reason: "by me"}, container.Lost, "UserInitiated: by me", ""},
		"taken by Spot":       {ecstest.End{Exit: 143, Code: "SpotInterruption", Reason: "Your Spot Task was interrupted."}, container.Lost, "SpotInterruption: Your Spot Task was interrupted.", ""},
		"before it began": {ecstest.End{Exit: -1, Code: "TaskFailedToStart", Reason: "CannotPullContainerError: no such image"}, container.Lost,
			"TaskFailedToStart: CannotPullContainerError: no such image", ""},
		"without a place": {ecstest.End{Exit: -1, Code: "TaskFailedToStart", Reason: "Timeout waiting for network interface provisioning to complete."}, container.Lost,
			"TaskFailedToStart: Timeout waiting for network interface provisioning to complete.", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, server, arn := started(t)
			server.End(arn, tt.end)
			report, err := c.Look(t.Context(), container.Ref{Key: uuid, ID: arn})
			if err != nil || report.Phase != tt.phase || report.Reason != tt.reason || report.Log != tt.log || report.Exit != max(tt.end.Exit, 0) || report.ID != arn {
				t.Errorf("%+v %v", report, err)
			}
		})
	}
}

func TestStartsThatECSRefuses(t *testing.T) {
	t.Parallel()
	for kind, tt := range map[string]struct {
		status int
		want   workflow.Code
	}{
		"ThrottlingException":              {400, workflow.CodeUnavailable},
		"ServerException":                  {500, workflow.CodeUnavailable},
		"AccessDeniedException":            {400, workflow.CodeDenied},
		"ClientException":                  {400, workflow.CodeInternal},
		"InvalidParameterException":        {400, workflow.CodeInvalid},
		"ClusterNotFoundException":         {400, workflow.CodeInvalid},
		"PlatformUnknownException":         {400, workflow.CodeInvalid},
		"UnsupportedFeatureException":      {400, workflow.CodeInvalid},
		"RequestLimitExceeded":             {400, workflow.CodeUnavailable},
		"ServiceUnavailable":               {503, workflow.CodeUnavailable},
		"TooManyRequestsException":         {429, workflow.CodeUnavailable},
		"com.amazonaws#ThrottledException": {400, workflow.CodeUnavailable},
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			c, server := containers(t)
			server.Fail(func(string) (int, string) { return tt.status, kind })
			_, err := c.Start(t.Context(), order())
			if workflow.CodeOf(err) != tt.want || len(server.Calls("RunTask")) != 1 || strings.Contains(fmt.Sprint(workflow.TextOf(err)), "assumed-role") {
				t.Errorf("%v, after %d calls", err, len(server.Calls("RunTask")))
			}
		})
	}
	c, server := containers(t)
	server.Refuse("RESOURCE:MEMORY")
	if _, err := c.Start(t.Context(), order()); workflow.CodeOf(err) != workflow.CodeInternal || !strings.Contains(err.Error(), "RESOURCE:MEMORY") {
		t.Errorf("%v", err)
	}
}

func TestStartsThatAreNotTried(t *testing.T) {
	t.Parallel()
	c, server := containers(t)
	for name, tt := range map[string]struct {
		change func(*container.Job)
		want   workflow.Code
		says   string
	}{
		"another image":    {func(j *container.Job) { j.Image = "ruby:3" }, workflow.CodeDenied, `"containers"`},
		"no image":         {func(j *container.Job) { j.Image = "" }, workflow.CodeDenied, `"containers"`},
		"a shorter name":   {func(j *container.Job) { j.Image = "python:3.1" }, workflow.CodeDenied, `"containers"`},
		"too large":        {func(j *container.Job) { j.Args = []string{strings.Repeat("x", 8100)} }, workflow.CodeInvalid, "8192"},
		"a GPU":            {func(j *container.Job) { j.GPU = "1" }, workflow.CodeInvalid, "GPU"},
		"no quantity":      {func(j *container.Job) { j.Memory = "lots" }, workflow.CodeInvalid, "memory"},
		"more than exists": {func(j *container.Job) { j.CPU = "17" }, workflow.CodeInvalid, "16 CPUs"},
		"too much disk":    {func(j *container.Job) { j.Disk = "1Ti" }, workflow.CodeInvalid, "200 GiB"},
	} {
		job := order()
		tt.change(&job)
		if _, err := c.Start(t.Context(), job); workflow.CodeOf(err) != tt.want || !strings.Contains(err.Error(), tt.says) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if n := len(server.Calls("RunTask")); n > 0 {
		t.Errorf("%d calls", n)
	}
	none := Containers{}
	if _, err := none.Start(t.Context(), order()); workflow.CodeOf(err) != workflow.CodeDenied {
		t.Errorf("a deployment without containers: %v", err)
	}
	if report, err := none.Look(t.Context(), container.Ref{Key: uuid, Age: time.Hour}); err != nil || report.Phase != container.Unknown {
		t.Errorf("%+v %v", report, err)
	}
}

func TestStopping(t *testing.T) {
	t.Parallel()
	c, server, arn := started(t)
	server.Hide(true)
	ref := container.Ref{Key: uuid, Age: time.Second} // its start died before it recorded the task
	if ended, err := c.Stop(t.Context(), ref, time.Time{}); err != nil || ended {
		t.Errorf("a task that ECS does not know yet: %t %v", ended, err)
	}
	server.Hide(false)
	for range 2 {
		if ended, err := c.Stop(t.Context(), ref, time.Time{}); err != nil || ended {
			t.Errorf("a task that runs: %t %v", ended, err)
		}
	}
	if n := len(server.Calls("StopTask")); n != 1 {
		t.Errorf("%d calls", n)
	}
	server.End(arn, ecstest.End{Exit: 143, Code: "UserInitiated", Reason: "x"})
	if ended, err := c.Stop(t.Context(), ref, time.Time{}); err != nil || !ended {
		t.Errorf("a task that ended: %t %v", ended, err)
	}
	if ended, err := c.Stop(t.Context(), container.Ref{Key: "other", Age: time.Hour}, time.Time{}); err != nil || !ended {
		t.Errorf("none: %t %v", ended, err)
	}
}

// TestNobodyLooksAtTheTaskOfAnother: an id that was recorded is checked against who started the task.
func TestNobodyLooksAtTheTaskOfAnother(t *testing.T) {
	t.Parallel()
	c, server, arn := started(t)
	mine := container.Ref{Key: "mine", ID: arn, Age: time.Hour}
	if report, err := c.Look(t.Context(), mine); err != nil || report.Phase != container.Unknown {
		t.Errorf("%+v %v", report, err)
	}
	if _, err := c.Stop(t.Context(), mine, time.Time{}); err != nil || len(server.Calls("StopTask")) > 0 {
		t.Errorf("%v", err)
	}
}

func TestATaskThatECSDoesNotKnowYet(t *testing.T) {
	t.Parallel()
	c, server, arn := started(t)
	server.Hide(true)
	for age, want := range map[time.Duration]container.Phase{time.Second: container.Waiting, time.Hour: container.Unknown} {
		if report, err := c.Look(t.Context(), container.Ref{Key: uuid, ID: arn, Age: age}); err != nil || report.Phase != want {
			t.Errorf("%v: %+v %v", age, report, err)
		}
	}
}

func TestALogThatCannotBeReadNow(t *testing.T) {
	t.Parallel()
	for kind, wants := range map[string]bool{"ThrottlingException": true, "AccessDeniedException": false} {
		c, server, arn := started(t)
		server.End(arn, ecstest.End{})
		server.Fail(func(operation string) (int, string) {
			if operation == "GetLogEvents" {
				return 400, kind
			}
			return 0, ""
		})
		report, err := c.Look(t.Context(), container.Ref{Key: uuid, ID: arn})
		if (err != nil) != wants || report.Phase != container.Succeeded {
			t.Errorf("%s: %+v %v", kind, report, err)
		}
	}
}

func TestWhoseTaskItIs(t *testing.T) {
	t.Parallel()
	c, server := containers(t)
	job := order()
	arn, err := c.Start(t.Context(), job)
	if err != nil {
		t.Fatal(err)
	}
	for _, wants := range []bool{false, true} {
		holder, ended, known, err := c.Attempt(t.Context(), arn)
		if err != nil || !known || ended != wants || holder.Attempt != job.Attempt || holder.UUID != uuid {
			t.Errorf("%+v %t %t %v", holder, ended, known, err)
		}
		server.End(arn, ecstest.End{})
	}
	elsewhere := c
	elsewhere.Stage = "prod"
	if _, _, known, err := elsewhere.Attempt(t.Context(), arn); known || err != nil {
		t.Errorf("another stage's: %t %v", known, err)
	}
	calls := len(server.Calls("DescribeTasks"))
	for _, name := range []string{"", "x", strings.Replace(arn, "/jobs/", "/other/", 1), strings.Replace(arn, "123456789012", "999999999999", 1), ecstest.Cluster, arn + "/x"} {
		if _, _, known, err := c.Attempt(t.Context(), name); known || err != nil {
			t.Errorf("%q: %t %v", name, known, err)
		}
	}
	if len(server.Calls("DescribeTasks")) != calls {
		t.Error("ECS was asked for tasks of other clusters")
	}
	if _, _, known, err := c.Attempt(t.Context(), arn+"0"); known || err != nil {
		t.Errorf("a task that is gone: %t %v", known, err)
	}
}

func TestPlacesOfImages(t *testing.T) {
	t.Parallel()
	d := func(n int) string { return fmt.Sprintf(`{"task": "arn:aws:ecs:r:1:task-definition/f:%d"}`, n) }
	plan, err := ParsePlan(`{"cluster": "c", "subnets": ["s"], "images": {"a": ` + d(1) + `, "a*": ` + d(2) + `, "a/b/*": ` + d(3) + `, "*": ` + d(4) + `}}`)
	if err != nil {
		t.Fatal(err)
	}
	for image, want := range map[string]string{"a": ":1", "ab": ":2", "a/b/c": ":3", "z": ":4", "a*": ":2", "": ":4"} {
		if place, ok := plan.place(image); !ok || !strings.HasSuffix(place.Task, want) {
			t.Errorf("%q: %+v", image, place)
		}
	}
	for _, text := range []string{"{", "[]", "{}", `{"cluster": "c", "subnets": ["s"]}`, `{"cluster": "c", "subnets": ["s"], "images": {"a": {"task": "f:1"}}}`,
		`{"cluster": "c", "subnets": ["s"], "images": {"a": {"task": "arn:aws:ecs:r:1:task-definition/f"}}}`, `{"cluster": "c", "subnets": ["s"], "images": {"a": null}}`} {
		if _, err := ParsePlan(text); err == nil {
			t.Errorf("%s is accepted", text)
		}
	}
}

func TestSizesOfTasks(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		cpu, memory string
		want        size
	}{
		{"", "", size{}}, {"250m", "", size{256, 512}}, {"", "512Mi", size{256, 512}}, {"0.25", "1100Mi", size{256, 2048}}, {"", "3G", size{512, 3072}},
		{"1", "1Gi", size{1024, 2048}}, {"1", "9Gi", size{2048, 9216}}, {"4", "30Gi", size{4096, 30720}}, {"4", "31Gi", size{8192, 32768}},
		{"16", "120Gi", size{16384, 122880}}, {"100m", "100M", size{256, 512}},
	} {
		job := order()
		job.CPU, job.Memory = tt.cpu, tt.memory
		out, err := overridesOf(job, "main")
		if err != nil {
			t.Fatal(err)
		}
		got := size{}
		if out.Cpu != nil {
			_, _ = fmt.Sscan(*out.Cpu+" "+*out.Memory, &got.units, &got.mebibytes)
		}
		if got != tt.want {
			t.Errorf("%s %s: %v, not %v", tt.cpu, tt.memory, got, tt.want)
		}
	}
	for _, text := range []string{"-1", "1e400", "NaN", "Inf", "1 Gi", "Gi", "0x", "1GiB"} {
		if n, err := quantity("cpu", text); err == nil {
			t.Errorf("%q is %v", text, n)
		}
	}
}
