package job

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"regexp"
	"slices"
	"strconv"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/segue-workflows/segue/shared/runtime/container"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Containers runs jobs as tasks of ECS on Fargate. It is the backend of container steps.
//
// The key of a job is the client token of its task: whoever asks ECS again, after a crash or because an answer was
// lost, is told of the task that is there. A token is good for 24 hours, which no attempt waits for its start.
type Containers struct {
	Tasks *ecs.Client            // should not repeat calls: the engine does
	Logs  *cloudwatchlogs.Client //
	Stage string                 // of the deployment: tasks of others are none of ours
	Plan  Plan
}

// settle is how long ECS may take to know a task that it began.
const settle = time.Minute

// tokenForm is what ECS takes both for a client token and for who started a task.
var tokenForm = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)

// token names the task of a job to ECS.
func (c Containers) token(key string) string {
	if tokenForm.MatchString(key) {
		return key
	}
	sum := sha256.Sum256([]byte(c.Stage + "\x00" + key))
	return hex.EncodeToString(sum[:])
}

// Start runs the task of a job, unless it was run before.
func (c Containers) Start(ctx context.Context, job container.Job) (string, error) {
	place, ok := c.Plan.place(job.Image)
	if !ok {
		return "", workflow.Errorf(workflow.CodeDenied, "this deployment has no task for the image that the step names: whoever deploys maps it to a task definition in the choice %q", "containers")
	}
	overrides, err := overridesOf(job, place.Container)
	if err != nil {
		return "", err
	}
	token, public := c.token(job.Key), types.AssignPublicIpDisabled
	if c.Plan.PublicAddress {
		public = types.AssignPublicIpEnabled
	}
	out, err := c.Tasks.RunTask(ctx, &ecs.RunTaskInput{
		TaskDefinition: &place.Task, Cluster: &c.Plan.Cluster, ClientToken: &token, StartedBy: &token, Count: sdk.Int32(1),
		Group: sdk.String(c.group()), LaunchType: types.LaunchTypeFargate, Overrides: overrides, Tags: c.tags(job),
		NetworkConfiguration: &types.NetworkConfiguration{AwsvpcConfiguration: &types.AwsVpcConfiguration{
			Subnets: c.Plan.Subnets, SecurityGroups: c.Plan.SecurityGroups, AssignPublicIp: public}},
	})
	if err != nil {
		return begun(err)
	}
	if len(out.Tasks) == 1 && out.Tasks[0].TaskArn != nil {
		return *out.Tasks[0].TaskArn, nil
	}
	reason := "it said no more"
	if len(out.Failures) > 0 {
		reason = short(sdk.ToString(out.Failures[0].Reason))
	}
	return "", workflow.Errorf(workflow.CodeInternal, "ECS placed no task: %s", reason)
}

// group is that of all tasks of the deployment.
func (c Containers) group() string { return "segue-" + c.Stage }

// Names of the tags that a task carries: whose it is, for the bill, for people and for Attempt.
const (
	tagStage    = "segue:stage"
	tagWorkflow = "segue:workflow"
	tagInstance = "segue:instance"
	tagRun      = "segue:run"
	tagStep     = "segue:step"
	tagAttempt  = "segue:attempt"
	tagUUID     = "segue:uuid"
)

func (c Containers) tags(job container.Job) []types.Tag {
	a := job.Attempt
	var out []types.Tag
	for _, tag := range [][2]string{{tagStage, c.Stage}, {tagWorkflow, string(a.Workflow)}, {tagInstance, strconv.FormatInt(a.Instance, 10)},
		{tagRun, strconv.FormatInt(a.Run, 10)}, {tagStep, string(a.Step)}, {tagAttempt, strconv.FormatInt(a.Attempt, 10)},
		{tagUUID, job.Env[container.AttemptUUID]}} {
		out = append(out, types.Tag{Key: sdk.String(tag[0]), Value: sdk.String(tag[1])})
	}
	return out
}

// Look returns what ECS knows of the task of a job.
func (c Containers) Look(ctx context.Context, job container.Ref) (container.Report, error) {
	task, err := c.find(ctx, job)
	if err != nil {
		return container.Report{}, err
	}
	if task == nil {
		if job.Age < settle {
			return container.Report{Phase: container.Waiting}, nil
		}
		return container.Report{}, nil
	}
	return c.report(ctx, task)
}

// Stop ends the task of a job: its processes are asked to, and killed by ECS when they do not.
func (c Containers) Stop(ctx context.Context, job container.Ref, _ time.Time) (bool, error) {
	task, err := c.find(ctx, job)
	switch {
	case err != nil:
		return false, err
	case task == nil:
		return job.Age >= settle, nil // ECS may not yet know a task that was begun just before
	case over(task):
		return true, nil
	case sdk.ToString(task.DesiredStatus) == "STOPPED":
		return false, nil
	}
	_, err = c.Tasks.StopTask(ctx, &ecs.StopTaskInput{Cluster: &c.Plan.Cluster, Task: task.TaskArn, Reason: sdk.String("the step is brought to its end")})
	if err != nil {
		return false, ofECS(err)
	}
	return false, nil
}

// find returns the task of a job: the one that was recorded, or one of its token; nil when there is none.
func (c Containers) find(ctx context.Context, job container.Ref) (*types.Task, error) {
	if len(c.Plan.Images) == 0 {
		return nil, nil // nothing was ever begun
	}
	token, arns := c.token(job.Key), []string{job.ID}
	if job.ID == "" {
		var err error
		if arns, err = c.list(ctx, token); err != nil || len(arns) == 0 {
			return nil, err
		}
	}
	tasks, err := c.describe(ctx, arns)
	if err != nil {
		return nil, err
	}
	// What is recorded may have been forged, by whoever could write it; what ECS says of the task was not.
	tasks = slices.DeleteFunc(tasks, func(t types.Task) bool { return sdk.ToString(t.StartedBy) != token })
	if len(tasks) == 0 {
		return nil, nil
	}
	newest := slices.MaxFunc(tasks, func(a, b types.Task) int {
		return cmp.Or(sdk.ToTime(a.CreatedAt).Compare(sdk.ToTime(b.CreatedAt)), cmp.Compare(sdk.ToString(a.TaskArn), sdk.ToString(b.TaskArn)))
	})
	return &newest, nil
}

// list returns the tasks of a token, those that run and those that ended within the last hour.
func (c Containers) list(ctx context.Context, token string) ([]string, error) {
	var all []string
	for _, status := range []types.DesiredStatus{types.DesiredStatusRunning, types.DesiredStatusStopped} {
		out, err := c.Tasks.ListTasks(ctx, &ecs.ListTasksInput{Cluster: &c.Plan.Cluster, StartedBy: &token, DesiredStatus: status})
		if err != nil {
			return nil, ofECS(err)
		}
		all = append(all, out.TaskArns...)
	}
	return all, nil
}

func (c Containers) describe(ctx context.Context, arns []string) ([]types.Task, error) {
	out, err := c.Tasks.DescribeTasks(ctx, &ecs.DescribeTasksInput{Cluster: &c.Plan.Cluster, Tasks: arns, Include: []types.TaskField{types.TaskFieldTags}})
	if err != nil {
		return nil, ofECS(err)
	}
	return out.Tasks, nil
}
