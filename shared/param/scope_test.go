package param

import (
	"context"
	"encoding/json"
	"errors"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

func completed() Scope {
	return Scope{
		Identity: Identity{AttemptKey: workflow.AttemptKey{RunKey: workflow.RunKey{Workflow: "w", Instance: 4, Run: 2}, Step: "me", Attempt: 3},
			StepInstanceID: 5, StepUUID: "uu", StepType: "NoOp", ErrorRetries: 1},
		Initiator: &workflow.Initiator{Type: workflow.InitiatorManual, User: &workflow.User{Name: "ann"}},
		RunPolicy: "START_FRESH_NEW_RUN",
		Params:    evaluated(map[string]any{"own": int64(1), "both": int64(2)}),
		Workflow:  evaluated(map[string]any{"both": int64(3), "limit": "2", "name": "x", "MAP": "y"}),
		Upstream: upstream(map[string]Finished{
			"done": succeeded(map[string]any{"out": int64(9)}),
			"busy": {Params: evaluated(map[string]any{"out": int64(1)}), Status: workflow.Running},
		}),
		Now: noon,
	}
}

func TestFunctionsOfParams(t *testing.T) {
	tests := []struct {
		text string
		want any // nil: refused
	}{
		{"params.get('name')", "x"}, {"params['name']", "x"}, {"params.containsKey('own')", false}, {"params.get('none') == null", true},
		{"params.getFromInstance('workflow_id')", "w"}, {"params.getFromInstance('workflow_instance_id')", int64(4)},
		{"params.getFromInstance('workflow_run_id')", int64(2)}, {"params.getFromInstance('INITIATOR_TYPE')", "MANUAL"},
		{"params.getFromInstance('INITIATOR_TIMEZONE')", ""}, {"params.getFromInstance('INITIATOR_RUNNER_NAME')", "ann"},
		{"params.getFromInstance('RUN_POLICY')", "START_FRESH_NEW_RUN"}, {"params.getFromInstance('owner')", nil},
		{"params.getFromStep('step_id')", "me"}, {"params.getFromStep('step_attempt_id')", int64(3)}, {"params.getFromStep('step_instance_id')", int64(5)},
		{"params.getFromStep('step_instance_uuid')", "uu"}, {"params.getFromStep('step_type_info')", "NoOp"},
		{"params.getFromStep('MAESTRO_STEP_ERROR_RETRIES')", int64(1)}, {"params.getFromStep('else')", nil},
		{"params.getFromStep('done', 'out')", int64(9)}, {"params.getFromStep('done', 'MAESTRO_STEP_STATUS')", "SUCCEEDED"},
		{"params.getFromStep('done', 'MAESTRO_STEP_END_TIME')", int64(99)}, {"params.getFromStep('busy', 'out')", nil},
		{"params.getFromStep('none', 'out')", nil}, {"params.getFromStep('done', 'none')", nil}, {"params.getFromStep('me', 'own')", int64(1)},
		{"params.getExecutionEnvironment()", ""}, {"params.nextUniqueId()", nil}, {"params.getFromSignal('x')", nil},
		{"params.getFromSignalDependency('0', 'x')", nil}, {"params.getFromSubworkflow('a', 'b', 'c')", nil}, {"params.nope()", nil},
		{"params.getFromStep(1)", nil}, {"params.get()", nil}, {"done__out + 1", int64(10)}, {"busy__out", nil}, {"me__own", int64(1)}, {"both", int64(2)},
	}
	for _, tt := range tests {
		got, err := Evaluate(context.Background(), tt.text, completed())
		if tt.want == nil {
			refused(t, err)
		} else if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: got %#v, %v, want %#v", tt.text, got, err, tt.want)
		}
	}
}

func TestHooksKeepTheirCodes(t *testing.T) {
	scope := completed()
	scope.Runtime.DependencyParam = func(_ context.Context, index int64, name string) (any, error) {
		return nil, workflow.Errorf(workflow.CodeUnavailable, "the table is throttled")
	}
	for _, text := range []string{"params.getFromSignalDependency('0', 'x')", "len(params.getFromSignalDependency('0', 'x'))"} {
		if _, err := Evaluate(context.Background(), text, scope); !errors.Is(err, workflow.ErrUnavailable) {
			t.Errorf("%s: %v has code %q", text, err, workflow.CodeOf(err))
		}
	}
}

