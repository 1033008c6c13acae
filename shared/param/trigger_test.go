package param

import (
	"context"
	"slices"
	"testing"

	"github.com/segue-workflows/segue/shared/workflow"
)

func TestTrigger(t *testing.T) {
	in := TriggerInput{Workflow: "w", Now: noon, Initiator: &workflow.Initiator{Type: workflow.InitiatorSignal},
		Runtime: Runtime{SignalParam: func(_ context.Context, signal, name string) (any, error) { return signal + "." + name, nil }}}
	tests := []struct {
		condition, dedup string
		starts           bool
		key              string
		refused          bool
	}{
		{"", "", true, "", false},
		{"p == 'a.x'", "'k' + p", true, "ka.x", false},
		{"p == 'else'", "'k' + p", false, "", false},
		{"p", "", false, "", true},
		{"true", "unknown", false, "", true},
	}
	for _, tt := range tests {
		in.Trigger = &workflow.SignalTrigger{Condition: tt.condition, DedupExpr: tt.dedup,
			Params: parse(t, `{"p": {"type": "STRING", "expression": "params.getFromSignal('a', 'x')"}}`)}
		got, err := Trigger(context.Background(), in)
		if tt.refused {
			refused(t, err)
			continue
		}
		if err != nil || got.Starts != tt.starts || got.Dedup != tt.key {
			t.Errorf("%+v: got %+v, %v", tt, got, err)
		}
		if p := get(t, got.Params, "p"); p.Result != "a.x" {
			t.Errorf("p = %v", p.Result)
		}
	}
}

func TestValuesOfSignalsSeeTheStep(t *testing.T) {
	given := parse(t, `{"d": {"type": "STRING", "value": "$own-$name"}, "n": {"type": "LONG", "expression": "done__out + own"}}`)
	got, err := Values(context.Background(), given, completed())
	if err != nil {
		t.Fatal(err)
	}
	if d, n := get(t, got, "d").Result, get(t, got, "n").Result; d != "1-x" || n != int64(10) {
		t.Errorf("d = %v, n = %v", d, n)
	}
	if get(t, given, "d").Evaluated {
		t.Error("the definition was changed")
	}
}

func TestInheritedParamsStartAChild(t *testing.T) {
	parent, err := Workflow(context.Background(), WorkflowInput{Now: noon, Owner: "ann", Definition: definition(t, `{"a": {"type": "STRING", "expression": "'$' + 'x'"}, "b": {"type": "LONG", "value": 1, "mode": "CONSTANT"}}`)})
	if err != nil {
		t.Fatal(err)
	}
	own, err := stepParams(t, `{"b": {"type": "LONG", "value": 1}, "c": {"type": "LONG", "value": 3}}`, completed())
	if err != nil {
		t.Fatal(err)
	}
	passed := Inherited(parent, own)
	child, err := Workflow(context.Background(), WorkflowInput{Now: noon.Add(1e13), Owner: "bob", RunParams: passed,
		Definition: &workflow.Workflow{ID: "child", Params: parse(t, `{"c": {"type": "STRING", "value": "mine"}}`)},
		Initiator:  &workflow.Initiator{Type: workflow.InitiatorSubworkflow}})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]any{"a": "$x", "b": int64(1), "c": "3", "owner": "bob", "workflow_id": "child", "RUN_TS": noon.UnixMilli()} {
		if got := resultOf(t, child, name); got != want {
			t.Errorf("%s = %v, want %v", name, got, want)
		}
	}
	if slices.Contains(child.Keys(), "step_id") {
		t.Error("the built-in params of the step were handed down")
	}
}
