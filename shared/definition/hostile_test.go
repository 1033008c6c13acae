package definition_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/workflow"
)

func TestSeveralFaultsAtOnce(t *testing.T) {
	t.Parallel()
	text := `{
  "properties": {"step_concurrency": 0},
  "workflow": {
    "id": "-",
    "timeout": "soon",
    "steps": [
      {"step": {"id": "a", "type": "Slep", "transition": {"successors": {"c": "true"}}}},
      {"foreach": {"id": "a", "concurrency": "many", "steps": []}}
    ]
  }
}`
	err := parseRequest(text)
	var lines []int
	for _, f := range faultsOf(t, err) {
		lines = append(lines, f.Line)
	}
	if got := fmt.Sprint(lines); got != "[2 4 5 7 7 8 8 8]" {
		t.Errorf("faults in lines %s:\n%s", got, strings.Join(workflow.DetailOf(err), "\n"))
	}
	if !strings.HasSuffix(err.Error(), "(and 7 more)") || len(workflow.DetailOf(err)) != 8 {
		t.Errorf("got %v", err)
	}
}

func TestFaultsAreCapped(t *testing.T) {
	t.Parallel()
	if faults := faultsOf(t, parseRequest(ofWorkflow(`"tags":[`+strings.Repeat("1,", 9999)+`1]`))); len(faults) != 50 {
		t.Errorf("got %d faults; want 50", len(faults))
	}
}

// hostile is a text that is large, deep or crooked on purpose, and what has to be said of it.
type hostile struct{ name, text, want string }

func noop(i int) string { return fmt.Sprintf(`{"step":{"id":"s%d","type":"NoOp"}}`, i) }

func steps(n int, body func(int) string) string {
	all := make([]string, n)
	for i := range all {
		all[i] = body(i)
	}
	return strings.Join(all, ",")
}

func nested(depth int) string {
	text := noop(0)
	for i := range depth {
		text = fmt.Sprintf(`{"foreach":{"id":"f%d","steps":[%s]}}`, i, text)
	}
	return text
}

func hostiles() []hostile {
	ring := func(i int) string {
		return fmt.Sprintf(`{"step":{"id":"s%d","type":"NoOp","transition":{"successors":{"s%d":"true"}}}}`, i, (i+1)%300)
	}
	strange := func(i int) string {
		return fmt.Sprintf(`{"step":{"id":"s%d","type":"NoOp","transition":{"successors":{%s}}}}`, i,
			steps(40, func(j int) string { return fmt.Sprintf(`"none%d_%d":""`, i, j) }))
	}
	return []hostile{
		{"10 MB", ofWorkflow(`"description":"` + strings.Repeat("x", 10<<20) + `"`), "bytes, the limit is 262144"},
		{"longer when stored", strings.Replace(ofWorkflow(`"name":"n"`), `{"work`, `{"note":"`+strings.Repeat("<", 60000)+`","work`, 1), "bytes, the limit is 262144"},
		{"301 steps", ofSteps(steps(301, noop)), "301 steps, counted through all loop bodies; the limit is 300"},
		{"301 steps in a body", ofSteps(`{"foreach":{"id":"f","steps":[` + steps(300, noop) + `]}}`), "301 steps"},
		{"6000 steps", ofSteps(steps(6000, noop)), "6000 steps"},
		{"ring", ofSteps(steps(300, ring)), "cycle: s0 -> s1"},
		{"12000 unknown successors", ofSteps(steps(300, strange)), "(and 49 more)"},
		{"loops too deep", ofSteps(nested(10)), "nested 10 deep, the limit is 9"},
		{"loops much too deep", ofSteps(nested(60)), "deeper than 100 levels"},
		{"params too deep", ofWorkflow(`"params":{"p":` + strings.Repeat(`{"type":"MAP","value":{"p":`, 60) + `1` + strings.Repeat("}}", 60) + `}`), "deeper than 100 levels"},
		{"many equal tags", ofWorkflow(`"tags":["t"` + strings.Repeat(`,"t"`, 50000) + `]`), "(and 49 more)"},
		{"many join keys", ofWorkflow(`"signal_triggers":[{"definitions":{"a":{"join_keys":[` + steps(20000, func(i int) string { return fmt.Sprintf(`"k%d"`, i) }) + `]},"b":{}}}]`), "found 0 join keys"},
		{"long id", ofSteps(`{"step":{"id":"` + strings.Repeat("a", 200000) + `","type":"NoOp"}}`), "200000 characters, the limit is 128"},
	}
}

func TestHostileInputs(t *testing.T) {
	t.Parallel()
	for _, c := range hostiles() {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			err := parseRequest(c.text)
			if workflow.CodeOf(err) != workflow.CodeInvalid || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %.300v; want %q", err, c.want)
			}
		})
	}
	if err := parseRequest(ofSteps(nested(9))); err != nil {
		t.Errorf("nine loops: %v", err)
	}
	if err := parseRequest(ofSteps(steps(300, noop))); err != nil {
		t.Errorf("300 steps: %v", err)
	}
}

// BenchmarkHostileInputs tells what it takes to refuse each text.
func BenchmarkHostileInputs(b *testing.B) {
	for _, c := range hostiles() {
		b.Run(c.name, func(b *testing.B) {
			for b.Loop() {
				_ = parseRequest(c.text)
			}
		})
	}
}
