package host

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-lambda-go/events"
)

// functions is the part of a stack that needs no emulator.
const functions = `
 "Function": {"Type": "AWS::Lambda::Function", "Metadata": {"go": "localstack/host/testdata/function"}, "Properties": {
   "Handler": "bootstrap", "Runtime": "provided.al2023", "Timeout": 5, "MemorySize": 256, "Environment": {"Variables": {"STAGE": "test"}}}},
 "Api": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "HTTP"}},
 "Stage": {"Type": "AWS::ApiGatewayV2::Stage", "Properties": {"ApiId": {"Ref": "Api"}, "StageName": "$default"}},
 "Integration": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {"ApiId": {"Ref": "Api"}, "IntegrationType": "AWS_PROXY",
   "IntegrationUri": {"Fn::GetAtt": ["Function", "Arn"]}, "PayloadFormatVersion": "2.0"}},
 "Route": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}, "AuthorizationType": "AWS_IAM", "RouteKey": "$default",
   "Target": {"Fn::Join": ["", ["integrations/", {"Ref": "Integration"}]]}}},
 "Open": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"ApiId": {"Ref": "Api"}, "AuthorizationType": "NONE", "RouteKey": "POST /open/{proxy+}",
   "Target": {"Fn::Join": ["", ["integrations/", {"Ref": "Integration"}]]}}}`

func open(t *testing.T, stack, emulator string) (*Host, error) {
	t.Helper()
	h, err := Open(t.Context(), Options{
		Template: []byte(stack), Module: "../..", Programs: t.TempDir(), LocalStack: emulator, Prefix: "test", Log: t.Output(),
	})
	if err == nil {
		t.Cleanup(func() {
			if err := h.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
	}
	return h, err
}

func TestWhatCannotBeMadeIsNamed(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ resources, names string }{
		{`"Files": {"Type": "AWS::S3::Bucket"}`, "Files is a AWS::S3::Bucket"},
		{`"Topic": {"Type": "AWS::SNS::Topic", "Properties": {"Colour": "red"}}`, "Colour"},
		{`"Queue": {"Type": "AWS::SQS::Queue", "Properties": {"Colour": "red"}}`, "Colour"},
		{`"F": {"Type": "AWS::Lambda::Function", "Properties": {"Handler": "index.js"}}`, "only programs in Go"},
		{`"L": {"Type": "AWS::Lambda::LayerVersion"}`, "one extension in Go"},
		{`"F": {"Type": "AWS::Lambda::Function", "Metadata": {"go": "x"}, "Properties": {"Handler": "bootstrap", "Layers": ["other"]}}`, "layer other"},
		{`"R": {"Type": "AWS::IAM::Role", "Properties": {"x": {"Fn::Cidr": []}}}`, "Fn::Cidr"},
		{`"M": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"EventSourceArn": "arn:aws:dynamodb:x:table/y/stream/z"}}`, "no function"},
		{`"S": {"Type": "AWS::Scheduler::Schedule", "Properties": {"ScheduleExpression": "cron(0 0 * * ? *)"}}`, "cron"},
		{`"A": {"Type": "AWS::ApiGatewayV2::Api", "Properties": {"ProtocolType": "WEBSOCKET"}}`, "HTTP API"},
	} {
		t.Run(tt.names, func(t *testing.T) {
			t.Parallel()
			if _, err := open(t, `{"Resources": {`+tt.resources+`}}`, "http://127.0.0.1:1"); err == nil || !strings.Contains(err.Error(), tt.names) {
				t.Errorf("the error is %v; want one with %q", err, tt.names)
			}
		})
	}
}

func TestRequestsReachTheFunction(t *testing.T) {
	t.Parallel()
	h, err := open(t, `{"Resources": {`+functions+`}, "Outputs": {"Url": {"Value": {"Fn::GetAtt": ["Api", "ApiEndpoint"]}}}}`, "http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	if h.Outputs()["Url"] != h.Address() {
		t.Errorf("the outputs are %v", h.Outputs())
	}
	response, event := call(t, h, http.MethodPost, "/a%2Fb/c?x=1&x=2", "application/json", `{"k": 1}`)
	if response.StatusCode != http.StatusCreated || response.Header.Get("X-Stage") != "test" || len(response.Cookies()) != 2 {
		t.Errorf("the response is %v with %v", response.Status, response.Header)
	}
	identity := event.RequestContext.Authorizer
	if identity == nil || identity.IAM == nil || identity.IAM.UserARN != Caller {
		t.Errorf("the caller is %+v", identity)
	}
	if event.RawPath != "/a%2Fb/c" || event.RawQueryString != "x=1&x=2" || event.QueryStringParameters["x"] != "1,2" || event.RouteKey != "$default" {
		t.Errorf("the function saw %+v", event)
	}
	if event.Body != `{"k": 1}` || event.IsBase64Encoded || event.Headers["content-type"] != "application/json" {
		t.Errorf("the body is %q (base64 %t)", event.Body, event.IsBase64Encoded)
	}
	_, event = call(t, h, http.MethodPost, "/open/x", "application/octet-stream", "bytes")
	if event.RequestContext.Authorizer != nil || event.RouteKey != "POST /open/{proxy+}" || event.Body != "Ynl0ZXM=" || !event.IsBase64Encoded {
		t.Errorf("the function saw %+v", event)
	}
	large, err := http.Post(h.Address(), "text/plain", strings.NewReader(strings.Repeat("x", maxBody+1)))
	if err != nil {
		t.Fatal(err)
	}
	_ = large.Body.Close()
	if large.StatusCode != http.StatusRequestEntityTooLarge {
		t.Errorf("a body that is too large is answered with %s", large.Status)
	}
}

// call sends a request, and returns the response and the event that the function saw.
func call(t *testing.T, h *Host, method, path, kind, body string) (*http.Response, events.APIGatewayV2HTTPRequest) {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), method, h.Address()+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	var event events.APIGatewayV2HTTPRequest
	if err := json.Unmarshal(data, &event); err != nil {
		t.Fatalf("%v: %s", err, data)
	}
	return response, event
}

