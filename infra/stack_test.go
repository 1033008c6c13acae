package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/wire"
)

var update = flag.Bool("update", false, "rewrite the template in testdata")

// TestTemplate holds the template to the one in testdata: a local host makes the same wiring from that file.
func TestTemplate(t *testing.T) {
	path := filepath.Join("testdata", "Segue.template.json")
	if *update {
		if err := os.WriteFile(path, standard.text, 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	kept, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(kept, standard.text) {
		t.Errorf("%s is not what would be deployed: review make diff, then make snapshot", path)
	}
}

func TestTable(t *testing.T) {
	table := standard.all(t, "AWS::DynamoDB::Table")
	if len(table) != 1 {
		t.Fatalf("%d tables", len(table))
	}
	p := table[0].Properties
	for name, got := range map[string]any{
		"billing":     p["BillingMode"] == "PAY_PER_REQUEST",
		"expiry":      at(p, "TimeToLiveSpecification", "AttributeName") == wire.AttributeExpire,
		"stream":      at(p, "StreamSpecification", "StreamViewType") == "NEW_IMAGE",
		"recovery":    at(p, "PointInTimeRecoverySpecification", "PointInTimeRecoveryEnabled") == true,
		"AWS's key":   at(p, "SSESpecification", "KMSMasterKeyId") == nil,
		"protection":  p["DeletionProtectionEnabled"] == false && table[0].DeletionPolicy == "Delete",
		"in prod":     guarded.all(t, "AWS::DynamoDB::Table")[0].Properties["DeletionProtectionEnabled"] == true,
		"kept a prod": guarded.all(t, "AWS::DynamoDB::Table")[0].DeletionPolicy == "Retain",
	} {
		if got != true {
			t.Errorf("table: %s is not as it should be", name)
		}
	}
}

// queueOf finds the queue behind a variable of a function.
func queueOf(t *testing.T, tm template, f, variable string) named {
	t.Helper()
	id := target(at(tm.function(t, f).Properties, "Environment", "Variables", variable))
	if tm.Resources[id].Type != "AWS::SQS::Queue" {
		t.Fatalf("%s of %s names no queue", variable, f)
	}
	return named{id, tm.Resources[id]}
}

func TestEveryQueueHasALimitAndALastStop(t *testing.T) {
	const day = 24 * 3600
	parked := queueOf(t, standard, wire.Rollup, wire.ParkedQueue)
	dead := queueOf(t, standard, wire.Rollup, wire.DeadLetterQueue)
	for _, q := range standard.all(t, "AWS::SQS::Queue") {
		keep, limit := q.Properties["MessageRetentionPeriod"], at(q.Properties, "RedrivePolicy", "maxReceiveCount")
		next := target(at(q.Properties, "RedrivePolicy", "deadLetterTargetArn"))
		wantKeep, wantNext := 4.0*day, dead.id
		switch q.id {
		case parked.id:
			wantKeep, wantNext = 14*day, ""
		case dead.id:
			wantKeep, wantNext = 14*day, parked.id
		}
		if keep != wantKeep || next != wantNext {
			t.Errorf("%s keeps messages for %v s and gives them to %q; want %v s and %q", q.id, keep, next, wantKeep, wantNext)
		}
		if n, ok := limit.(float64); wantNext != "" && (!ok || n < 2*20) {
			t.Errorf("%s gives up after %v receives: that must be well above the 20 failed deliveries of an attempt", q.id, limit)
		}
	}
	for _, m := range standard.all(t, "AWS::Lambda::EventSourceMapping") {
		if target(m.Properties["EventSourceArn"]) == parked.id {
			t.Error("the parked queue is polled: it is for people")
		}
	}
}

func TestMappings(t *testing.T) {
	var mappings []named
	for _, m := range standard.all(t, "AWS::Lambda::EventSourceMapping") {
		if standard.Resources[target(m.Properties["EventSourceArn"])].Type == "AWS::SQS::Queue" {
			mappings = append(mappings, m)
		}
	}
	if len(mappings) != 5 {
		t.Errorf("%d mappings; want one for each queue but the parked one", len(mappings))
	}
	for _, m := range mappings {
		p := m.Properties
		f, q := standard.Resources[target(p["FunctionName"])], standard.Resources[target(p["EventSourceArn"])]
		time, visible := f.Properties["Timeout"].(float64), q.Properties["VisibilityTimeout"].(float64)
		if visible < 6*time {
			t.Errorf("%s: a message is hidden for %v s, its function may run %v s; want six times as long", m.id, visible, time)
		}
		if p["BatchSize"] != 10.0 || p["MaximumBatchingWindowInSeconds"] != nil {
			t.Errorf("%s: batch %v, window %v; want 10 and none", m.id, p["BatchSize"], p["MaximumBatchingWindowInSeconds"])
		}
		if types, _ := p["FunctionResponseTypes"].([]any); !slices.Contains(types, any("ReportBatchItemFailures")) {
			t.Errorf("%s: one bad message fails the batch", m.id)
		}
		if n, _ := at(p, "ScalingConfig", "MaximumConcurrency").(float64); n < 2 {
			t.Errorf("%s has no maximum concurrency", m.id)
		}
		if f.Properties["RecursiveLoop"] != "Allow" {
			t.Errorf("%s: Lambda stops the chain after 16 rounds", m.id)
		}
	}
}

// TestNoReservedConcurrency: a throttled receive counts as a receive, so a reserve of a function that a queue
// feeds makes dead letters of messages that nobody has seen.
func TestNoReservedConcurrency(t *testing.T) {
	for _, f := range standard.all(t, "AWS::Lambda::Function") {
		if f.Properties["ReservedConcurrentExecutions"] != nil {
			t.Errorf("%s has reserved concurrency: limit its mapping instead", f.id)
		}
	}
}

func TestFunctions(t *testing.T) {
	for _, name := range wire.Functions {
		f := standard.function(t, name)
		p := f.Properties
		if p["Runtime"] != "provided.al2023" || !slices.Equal(listOf(p["Architectures"]), []any{"arm64"}) || p["Handler"] != "bootstrap" {
			t.Errorf("%s: runtime %v on %v with handler %v", f.id, p["Runtime"], p["Architectures"], p["Handler"])
		}
		logs := standard.Resources[target(at(p, "LoggingConfig", "LogGroup"))]
		if logs.Properties["RetentionInDays"] != 30.0 {
			t.Errorf("%s: its logs are kept for %v days", f.id, logs.Properties["RetentionInDays"])
		}
		if at(p, "Environment", "Variables", wire.Table) == nil || at(p, "Environment", "Variables", wire.Stage) != "dev" {
			t.Errorf("%s does not know its table and its stage", f.id)
		}
		if _, err := os.Stat(filepath.Join("..", f.Metadata["go"].(string), "main.go")); err != nil {
			t.Errorf("%s: its metadata names no program: %v", f.id, err)
		}
	}
	if got := standard.function(t, wire.API).Properties["RecursiveLoop"]; got == "Allow" {
		t.Error("no queue feeds the api: it needs no leave to loop")
	}
}

func TestScheduleSendsTheSweep(t *testing.T) {
	schedule := standard.all(t, "AWS::Scheduler::Schedule")[0]
	group := standard.all(t, "AWS::Scheduler::ScheduleGroup")[0]
	evaluate := queueOf(t, standard, wire.Evaluate, wire.EvaluateQueue)
	p := schedule.Properties
	if p["ScheduleExpression"] != "rate(1 minute)" || at(p, "Target", "Input") != wire.SweepMessage || target(at(p, "Target", "Arn")) != evaluate.id {
		t.Errorf("the schedule sends %v to %v, %v", at(p, "Target", "Input"), at(p, "Target", "Arn"), p["ScheduleExpression"])
	}
	if !slices.Contains(listOf(schedule.DependsOn), any(group.id)) {
		t.Error("the schedule may be made before its group")
	}
}

func TestEveryRouteKnowsItsCaller(t *testing.T) {
	for want, tm := range map[string]template{"AWS_IAM": standard, "JWT": guarded} {
		for _, route := range tm.all(t, "AWS::ApiGatewayV2::Route") {
			want := want
			if key, _ := route.Properties["RouteKey"].(string); slices.Contains(wire.JobRoutes, key) {
				want = "NONE" // the function checks the token of the job
			}
			if route.Properties["AuthorizationType"] != want {
				t.Errorf("%s: authorization %v, want %s", route.id, route.Properties["AuthorizationType"], want)
			}
		}
	}
	if claim := at(guarded.function(t, wire.API).Properties, "Environment", "Variables", wire.CallerClaim); claim != "email" {
		t.Errorf("the claim that names the caller is %v", claim)
	}
}

func TestSignalsComeRaw(t *testing.T) {
	p := standard.all(t, "AWS::SNS::Subscription")[0].Properties
	q := queueOf(t, standard, wire.Trigger, wire.TriggerQueue)
	if p["RawMessageDelivery"] != true || target(p["Endpoint"]) != q.id || p["RedrivePolicy"] == nil {
		t.Errorf("the subscription of the signals is %v", p)
	}
}

func TestObservationIsAChoice(t *testing.T) {
	count := func(tm template, kind string) (n int) {
		for _, r := range tm.Resources {
			if strings.HasPrefix(r.Type, kind) {
				n++
			}
		}
		return n
	}
	for name, row := range map[string]struct {
		tm                 template
		alarms, dashboards int
	}{
		"none":   {bare, 0, 0},
		"alarms": {standard, 19, 0},
		"full":   {guarded, 19, 1},
	} {
		alarms, dashboards := count(row.tm, "AWS::CloudWatch::Alarm"), count(row.tm, "AWS::CloudWatch::Dashboard")
		if alarms != row.alarms || dashboards != row.dashboards {
			t.Errorf("%s: %d alarms and %d dashboards; want %d and %d", name, alarms, dashboards, row.alarms, row.dashboards)
		}
	}
	for _, a := range standard.all(t, "AWS::CloudWatch::Alarm") {
		if a.Properties["AlarmActions"] == nil || a.Properties["AlarmDescription"] == nil {
			t.Errorf("%s tells nobody, or not why", a.id)
		}
	}
}

func TestOutputs(t *testing.T) {
	for _, name := range []string{wire.OutputAPI, wire.OutputTable, wire.OutputSignals, wire.OutputEvents, wire.OutputDeadLetter, wire.OutputParked} {
		if standard.Outputs[name] == nil {
			t.Errorf("the stack has no output %s", name)
		}
	}
}

func TestWrongChoicesAreRefused(t *testing.T) {
	for want, choices := range map[string]map[string]any{
		"stage":              {"stage": "No Stage"},
		"observability":      {"observability": "some"},
		"deletionProtection": {"deletionProtection": "perhaps"},
		"logDays":            {"logDays": "31"},
		"retentionDays":      {"retentionDays": "0"},
		"tracing":            {"tracing": "perhaps"},
		"callerClaim":        {"jwtIssuer": "https://issuer.example.com", "jwtAudience": "segue"},
		"jwtIssuer":          {"callerClaim": "sub"},
		"accountConcurrency": {"accountConcurrency": "10"},
		"concurrency":        {"concurrency": "Http"},
		"deliveryLimit":      {"deliveryLimit": "0"},
		"maxIterations":      {"maxIterations": "many"},
		"deliveryAction":     {"deliveryAction": "forget"},
		"eventTopic":         {"eventTopic": "some"},
		"eventEnvelope":      {"eventEnvelope": "paper"},
	} {
		_, err := optionsOf(func(name string) any { return choices[name] })
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%v: the error is %v; it should tell of %s", choices, err, want)
		}
	}
}
