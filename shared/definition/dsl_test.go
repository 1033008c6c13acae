package definition_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/workflow"
)

// parseDSL reads a workflow in the YAML language.
func parseDSL(t *testing.T, text string) *workflow.Request {
	t.Helper()
	request, err := definition.ParseRequest([]byte(text), definition.YAML)
	if err != nil {
		t.Fatalf("%s\n%v", text, strings.Join(workflow.DetailOf(err), "\n"))
	}
	return request
}

func marshal(t *testing.T, value any) string {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return strings.NewReplacer(`\u003e`, ">", `\u003c`, "<", `\u0026`, "&").Replace(string(text))
}

// jobs returns a workflow of three jobs a, b, c with the given lines in a, and more lines in the workflow.
func jobs(inA, inWorkflow string) string {
	return "workflow:\n  id: w\n  jobs:\n" +
		"    - job:\n        id: a\n        type: noop\n" + inA +
		"    - job: {id: b, type: NOOP}\n    - job: {id: c, type: NoOp}\n" + inWorkflow
}

func transitionOfA(entries ...string) string {
	text := "        transition:\n"
	for _, entry := range entries {
		text += "          - " + entry + "\n"
	}
	return text
}

func TestPinned58Transitions(t *testing.T) {
	t.Parallel()
	text := `
workflow:
  id: w
  jobs:
    - job:
        id: job.1
        type: NoOp
        transition: ["IF param1 > 0 THEN job.2", "IF param2 < 10 THEN job.3", "OTHERWISE job.4"]
    - job: {id: job.2, type: NoOp}
    - job: {id: job.3, type: NoOp}
    - job: {id: job.4, type: NoOp}
`
	request := parseDSL(t, text)
	want := `{"job.2":"param1 > 0","job.3":"param2 < 10","job.4":"!((param1 > 0) || (param2 < 10))"}`
	if got := marshal(t, request.Workflow.Steps[0].Transition.Successors); got != want {
		t.Errorf("got %s; want %s", got, want)
	}
	text = strings.Replace(text, `"IF param2 < 10 THEN job.3", "OTHERWISE job.4"`, `"OTHERWISE job.4", "IF param2 < 10 THEN job.3"`, 1)
	_, err := definition.ParseRequest([]byte(text), definition.YAML)
	if faults := faultsOf(t, err); len(faults) != 1 || !strings.Contains(faults[0].Text, "OTHERWISE, which must be the last") || faults[0].Line != 8 {
		t.Errorf("OTHERWISE before the end: got %v", faults)
	}
}

func TestTransitionsAndDAG(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, a, b string // the successors of a and b
	}{
		{"none", jobs("", ""), `null`, `null`},
		{"plain", jobs(transitionOfA("b", "c"), ""), `{"b":"true","c":"true"}`, `null`},
		{"a single text", jobs("        transition: b\n", ""), `{"b":"true"}`, `null`},
		{"any case", jobs(transitionOfA("if x then b", "otherWise c"), ""), `{"b":"x","c":"!((x))"}`, `null`},
		{"blanks are ignored", jobs(transitionOfA("''", "~", "'  '", "b"), ""), `{"b":"true"}`, `null`},
		{"THEN inside a condition", jobs(transitionOfA(`IF x == "IF THEN b" THEN c`), ""), `{"c":"x == \"IF THEN b\""}`, `null`},
		{"sequential", jobs("", "  dag: sequential\n"), `{"b":"true"}`, `{"c":"true"}`},
		{"parallel", jobs("", "  dag: PARALLEL\n"), `null`, `null`},
		{"map", jobs("", "  dag:\n    a: [IF x THEN c]\n    b: [c]\n"), `{"c":"x"}`, `{"c":"true"}`},
		{"own before dag", jobs(transitionOfA("c"), "  dag: sequential\n"), `{"c":"true"}`, `{"c":"true"}`},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			steps := parseDSL(t, c.text).Workflow.Steps
			if a, b := marshal(t, steps[0].Transition.Successors), marshal(t, steps[1].Transition.Successors); a != c.a || b != c.b {
				t.Errorf("got %s and %s; want %s and %s", a, b, c.a, c.b)
			}
		})
	}
}

