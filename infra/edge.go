package main

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2authorizers"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2integrations"
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
