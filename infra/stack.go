package main

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/segue-workflows/segue/shared/wire"
)

// segue is the stack and what its parts share.
type segue struct {
	stack   cdk.Stack
	options options

	table     awsdynamodb.Table
	queues    map[string]awssqs.Queue // by their names in wire
	signals   awssns.Topic
	events    awssns.Topic                  // nil: no events are published
	functions map[string]awslambda.Function // by their names in wire
	api       awsapigatewayv2.HttpApi
}

// newSegue makes the stack. Read from top to bottom, its calls are the architecture.
func newSegue(scope constructs.Construct, o options) *segue {
	s := &segue{options: o, queues: map[string]awssqs.Queue{}, functions: map[string]awslambda.Function{}}
	s.stack = cdk.NewStack(scope, text("Segue-"+o.stage), &cdk.StackProps{
		StackName:   text("segue-" + o.stage),
		Description: text("Segue: serverless workflow orchestration (" + o.stage + ")"),
	})
	cdk.Tags_Of(s.stack).Add(text("segue:stage"), text(o.stage), nil)

	s.makeTable()
	s.makeQueues()
	s.makeTopics()
	s.makeFunctions()
	s.feedFunctions()
	s.publishEvents()
	s.makeSchedule()
	s.makeAPI()
	s.grantSecrets()
	s.grantReach()
	s.runContainers()
	s.observe()

	s.output(wire.OutputAPI, s.api.ApiEndpoint())
	s.output(wire.OutputTable, s.table.TableName())
	s.output(wire.OutputSignals, s.signals.TopicArn())
	if s.events != nil {
		s.output(wire.OutputEvents, s.events.TopicArn())
	}
	s.output(wire.OutputDeadLetter, s.queues[wire.DeadLetters].QueueUrl())
	s.output(wire.OutputParked, s.queues[wire.Parked].QueueUrl())
	return s
}

// output is what the command line reads of a deployed stack.
func (s *segue) output(name string, value *string) {
	cdk.NewCfnOutput(s.stack, text(name), &cdk.CfnOutputProps{Value: value})
}

// text, number, seconds and days make the pointers and durations that CDK takes.
func text(s string) *string           { return jsii.String(s) }
func number(n int) *float64           { return jsii.Number(n) }
func seconds(n int) cdk.Duration      { return cdk.Duration_Seconds(number(n)) }
func days(n int) cdk.Duration         { return cdk.Duration_Days(number(n)) }
func texts(list ...string) *[]*string { return jsii.Strings(list...) }
