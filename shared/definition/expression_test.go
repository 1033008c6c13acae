package definition_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/definition"
)

func TestExpressions(t *testing.T) {
	t.Parallel()
	text := `{"workflow": {"id": "w",
 "params": {"e": {"type": "LONG", "expression": "1"}, "l": {"type": "LONG", "value": 1},
  "m": {"type": "MAP", "value": {"n.x": {"type": "STRING", "expression": "2"}}}},
 "signal_triggers": [{"definitions": {"s": {}}, "params": {"p": {"type": "LONG", "expression": "3"}},
  "condition": "4", "dedup_expr": "5"}],
 "steps": [
  {"while": {"id": "l", "condition": "6", "transition": {"successors": {"job.1": "11"}},
   "steps": [{"step": {"id": "in", "type": "NoOp", "params": {"a": {"type": "DOUBLE", "expression": "7"}}}}]}},
  {"step": {"id": "job.1", "type": "NoOp",
   "signal_dependencies": [{"name": "s", "match_params": {"k": {"operator": "=", "param": {"type": "STRING", "expression": "8"}}}}],
   "signal_outputs": [{"name": "o", "params": {"k": {"type": "LONG", "expression": "9"}}, "payload": {"y": {"type": "LONG", "expression": "10"}}}]}}
 ]}}`
	request, source, err := definition.ReadRequest([]byte(text), definition.JSON, nil)
	if err != nil {
		t.Fatal(err)
	}
	want := []string{
		`1 workflow param LONG "" in line 2 $.workflow.params.e.expression`,
		`2 workflow param STRING "" in line 3 $.workflow.params.m.value["n.x"].expression`,
		`3 trigger param LONG "" in line 4 $.workflow.signal_triggers[0].params.p.expression`,
		`4 trigger condition BOOLEAN "" in line 5 $.workflow.signal_triggers[0].condition`,
		`5 trigger dedup STRING "" in line 5 $.workflow.signal_triggers[0].dedup_expr`,
		`6 while condition BOOLEAN "l" in line 7 $.workflow.steps[0].while.condition`,
		`11 transition BOOLEAN "l" in line 7 $.workflow.steps[0].while.transition.successors["job.1"]`,
		`7 step param DOUBLE "in" in line 8 $.workflow.steps[0].while.steps[0].step.params.a.expression`,
		`8 dependency param STRING "job.1" in line 10 $.workflow.steps[1].step.signal_dependencies[0].match_params.k.param.expression`,
		`9 output param LONG "job.1" in line 11 $.workflow.steps[1].step.signal_outputs[0].params.k.expression`,
		`10 output param LONG "job.1" in line 11 $.workflow.steps[1].step.signal_outputs[0].payload.y.expression`,
	}
	found := definition.Expressions(request, source)
	if len(found) != len(want) {
		t.Fatalf("found %d expressions; want %d", len(found), len(want))
	}
	for i, e := range found {
		got := fmt.Sprintf("%s %s %s %q in line %d %s", e.Text, e.Kind, e.Type, e.StepID, e.Line, e.Path)
		if got != want[i] {
			t.Errorf("got  %s\nwant %s", got, want[i])
		}
		if line := strings.Split(text, "\n")[e.Line-1]; !strings.HasPrefix(line[e.Column-1:], `"`+e.Text+`"`) {
			t.Errorf("%s stands at column %d? there is %s", e.Path, e.Column, line[e.Column-1:])
		}
	}
	if bare := definition.Expressions(request, nil); len(bare) != len(want) || bare[0].Line != 0 {
		t.Errorf("without a source: got %+v", bare)
	}
}