func TestDSLParams(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ line, want string }{
		{`p: text`, `{"p":{"value":"text","type":"STRING"}}`},
		{`p: 5`, `{"p":{"value":5,"type":"LONG"}}`},
		{`p: 5.0`, `{"p":{"value":5.0,"type":"DOUBLE"}}`},
		{`p: true`, `{"p":{"value":true,"type":"BOOLEAN"}}`},
		{`p: [1, 2]`, `{"p":{"value":[1,2],"type":"LONG_ARRAY"}}`},
		{`p: [a, b]`, `{"p":{"value":["a","b"],"type":"STRING_ARRAY"}}`},
		{`p: [1.5, 2]`, `{"p":{"value":[1.5,2],"type":"DOUBLE_ARRAY"}}`},
		{`p: [true]`, `{"p":{"value":[true],"type":"BOOLEAN_ARRAY"}}`},
		{`p: []`, `{"p":{"value":[],"type":"STRING_ARRAY"}}`},
		{`p: {}`, `{"p":{"value":{},"type":"MAP"}}`},
		{`p: {k: v}`, `{"p":{"value":{"k":"v"},"type":"STRING_MAP"}}`},
		{`p: {k: 1}`, `{"p":{"value":{"k":{"value":1,"type":"LONG"}},"type":"MAP"}}`},
		{`p<pmap>: {k: v}`, `{"p":{"value":{"k":{"value":"v","type":"STRING"}},"type":"MAP"}}`},
		{`p<pmap>: {'!k<long>': 1 + 1}`, `{"p":{"value":{"k":{"expression":"1 + 1","type":"LONG"}},"type":"MAP"}}`},
		{`'!p': x + 1`, `{"p":{"expression":"x + 1","type":"STRING"}}`},
		{`'!p<Array<Long>>(Constant)': x`, `{"p":{"expression":"x","type":"LONG_ARRAY","mode":"CONSTANT"}}`},
		{`p(mutable_on_start): x`, `{"p":{"value":"x","type":"STRING","mode":"MUTABLE_ON_START"}}`},
		{`p<double>: 5`, `{"p":{"value":5,"type":"DOUBLE"}}`},
		{`p<array<long>>: []`, `{"p":{"value":[],"type":"LONG_ARRAY"}}`},
		{`p<map>: {}`, `{"p":{"value":{},"type":"STRING_MAP"}}`},
	} {
		request := parseDSL(t, jobs("", "  "+c.line+"\n"))
		if got := marshal(t, request.Workflow.Params); got != c.want {
			t.Errorf("%s\ngot  %s\nwant %s", c.line, got, c.want)
		}
	}
}

func TestDSLLoopsAndSubworkflows(t *testing.T) {
	t.Parallel()
	request := parseDSL(t, `
workflow:
  id: w
  owner: me
  run_strategy: Parallel
  workflow_concurrency: 5
  jobs:
    - foreach:
        id: f
        job_concurrency: 3
        params: {date: [1, 2]}
        ranges: {hour: {to: 24}, step: {from: 1, to: n, increment: 2}}
        other: x
        jobs:
          - subworkflow: {id: child, version: 7, sync: false, p: 1}
          - subworkflow: {id: named, workflow_id: target}
        dag: sequential
    - while:
        id: l
        condition: n < 10
        loop_params: {n: 1}
        jobs: [{job: {id: t, type: shell, type_version: v1}}]
`)
	if got, want := marshal(t, request.Properties), `{"owner":"me","run_strategy":{"rule":"PARALLEL","workflow_concurrency":5},"step_concurrency":20}`; got != want {
		t.Errorf("properties\ngot  %s\nwant %s", got, want)
	}
	want := `[{"foreach":{"id":"f","transition":{},"params":{"loop_params":{"value":{` +
		`"date":{"value":[1,2],"type":"LONG_ARRAY"},` +
		`"hour":{"expression":"Util.intsBetween(0, 24, 1);","type":"LONG_ARRAY"},` +
		`"step":{"expression":"Util.intsBetween(1, n, 2);","type":"LONG_ARRAY"}},"type":"MAP"},"other":{"value":"x","type":"STRING"}},"concurrency":3,"steps":[` +
		`{"subworkflow":{"id":"child","transition":{"successors":{"named":"true"}},"params":{"subworkflow_id":{"value":"child","type":"STRING"},"subworkflow_version":{"value":"7","type":"STRING"},"p":{"value":1,"type":"LONG"}},"sync":false}},` +
		`{"subworkflow":{"id":"named","transition":{},"params":{"subworkflow_id":{"value":"target","type":"STRING"}}}}]}},` +
		`{"while":{"id":"l","transition":{},"params":{"loop_params":{"value":{"n":{"value":1,"type":"LONG"}},"type":"MAP"}},"condition":"n < 10","steps":[` +
		`{"step":{"id":"t","transition":{},"type":"Kubernetes","sub_type":"shell"}}]}}]`
	if got := marshal(t, request.Workflow.Steps); got != want {
		t.Errorf("steps\ngot  %s\nwant %s", got, want)
	}
}

