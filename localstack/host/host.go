package host

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/segue-workflows/segue/localstack/lambda"
	"github.com/segue-workflows/segue/localstack/template"
)

// Identity of everything that is made: emulators take any.
const (
	account = "000000000000"
	region  = "eu-west-1"
	key     = "test"
)

// grace is how long work may go on when the host is to end.
const grace = 5 * time.Second

// Caller is who calls the HTTP API unless Options say otherwise.
const Caller = "arn:aws:iam::" + account + ":user/local"

// Options say where a stack is to live.
type Options struct {
	Template   []byte
	Module     string    // folder of the Go module with the functions' programs
	Programs   string    // folder for what is built of them
	Built      bool      // they are there already, of this module as it is
	LocalStack string    // address of the emulator
	DynamoDB   string    // address of the emulator for tables; "": LocalStack's
	Prefix     string    // of all names, so that stacks can share emulators
	Key        string    // access key of letters and digits, for which DynamoDB Local has a database of its own; "": "test"
	Listen     string    // of the HTTP API; "": a free port of loopback
	Caller     string    // ARN of everybody who calls the HTTP API; "": Caller
	Copies     int       // processes of one function at once; 0: 4
	Account    int       // events that all functions together handle at once: what comes beyond that is throttled; 0: any number
	Deliveries int       // how often each batch is handled, side by side; 0: once
	Log        io.Writer // what functions and host have to say; nil: nowhere
}

func (o Options) withDefaults() Options {
	if o.DynamoDB == "" {
		o.DynamoDB = o.LocalStack
	}
	if o.Listen == "" {
		o.Listen = "127.0.0.1:0"
	}
	if o.Key == "" {
		o.Key = key
	}
	if o.Caller == "" {
		o.Caller = Caller
	}
	if o.Copies <= 0 {
		o.Copies = 4
	}
	o.Deliveries = max(o.Deliveries, 1)
	if o.Log == nil {
		o.Log = io.Discard
	}
	o.Log = &locked{w: o.Log}
	return o
}

// locked lets many write to one place, a line at a time.
type locked struct {
	mu sync.Mutex
	w  io.Writer
}

func (l *locked) Write(data []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.w.Write(data)
}

// Host is a stack that works. Make it with Open, end it with Close.
type Host struct {
	options  Options
	template *template.Template
	scope    *template.Scope
	tables   *dynamodb.Client
	changes  *dynamodbstreams.Client
	queues   *sqs.Client
	topics   *sns.Client
	timers   *scheduler.Client
	lambda   *lambda.Service
	listener net.Listener

	functions map[string]*function // by name
	byARN     map[string]*function
	layers    map[string]string // folders of their programs, by ARN
	queueURLs map[string]string // by ARN
	mappings  []*mapping
	streams   []*stream
	schedules []*schedule
	groups    []*timers
	api       *api
	outputs   map[string]string
	undo      []func(context.Context) error // how to remove what was made

	server *http.Server
	cancel context.CancelFunc
	work   sync.WaitGroup
}

// Open makes all resources of the template, and lets them work.
func Open(ctx context.Context, o Options) (*Host, error) {
	o = o.withDefaults()
	h := &Host{
		options: o, functions: map[string]*function{}, byARN: map[string]*function{}, layers: map[string]string{},
		queueURLs: map[string]string{}, api: newAPI(),
	}
	if err := h.open(ctx); err != nil {
		return nil, errors.Join(err, h.Close(ctx))
	}
	return h, nil
}

