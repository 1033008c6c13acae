package boot

import (
	"context"
	crand "crypto/rand"
	"errors"
	"io"
	"log/slog"
	"math/rand/v2"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/google/uuid"

	"github.com/segue-workflows/segue/shared/agent"
	"github.com/segue-workflows/segue/shared/aws"
	"github.com/segue-workflows/segue/shared/aws/entry"
	"github.com/segue-workflows/segue/shared/aws/job"
	"github.com/segue-workflows/segue/shared/aws/tracing"
	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/evaluate"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/schedule"
	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/secret"
	"github.com/segue-workflows/segue/shared/template"
	"github.com/segue-workflows/segue/shared/token"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Home is what a function has: the engine's loop on DynamoDB and SQS, and what its entry needs.
type Home struct {
	Loop    *advance.Loop
	NewID   func() string
	Log     *slog.Logger
	Caller  entry.Caller
	Queues  queue.Queue     // those that this function was given
	Lines   *entry.Lines    // nil: none
	Dead    string          // name of the dead-letter queue in the cloud
	Tracer  *tracing.Tracer // nil: nothing is traced
	Tokens  *token.Mint     // of jobs
	Secrets *secret.Binder  // of jobs
	API     string          // address of the API, for jobs; "": not told
	Timer   schedule.Timer  // of time triggers; nil: none
	Stream  *entry.Stream   // of the table, for the function that publishes events; nil: none are published

	Containers job.Containers // of steps
}

// Main runs a function: it makes its home and takes events until Lambda ends the process. invoker makes the
// handler, as aws-lambda-go takes it.
func Main(function string, invoker func(*Home) any) {
	home, err := Open(function, os.Getenv, os.Stdout)
	if err != nil {
		slog.Error("the function cannot start", "error", err.Error())
		os.Exit(1)
	}
	lambda.Start(home.Tracer.Handler(function, lambda.NewHandler(invoker(home))))
}

// Open makes the home of a function. It fails when a variable is missing, and makes no call.
func Open(function string, getenv func(string) string, out io.Writer) (*Home, error) {
	v := &variables{get: getenv}
	count := &meter.Meter{}
	log := slog.New(slog.NewJSONHandler(out, &slog.HandlerOptions{Level: level(getenv(wire.LogLevel))})).With("function", function)
	items, queues := v.store(count), v.queues(count)
	h := &Home{
		NewID: uuid.NewString, Log: log, Caller: entry.CallerOf(getenv(wire.CallerClaim)),
		Queues: queues, Dead: entry.QueueName(getenv(wire.DeadLetterQueue)),
	}
	if how := getenv(wire.Observability); how == wire.ObserveAlarms || how == wire.ObserveFull {
		h.Lines = &entry.Lines{
			Out: out, Stage: getenv(wire.Stage), Function: function, Full: how == wire.ObserveFull,
			Meter: count, Pace: evaluate.SweepEvery,
		}
	}
	h.Timer = v.timer()
	var err error
	if h.Containers, err = v.containers(); err != nil {
		return nil, err
	}
	runtimes, err := runtimesOf(v, h.Containers)
	retention, unclear := retentionOf(getenv)
	delivery, wrong := deliveryOf(getenv)
	iterations, bad := iterationsOf(getenv)
	concurrency, odd := decide.ParseConcurrency(getenv(wire.Concurrency))
	var untraced error
	h.Tracer, untraced = v.tracer()
	if err = errors.Join(v.check(), untraced, err, unclear, wrong, bad, odd); err != nil {
		return nil, err
	}
	templates := &template.Templates{Store: items, Now: clock{}.Now}
	params := param.Runtime{Template: templates.Find}.WithChance(rand.Float64, uuid.NewString)
	h.Loop = advance.New(advance.Loop{Store: h.Tracer.Store(items), Sender: joined(h.Tracer.Sender(queues)), Clock: clock{}, Random: rand.Float64,
		Settings: decide.Settings{Runtimes: runtimes, Params: params, Retention: retention, Delivery: delivery, MaxIterations: iterations, Concurrency: concurrency}})
	if h.Secrets, err = v.secrets(); err != nil {
		return nil, err
	}
	h.Stream = v.stream(h, items)
	h.Tokens = &token.Mint{Store: items, Entropy: entropy}
	if address := getenv(wire.Address); address != "" {
		h.API = address + wire.APIPath
	}
	return h, nil
}

// joinTime is how long the report of an ended run waits for those of the other runs of a batch.
const joinTime = 5 * time.Millisecond

// joined sends reports of runs that end at about the same time together. Other hints start steps, and wait for nothing.
func joined(queues queue.Sender) *queue.Joined {
	return &queue.Joined{To: queues, Queues: []string{wire.Rollup}, Wait: joinTime, Sleep: clock{}.Sleep, Merge: advance.Merged}
}

// entropy fills out with random bytes.
func entropy(out []byte) error {
	_, err := crand.Read(out)
	return err
}

func (v *variables) store(count *meter.Meter) *aws.Store {
	client := dynamodb.NewFromConfig(v.config(), func(o *dynamodb.Options) { o.BaseEndpoint = v.endpointOf(dynamoDBEndpoint) })
	items := aws.NewStore(client, v.need(wire.Table), rand.Uint64)
	items.Count(count)
	return items
}

// timer keeps schedules in the deployment's group, for the function that was given one.
func (v *variables) timer() schedule.Timer {
	group := v.get(wire.ScheduleGroup)
	if group == "" {
		return nil
	}
	client := scheduler.NewFromConfig(v.config(), func(o *scheduler.Options) { o.BaseEndpoint = v.endpointOf(timerEndpoint) })
	return &aws.Timer{Client: client, Group: group, Queue: v.need(wire.ScheduleQueue), Role: v.need(wire.ScheduleRole),
		DeadLetter: v.need(wire.ScheduleDead), Message: func(wf workflow.ID) []byte { return schedule.Message(wf).Encode() }, Now: clock{}.Now}
}

// secrets asks the agent that the deployment runs beside the function, or one in this process where there is none, as far
// as the deployment allows secrets at all.
func (v *variables) secrets() (*secret.Binder, error) {
	policy, err := secret.ParsePolicy(v.get(wire.Secrets))
	if err != nil || len(policy) == 0 {
		return &secret.Binder{}, err
	}
	if address := v.get(wire.Agent); address != "" {
		return &secret.Binder{Source: agent.NewClient(address, v.need(wire.AgentToken)), Policy: policy}, v.check()
	}
	return &secret.Binder{Source: v.agent(), Policy: policy}, nil
}

// agent keeps what it reads of Secrets Manager.
func (v *variables) agent() *agent.Agent {
	client := secretsmanager.NewFromConfig(v.config(), func(o *secretsmanager.Options) { o.BaseEndpoint = v.endpointOf(secretsEndpoint) })
	return agent.New(aws.Vault{Client: client}, clock{}.Now)
}

// Agent returns the agent of secrets of an extension. It fails when a variable is missing, and makes no call.
func Agent(getenv func(string) string) (*agent.Agent, error) {
	v := &variables{get: getenv}
	made := v.agent()
	return made, v.check()
}

// queues knows the addresses that this function was given: the stack gives each only those that it may send to.
func (v *variables) queues(count *meter.Meter) *aws.Queue {
	addresses := map[string]string{}
	for _, q := range wire.Queues {
		if address := v.get(q.Variable); address != "" {
			addresses[q.Name] = address
		}
	}
	client := sqs.NewFromConfig(v.config(), func(o *sqs.Options) { o.BaseEndpoint = v.endpointOf(sqsEndpoint) })
	queues := aws.NewQueue(client, addresses)
	queues.Count(count)
	return queues
}

// Batch hands the messages of a queue to a use case.
func (h *Home) Batch(queue string, handle func(context.Context, []hint.Message) []error) *entry.Batch {
	return &entry.Batch{
		Queue: queue, Handle: handle, Mover: h.Queues, Parked: wire.Parked, Now: h.Loop.Clock.Now, Log: h.Log, Lines: h.Lines,
	}
}

// WithDeadLetters adds the dead-letter queue to a batch that another queue feeds.
func (h *Home) WithDeadLetters(main *entry.Batch, look func(context.Context, hint.Message) error) entry.Split {
	dead := entry.DeadLetters{Look: look, Log: h.Log}
	letters := h.Batch(wire.DeadLetters, dead.Handle)
	if h.Stream != nil {
		letters.Foreign = h.Stream.Recover
	}
	return entry.Split{Dead: h.Dead, Letters: letters, Others: main}
}

// clock is the machine's. Nothing below this package reads it.
type clock struct{}

// Now returns the time.
func (clock) Now() time.Time { return time.Now() }

// Sleep pauses for d. It returns the context's error when that ends first.
func (clock) Sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
