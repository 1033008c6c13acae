package main

import (
	"fmt"
	"strings"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsscheduler"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsschedulertargets"

	"github.com/segue-workflows/segue/shared/wire"
)

// makeSchedule re-seeds the sweep each minute. A sweep sends itself on; this one matters when that chain broke.
func (s *segue) makeSchedule() {
	group := awsscheduler.NewScheduleGroup(s.stack, text("Schedules"), nil)
	schedule := awsscheduler.NewSchedule(s.stack, text("Sweep"), &awsscheduler.ScheduleProps{
		Description:   text("Seeds the search for forgotten work"),
		Schedule:      awsscheduler.ScheduleExpression_Expression(text("rate(1 minute)"), nil),
		ScheduleGroup: group,
		Target: awsschedulertargets.NewSqsSendMessage(s.queues[wire.Evaluate], &awsschedulertargets.SqsSendMessageProps{
			Input:         awsscheduler.ScheduleTargetInput_FromText(text(wire.SweepMessage)),
			MaxEventAge:   seconds(60), // the next minute brings the next one
			RetryAttempts: number(3),
		}),
	})
	// The schedule names its group as text, so CloudFormation does not see which comes first.
	schedule.Node().AddDependency(group)
	s.makeTimers()
}

// timerActions are the calls by which the trigger function keeps the schedules of time triggers.
var timerActions = texts("scheduler:CreateSchedule", "scheduler:UpdateSchedule", "scheduler:DeleteSchedule")

// makeTimers lets the trigger function keep schedules of time triggers, in a group of their own: it can touch no other.
func (s *segue) makeTimers() {
	group := awsscheduler.NewScheduleGroup(s.stack, text("Timers"), &awsscheduler.ScheduleGroupProps{RemovalPolicy: cdk.RemovalPolicy_DESTROY})
	role := awsiam.NewRole(s.stack, text("TimerRole"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(text("scheduler.amazonaws.com"), &awsiam.ServicePrincipalOpts{
			Conditions: &map[string]any{"StringEquals": map[string]any{"aws:SourceAccount": s.stack.Account(), "aws:SourceArn": group.ScheduleGroupArn()}},
		}),
	})
	name := group.Node().DefaultChild().(awsscheduler.CfnScheduleGroup).Ref() // so that the functions come after the group
	queue, dead := s.queues[wire.Trigger], s.queues[wire.DeadLetters]
	queue.Grant(role, *sendActions...)
	dead.Grant(role, *sendActions...)
	f := s.functions[wire.Trigger]
	schedules := s.stack.FormatArn(&cdk.ArnComponents{Service: text("scheduler"), Resource: text("schedule"),
		ResourceName: cdk.Fn_Join(text(""), &[]*string{name, text("/*")})})
	f.AddToRolePolicy(allow(schedules, timerActions))
	f.AddToRolePolicy(allow(text("*"), texts("scheduler:ListSchedules"))) // the service lists all or nothing
	f.AddToRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: texts("iam:PassRole"), Resources: &[]*string{role.RoleArn()},
		Conditions: &map[string]any{"StringEquals": map[string]any{"iam:PassedToService": "scheduler.amazonaws.com"}}}))
	f.AddEnvironment(text(wire.ScheduleGroup), name, nil)
	f.AddEnvironment(text(wire.ScheduleRole), role.RoleArn(), nil)
	f.AddEnvironment(text(wire.ScheduleQueue), queue.QueueArn(), nil)
	f.AddEnvironment(text(wire.ScheduleDead), dead.QueueArn(), nil)
}

// allow is a statement that lets its role make calls on one resource.
func allow(resource *string, actions *[]*string) awsiam.PolicyStatement {
	return awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{Actions: actions, Resources: &[]*string{resource}})
}

// makeAPI makes the HTTP API: one route for everything, because the function knows the paths, and those of jobs,
// which the gateway cannot check.
func (s *segue) makeAPI() {
	integration := awsapigatewayv2integrations.NewHttpLambdaIntegration(text("Integration"), s.functions[wire.API], nil)
	s.api = awsapigatewayv2.NewHttpApi(s.stack, text("Http"), &awsapigatewayv2.HttpApiProps{
		ApiName:            text("segue-" + s.options.stage),
		Description:        text("Segue's REST API"),
		DefaultIntegration: integration,
		DefaultAuthorizer:  s.authorizer(),
	})
	for i, route := range wire.JobRoutes {
		method, path, _ := strings.Cut(route, " ")
		awsapigatewayv2.NewHttpRoute(s.stack, text(fmt.Sprintf("JobRoute%d", i)), &awsapigatewayv2.HttpRouteProps{
			HttpApi:     s.api,
			RouteKey:    awsapigatewayv2.HttpRouteKey_With(text(path), awsapigatewayv2.HttpMethod(method)),
			Integration: integration,
			Authorizer:  awsapigatewayv2.NewHttpNoneAuthorizer(), // the function checks the token of the job
		})
	}
	s.functions[wire.Dispatch].AddEnvironment(text(wire.Address), s.api.ApiEndpoint(), nil)
}

// authorizer checks callers: by the signature of their requests, or by tokens of an issuer.
func (s *segue) authorizer() awsapigatewayv2.IHttpRouteAuthorizer {
	if s.options.jwtIssuer == "" {
		return awsapigatewayv2authorizers.NewHttpIamAuthorizer()
	}
	return awsapigatewayv2authorizers.NewHttpJwtAuthorizer(text("Tokens"), text(s.options.jwtIssuer),
		&awsapigatewayv2authorizers.HttpJwtAuthorizerProps{JwtAudience: texts(s.options.jwtAudience)})
}
