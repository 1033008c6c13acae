package entry_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"

	"github.com/segue-workflows/segue/shared/aws/entry"
	"github.com/segue-workflows/segue/shared/aws/job"
	"github.com/segue-workflows/segue/shared/aws/job/ecstest"
	"github.com/segue-workflows/segue/shared/engine/callback"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/runtime/container"
	"github.com/segue-workflows/segue/shared/workflow"
)

// fleet is an engine whose container steps run on a stand-in of ECS.
type fleet struct {
	*enginetest.World
	server *ecstest.Server
	take   func(ctx context.Context, body []byte) (bool, error)
}

// unsure is a backend whose first answer to Start is lost.
type unsure struct {
	job.Containers
	lost *bool
}

func (u unsure) Start(ctx context.Context, j container.Job) (string, error) {
	id, err := u.Containers.Start(ctx, j)
	if err == nil && !*u.lost {
		*u.lost = true
		return "", workflow.Errorf(workflow.CodeUnavailable, "the answer was lost")
	}
	return id, err
}

func newFleet(t *testing.T, lost bool) *fleet {
	t.Helper()
	f := &fleet{server: ecstest.New(t)}
	config := sdk.Config{Region: "eu-west-1", Credentials: credentials.NewStaticCredentialsProvider("key", "secret", "")}
	plan, err := job.ParsePlan(`{"cluster": "` + ecstest.Cluster + `", "subnets": ["s"], "images": {"python:*": {"task": "` + ecstest.Definition + `", "logGroup": "` + ecstest.LogGroup + `"}}}`)
	if err != nil {
		t.Fatal(err)
	}
	tasks := job.Containers{Stage: "dev", Plan: plan,
		Tasks: ecs.NewFromConfig(config, func(o *ecs.Options) { o.RetryMaxAttempts, o.BaseEndpoint = 1, &f.server.URL }),
		Logs:  cloudwatchlogs.NewFromConfig(config, func(o *cloudwatchlogs.Options) { o.RetryMaxAttempts, o.BaseEndpoint = 1, &f.server.URL })}
	answered := !lost
	f.World = enginetest.New(t, func(r *runtime.Registry) {
		container.Register(r, container.Options{Backend: unsure{tasks, &answered}, Slow: time.Minute})
	})
	f.take = entry.Tasks(tasks, &callback.Callback{Loop: f.Loop})
	spec := &workflow.Params{}
	spec.Set("image", &workflow.Param{Type: workflow.String, Value: "python:3.12"})
	step := enginetest.Step("s", "Container")
	step.Params = &workflow.Params{}
	step.Params.Set("container", &workflow.Param{Type: workflow.Map, Value: spec})
	step.Params.Set("n", &workflow.Param{Type: workflow.Long, Value: int64(1), Mode: workflow.Mutable})
	f.Push(&workflow.Workflow{ID: "w", Steps: []*workflow.Step{step}}, workflow.DefaultRunStrategy)
	f.Start("w", "")
	f.Drain(0)
	return f
}

// event delivers what the rule makes of an event, twice, as queues do.
func (f *fleet) event(arn string) {
	f.T.Helper()
	for range 2 {
		known, err := f.take(f.T.Context(), []byte(`{"ecsTask":"`+arn+`"}`))
		if !known || err != nil {
			f.T.Fatalf("%t %v", known, err)
		}
	}
}

func (f *fleet) status() workflow.InstanceStatus { return f.Run("w", 1).State.Status }

func output(f *fleet, arn string) []string {
	return []string{"hello", f.server.Environment(arn, container.OutputStart), `{"params":{"n":{"type":"LONG","value":7}}}`, f.server.Environment(arn, container.OutputEnd)}
}

