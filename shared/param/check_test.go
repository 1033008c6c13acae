package param

import (
	"context"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/workflow"
)

func typed(t *testing.T, id, params string, successors ...string) *workflow.Step {
	step := &workflow.Step{Kind: workflow.KindStep, ID: id, Type: "NoOp", Params: parse(t, params)}
	step.Transition.Successors = &workflow.Ordered[string]{}
	for i := 0; i < len(successors); i += 2 {
		step.Transition.Successors.Set(successors[i], successors[i+1])
	}
	return step
}

func faulty(t *testing.T) *workflow.Request {
	loop := &workflow.Step{Kind: workflow.KindForeach, ID: "loop", Params: parse(t, `{
		"loop_params": {"type": "MAP", "value": {"i": {"type": "LONG_ARRAY", "expression": "Util.intsBetween(0, n, 1)"}}},
		"own": {"type": "STRING", "value": "${gone}"}}`),
		Steps: []*workflow.Step{typed(t, "body", `{"x": {"type": "LONG", "expression": "i + loop_index + n + own"}, "y": {"type": "LONG", "expression": "j"}}`)}}
	first := typed(t, "first", `{"out": {"type": "LONG", "value": 1}}`, "second", "out > n && nope", "loop", "out +")
	first.Timeout = &workflow.ParsableLong{Text: "${out} min", IsText: true}
	return &workflow.Request{Workflow: &workflow.Workflow{ID: "w",
		Params: parse(t, `{"n": {"type": "LONG", "value": 3}, "m": {"type": "MAP", "value": {"a": {"type": "LONG", "expression": "n + a2"}}}}`),
		Steps: []*workflow.Step{first,
			typed(t, "second", `{"x": {"type": "LONG", "expression": "first__out + first__none + third__x + step_id"}}`),
			typed(t, "third", `{"x": {"type": "STRING", "value": "$TARGET_RUN_DATE"}}`), loop},
	}}
}

func TestCheckNamesWhatIsMissing(t *testing.T) {
	want := []struct{ path, word string }{
		{"params.m.a", `"a2" here; there are: a, m, n`},
		{"steps.first.timeout", `"out"`},
		{"steps.first.transition.second", `"nope"`},
		{"steps.first.transition.loop", "line 1, column"},
		{"steps.second.params.x", `"first" has no param "none"; it has: out`},
		{"steps.second.params.x", `"third" is not a step that runs before this one`},
		{"steps.loop.params.own", `"gone"`},
		{"steps.loop.steps.body.params.y", `"j"`},
	}
	problems := Check(faulty(t))
	if len(problems) != len(want) {
		t.Errorf("%d problems, want %d: %v", len(problems), len(want), problems)
	}
	for i := range min(len(want), len(problems)) {
		if problems[i].Path != want[i].path || !strings.Contains(problems[i].Text, want[i].word) {
			t.Errorf("got %+v, want %+v", problems[i], want[i])
		}
	}
}

func TestLintTellsOfHiddenStepParams(t *testing.T) {
	request := &workflow.Request{Workflow: definition(t, `{"foo": {"type": "LONG", "value": 1}, "bar": {"type": "LONG", "value": 6}}`)}
	request.Workflow.Steps = []*workflow.Step{typed(t, "a", `{"foo": {"type": "LONG", "expression": "bar+1"}, "bar": {"type": "STRING", "value": "$foo"}}`)}
	got := Lint(request)
	if len(got) != 1 || got[0].Path != "steps.a.params.foo" || !strings.Contains(got[0].Text, `"bar"`) {
		t.Errorf("got %v", got)
	}
}

func TestDryRunTellsAllFaults(t *testing.T) {
	err := DryRun(context.Background(), faulty(t), Runtime{}, noon)
	refused(t, err, "steps.first.transition.loop")
	request := &workflow.Request{Workflow: definition(t, `{"d": {"type": "STRING", "expression": "FROM_DATE"}, "FROM_DATE": {"type": "STRING", "expression": "nothing"}}`)}
	request.Workflow.Steps = []*workflow.Step{
		{Kind: workflow.KindSubworkflow, ID: "sub"},
		typed(t, "ok", `{"x": {"type": "LONG", "expression": "known_at_run_time"}}`),
		typed(t, "bad", `{"step_id": {"type": "STRING", "value": "mine"}}`),
	}
	err = DryRun(context.Background(), request, Runtime{}, noon)
	refused(t, err, "subworkflow_id")
	if details := workflow.DetailOf(err); len(details) != 2 || !strings.Contains(details[1], "CONSTANT") {
		t.Errorf("details %q", details)
	}
}

