package main

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsevents"
	"github.com/aws/aws-cdk-go/awscdk/v2/awseventstargets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"

	"github.com/segue-workflows/segue/shared/wire"
)

// containers is where the tasks of container steps run.
type containers wire.Plan

var (
	clusterARN    = regexp.MustCompile(`^arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:cluster/[A-Za-z0-9_-]{1,255}$`)
	definitionARN = regexp.MustCompile(`^arn:aws[a-z-]*:ecs:[a-z0-9-]+:[0-9]{12}:task-definition/[A-Za-z0-9_-]{1,255}:[1-9][0-9]{0,8}$`)
	roleARN       = regexp.MustCompile(`^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9+=,.@_/-]{1,512}$`)
	nameInLogs    = regexp.MustCompile(`^[A-Za-z0-9_./#-]{0,512}$`)
)

// maxPlan bounds what dispatch is told of containers: all its variables together may have 4 KiB.
const maxPlan = 2500

// containersOf reads the choice: an object, or the name of a file that holds one.
func containersOf(choice string) (containers, error) {
	var c containers
	if choice == "" {
		return c, nil
	}
	list := []byte(choice)
	if !strings.HasPrefix(strings.TrimSpace(choice), "{") {
		var err error
		if list, err = os.ReadFile(choice); err != nil {
			return c, fmt.Errorf("containers: neither an object nor a file: %w", err)
		}
	}
	reader := json.NewDecoder(strings.NewReader(string(list)))
	reader.DisallowUnknownFields()
	if err := reader.Decode(&c); err != nil {
		return c, fmt.Errorf(`containers: an object such as {"cluster": "arn", "subnets": ["id"], "images": {"python:3.12": {"task": "arn", "roles": ["arn"]}}}: %w`, err)
	}
	return c, c.check()
}

func (c containers) check() error {
	switch {
	case !clusterARN.MatchString(c.Cluster):
		return fmt.Errorf("containers: cluster %q: the ARN of a cluster", c.Cluster)
	case len(c.Subnets) == 0 || len(c.Images) == 0:
		return fmt.Errorf("containers: subnets and images are needed too")
	}
	for name, i := range c.Images {
		switch {
		case name == "" || i == nil || !definitionARN.MatchString(i.Task):
			return fmt.Errorf("containers: image %q: the ARN of a task definition, with its revision", name)
		case !nameInLogs.MatchString(i.LogGroup) || !nameInLogs.MatchString(i.LogPrefix) || !nameInLogs.MatchString(i.Container):
			return fmt.Errorf("containers: image %q: container, logGroup and logPrefix are names, without wildcards", name)
		}
		for _, role := range i.Roles {
			if !roleARN.MatchString(role) {
				return fmt.Errorf("containers: image %q: role %q: the ARN of a role", name, role)
			}
		}
	}
	if n := len(c.plan()); n > maxPlan {
		return fmt.Errorf("containers: %d bytes, and a function can be told %d: let images that run alike share a beginning", n, maxPlan)
	}
	return nil
}

// plan is what dispatch is told: all but the roles.
func (c containers) plan() string {
	told := c
	told.Images = map[string]*wire.Place{}
	for name, i := range c.Images {
		one := *i
		one.Roles = nil
		told.Images[name] = &one
	}
	text, err := json.Marshal(told)
	if err != nil {
		panic("infra: " + err.Error()) // it is made of texts
	}
	return string(text)
}

// runContainers lets dispatch run the tasks that were chosen, and no others, and tells it when they end.
func (s *segue) runContainers() {
	c := s.options.containers
	if len(c.Images) == 0 {
		return
	}
	dispatch := s.functions[wire.Dispatch]
	dispatch.AddEnvironment(text(wire.Containers), text(c.plan()), nil)
	var definitions, roles, logs []string
	for _, i := range c.Images {
		definitions, roles = append(definitions, i.Task), append(roles, i.Roles...)
		if i.LogGroup != "" {
			logs = append(logs, s.streams(i))
		}
	}
	allow := func(conditions map[string]any, resources []string, actions ...string) {
		if slices.Sort(resources); len(resources) > 0 {
			dispatch.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
				Actions: texts(actions...), Resources: texts(slices.Compact(resources)...), Conditions: &conditions}))
		}
	}
	cluster := map[string]any{"ArnEquals": map[string]any{"ecs:cluster": c.Cluster}}
	tasks := []string{strings.Replace(c.Cluster, ":cluster/", ":task/", 1) + "/*"}
	allow(cluster, definitions, "ecs:RunTask")
	allow(map[string]any{"StringEquals": map[string]any{"ecs:CreateAction": "RunTask"}}, tasks, "ecs:TagResource")
	allow(map[string]any{"StringEquals": map[string]any{"aws:ResourceTag/segue:stage": s.options.stage}}, tasks, "ecs:StopTask")
	allow(cluster, tasks, "ecs:DescribeTasks")
	allow(cluster, []string{"*"}, "ecs:ListTasks")
	allow(map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "ecs-tasks.amazonaws.com"}}, roles, "iam:PassRole")
	allow(map[string]any{}, logs, "logs:GetLogEvents")
	s.watchTasks(c.Cluster)
}

// streams are those in which the tasks of an image write their logs.
func (s *segue) streams(i *wire.Place) string {
	one := *i
	one.Complete()
	return *s.stack.FormatArn(&cdk.ArnComponents{Service: text("logs"), Resource: text("log-group"),
		ResourceName: text(i.LogGroup + ":log-stream:" + one.LogPrefix + "/" + one.Container + "/*"), ArnFormat: cdk.ArnFormat_COLON_RESOURCE_NAME})
}

// watchTasks tells dispatch of tasks that ended. Of an event only the name of the task is passed on: it also holds the
// environment of the task, and with it what was secret.
func (s *segue) watchTasks(cluster string) {
	awsevents.NewRule(s.stack, text("TaskRule"), &awsevents.RuleProps{
		Description: text("Segue: tasks of container steps that ended"),
		EventPattern: &awsevents.EventPattern{
			Source: texts("aws.ecs"), DetailType: texts("ECS Task State Change"),
			Detail: &map[string]any{"clusterArn": []string{cluster}, "group": []string{"segue-" + s.options.stage}, "lastStatus": []string{"STOPPED"}},
		},
		Targets: &[]awsevents.IRuleTarget{awseventstargets.NewSqsQueue(s.queues[wire.Dispatch], &awseventstargets.SqsQueueProps{
			Message: awsevents.RuleTargetInput_FromObject(map[string]any{"ecsTask": awsevents.EventField_FromPath(text("$.detail.taskArn"))}),
		})},
	})
}