func TestAnEventBringsTheEndOfATask(t *testing.T) {
	t.Parallel()
	f := newFleet(t, false)
	arn := f.server.Tasks()[0]
	f.server.Run(arn)
	f.event(arn) // it does not say that the task ended, whatever its sender meant
	f.Drain(0)
	if got := len(f.server.Calls("DescribeTasks")); f.status() != workflow.InstanceInProgress || got != 3 {
		t.Fatalf("the run is %s after %d looks", f.status(), got)
	}
	f.server.End(arn, ecstest.End{Log: output(f, arn)})
	f.event(arn)
	f.Drain(0)
	if f.status() != workflow.InstanceSucceeded || len(f.server.Tasks()) != 1 {
		t.Fatalf("the run is %s, with %d tasks", f.status(), len(f.server.Tasks()))
	}
	f.event(arn) // late
}

func TestALostEventCostsAMinute(t *testing.T) {
	t.Parallel()
	f := newFleet(t, false)
	f.server.End(f.server.Tasks()[0], ecstest.End{})
	f.Drain(30 * time.Second)
	if f.status() != workflow.InstanceInProgress {
		t.Errorf("the run is %s", f.status())
	}
	f.Drain(40 * time.Second)
	if f.status() != workflow.InstanceSucceeded {
		t.Errorf("the run is %s", f.status())
	}
}

func TestALostAnswerBeginsNoSecondTask(t *testing.T) {
	t.Parallel()
	f := newFleet(t, true)
	f.Drain(10 * time.Second)
	if n := len(f.server.Calls("RunTask")); n != 2 || len(f.server.Tasks()) != 1 {
		t.Fatalf("%d tasks of %d calls", len(f.server.Tasks()), n)
	}
	arn := f.server.Tasks()[0]
	f.server.End(arn, ecstest.End{Log: output(f, arn)})
	f.event(arn)
	f.Drain(0)
	if f.status() != workflow.InstanceSucceeded {
		t.Errorf("the run is %s", f.status())
	}
}

func TestATaskThatFindsNoPlaceIsTriedAgain(t *testing.T) {
	t.Parallel()
	f := newFleet(t, false)
	f.server.End(f.server.Tasks()[0], ecstest.End{Exit: -1, Code: "TaskFailedToStart", Reason: "Capacity is unavailable at this time."})
	f.event(f.server.Tasks()[0])
	f.Drain(5 * time.Minute)
	if n := len(f.server.Tasks()); n != 2 || f.status() != workflow.InstanceInProgress {
		t.Fatalf("%d tasks; the run is %s", n, f.status())
	}
	f.server.End(f.server.Tasks()[1], ecstest.End{Exit: 1})
	f.event(f.server.Tasks()[0]) // of the attempt before: it moves nothing
	f.event(f.server.Tasks()[1])
	f.Drain(0)
	if calls := f.server.Calls("RunTask"); len(calls) != 2 || calls[0]["clientToken"] == calls[1]["clientToken"] {
		t.Errorf("%d calls", len(calls))
	}
}

func TestWhatIsNoEventOfATask(t *testing.T) {
	t.Parallel()
	f := newFleet(t, false)
	for body, wants := range map[string]bool{"": false, "{}": false, `{"ecsTask":""}`: false, `{"ecsTask":7}`: false, `{"k":"sweep"}`: false,
		`{"ecsTask":"arn:aws:ecs:eu-west-1:123456789012:task/other/1"}`: true, `{"ecsTask":"` + f.server.Tasks()[0] + `1"}`: true} {
		if known, err := f.take(t.Context(), []byte(body)); known != wants || err != nil {
			t.Errorf("%s: %t %v", body, known, err)
		}
	}
	f.server.Fail(func(string) (int, string) { return 400, "ThrottlingException" })
	if known, err := f.take(t.Context(), []byte(`{"ecsTask":"`+f.server.Tasks()[0]+`"}`)); !known || !errors.Is(err, workflow.ErrUnavailable) || strings.Contains(err.Error(), "assumed-role") {
		t.Errorf("%t %v", known, err)
	}
}
