package main

import (
	"path/filepath"
	"strconv"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslambda"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/jsii-runtime-go"

	"github.com/segue-workflows/segue/shared/wire"
)

// function is what differs between the functions.
type function struct {
	name    string
	id      string
	time    int      // seconds an invocation may take
	batches int      // how many batches of its queue are at work at once; 0: no queue feeds it
	sends   []string // queues that it sends to
	looks   []string // queues that it looks into when somebody asks
}

// timing are the queues of functions that also ask for a look at time triggers.
var timing = append([]string{wire.Trigger}, hinted...)

// hinted are the queues that the engine's loop sends to, whoever runs it.
var hinted = []string{wire.Evaluate, wire.Dispatch, wire.Rollup}

// functions lists them. The batches at once bound the connections and the conflicts that a burst makes; those of
// rollup are few because they meet at the heads of workflows.
var functions = []function{
	{name: wire.API, id: "Api", time: 10, sends: append([]string{wire.DeadLetters}, timing...), looks: []string{wire.Parked}},
	{name: wire.Trigger, id: "Trigger", time: 10, batches: 20, sends: append([]string{wire.Parked}, timing...)},
	{name: wire.Evaluate, id: "Evaluate", time: 10, batches: 50, sends: append([]string{wire.Parked}, timing...)},
	{name: wire.Dispatch, id: "Dispatch", time: 30, batches: 100, sends: append([]string{wire.Parked}, hinted...)},
	{name: wire.Rollup, id: "Rollup", time: 10, batches: 5, sends: append([]string{wire.Parked}, hinted...)},
}

const (
	memory         = 256      // MB: the least that gives enough of a processor for JSON and compression
	heap           = "208MiB" // from here on the collector works harder, before Lambda ends the process
	batchSize      = 10       // more would need a window, and a window may wait 20 s on a quiet queue
	deadLetterRate = 2        // batches at once: the least that Lambda takes
)

func timeOf(name string) int {
	for _, f := range functions {
		if f.name == name {
			return f.time
		}
	}
	panic("infra: no function " + name)
}

// Exact calls of the adapters. A transaction needs the permissions of the writes in it.
var (
	tableActions   = texts("dynamodb:GetItem", "dynamodb:BatchGetItem", "dynamodb:Query", "dynamodb:PutItem", "dynamodb:UpdateItem", "dynamodb:DeleteItem")
	sendActions    = texts("sqs:SendMessage")
	receiveActions = texts("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ChangeMessageVisibility")
	lookActions    = texts("sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility")
	logActions     = texts("logs:CreateLogStream", "logs:PutLogEvents")
)

// makeFunctions makes the functions, each with a role, a log group and grants of its own.
func (s *segue) makeFunctions() {
	for _, f := range functions {
		made := s.function(f)
		s.functions[f.name] = made
		s.table.Grant(made, *tableActions...)
		made.AddEnvironment(text(wire.Table), s.table.TableName(), nil)
		for _, name := range f.sends {
			s.queues[name].Grant(made, *sendActions...)
			s.tell(made, name)
		}
		for _, name := range f.looks {
			s.queues[name].Grant(made, *lookActions...)
			s.tell(made, name)
		}
	}
}

// tell gives a function the address of a queue.
func (s *segue) tell(f awslambda.Function, queue string) {
	for _, q := range wire.Queues {
		if q.Name == queue {
			f.AddEnvironment(text(q.Variable), s.queues[queue].QueueUrl(), nil)
		}
	}
}

func (s *segue) function(f function) awslambda.Function {
	logs := awslogs.NewLogGroup(s.stack, text(f.id+"Log"), &awslogs.LogGroupProps{
		Retention:     s.options.logs,
		RemovalPolicy: cdk.RemovalPolicy_DESTROY,
	})
	role := awsiam.NewRole(s.stack, text(f.id+"Role"), &awsiam.RoleProps{
		AssumedBy: awsiam.NewServicePrincipal(text("lambda.amazonaws.com"), nil),
	})
	logs.Grant(role, *logActions...)
	environment := map[string]*string{
		wire.Stage: text(s.options.stage), wire.Observability: text(s.options.observability), "GOMEMLIMIT": text(heap),
		wire.Retention: text(strconv.Itoa(s.options.retention)),
	}
	if f.name == wire.API && s.options.callerClaim != "" {
		environment[wire.CallerClaim] = text(s.options.callerClaim)
	}
	for name, value := range s.options.limits {
		environment[name] = text(value)
	}
	tracing := awslambda.Tracing_DISABLED
	if s.options.tracing {
		tracing, environment[wire.Tracing] = awslambda.Tracing_ACTIVE, text("xray")
	}
	made := awslambda.NewFunction(s.stack, text(f.id+"Function"), &awslambda.FunctionProps{
		Description:  text("Segue " + f.name),
		Architecture: awslambda.Architecture_ARM_64(),
		Runtime:      awslambda.Runtime_PROVIDED_AL2023(),
		Handler:      text("bootstrap"),
		Code:         awslambda.Code_FromAsset(text(filepath.Join(s.options.programs, f.name)), nil),
		MemorySize:   number(memory),
		Timeout:      seconds(f.time),
		Environment:  &environment,
		Role:         role,
		Tracing:      tracing,
		LogGroup:     logs,
		// A function that sends to the queue of another is a loop in the eyes of Lambda, which stops it after
		// 16 rounds. The engine counts rounds that change nothing itself.
		RecursiveLoop: recursion(f),
	})
	// A local host reads which program to build.
	made.Node().DefaultChild().(awslambda.CfnFunction).AddMetadata(text("go"), "functions/"+f.name)
	return made
}

func recursion(f function) awslambda.RecursiveLoop {
	if f.batches == 0 {
		return awslambda.RecursiveLoop_TERMINATE
	}
	return awslambda.RecursiveLoop_ALLOW
}

// feedFunctions connects the queues to their functions. A window would make quiet queues slow, and without the
// report of single failures one bad message would fail nine good ones.
func (s *segue) feedFunctions() {
	for _, f := range functions {
		if f.batches > 0 {
			s.feed(f.name, f.id+"Mapping", f.name, f.batches)
		}
	}
	s.feed(wire.Rollup, "DeadLetterMapping", wire.DeadLetters, deadLetterRate)
}

func (s *segue) feed(name, id, queue string, batches int) {
	f := s.functions[name]
	s.queues[queue].Grant(f, *receiveActions...)
	s.tell(f, queue)
	awslambda.NewEventSourceMapping(s.stack, text(id), &awslambda.EventSourceMappingProps{
		Target:                  f,
		EventSourceArn:          s.queues[queue].QueueArn(),
		BatchSize:               number(batchSize),
		MaxConcurrency:          number(share(batches, s.options.account)),
		ReportBatchItemFailures: jsii.Bool(true),
	})
}