func TestConditionAndText(t *testing.T) {
	ctx := context.Background()
	for text, want := range map[string]bool{"true": true, "own == 1 && done__out > 8": true, "both > 2": false, "own in [1, 2]": true} {
		if got, err := Condition(ctx, text, completed()); err != nil || got != want {
			t.Errorf("%s: %v, %v", text, got, err)
		}
	}
	_, err := Condition(ctx, "own + 1", completed())
	refused(t, err, "BOOLEAN", "LONG")
	got, err := Text(ctx, "$own-${done__out}-$name", completed())
	if err != nil || got != "1-9-x" {
		t.Errorf("got %q, %v", got, err)
	}
	_, err = Long(ctx, &workflow.ParsableLong{Text: "$own", IsText: true}, completed())
	refused(t, err, "own") // a limit sees the params of the workflow only
}

func policy(t *testing.T, text string) *workflow.RetryPolicy {
	t.Helper()
	out := &workflow.RetryPolicy{}
	if err := json.Unmarshal([]byte(text), out); err != nil {
		t.Fatal(err)
	}
	return out
}

func TestRetryDelays(t *testing.T) {
	ctx, s := context.Background(), time.Second
	tests := []struct {
		policy string
		cause  Cause
		limit  int64
		want   []time.Duration
	}{
		{`{}`, CauseError, 2, []time.Duration{60 * s, 120 * s, 240 * s, 480 * s, 600 * s, 600 * s}},
		{`{}`, CausePlatform, 10, []time.Duration{60 * s, 120 * s, 240 * s, 480 * s, 960 * s, 1920 * s, 3600 * s, 3600 * s}},
		{`{}`, CauseTimeout, 0, []time.Duration{60 * s, 120 * s, 240 * s, 480 * s, 960 * s, 1920 * s, 3600 * s, 3600 * s}},
		{`{"backoff": {"type": "FIXED_BACKOFF"}}`, CauseError, 2, []time.Duration{60 * s, 60 * s, 60 * s}},
		{`{"backoff": {"type": "FIXED_BACKOFF"}}`, CausePlatform, 10, []time.Duration{60 * s, 60 * s, 60 * s}},
		{`{"backoff": {"type": "FIXED_BACKOFF"}}`, CauseTimeout, 0, []time.Duration{60 * s, 60 * s, 60 * s}},
		{`{"platform_retry_limit": 0}`, CausePlatform, 0, nil},
		{`{"error_retry_limit": 99}`, CauseError, 99, nil},
		{`{"error_retry_limit": "$limit", "backoff": {"type": "FIXED_BACKOFF", "error_retry_backoff_in_secs": "2 min"}}`, CauseError, 2, []time.Duration{120 * s, 120 * s}},
		{`{"backoff": {"error_retry_backoff_in_secs": 700}}`, CauseError, 2, []time.Duration{600 * s, 600 * s}},
		{`{"timeout_retry_limit": 3, "backoff": {"timeout_retry_backoff_in_secs": 5, "timeout_retry_exponent": 3}}`, CauseTimeout, 3, []time.Duration{5 * s, 15 * s, 45 * s}},
	}
	for _, tt := range tests {
		limits, err := Retry(ctx, policy(t, tt.policy), completed())
		if err != nil || limits.Limit(tt.cause) != tt.limit {
			t.Errorf("%s: %+v, %v", tt.policy, limits, err)
		}
		for i, want := range tt.want {
			if got := limits.Delay(tt.cause, int64(i)); got != want {
				t.Errorf("%s, %s retry %d: %v, want %v", tt.policy, tt.cause, i, got, want)
			}
		}
	}
}

func TestUnreadableRetryPolicyGivesTheDefaultsAndAWarning(t *testing.T) {
	for _, text := range []string{`{"error_retry_limit": "$own"}`, `{"error_retry_limit": 100}`, `{"timeout_retry_limit": -1}`, `{"backoff": {"error_retry_backoff_in_secs": 0}}`, `{"platform_retry_limit": "many"}`} {
		limits, warning := Retry(context.Background(), policy(t, text), completed())
		if warning == nil || limits.Error != 2 || limits.Platform != 10 || limits.Delay(CauseError, 0) != time.Minute {
			t.Errorf("%s: %+v, %v", text, limits, warning)
		}
	}
}

