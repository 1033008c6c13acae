package param

import (
	"context"
	"reflect"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// evaluated are params with results, as earlier evaluations leave them.
func evaluated(values map[string]any) *workflow.Params {
	out := &workflow.Params{}
	for _, name := range sortedKeys(values) {
		p := workflow.Literal(values[name])
		p.Evaluated, p.Result = true, workflow.ResultOf(p.Value)
		out.Set(name, p)
	}
	return out
}

func stepInput(t *testing.T, params string, scope Scope) StepInput {
	t.Helper()
	if scope.Identity.Step == "" {
		scope.Identity.Step = "me"
	}
	scope.Now = noon
	return StepInput{Scope: scope, Step: &workflow.Step{Kind: workflow.KindStep, ID: scope.Identity.Step, Type: "NoOp", Params: parse(t, params)}}
}

func stepParams(t *testing.T, params string, scope Scope) (*workflow.Params, error) {
	t.Helper()
	return Step(context.Background(), stepInput(t, params, scope))
}

func lookupIn(values map[string]any) lookup {
	return func(name string) (any, bool, error) { value, ok := values[name]; return value, ok, nil }
}

func TestPinned26To28And30Interpolation(t *testing.T) {
	tests := []struct {
		text, want string
		values     map[string]any
	}{
		{"$$var$var $var1$$var1 $$$var2 $$$$var2", "$var0 true$var1 $2 $$var2", map[string]any{"var": int64(0), "var1": true, "var2": "2"}},
		{"$foo$bar$baz", "$bar$baz$foo", map[string]any{"foo": "$bar", "bar": "$baz", "baz": "$foo"}},
		{"test $strArray $intArray", `test ["one","two","three"] [1,2,3]`, map[string]any{"strArray": []string{"one", "two", "three"}, "intArray": []int64{1, 2, 3}}},
		{"${a.b/c-d} ${x}y $5 $ ${ ${} ${1} a$", "1 2.0y $5 $ ${ ${} ${1} a$", map[string]any{"a.b/c-d": int64(1), "x": 2.0}},
		{"$${var} ${secret:db/pw#user?stage=X}", "${var} ${secret:db/pw#user?stage=X}", nil},
		{"$m", `{"a":1.5,"b":"x"}`, map[string]any{"m": map[string]any{"b": "x", "a": 1.5}}},
	}
	for _, tt := range tests {
		got, err := interpolate(tt.text, lookupIn(tt.values))
		if err != nil || got != tt.want {
			t.Errorf("%s: got %q, %v, want %q", tt.text, got, err, tt.want)
		}
	}
	_, err := interpolate("$unknown", lookupIn(nil))
	refused(t, err, "unknown")
}

func TestPinned29StringMapKeysAndValues(t *testing.T) {
	params, err := Workflow(context.Background(), WorkflowInput{Definition: definition(t, `{
		"var": {"type": "LONG", "value": 0}, "var2": {"type": "STRING", "value": "2"},
		"m": {"type": "STRING_MAP", "value": {"$var": "$var2"}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	if got := resultOf(t, params, "m"); !reflect.DeepEqual(got, map[string]string{"0": "2"}) {
		t.Errorf("got %v", got)
	}
}

func TestPinned31To33ImplicitConversions(t *testing.T) {
	tests := []struct {
		param string
		want  any
		level string
	}{
		{`{"type": "STRING", "expression": "six - 1;"}`, "5", "info"},
		{`{"type": "LONG", "expression": "hundred + 1;"}`, int64(1001), "warn"},
		{`{"type": "LONG", "expression": "0.01;"}`, nil, ""},
		{`{"type": "BOOLEAN", "expression": "'foo';"}`, nil, ""},
		{`{"type": "BOOLEAN", "expression": "'trU'+'e'"}`, true, "warn"},
		{`{"type": "DOUBLE", "expression": "1"}`, 1.0, "info"},
		{`{"type": "DOUBLE", "expression": "'NaN'"}`, nil, ""},
		{`{"type": "LONG_ARRAY", "expression": "new long[0]"}`, []int64{}, ""},
		{`{"type": "LONG_ARRAY", "expression": "filter([1], # > 1)"}`, []int64{}, ""},
		{`{"type": "STRING_MAP", "expression": "m = new Map(); m.put('k', 'v'); return m;"}`, map[string]string{"k": "v"}, ""},
		{`{"type": "STRING_ARRAY", "expression": "new long[]{1, 2};"}`, []string{"1", "2"}, "info"},
	}
	for _, tt := range tests {
		params, err := Workflow(context.Background(), WorkflowInput{Definition: definition(t,
			`{"six": {"type": "LONG", "value": 6}, "hundred": {"type": "STRING", "value": "100"}, "p": `+tt.param+`}`)})
		if tt.want == nil {
			refused(t, err, `"p"`)
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", tt.param, err)
			continue
		}
		p := get(t, params, "p")
		if !reflect.DeepEqual(p.Result, tt.want) {
			t.Errorf("%s: got %#v", tt.param, p.Result)
		}
		if tt.level != "" && !p.Meta.Has(tt.level) {
			t.Errorf("%s: no meta.%s in %v", tt.param, tt.level, p.Meta.Keys())
		}
	}
}

func TestPinned34OrderOfStepParams(t *testing.T) {
	scope := Scope{Workflow: evaluated(map[string]any{"foo": int64(1), "bar": int64(6)})}
	tests := []struct {
		params   string
		foo, bar int64
	}{
		{`{"foo": {"type": "LONG", "expression": "bar+1"}, "bar": {"type": "LONG", "expression": "foo+1"}}`, 7, 8},
		{`{"bar": {"type": "LONG", "expression": "foo+1"}, "foo": {"type": "LONG", "expression": "bar+1"}}`, 3, 2},
	}
	for _, tt := range tests {
		params, err := stepParams(t, tt.params, scope)
		if err != nil {
			t.Fatal(err)
		}
		if foo, bar := resultOf(t, params, "foo"), resultOf(t, params, "bar"); foo != tt.foo || bar != tt.bar {
			t.Errorf("%s: foo %v, bar %v", tt.params, foo, bar)
		}
	}
}

func TestPinned35WorkflowParamOfTheSameName(t *testing.T) {
	params, err := stepParams(t, `{"sample": {"type": "LONG", "expression": "sample;"}}`,
		Scope{Workflow: evaluated(map[string]any{"sample": int64(5)})})
	if err != nil || resultOf(t, params, "sample") != int64(5) {
		t.Fatalf("got %v, %v", params, err)
	}
}

// upstream answers from a map of finished steps.
func upstream(steps map[string]Finished) Upstream {
	return func(step string) (Finished, bool, error) { f, ok := steps[step]; return f, ok, nil }
}

func succeeded(values map[string]any) Finished {
	return Finished{Params: evaluated(values), Status: workflow.Succeeded, Complete: true, EndTime: 99}
}

func TestPinned36AmbiguousStepParam(t *testing.T) {
	const params = `{"p": {"type": "LONG", "expression": "step2___foo"}}`
	both := Scope{Upstream: upstream(map[string]Finished{
		"step2": succeeded(map[string]any{"_foo": int64(1)}), "step2_": succeeded(map[string]any{"foo": int64(2)})})}
	_, err := stepParams(t, params, both)
	refused(t, err, "ambiguous", "step2_")
	one := Scope{Upstream: upstream(map[string]Finished{"step2_": succeeded(map[string]any{"foo": int64(2)})})}
	got, err := stepParams(t, params, one)
	if err != nil || resultOf(t, got, "p") != int64(2) {
		t.Fatalf("got %v, %v", got, err)
	}
	_, err = stepParams(t, params, Scope{})
	refused(t, err, "step2___foo")
}

func TestPinned37Cycles(t *testing.T) {
	for _, params := range []string{
		`{"bar": {"type": "LONG", "expression": "bar + 1"}}`,
		`{"bar": {"type": "LONG", "expression": "foo + 1"}, "foo": {"type": "STRING", "value": "${bar}"}}`,
		`{"m": {"type": "MAP", "value": {"a": {"type": "LONG", "expression": "b"}, "b": {"type": "LONG", "expression": "a"}}}}`,
		`{"bar": {"type": "LONG", "expression": "me__bar"}}`,
	} {
		_, err := stepParams(t, params, Scope{})
		refused(t, err, "cyclic")
	}
	_, err := Workflow(context.Background(), WorkflowInput{Definition: definition(t, `{"bar": {"type": "LONG", "expression": "params.get('bar')"}}`)})
	refused(t, err, "cyclic")
}

func TestPinned38GetFromForeachAsksTheHook(t *testing.T) {
	scope := Scope{}
	_, err := stepParams(t, `{"p": {"type": "LONG_ARRAY", "expression": "params.getFromForeach('fe', 'job', 'x')"}}`, scope)
	refused(t, err, "getFromForeach")
	scope.Runtime.ForeachParam = func(_ context.Context, foreach, step, name string) (any, error) {
		if foreach != "fe" || step != "job" || name != "x" {
			t.Errorf("asked for %s %s %s", foreach, step, name)
		}
		return []int64{12, 0, 0, 0, 0, 0}, nil
	}
	params, err := stepParams(t, `{"p": {"type": "LONG_ARRAY", "expression": "params.getFromForeach('fe', 'job', 'x')"}}`, scope)
	if err != nil || !reflect.DeepEqual(resultOf(t, params, "p"), []int64{12, 0, 0, 0, 0, 0}) {
		t.Fatalf("got %v, %v", params, err)
	}
}

func TestPinned39SignalsOfATimeRun(t *testing.T) {
	in := WorkflowInput{Initiator: &workflow.Initiator{Type: workflow.InitiatorTime},
		Definition: definition(t, `{"p": {"type": "STRING", "expression": "params.getFromSignal('s', 'x')"}}`)}
	_, err := Workflow(context.Background(), in)
	refused(t, err, "TIME")
	in.Definition = definition(t, `{"p": {"type": "STRING", "expression": "params.getFromSignalOrDefault('s', 'x', 'dflt')"}}`)
	params, err := Workflow(context.Background(), in)
	if err != nil || resultOf(t, params, "p") != "dflt" {
		t.Fatalf("got %v, %v", params, err)
	}
	in.Initiator = &workflow.Initiator{Type: workflow.InitiatorSignal, Params: parse(t, `{"x": {"type": "LONG", "value": 4}}`)}
	in.Definition = definition(t, `{"p": {"type": "LONG", "expression": "params.getFromSignal('x') + s__y"}}`)
	in.Runtime.SignalParam = func(_ context.Context, signal, name string) (any, error) { return int64(len(signal + name)), nil }
	params, err = Workflow(context.Background(), in)
	if err != nil || resultOf(t, params, "p") != int64(6) {
		t.Fatalf("got %v, %v", params, err)
	}
}

func TestPinned40Durations(t *testing.T) {
	tests := []struct {
		text          string
		loose, strict time.Duration // 0: refused
	}{
		{"1 d 1 h 1 min 1s 1ms", 90061001 * time.Millisecond, 90061001 * time.Millisecond},
		{"10min 1min", 660 * time.Second, 660 * time.Second},
		{"abc 1min", time.Minute, 0},
		{"2000 milliseconds", 2 * time.Second, 2 * time.Second},
		{"min", 0, 0},
		{"-100", 0, 0},
		{"1 dog", 24 * time.Hour, 0},
		{"${n} min", 3 * time.Minute, 3 * time.Minute},
		{"90", 90 * time.Second, 90 * time.Second},
	}
	for _, tt := range tests {
		for compat, want := range map[bool]time.Duration{true: tt.loose, false: tt.strict} {
			scope := Scope{Workflow: evaluated(map[string]any{"n": int64(3)}), Runtime: Runtime{Compat: compat}}
			got, err := Duration(context.Background(), &workflow.ParsableLong{Text: tt.text, IsText: true}, scope)
			if want == 0 {
				refused(t, err)
			} else if err != nil || got != want {
				t.Errorf("%s (compat %v): got %v, %v, want %v", tt.text, compat, got, err, want)
			}
		}
	}
}

func TestIdsAreNotKnownToWorkflowParams(t *testing.T) {
	params, err := Workflow(context.Background(), WorkflowInput{Owner: "ann", Definition: definition(t, `{
		"id": {"type": "STRING", "expression": "params.getFromInstance('workflow_id') + params.getFromInstance('workflow_instance_id') + params.getFromInstance('workflow_run_id')"},
		"who": {"type": "STRING", "expression": "params.getFromInstance('owner') + params.getFromInstance('FIRST_TIME_TRIGGER_TIMEZONE')"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	if id, who := resultOf(t, params, "id"), resultOf(t, params, "who"); id != "w" || who != "annUTC" {
		t.Errorf("id %q, who %q", id, who)
	}
}

func TestEntriesOfMapsSeeOuterParamsThenSiblings(t *testing.T) {
	params, err := Workflow(context.Background(), WorkflowInput{Definition: definition(t, `{"date": {"type": "LONG", "value": 1},
		"m": {"type": "MAP", "value": {"b": {"type": "LONG", "expression": "a + 1"}, "date": {"type": "LONG", "expression": "date + 1"},
			"a": {"type": "LONG", "expression": "date + 10"}, "deep": {"type": "MAP", "value": {"s": {"type": "STRING", "value": "$a-$date"}}}}}}`)})
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"b": int64(12), "date": int64(2), "a": int64(11), "deep": map[string]any{"s": "11-1"}}
	if got := resultOf(t, params, "m"); !reflect.DeepEqual(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}