func (h *Host) open(ctx context.Context) (err error) {
	if h.template, err = template.Parse(h.options.Template); err != nil {
		return err
	}
	h.scope = h.template.Scope(map[string]string{
		"AWS::AccountId": account, "AWS::Region": region, "AWS::Partition": "aws", "AWS::URLSuffix": "amazonaws.com",
		"AWS::StackName": h.options.Prefix, "AWS::StackId": "arn:aws:cloudformation:" + region + ":" + account + ":stack/" + h.options.Prefix,
	})
	keys := credentials.NewStaticCredentialsProvider(h.options.Key, key, "")
	h.tables = dynamodb.New(dynamodb.Options{Region: region, BaseEndpoint: &h.options.DynamoDB, Credentials: keys})
	h.changes = dynamodbstreams.New(dynamodbstreams.Options{Region: region, BaseEndpoint: &h.options.DynamoDB, Credentials: keys})
	h.queues = sqs.New(sqs.Options{Region: region, BaseEndpoint: &h.options.LocalStack, Credentials: keys})
	h.topics = sns.New(sns.Options{Region: region, BaseEndpoint: &h.options.LocalStack, Credentials: keys})
	h.timers = scheduler.New(scheduler.Options{Region: region, BaseEndpoint: &h.options.LocalStack, Credentials: keys})
	if h.lambda, err = lambda.Start(h.options.Account); err != nil {
		return err
	}
	if h.listener, err = net.Listen("tcp", h.options.Listen); err != nil {
		return fmt.Errorf("host: %w", err)
	}
	if err := h.makeAll(ctx); err != nil {
		return err
	}
	return h.begin()
}

// begin lets pollers, schedules and the HTTP API work.
func (h *Host) begin() error {
	handler, err := h.api.handler(h)
	if err != nil {
		return err
	}
	h.server = &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	h.work.Go(func() { _ = h.server.Serve(h.listener) })
	ctx, cancel := context.WithCancel(context.Background())
	h.cancel = cancel
	for _, m := range h.mappings {
		h.work.Go(func() { m.poll(ctx) })
	}
	for _, s := range h.streams {
		h.work.Go(func() { s.run(ctx) })
	}
	for _, s := range h.schedules {
		h.work.Go(func() { s.run(ctx) })
	}
	for _, g := range h.groups {
		h.work.Go(func() { g.run(ctx) })
	}
	return nil
}

// Close ends everything, work in progress too when it takes long, and removes what was made from the emulators.
func (h *Host) Close(ctx context.Context) error {
	if h.cancel != nil {
		h.cancel()
	}
	if h.server != nil {
		_ = h.server.Close()
	} else if h.listener != nil {
		_ = h.listener.Close()
	}
	h.rest()
	var failed error
	for _, undo := range slices.Backward(h.undo) {
		failed = errors.Join(failed, undo(ctx))
	}
	h.undo = nil
	return failed
}

// rest waits until the batches at work are done, though not for long, and ends all processes.
func (h *Host) rest() {
	idle := make(chan struct{})
	go func() {
		h.work.Wait()
		close(idle)
	}()
	timer := time.NewTimer(grace)
	defer timer.Stop()
	select {
	case <-idle:
	case <-timer.C:
	}
	if h.lambda != nil {
		h.lambda.Close()
	}
	<-idle
}

// Address is where the HTTP API answers.
func (h *Host) Address() string { return "http://" + h.listener.Addr().String() }

// Outputs are the values that the stack tells its users.
func (h *Host) Outputs() map[string]string { return h.outputs }

// Kill kills a busy process of the function whose program is in that folder of the module, as a crash would. It says
// whether one was busy.
func (h *Host) Kill(program string) bool {
	for _, f := range h.functions {
		if f.folder == program {
			return h.lambda.Kill(f.Name)
		}
	}
	return false
}

// Invocations returns how many events the functions were handed so far.
func (h *Host) Invocations() (n int) {
	for _, f := range h.functions {
		n += f.Invocations()
	}
	return n
}

// Load returns how many events the functions handled at once at most, and how many the account's concurrency refused.
func (h *Host) Load() (most, throttled int) { return h.lambda.Load() }

// Received returns how many messages functions were fed so far from the queue whose name holds that.
func (h *Host) Received(queue string) (n int64) {
	for _, m := range h.mappings {
		if strings.Contains(m.arn, queue) {
			n += m.received.Load()
		}
	}
	return n
}

func (h *Host) note(format string, arguments ...any) {
	_, _ = fmt.Fprintf(h.options.Log, "host: "+format+"\n", arguments...)
}
