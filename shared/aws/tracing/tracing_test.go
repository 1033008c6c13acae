package tracing

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/store"
)

const header = "Root=1-5759e988-bd862e3fe1be46a994272793;Parent=53995c3f42cd8ad8;Sampled="

// daemon keeps the datagrams that it is sent.
type daemon struct{ datagrams []string }

func (d *daemon) Write(p []byte) (int, error) {
	d.datagrams = append(d.datagrams, string(p))
	return len(p), nil
}

// work is a handler that uses both ports.
type work struct {
	items store.Store
	send  queue.Sender
}

func (w work) Invoke(ctx context.Context, event []byte) ([]byte, error) {
	key := store.Key{Part: "i/secret-workflow/1", Sort: "000001/00000001"}
	if _, err := w.items.Get(ctx, store.Fresh, key); err != nil {
		return nil, err
	}
	for range 2 { // the second one loses
		_ = w.items.Put(ctx, store.Write{Item: store.Item{Key: key, Body: []byte("secret body")}, If: store.Absent})
	}
	return event, w.send.Send(ctx, "no such queue", queue.Message{Body: []byte("secret message")})
}

func invoke(t *testing.T, traced string) []segment {
	t.Helper()
	d := &daemon{}
	tracer := New(d)
	h := tracer.Handler("dispatch", work{tracer.Store(memory.NewStore(time.Now)), tracer.Sender(memory.NewQueue(time.Now))})
	ctx := context.WithValue(t.Context(), "x-amzn-trace-id", traced) //nolint:staticcheck // aws-lambda-go's key
	if _, err := h.Invoke(ctx, []byte(`{"secret": "event"}`)); err == nil {
		t.Error("the error of the handler is lost")
	}
	var out []segment
	for _, datagram := range d.datagrams {
		body, ok := strings.CutPrefix(datagram, preamble)
		if !ok || bytes.Contains([]byte(body), []byte("secret")) {
			t.Errorf("datagram %s", datagram)
		}
		var s segment
		if err := json.Unmarshal([]byte(body), &s); err != nil {
			t.Fatal(err)
		}
		out = append(out, s)
	}
	return out
}

func TestAnInvocationIsATreeOfSegments(t *testing.T) {
	segments := invoke(t, header+"1")
	var names []string
	for _, s := range segments {
		names = append(names, s.Name)
		if s.Type != "subsegment" || s.Trace != "1-5759e988-bd862e3fe1be46a994272793" || s.Start <= 0 || s.End < s.Start {
			t.Errorf("%+v", s)
		}
	}
	if got := strings.Join(names, ", "); got != "get run, put run, put run, send to no such queue, handle dispatch" {
		t.Fatalf("segments: %s", got)
	}
	root := segments[4]
	if root.Parent != "53995c3f42cd8ad8" || !root.Fault || root.Annotations["event_bytes"] != 19.0 {
		t.Errorf("%+v", root)
	}
	for i, s := range segments[:4] {
		if s.Parent != root.ID || s.Fault != (i == 3) {
			t.Errorf("%+v", s)
		}
	}
}

func TestOnlyWhatIsSampledIsTold(t *testing.T) {
	for _, traced := range []string{header + "0", "", "Root=what;Parent=is;Sampled=1", "Root=1-;Sampled=1"} {
		if segments := invoke(t, traced); len(segments) > 0 {
			t.Errorf("%q: %+v", traced, segments)
		}
	}
}

func TestWithoutATracerNothingIsWrapped(t *testing.T) {
	var none *Tracer
	items := memory.NewStore(time.Now)
	if none.Store(items) != store.Store(items) || none.Handler("api", nil) != nil || none.Sender(nil) != nil {
		t.Error("a nil tracer wraps")
	}
}