func TestRates(t *testing.T) {
	t.Parallel()
	for expression, want := range map[string]time.Duration{
		"rate(1 minute)": time.Minute, "rate(5 minutes)": 5 * time.Minute, "rate(1 day)": 24 * time.Hour, "rate(0 minutes)": 0, "at(2026-01-01T00:00:00)": 0,
	} {
		if got, err := rate(expression); got != want || (err == nil) != (want > 0) {
			t.Errorf("%s is %v (%v), want %v", expression, got, err, want)
		}
	}
}

// TestBatches: what is deleted, what comes again.
func TestBatches(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		name    string
		bodies  []string
		deleted string
	}{
		{"all is well", []string{"a", "b"}, "0 1"},
		{"one comes again", []string{"a", "again", "b"}, "0 2"},
		{"the function fails", []string{"a", "fail"}, ""},
		{"the process ends", []string{"die", "a"}, ""},
		{"the answer names a stranger", []string{"a", "stranger"}, ""},
		{"a lineage is too long: dropped", []string{"again", "after 16"}, "0 1"},
		{"a lineage is long", []string{"again", "after 15"}, "1"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			fake := serveQueue(t)
			h, err := open(t, `{"Resources": {`+functions+`,
 "Queue": {"Type": "AWS::SQS::Queue", "Properties": {"VisibilityTimeout": 60}},
 "Mapping": {"Type": "AWS::Lambda::EventSourceMapping", "Properties": {"BatchSize": 10, "EventSourceArn": {"Fn::GetAtt": ["Queue", "Arn"]},
   "FunctionName": {"Ref": "Function"}, "FunctionResponseTypes": ["ReportBatchItemFailures"], "ScalingConfig": {"MaximumConcurrency": 2}}},
 "Sweep": {"Type": "AWS::Scheduler::Schedule", "Properties": {"ScheduleExpression": "rate(1 minute)", "Target": {"Arn": {"Fn::GetAtt": ["Queue", "Arn"]}, "Input": "hello"}}}
}}`, fake.url)
			if err != nil {
				t.Fatal(err)
			}
			fake.batches <- tt.bodies
			fake.batches <- []string{"a marker, to know that the first batch is done"}
			<-fake.received
			<-fake.received
			sent := <-fake.fired
			if err := h.Close(t.Context()); err != nil { // it waits for both
				t.Error(err)
			}
			if got := fake.deletedOf(0); got != tt.deleted {
				t.Errorf("deleted are %q, want %q", got, tt.deleted)
			}
			if fake.attributes["VisibilityTimeout"] != "60" || sent != "hello" {
				t.Errorf("the queue has the attributes %v, and the schedule sent %q", fake.attributes, sent)
			}
		})
	}
}