func TestAlerting(t *testing.T) {
	scope := completed()
	scope.Workflow = evaluated(map[string]any{"who": "ann", "TARGET_RUN_DATE": "20260301", "WORKFLOW_CRON_TIMEZONE": "Asia/Tokyo", "RUN_TS": int64(1000)})
	hour, minutes := int64(6), int64(2)
	tests := []struct {
		tct  workflow.TCT
		want int64
	}{
		{workflow.TCT{CompletedByHour: &hour}, time.Date(2026, 2, 28, 20, 59, 59, 0, time.UTC).UnixMilli()},
		{workflow.TCT{CompletedByHour: &hour, TZ: "UTC"}, time.Date(2026, 3, 1, 5, 59, 59, 0, time.UTC).UnixMilli()},
		{workflow.TCT{DurationMinutes: &minutes}, 121000},
	}
	for _, tt := range tests {
		given := &workflow.Alerting{Emails: []string{"${who}@x", "$nobody@x"}, TCT: &tt.tct}
		got := Alerting(context.Background(), given, scope, noon)
		if got.TCT.CompletedByTS == nil || *got.TCT.CompletedByTS != tt.want {
			t.Errorf("%+v: got %v, want %d", tt.tct, got.TCT.CompletedByTS, tt.want)
		}
		if !reflect.DeepEqual(got.Emails, []string{"ann@x", "$nobody@x"}) || given.TCT.CompletedByTS != nil {
			t.Errorf("emails %v", got.Emails)
		}
	}
	bad := workflow.TCT{CompletedByHour: &hour, TZ: "Nowhere"}
	if got := Alerting(context.Background(), &workflow.Alerting{TCT: &bad}, scope, noon); got.TCT.CompletedByTS != nil {
		t.Error("a bad zone must leave the alerting as it was")
	}
}

func TestStepLayers(t *testing.T) {
	in := stepInput(t, `{"a": {"type": "STRING", "value": "def $extra"}, "b": {"type": "LONG", "value": 1}}`, completed())
	in.Step.Type = "Sleep"
	in.Runtime.StepDefaults = parse(t, `{"d": {"type": "STRING", "value": "step"}}`)
	in.Runtime.TypeDefaults = map[string]*workflow.Params{"SLEEP": parse(t, `{"d": {"type": "STRING", "value": "type"}, "b": {"type": "LONG", "value": 0}}`)}
	in.Defaults = parse(t, `{"t": {"type": "LONG", "value": 5, "internal_mode": "PROVIDED"}}`)
	in.Injected = parse(t, `{"i": {"type": "LONG", "value": 6}}`)
	in.RunParams = parse(t, `{"extra": {"type": "STRING", "value": "run"}, "b": {"type": "LONG", "value": 2}}`)
	in.RestartParams = parse(t, `{"b": {"type": "LONG", "value": 3}}`)
	params, err := Step(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	want := `workflow_instance_id=4 SYSTEM_DEFAULT, step_instance_uuid=uu SYSTEM_DEFAULT, step_attempt_id=3 SYSTEM_DEFAULT, step_id=me SYSTEM_DEFAULT, ` +
		`d=type SYSTEM_DEFAULT, sleep_seconds=3 SYSTEM_DEFAULT, b=3 RESTART, t=5 TEMPLATE_SCHEMA, i=6 SYSTEM_INJECTED, extra=run LAUNCH, a=def run DEFINITION`
	var got []string
	for name, p := range params.All() {
		got = append(got, name+"="+display(p.Result)+" "+string(p.Source))
	}
	if strings.Join(got, ", ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, ", "), want)
	}
}

func TestEvaluatedParamsHaveALimit(t *testing.T) {
	in := WorkflowInput{Now: noon, Definition: definition(t, `{"s": {"type": "STRING", "value": "`+strings.Repeat("x", 400_000)+`"}}`)}
	_, err := Workflow(context.Background(), in)
	refused(t, err, "750000")
}

func TestValidatorsRunWhereTheDeploymentWantsThem(t *testing.T) {
	in := WorkflowInput{Now: noon, Definition: definition(t, `{"n": {"type": "LONG", "value": 3, "validator": "n > 5"}, "m": {"type": "LONG", "value": 3, "validator": "@Positive"}}`)}
	if _, err := Workflow(context.Background(), in); err != nil {
		t.Error(err)
	}
	in.Runtime.Validators = true
	_, err := Workflow(context.Background(), in)
	refused(t, err, "validator", `"n"`)
}
