package boot

import (
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/lambda"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/segue-workflows/segue/shared/aws"
	"github.com/segue-workflows/segue/shared/aws/job"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/runtime/container"
	"github.com/segue-workflows/segue/shared/runtime/handover"
	"github.com/segue-workflows/segue/shared/runtime/httpstep"
	"github.com/segue-workflows/segue/shared/wire"
)

// retentionOf returns how long the deployment keeps runs after their deadline.
func retentionOf(getenv func(string) string) (time.Duration, error) {
	text := getenv(wire.Retention)
	if text == "" {
		return decide.DefaultRetention, nil
	}
	days, err := strconv.Atoi(text)
	kept := time.Duration(days) * 24 * time.Hour
	if err != nil || kept < decide.MinRetention || kept > decide.MaxRetention {
		return 0, fmt.Errorf("boot: %s: a number of days from 1 to 3650", wire.Retention)
	}
	return kept, nil
}

// runtimesOf returns the runtimes of a function, with what the deployment lets their steps reach.
func runtimesOf(v *variables, containers job.Containers) (*runtime.Registry, error) {
	allowed, err := httpstep.ParseAllowed(strings.Split(v.get(wire.HTTPAllow), ","))
	if err != nil {
		return nil, fmt.Errorf("boot: %s: %w", wire.HTTPAllow, err)
	}
	r := runtime.Standard()
	r.Add("Http", httpstep.New(httpstep.Options{Allowed: allowed}))
	container.Register(r, container.Options{Backend: containers, Slow: slowLook})
	r.Add("Lambda", handover.Lambda{Invoker: v.functions()})
	queues, err := v.workers()
	r.Add("Queue", handover.Queue{Sender: queues})
	return r, err
}

// slowLook is how often the task of a container step is looked at although no event has told of its end. Events are the
// rule, this is for those that get lost.
const slowLook = time.Minute

// containers are the tasks of container steps.
func (v *variables) containers() (job.Containers, error) {
	plan, err := job.ParsePlan(v.get(wire.Containers))
	if err != nil {
		return job.Containers{}, fmt.Errorf("boot: %s: %w", wire.Containers, err)
	}
	if len(plan.Images) == 0 {
		return job.Containers{}, nil
	}
	return job.Containers{Stage: v.need(wire.Stage), Plan: plan,
		Tasks: ecs.NewFromConfig(v.config(), func(o *ecs.Options) { o.RetryMaxAttempts, o.BaseEndpoint = 1, v.endpointOf(ecsEndpoint) }),
		Logs:  cloudwatchlogs.NewFromConfig(v.config(), func(o *cloudwatchlogs.Options) { o.RetryMaxAttempts, o.BaseEndpoint = 1, v.endpointOf(logsEndpoint) })}, nil
}

// functions are those that Lambda steps may call.
func (v *variables) functions() job.Functions {
	config := v.config()
	config.HTTPClient = patient()
	client := lambda.NewFromConfig(config, func(o *lambda.Options) { o.BaseEndpoint = v.endpointOf(lambdaEndpoint) })
	return job.Functions{Client: client, Allowed: strings.Split(v.get(wire.LambdaAllow), ",")}
}

// workers are the queues of Queue steps.
func (v *variables) workers() (job.Queues, error) {
	addresses := map[string]string{}
	if text := v.get(wire.WorkerQueues); text != "" {
		if err := json.Unmarshal([]byte(text), &addresses); err != nil {
			return job.Queues{}, fmt.Errorf(`boot: %s: an object such as {"name": "address"}`, wire.WorkerQueues)
		}
	}
	client := sqs.NewFromConfig(v.config(), func(o *sqs.Options) { o.BaseEndpoint = v.endpointOf(sqsEndpoint) })
	return job.Queues{Sender: aws.NewQueue(client, addresses)}, nil
}
