package entry

import (
	"bytes"
	"compress/gzip"
	"encoding/base64"
	"net/http"
	"strings"
	"unicode/utf8"

	"github.com/aws/aws-lambda-go/events"

	"github.com/segue-workflows/segue/shared/workflow"
)

const (
	// gzipFrom is the size from which a body is worth compressing: below it saves the client next to nothing.
	gzipFrom = 16 << 10
	// maxAnswer is what Lambda takes as an answer, less the room for everything but the body.
	maxAnswer = 6<<20 - 64<<10
)

// answer collects what a handler writes.
type answer struct {
	header http.Header
	status int
	body   bytes.Buffer
}

// Header returns the headers of the answer.
func (a *answer) Header() http.Header { return a.header }

// WriteHeader sets the status once.
func (a *answer) WriteHeader(status int) {
	if a.status == 0 && status >= http.StatusOK {
		a.status = status
	}
}

// Write adds to the body.
func (a *answer) Write(data []byte) (int, error) {
	a.WriteHeader(http.StatusOK)
	return a.body.Write(data)
}

// response is the answer as API Gateway takes it. A large body is compressed when the client takes that, and
// one that Lambda would refuse otherwise is compressed in any case.
func (a *answer) response(gzips bool) events.APIGatewayV2HTTPResponse {
	a.WriteHeader(http.StatusOK)
	body := a.body.Bytes()
	encoded, text := encode(body, a.header.Get("Content-Encoding") != "")
	if a.header.Get("Content-Encoding") == "" && (gzips && len(body) >= gzipFrom || length(encoded, text) > maxAnswer) {
		a.header.Set("Content-Encoding", "gzip")
		a.header.Add("Vary", "Accept-Encoding")
		encoded, text = encode(compress(body), true)
	}
	if length(encoded, text) > maxAnswer {
		return refusal(workflow.Errorf(workflow.CodeInternal, "the answer is larger than Lambda allows: ask for a smaller page"))
	}
	out := events.APIGatewayV2HTTPResponse{StatusCode: a.status, Body: encoded, IsBase64Encoded: !text, Headers: map[string]string{}}
	out.Cookies = a.header.Values("Set-Cookie")
	a.header.Del("Set-Cookie")
	a.header.Del("Content-Length") // of a body that may have changed; API Gateway sets it
	for name, values := range a.header {
		out.Headers[name] = strings.Join(values, ", ")
	}
	return out
}

// encode returns the body as text where it is text, and in base64 otherwise.
func encode(body []byte, binary bool) (encoded string, text bool) {
	if !binary && utf8.Valid(body) {
		return string(body), true
	}
	return base64.StdEncoding.EncodeToString(body), false
}

// length is how long a body is inside the answer's JSON.
func length(encoded string, text bool) int {
	n := len(encoded)
	if !text {
		return n
	}
	for i := range len(encoded) {
		switch c := encoded[i]; {
		case c == '"' || c == '\\' || c == '\n' || c == '\r' || c == '\t':
			n++
		case c < ' ':
			n += len(`\u0000`) - 1
		}
	}
	return n
}

func compress(body []byte) []byte {
	var out bytes.Buffer
	writer, _ := gzip.NewWriterLevel(&out, gzip.BestSpeed)
	_, _ = writer.Write(body) // a buffer takes everything
	_ = writer.Close()
	return out.Bytes()
}

// acceptsGzip tells whether an Accept-Encoding header lists gzip and does not refuse it.
func acceptsGzip(header string) bool {
	for item := range strings.SplitSeq(header, ",") {
		name, quality, _ := strings.Cut(item, ";")
		if name = strings.TrimSpace(name); !strings.EqualFold(name, "gzip") && name != "*" {
			continue
		}
		_, q, weighted := strings.Cut(quality, "=")
		return !weighted || strings.Trim(q, " 0.") != ""
	}
	return false
}
