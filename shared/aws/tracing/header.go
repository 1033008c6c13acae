package tracing

import (
	"strings"

	"go.opentelemetry.io/otel/trace"
)

// parse reads the trace header that comes with an invocation: "Root=1-5759e988-bd862e3fe1be46a994272793;
// Parent=53995c3f42cd8ad8;Sampled=1". It returns an invalid context for any other text.
func parse(header string) trace.SpanContext {
	var config trace.SpanContextConfig
	config.Remote = true
	for _, part := range strings.Split(header, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch name {
		case "Root":
			if pieces := strings.Split(value, "-"); len(pieces) == 3 && pieces[0] == "1" {
				config.TraceID, _ = trace.TraceIDFromHex(pieces[1] + pieces[2])
			}
		case "Parent":
			config.SpanID, _ = trace.SpanIDFromHex(value)
		case "Sampled":
			if value == "1" {
				config.TraceFlags = trace.FlagsSampled
			}
		}
	}
	return trace.NewSpanContext(config)
}

// rootOf is a trace id as X-Ray writes it.
func rootOf(id trace.TraceID) string {
	hex := id.String()
	return "1-" + hex[:8] + "-" + hex[8:]
}
