package tracing

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/aws/aws-lambda-go/lambda"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/trace"

	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/store"
)

// Tracer begins spans. A nil Tracer begins none.
type Tracer struct{ tracer trace.Tracer }

// New returns a tracer that writes to X-Ray's daemon.
func New(daemon io.Writer) *Tracer {
	provider := sdk.NewTracerProvider(
		sdk.WithSampler(sdk.ParentBased(sdk.NeverSample())), // the choice comes with the invocation
		sdk.WithSyncer(exporter{daemon}))
	return &Tracer{provider.Tracer("segue")}
}

// span runs do as a span.
func (t *Tracer) span(ctx context.Context, name string, do func(context.Context) error, attributes ...attribute.KeyValue) error {
	ctx, span := t.tracer.Start(ctx, name, trace.WithAttributes(attributes...))
	defer span.End()
	err := do(ctx)
	if err != nil && !errors.Is(err, store.ErrGuard) { // a lost race is how things go
		span.SetStatus(codes.Error, "") // the text may name what is nobody's business here
	}
	return err
}

// Handler returns the handler of a function whose invocations are spans.
func (t *Tracer) Handler(function string, next lambda.Handler) lambda.Handler {
	if t == nil {
		return next
	}
	return handler{t, function, next}
}

type handler struct {
	*Tracer
	function string
	next     lambda.Handler
}

// Invoke is for the runtime.
func (h handler) Invoke(ctx context.Context, event []byte) (out []byte, err error) {
	header, _ := ctx.Value("x-amzn-trace-id").(string) // where aws-lambda-go puts it
	ctx = trace.ContextWithRemoteSpanContext(ctx, parse(header))
	err = h.span(ctx, "handle "+h.function, func(ctx context.Context) (err error) {
		out, err = h.next.Invoke(ctx, event)
		return err
	}, attribute.Int("event.bytes", len(event)))
	return out, err
}

// Store returns a store whose calls are spans.
func (t *Tracer) Store(next store.Store) store.Store {
	if t == nil {
		return next
	}
	return items{t, next}
}

type items struct {
	*Tracer
	next store.Store
}

// kinds are what the parts of keys begin with, in words.
var kinds = map[string]string{"w": "workflow", "i": "run", "q": "request", "t": "wake", "c": "permit", "g": "trigger", "s": "signal", "m": "subscription"}

func kindOf(part string) string {
	letter, _, _ := strings.Cut(part, "/")
	if kind, ok := kinds[letter]; ok {
		return kind
	}
	return "item"
}

func (i items) Get(ctx context.Context, how store.Read, keys ...store.Key) (out []store.Item, err error) {
	name := "get"
	if len(keys) > 0 {
		name += " " + kindOf(keys[0].Part)
	}
	err = i.span(ctx, name, func(ctx context.Context) (err error) {
		out, err = i.next.Get(ctx, how, keys...)
		return err
	}, attribute.Int("items", len(keys)))
	return out, err
}

func (i items) List(ctx context.Context, r store.Range) (out []store.Item, next string, err error) {
	err = i.span(ctx, "list "+kindOf(r.Part), func(ctx context.Context) (err error) {
		out, next, err = i.next.List(ctx, r)
		return err
	})
	return out, next, err
}

func (i items) Put(ctx context.Context, w store.Write) error {
	return i.span(ctx, "put "+kindOf(w.Part), func(ctx context.Context) error { return i.next.Put(ctx, w) })
}

func (i items) PutAll(ctx context.Context, ws ...store.Write) error {
	return i.span(ctx, "put together", func(ctx context.Context) error { return i.next.PutAll(ctx, ws...) }, attribute.Int("items", len(ws)))
}

// Sender returns a sender whose calls are spans.
func (t *Tracer) Sender(next queue.Sender) queue.Sender {
	if t == nil {
		return next
	}
	return sender{t, next}
}

type sender struct {
	*Tracer
	next queue.Sender
}

func (s sender) Send(ctx context.Context, name string, messages ...queue.Message) error {
	return s.span(ctx, "send to "+name, func(ctx context.Context) error { return s.next.Send(ctx, name, messages...) },
		attribute.Int("messages", len(messages)))
}