func TestDryRunReadsSignalsAsNumberOrText(t *testing.T) {
	for _, expression := range []string{"params.getFromSignal('date') - 1", "params.getFromSignal('s', 'date').substring(0, 4)", "s__date"} {
		request := &workflow.Request{Workflow: &workflow.Workflow{ID: "w", Params: &workflow.Params{}}}
		request.Workflow.Params.Set("p", &workflow.Param{Type: workflow.Long, HasExpr: true, Expression: expression})
		if err := DryRun(context.Background(), request, Runtime{}, noon); err != nil {
			t.Errorf("%s: %v", expression, err)
		}
	}
}

func TestOutputMergesIntoTheStep(t *testing.T) {
	params, err := stepParams(t, `{
		"n": {"type": "LONG", "value": 1}, "s": {"type": "STRING", "value": "x"}, "list": {"type": "LONG_ARRAY", "value": [1, 2]},
		"m": {"type": "MAP", "value": {"a": {"type": "LONG", "value": 1}, "in": {"type": "MAP", "value": {"b": {"type": "LONG", "value": 2}}}}},
		"sm": {"type": "STRING_MAP", "value": {"a": "1"}},
		"fixed": {"type": "LONG", "value": 1, "mode": "MUTABLE_ON_START"}}`, Scope{})
	if err != nil {
		t.Fatal(err)
	}
	err = Output(params, parse(t, `{
		"n": {"type": "STRING", "value": "7"}, "s": {"type": "LONG", "value": 8, "evaluated_result": 8}, "list": {"type": "LONG_ARRAY", "value": [3]},
		"m": {"type": "MAP", "value": {"in": {"type": "MAP", "value": {"c": {"type": "LONG", "value": 3}}}}},
		"sm": {"type": "STRING_MAP", "value": {"b": "2"}}}`))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{"n": int64(7), "s": "8", "list": []int64{3}, "sm": map[string]string{"a": "1", "b": "2"},
		"m": map[string]any{"a": int64(1), "in": map[string]any{"b": int64(2), "c": int64(3)}}}
	for name, value := range want {
		if got := resultOf(t, params, name); !reflect.DeepEqual(got, value) {
			t.Errorf("%s = %#v, want %#v", name, got, value)
		}
	}
	if p := get(t, params, "n"); p.Value != int64(7) || p.Source != workflow.SourceOutputParameter {
		t.Errorf("n = %+v", p)
	}
	for _, output := range []string{`{"new": {"type": "LONG", "value": 1}}`, `{"fixed": {"type": "LONG", "value": 2}}`, `{"n": {"type": "STRING", "value": "x"}}`} {
		refused(t, Output(params, parse(t, output)))
	}
}

func TestFrozenParamsEvaluateToTheSame(t *testing.T) {
	first, err := Workflow(context.Background(), WorkflowInput{Now: noon, Definition: definition(t, `{
		"s": {"type": "STRING", "expression": "'$x and $$ and ${y} and $5'"}, "m": {"type": "MAP", "value": {"t": {"type": "STRING", "value": "$s"}, "f": {"type": "DOUBLE", "value": 1.50}}},
		"fixed": {"type": "LONG", "expression": "params.nextUniqueId()", "mode": "IMMUTABLE"}}`),
		Runtime: Runtime{UniqueID: func() int64 { return 1 }}})
	if err != nil {
		t.Fatal(err)
	}
	again, err := Workflow(context.Background(), WorkflowInput{Now: noon.Add(1e12), Definition: &workflow.Workflow{ID: "w"}, Previous: first,
		RunParams: parse(t, `{"new": {"type": "STRING", "value": "$s"}}`), Runtime: Runtime{UniqueID: func() int64 { return 2 }}})
	if err != nil {
		t.Fatal(err)
	}
	for name := range first.All() {
		a, _ := json.Marshal(resultOf(t, first, name))
		b, _ := json.Marshal(resultOf(t, again, name))
		if name == "fixed" {
			if string(b) != "2" {
				t.Errorf("an IMMUTABLE param is %s; it must be evaluated again", b)
			}
		} else if string(a) != string(b) {
			t.Errorf("%s: %s, then %s", name, a, b)
		}
	}
	if got := resultOf(t, again, "new"); got != "$x and $ and ${y} and $5" && got != resultOf(t, first, "s") {
		t.Errorf("new = %v", got)
	}
}
