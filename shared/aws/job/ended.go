package job

import (
	"context"
	"errors"
	"strconv"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/segue-workflows/segue/shared/runtime/container"
	"github.com/segue-workflows/segue/shared/token"
	"github.com/segue-workflows/segue/shared/workflow"
)

// over tells whether a task has ended, with all that ECS has to say of it.
func over(task *types.Task) bool {
	status := sdk.ToString(task.LastStatus)
	return status == "STOPPED" || status == "DELETED"
}

// report says how a task stands.
func (c Containers) report(ctx context.Context, task *types.Task) (container.Report, error) {
	report := container.Report{ID: sdk.ToString(task.TaskArn), Phase: container.Working}
	switch status := sdk.ToString(task.LastStatus); {
	case status == "PROVISIONING", status == "PENDING", status == "ACTIVATING":
		report.Phase = container.Waiting
		return report, nil
	case !over(task):
		return report, nil
	}
	name := nameOf(task)
	report.Phase, report.Reason = container.Lost, stopReason(task)
	for _, one := range task.Containers {
		if sdk.ToString(one.Name) != name {
			continue
		}
		if one.Reason != nil {
			report.Reason = strings.TrimPrefix(report.Reason+"; "+short(*one.Reason), "; ")
		}
		if one.ExitCode != nil {
			report.Exit, report.Phase = int(*one.ExitCode), phaseOf(task, *one.ExitCode)
		}
	}
	var err error
	report.Log, err = c.tail(ctx, task, name)
	return report, err
}

// phaseOf tells a job that failed from one that was ended by others: by the platform, or by somebody who stopped its
// task. A job that ended well before that ended well.
func phaseOf(task *types.Task, exit int32) container.Phase {
	switch {
	case exit == 0:
		return container.Succeeded
	case task.StopCode == types.TaskStopCodeEssentialContainerExited, task.StopCode == "":
		return container.Failed
	}
	return container.Lost
}

// nameOf is the container that Start gave its orders to.
func nameOf(task *types.Task) string {
	if task.Overrides != nil && len(task.Overrides.ContainerOverrides) > 0 {
		return sdk.ToString(task.Overrides.ContainerOverrides[0].Name)
	}
	return ""
}

// stopReason says why a task ended, unless its container simply exited.
func stopReason(task *types.Task) string {
	if task.StopCode == types.TaskStopCodeEssentialContainerExited {
		return ""
	}
	return strings.Trim(string(task.StopCode)+": "+short(sdk.ToString(task.StoppedReason)), ": ")
}

// short bounds what the service says.
func short(text string) string {
	const most = 500
	if len(text) > most {
		text = text[:most] + "…"
	}
	return strings.ToValidUTF8(text, "")
}

// maxPages bounds the pages of a log that are asked for: those before the last lines may be empty.
const maxPages = 4

// tail reads the end of the log of a task. A log that is not there, or not ours to read, is empty: a job that did its
// work has done it.
func (c Containers) tail(ctx context.Context, task *types.Task, name string) (string, error) {
	group, stream, ok := c.Plan.logsOf(sdk.ToString(task.TaskDefinitionArn), name, sdk.ToString(task.TaskArn))
	if !ok {
		return "", nil
	}
	var lines []string
	var page *string
	for range maxPages {
		out, err := c.Logs.GetLogEvents(ctx, &cloudwatchlogs.GetLogEventsInput{LogGroupName: &group, LogStreamName: &stream,
			StartFromHead: sdk.Bool(false), Limit: sdk.Int32(container.MaxLogLines), NextToken: page})
		if err != nil {
			return "", ofLogs(err)
		}
		before := make([]string, 0, len(out.Events)+len(lines))
		for _, event := range out.Events {
			before = append(before, sdk.ToString(event.Message))
		}
		lines = append(before, lines...)
		if len(lines) >= container.MaxLogLines || out.NextBackwardToken == nil || sdk.ToString(page) == *out.NextBackwardToken {
			break
		}
		page = out.NextBackwardToken
	}
	return container.Tail(strings.Join(lines, "\n")), nil
}

// ofLogs passes on only what may be otherwise the next time.
func ofLogs(err error) error {
	var missing *logtypes.ResourceNotFoundException
	if errors.As(err, &missing) {
		return nil
	}
	if err = ofECS(err); errors.Is(err, workflow.ErrUnavailable) {
		return err
	}
	return nil
}

// Attempt returns whom a task works for, and whether it has ended. known is false for a task that is not one of this
// deployment: what names it, an event for example, proves nothing.
func (c Containers) Attempt(ctx context.Context, task string) (holder token.Holder, ended, known bool, err error) {
	if !c.Plan.allows(task) {
		return holder, false, false, nil
	}
	tasks, err := c.describe(ctx, []string{task})
	if err != nil || len(tasks) == 0 || sdk.ToString(tasks[0].Group) != c.group() {
		return holder, false, false, err
	}
	tags := map[string]string{}
	for _, tag := range tasks[0].Tags {
		tags[sdk.ToString(tag.Key)] = sdk.ToString(tag.Value)
	}
	a := &holder.Attempt
	a.Workflow, a.Step, holder.UUID = workflow.ID(tags[tagWorkflow]), workflow.StepID(tags[tagStep]), tags[tagUUID]
	for to, name := range map[*int64]string{&a.Instance: tagInstance, &a.Run: tagRun, &a.Attempt: tagAttempt} {
		if *to, err = strconv.ParseInt(tags[name], 10, 64); err != nil || *to <= 0 {
			return holder, false, false, nil
		}
	}
	known = tags[tagStage] == c.Stage && a.Workflow != "" && a.Step != "" && holder.UUID != ""
	return holder, over(&tasks[0]), known, nil
}