func TestDSLAsksForTemplates(t *testing.T) {
	t.Parallel()
	text := []byte("workflow:\n  id: w\n  jobs:\n    - job: {id: a, type: Shell, type_version: v2}\n    - job: {id: b, type: other}\n")
	_, _, err := definition.ReadRequest(text, definition.YAML, func(name, version string) (string, bool) {
		return "Notebook", name == "Shell" && version == "v2"
	})
	if faults := faultsOf(t, err); len(faults) != 1 || faults[0].Line != 5 || !strings.Contains(faults[0].Text, `job template "other"`) {
		t.Errorf("got %v", faults)
	}
}

func TestDSLFaults(t *testing.T) {
	t.Parallel()
	parse := func(text string) error {
		_, err := definition.ParseRequest([]byte(text), definition.YAML)
		return err
	}
	root := "$.workflow"
	checkFaults(t, []faultCase{
		{"no jobs", "Workflow:\n  @@id: w\n  owner: x\n", "$.workflow.steps", "want at least one step"},
		{"other root", "@@name: x\n" + jobs("", ""), "$.name", "the document has no field"},
		{"job kind", jobs("", "    - @@jobb: {id: d}\n"), root + ".jobs[3].jobb", `did you mean "job"?`},
		{"two kinds", jobs("", "    - @@job: {id: d, type: NoOp}\n      while: {}\n"), root + ".jobs[3]", "exactly one"},
		{"condition words", jobs(transitionOfA("@@IF x b"), ""), root + ".jobs[0].job.transition[0]", "want a step id, IF condition THEN"},
		{"OTHERWISE alone", jobs(transitionOfA("@@OTHERWISE b"), ""), root + ".jobs[0].job.transition[0]", "without an IF"},
		{"target twice", jobs(transitionOfA("b", "@@IF x THEN b"), ""), root + ".jobs[0].job.transition[1]", `already a transition to "b"`},
		{"unknown target", jobs(transitionOfA("@@bb"), ""), root + ".steps[0].step.transition.successors.bb", `no step "bb" at this level`},
		{"unknown job in dag", jobs("", "  dag:\n    @@bx: [c]\n"), root + ".dag.bx", `no job "bx" at this level`},
		{"dag word", jobs("", "  dag: @@serial\n"), root + ".dag", "want sequential, parallel"},
		{"stated type differs", jobs("", "  p<long>: @@text\n"), root + `["p<long>"]`, "of type STRING, and the key says LONG"},
		{"unknown type", jobs("", "  @@p<strng>: text\n"), root + `["p<strng>"]`, `did you mean "string"?`},
		{"unknown mode", jobs("", "  @@p(fixed): text\n"), root + ".params.p.mode", "want one of MUTABLE"},
		{"key", jobs("", "  @@p<long: 1\n"), root + `["p<long"]`, "is no param"},
		{"param twice", jobs("", "  p: 1\n  @@'!p': 1\n"), root + `["!p"]`, `"p" is given twice`},
		{"no value", jobs("", "  p: @@~\n"), root + ".p", "found no value"},
		{"list in a list", jobs("", "  p: [@@[1]]\n"), root + ".p[0]", "found a list in a list"},
		{"mixed list", jobs("", "  p: [1, @@x]\n"), root + ".params.p.value[1]", "found a string, want a 64-bit integer"},
		{"expression kind", jobs("", "  '!p': @@[1]\n"), root + `["!p"]`, "found a list, want an expression"},
		{"timeout", jobs("        timeout: @@5m\n", ""), root + ".steps[0].step.timeout", `write "min"`},
		{"range end", "workflow:\n  id: w\n  jobs:\n    - foreach:\n        id: f\n        ranges: {i: @@{from: 1}}\n        jobs: [{job: {id: a, type: NoOp}}]\n",
			root + ".jobs[0].foreach.ranges.i", `needs the field "to"`},
	}, parse)
	_, err := definition.ParseRequest([]byte(jobs(transitionOfA("b"), "  dag: {b: [a]}\n")), definition.YAML)
	if faults := faultsOf(t, err); len(faults) != 1 || !strings.Contains(faults[0].Text, "a -> b -> a") {
		t.Errorf("cycle: got %v", faults)
	}
}

