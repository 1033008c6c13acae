package tracing

import (
	"context"
	"encoding/json"
	"io"
	"strings"
	"time"

	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/sdk/trace"
)

// preamble stands before each document for X-Ray's daemon.
const preamble = `{"format": "json", "version": 1}` + "\n"

// exporter writes each span as a datagram for X-Ray's daemon.
type exporter struct{ daemon io.Writer }

// segment is a span as X-Ray takes it.
type segment struct {
	Type        string         `json:"type"`
	ID          string         `json:"id"`
	Trace       string         `json:"trace_id"`
	Parent      string         `json:"parent_id"`
	Name        string         `json:"name"`
	Start       float64        `json:"start_time"` // seconds since the epoch
	End         float64        `json:"end_time"`
	Fault       bool           `json:"fault,omitempty"`
	Annotations map[string]any `json:"annotations,omitempty"`
}

// ExportSpans never fails: a trace that is lost must not fail what it is about.
func (e exporter) ExportSpans(_ context.Context, spans []trace.ReadOnlySpan) error {
	for _, s := range spans {
		body, err := json.Marshal(segmentOf(s))
		if err == nil {
			_, _ = e.daemon.Write(append([]byte(preamble), body...))
		}
	}
	return nil
}

// Shutdown has nothing to wait for.
func (exporter) Shutdown(context.Context) error { return nil }

func segmentOf(s trace.ReadOnlySpan) segment {
	out := segment{Type: "subsegment", ID: s.SpanContext().SpanID().String(), Trace: rootOf(s.SpanContext().TraceID()),
		Parent: s.Parent().SpanID().String(), Name: s.Name(), Start: seconds(s.StartTime()), End: seconds(s.EndTime()),
		Fault: s.Status().Code == codes.Error}
	for _, a := range s.Attributes() {
		if out.Annotations == nil {
			out.Annotations = map[string]any{}
		}
		// X-Ray takes letters, digits and underscores only.
		out.Annotations[strings.ReplaceAll(string(a.Key), ".", "_")] = a.Value.AsInterface()
	}
	return out
}

func seconds(t time.Time) float64 { return float64(t.UnixMicro()) / 1e6 }