// TestJSONShapeInYAML reads the JSON shape, which the language does not look like.
func TestJSONShapeInYAML(t *testing.T) {
	t.Parallel()
	request := parseDSL(t, `
properties: {owner: me}
workflow:
  id: w
  params:
    date: {type: string, value: "20260101"}
  steps:
    - step: {id: a, type: sleep, transition: {successors: {b: true}}}
    - step: {id: b, type: NoOp}
`)
	want := `{"properties":{"owner":"me"},"workflow":{"id":"w","params":{"date":{"value":"20260101","type":"STRING"}},"steps":[` +
		`{"step":{"id":"a","transition":{"successors":{"b":"true"}},"type":"Sleep"}},{"step":{"id":"b","transition":{},"type":"NoOp"}}]},"is_active":true}`
	if got := marshal(t, request); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestDSLSaysEverything uses the words that Maestro's language lacks.
func TestDSLSaysEverything(t *testing.T) {
	t.Parallel()
	request := parseDSL(t, `
workflow:
  id: w
  step_concurrency: 3
  alerting: {emails: [a@b]}
  instance_step_concurrency: 4
  time_triggers: [{type: CRON, cron: 5 2 * * *}]
  signal_triggers: [{definitions: {s: {}}}]
  jobs:
    - job:
        id: a
        type: NoOp
        retry_policy: {error_retry_limit: 1}
        delivery_policy: {limit: 3, action: drop}
        signal_dependencies: [{name: s}]
        signal_outputs: [{name: o}]
    - foreach: {id: f, strict_ordering: true, continue_on_failure: true, params: {i: [1]}, jobs: [{job: {id: b, type: NoOp}}]}
`)
	want := `{"properties":{"run_strategy":{"rule":"SEQUENTIAL","workflow_concurrency":1},"step_concurrency":3,"alerting":{"emails":["a@b"]}},` +
		`"workflow":{"id":"w","time_triggers":[{"type":"CRON","cron":"5 2 * * *"}],"signal_triggers":[{"definitions":{"s":{}}}],"instance_step_concurrency":4,"steps":[` +
		`{"step":{"id":"a","transition":{},"signal_dependencies":[{"name":"s"}],"signal_outputs":[{"name":"o"}],"type":"NoOp","retry_policy":{"error_retry_limit":1},"delivery_policy":{"limit":3,"action":"drop"}}},` +
		`{"foreach":{"id":"f","transition":{},"params":{"loop_params":{"value":{"i":{"value":[1],"type":"LONG_ARRAY"}},"type":"MAP"}},"strict_ordering":true,"continue_on_failure":true,"steps":[` +
		`{"step":{"id":"b","transition":{},"type":"NoOp"}}]}}]},"is_active":true}`
	if got := marshal(t, request); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}
