package definition_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

// ofWorkflow returns a request whose workflow has the given fields more.
func ofWorkflow(fields string) string {
	return `{"workflow":{"id":"w","steps":[{"step":{"id":"a","type":"NoOp"}}],` + fields + `}}`
}

// ofStep returns a request whose only step has the given fields more.
func ofStep(fields string) string {
	return ofSteps(`{"step":{"id":"a","type":"NoOp",` + fields + `}}`)
}

func ofSteps(steps string) string { return `{"workflow":{"id":"w","steps":[` + steps + `]}}` }

func ofProperties(fields string) string {
	return `{"properties":{` + fields + `},"workflow":{"id":"w","steps":[{"step":{"id":"a","type":"NoOp"}}]}}`
}

// faultsOf returns the faults of an error.
func faultsOf(t *testing.T, err error) []document.Fault {
	t.Helper()
	var invalid *document.Invalid
	if workflow.CodeOf(err) != workflow.CodeInvalid || !errors.As(err, &invalid) {
		t.Fatalf("got %v; want CodeInvalid with faults", err)
	}
	return invalid.Faults
}

// markedText cuts the mark @@ out of a text and returns the place where it stood.
func markedText(t *testing.T, marked string) (string, document.Position) {
	t.Helper()
	before, after, found := strings.Cut(marked, "@@")
	if !found {
		t.Fatalf("no mark in %s", marked)
	}
	line := strings.Count(before, "\n") + 1
	column := len([]rune(before[strings.LastIndex(before, "\n")+1:])) + 1
	return before + after, document.Position{Line: line, Column: column}
}

// faultCase is a text with exactly one fault, which stands at the mark @@.
type faultCase struct{ name, text, path, want string }

func checkFaults(t *testing.T, cases []faultCase, parse func(string) error) {
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			text, at := markedText(t, c.text)
			faults := faultsOf(t, parse(text))
			if len(faults) != 1 {
				t.Fatalf("got %d faults; want one: %v", len(faults), faults)
			}
			if f := faults[0]; f.Position != at || f.Path != c.path || !strings.Contains(f.Text, c.want) {
				t.Errorf("got  %v\nwant line %d, column %d: %s: … %s …", f, at.Line, at.Column, c.path, c.want)
			}
		})
	}
}

func parseRequest(text string) error {
	_, err := definition.ParseRequest([]byte(text), definition.JSON)
	return err
}

func TestWorkflowFaults(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 129)
	checkFaults(t, []faultCase{
		{"no workflow", `@@{"workflw":{}}`, "$", `needs the field "workflow"; is it "workflw"?`},
		{"not an object", `@@[]`, "$", "found a list, want an object"},
		{"workflow not an object", `{"workflow":@@7}`, "$.workflow", "found a number, want an object"},
		{"no id", `{"workflow":@@{"steps":[{"step":{"id":"a","type":"NoOp"}}]}}`, "$.workflow", `needs the field "id"`},
		{"no steps", `{"workflow":@@{"id":"w"}}`, "$.workflow", `needs the field "steps"`},
		{"null is absent", `{"workflow":@@{"id":"w","steps":null}}`, "$.workflow", `needs the field "steps"`},
		{"empty steps", `{"workflow":{"id":"w","steps":@@[]}}`, "$.workflow.steps", "want at least one step"},
		{"unknown field", ofWorkflow(`@@"timout":3`), "$.workflow.timout", `a workflow has no field "timout"; did you mean "timeout"?`},
		{"id pattern", `{"workflow":{"steps":[{"step":{"id":"a","type":"NoOp"}}],"id":@@"-w"}}`, "$.workflow.id", "is no workflow id"},
		{"id prefix", `{"workflow":{"steps":[{"step":{"id":"a","type":"NoOp"}}],"id":@@"Maestro_w"}}`, "$.workflow.id", "must not begin"},
		{"id suffix", `{"workflow":{"steps":[{"step":{"id":"a","type":"NoOp"}}],"id":@@"w_MAESTRO"}}`, "$.workflow.id", "must not end"},
		{"id length", `{"workflow":{"steps":[{"step":{"id":"a","type":"NoOp"}}],"id":@@"` + long + `"}}`, "$.workflow.id", "129 characters, the limit is 128"},
		{"name pattern", ofWorkflow(`"name":@@"a;b"`), "$.workflow.name", "is no name"},
		{"name blank", ofWorkflow(`"name":@@" "`), "$.workflow.name", "is blank"},
		{"name length", ofWorkflow(`"name":@@"` + long + long + `"`), "$.workflow.name", "the limit is 256"},
		{"description length", ofWorkflow(`"description":@@"` + strings.Repeat("é", 16385) + `"`), "$.workflow.description", "the limit is 16384"},
		{"tag twice", ofWorkflow(`"tags":["t",@@{"name":"t"}]`), "$.workflow.tags[1]", `"t" is given twice`},
		{"tag namespace", ofWorkflow(`"tags":[{"name":"t","namespace":@@"user"}]`), "$.workflow.tags[0].namespace", "want one of SYSTEM"},
		{"tag permit", ofWorkflow(`"tags":[{"name":"t",@@"permit":3}]`), "$.workflow.tags[0].permit", "set by the server"},
		{"tag kind", ofWorkflow(`"tags":[@@3]`), "$.workflow.tags[0]", "found a number, want a tag"},
		{"secret in a tag", ofWorkflow(`"tags":[@@"${secret:a}"]`), "$.workflow.tags[0]", "a secret cannot be used here"},
		{"timeout zero", ofWorkflow(`"timeout":@@0`), "$.workflow.timeout", "want a duration from"},
		{"timeout too long", ofWorkflow(`"timeout":@@"121 days"`), "$.workflow.timeout", "120 days"},
		{"timeout no duration", ofWorkflow(`"timeout":@@"1 dog"`), "$.workflow.timeout", "not a duration"},
		{"timeout minutes", ofWorkflow(`"timeout":@@"5m"`), "$.workflow.timeout", `write "min"`},
		{"timeout negative", ofWorkflow(`"timeout":@@-1`), "$.workflow.timeout", "no integer from 0 up"},
		{"timeout fraction", ofWorkflow(`"timeout":@@1.5`), "$.workflow.timeout", "no integer from 0 up"},
		{"criticality", ofWorkflow(`"criticality":@@"hihg"`), "$.workflow.criticality", `did you mean "HIGH"?`},
		{"instance_step_concurrency", ofWorkflow(`"instance_step_concurrency":@@1000`), "$.workflow.instance_step_concurrency", "from 1 to 999"},
		{"git info", strings.Replace(ofWorkflow(`"name":"n"`), `{"work`, `{"git_info":{@@"origins":"x"},"work`, 1), "$.git_info.origins", `did you mean "origin"?`},
	}, parseRequest)
}

func TestStepFaults(t *testing.T) {
	t.Parallel()
	step := "$.workflow.steps[0].step"
	checkFaults(t, []faultCase{
		{"wrapper with two keys", ofSteps(`@@{"step":{},"foreach":{}}`), "$.workflow.steps[0]", "exactly one"},
		{"unknown wrapper", ofSteps(`{@@"foreech":{}}`), "$.workflow.steps[0].foreech", `did you mean "foreach"?`},
		{"template", ofSteps(`{@@"template":{"id":"t"}}`), "$.workflow.steps[0].template", "not supported"},
		{"no id", ofSteps(`{"step":@@{"type":"NoOp"}}`), step, `needs the field "id"`},
		{"no type", ofSteps(`{"step":@@{"id":"a"}}`), step, `needs the field "type"`},
		{"unknown type", ofSteps(`{"step":{"id":"a","type":@@"Slep"}}`), step + ".type", `did you mean "Sleep"?`},
		{"id begins with a digit", ofSteps(`{"step":{"id":@@"1a","type":"NoOp"}}`), step + ".id", "is no step id"},
		{"id with separator", ofSteps(`{"step":{"id":@@"a__b","type":"NoOp"}}`), step + ".id", `must not contain "__"`},
		{"id reserved", ofSteps(`{"step":{"id":@@"maestro_x","type":"NoOp"}}`), step + ".id", "must not begin"},
		{"duplicate id in a body", ofSteps(`{"step":{"id":"a","type":"NoOp"}},{"foreach":{"id":"f","steps":[{"step":{"id":@@"a","type":"NoOp"}}]}}`),
			"$.workflow.steps[1].foreach.steps[0].step.id", "already used by the step at line 1"},
		{"unknown successor", ofSteps(`{"step":{"id":"job.1","type":"NoOp","transition":{"successors":{@@"job_2":"true"}}}},{"step":{"id":"job.2","type":"NoOp"}}`),
			step + ".transition.successors.job_2", `no step "job_2" at this level; did you mean "job.2"?`},
		{"successor of another level", ofSteps(`{"foreach":{"id":"f","steps":[{"step":{"id":"in","type":"NoOp","transition":{"successors":{@@"out":"true"}}}}]}},{"step":{"id":"out","type":"NoOp"}}`),
			"$.workflow.steps[0].foreach.steps[0].step.transition.successors.out", `no step "out" at this level`},
		{"wrong predecessor", ofSteps(`{"step":{"id":"a","type":"NoOp","transition":{"predecessors":[@@"b"]}}},{"step":{"id":"b","type":"NoOp"}}`),
			step + ".transition.predecessors[0]", `"b" does not have "a" as a successor`},
		{"missing predecessor", ofSteps(`{"step":{"id":"a","type":"NoOp","transition":{"predecessors":@@["b"]}}},` +
			`{"step":{"id":"b","type":"NoOp","transition":{"successors":{"a":"true"}}}},{"step":{"id":"c","type":"NoOp","transition":{"successors":{"a":"true"}}}}`),
			step + ".transition.predecessors", `"c" is missing`},
		{"predecessor twice", ofSteps(`{"step":{"id":"a","type":"NoOp","transition":{"predecessors":["b",@@"b"]}}},` +
			`{"step":{"id":"b","type":"NoOp","transition":{"successors":{"a":"true"}}}}`),
			step + ".transition.predecessors[1]", `"b" is given twice`},
		{"successor that cannot be read", ofSteps(`{"step":{"id":"a","type":"NoOp","transition":{"successors":{"b":"true"}}}},{@@"stp":{"id":"b"}}`),
			"$.workflow.steps[1].stp", `did you mean "step"?`},
		{"cycle", ofSteps(`{"step":{"id":"r","type":"NoOp"}},{"step":{"id":"a","type":"NoOp","transition":{"successors":@@{"b":"true"}}}},` +
			`{"step":{"id":"b","type":"NoOp","transition":{"successors":{"a":"true"}}}}`),
			"$.workflow.steps[1].step.transition.successors", "cycle: a -> b -> a"},
		{"blank condition", ofSteps(`{"step":{"id":"a","type":"NoOp","transition":{"successors":{"b":@@" "}}}},{"step":{"id":"b","type":"NoOp"}}`),
			step + ".transition.successors.b", "is blank"},
		{"failure mode", ofStep(`"failure_mode":@@"IGNORE_FAILUR"`), step + ".failure_mode", `did you mean "IGNORE_FAILURE"?`},
		{"field of another kind", ofStep(`@@"sync":true`), step + ".sync", "belongs to subworkflow steps"},
		{"retry of a loop", ofSteps(`{"foreach":{"id":"f","steps":[{"step":{"id":"a","type":"NoOp"}}],@@"retry_policy":{}}}`),
			"$.workflow.steps[0].foreach.retry_policy", "belongs to typed steps"},
		{"delivery limit", ofStep(`"delivery_policy":{"limit":@@0}`), step + ".delivery_policy.limit", "from 1 to 1000"},
		{"delivery action", ofStep(`"delivery_policy":{"action":@@"dropp"}`), step + ".delivery_policy.action", `did you mean "drop"?`},
		{"delivery of a loop", ofSteps(`{"foreach":{"id":"f","steps":[{"step":{"id":"a","type":"NoOp"}}],@@"delivery_policy":{}}}`),
			"$.workflow.steps[0].foreach.delivery_policy", "belongs to typed steps"},
		{"foreach concurrency", ofSteps(`{"foreach":{"id":"f","concurrency":@@501,"steps":[{"step":{"id":"a","type":"NoOp"}}]}}`),
			"$.workflow.steps[0].foreach.concurrency", "from 1 to 500"},
		{"foreach that fails at once and goes on", ofSteps(`{"foreach":{"id":"f","failure_mode":"FAIL_IMMEDIATELY","continue_on_failure":@@true,"steps":[{"step":{"id":"a","type":"NoOp"}}]}}`),
			"$.workflow.steps[0].foreach.continue_on_failure", "cannot go on"},
		{"foreach without steps", ofSteps(`{"foreach":@@{"id":"f"}}`), "$.workflow.steps[0].foreach", `needs the field "steps"`},
		{"while without condition", ofSteps(`{"while":@@{"id":"l","steps":[{"step":{"id":"a","type":"NoOp"}}]}}`),
			"$.workflow.steps[0].while", `needs the field "condition"`},
		{"foreach variable is no list", loopWith("foreach", `"i":@@{"type":"LONG","value":1}`, ""),
			"$.workflow.steps[0].foreach.params.loop_params.value.i", "of type LONG, want one of STRING_ARRAY"},
		{"while variable is a list", loopWith("while", `"i":@@{"type":"LONG_ARRAY","value":[1]}`, ""),
			"$.workflow.steps[0].while.params.loop_params.value.i", "of type LONG_ARRAY, want one of STRING, LONG"},
		{"variable of an outer loop", loopWith("foreach", `"i":{"type":"LONG_ARRAY","value":[1]}`,
			`,{"foreach":{"id":"g","params":{"loop_params":{"type":"MAP","value":{"i":@@{"type":"LONG_ARRAY","value":[1]}}}},"steps":[{"step":{"id":"b","type":"NoOp"}}]}}`),
			"$.workflow.steps[0].foreach.steps[1].foreach.params.loop_params.value.i", `"i" is already one of a loop around`},
		{"retry limit", ofStep(`"retry_policy":{"error_retry_limit":@@100}`), step + ".retry_policy.error_retry_limit", "from 0 to 99"},
		{"retry limit text", ofStep(`"retry_policy":{"platform_retry_limit":@@"many"}`), step + ".retry_policy.platform_retry_limit", "from 0 to 99"},
		{"backoff too long", ofStep(`"retry_policy":{"backoff":{"error_retry_backoff_in_secs":@@"25h"}}`), step + ".retry_policy.backoff.error_retry_backoff_in_secs", "from 1s to 1 day"},
		{"backoff zero", ofStep(`"retry_policy":{"backoff":{"type":"fixed_backoff","timeout_retry_backoff_in_secs":@@0}}`), step + ".retry_policy.backoff.timeout_retry_backoff_in_secs", "from 1s"},
		{"exponent of a fixed backoff", ofStep(`"retry_policy":{"backoff":{"type":"FIXED_BACKOFF",@@"error_retry_exponent":2}}`), step + ".retry_policy.backoff.error_retry_exponent", "no field"},
		{"jitter", ofStep(`"retry_policy":{"backoff":{"jitter":@@"HALF"}}`), step + ".retry_policy.backoff.jitter", "FULL"},
		{"backoff type", ofStep(`"retry_policy":{"backoff":{"type":@@"LINEAR"}}`), step + ".retry_policy.backoff.type", "want one of"},
	}, parseRequest)
}

func loopWith(kind, variables, more string) string {
	condition := map[string]string{"while": `"condition":"true",`}[kind]
	return ofSteps(fmt.Sprintf(`{"%s":{"id":"f",%s"params":{"loop_params":{"type":"MAP","value":{%s}}},"steps":[{"step":{"id":"a","type":"NoOp"}}%s]}}`,
		kind, condition, variables, more))
}

func TestParamFaults(t *testing.T) {
	t.Parallel()
	of := func(param string) string { return ofWorkflow(`"params":{"p":` + param + `}`) }
	p := "$.workflow.params.p"
	checkFaults(t, []faultCase{
		{"not an object", of(`@@"text"`), p, "found a string, want an object"},
		{"no type", of(`@@{"value":1}`), p, `needs the field "type"`},
		{"unknown type", of(`{"type":@@"STRNG","value":"x"}`), p + ".type", `did you mean "STRING"?`},
		{"value and expression", of(`@@{"type":"LONG","value":1,"expression":"1"}`), p, "not both"},
		{"mode", of(`{"type":"LONG","value":1,"mode":@@"FROZEN"}`), p + ".mode", "want one of MUTABLE"},
		{"evaluated result", of(`{"type":"LONG","value":1,@@"evaluated_result":1}`), p + ".evaluated_result", "only the engine"},
		{"string from number", of(`{"type":"STRING","value":@@1}`), p + ".value", "found a number, want a STRING"},
		{"long from fraction", of(`{"type":"LONG","value":@@1.5}`), p + ".value", "want a LONG: a 64-bit integer"},
		{"long too large", of(`{"type":"LONG","value":@@9223372036854775808}`), p + ".value", "64-bit"},
		{"double too large", of(`{"type":"DOUBLE","value":@@1e999}`), p + ".value", "fits a double"},
		{"double text", of(`{"type":"DOUBLE","value":@@"ten"}`), p + ".value", "want a DOUBLE"},
		{"boolean", of(`{"type":"BOOLEAN","value":@@"yes"}`), p + ".value", "true or false"},
		{"array item", of(`{"type":"LONG_ARRAY","value":[1,@@"x"]}`), p + ".value[1]", "found a string, want a 64-bit integer"},
		{"array from object", of(`{"type":"STRING_ARRAY","value":@@{}}`), p + ".value", "a list of strings"},
		{"string map item", of(`{"type":"STRING_MAP","value":{"k":@@1}}`), p + ".value.k", "found a number, want a string"},
		{"map item", of(`{"type":"MAP","value":{"in":{"type":"LONG","value":@@true}}}`), p + ".value.in.value", "found a boolean, want a LONG"},
		{"map item is no param", of(`{"type":"MAP","value":{"in":@@5}}`), p + ".value.in", "found a number, want an object"},
		{"blank name", ofWorkflow(`"params":{@@" ":{"type":"LONG","value":1}}`), `$.workflow.params[" "]`, "is blank"},
		{"secret in an expression", of(`{"type":"STRING","expression":@@"'${secret:x}'"}`), p + ".expression", "a secret cannot"},
	}, parseRequest)
}

func TestTriggerFaults(t *testing.T) {
	t.Parallel()
	times := func(trigger string) string { return ofWorkflow(`"time_triggers":[` + trigger + `]`) }
	signals := func(definitions string) string {
		return ofWorkflow(`"signal_triggers":[{"definitions":` + definitions + `}]`)
	}
	at, signal := "$.workflow.time_triggers[0]", "$.workflow.signal_triggers[0].definitions"
	var nine []string
	for i := range 9 {
		nine = append(nine, fmt.Sprintf(`"s%d":{}`, i))
	}
	checkFaults(t, []faultCase{
		{"no type", times(`@@{"cron":"0 0 * * *"}`), at, `needs the field "type"`},
		{"unknown type", times(`{"type":@@"CRN"}`), at + ".type", `did you mean "CRON"?`},
		{"no cron", times(`@@{"type":"cron"}`), at, `needs the field "cron"`},
		{"cron", times(`{"type":"CRON","cron":@@"0 30 * * *"}`), at + ".cron", `the hour "30"`},
		{"cron too often", times(`{"type":"CRON","cron":@@"* * * * *"}`), at + ".cron", "two minutes apart"},
		{"field of another trigger", times(`{"type":"CRON","cron":"0 0 * * *",@@"expression":"@daily"}`), at + ".expression", "a CRON trigger has no field"},
		{"time zone", times(`{"type":"CRON","cron":"0 0 * * *","timezone":@@"Mars/Olympus"}`), at + ".timezone", "is no time zone"},
		{"time zone of the machine", times(`{"type":"CRON","cron":"0 0 * * *","timezone":@@"Local"}`), at + ".timezone", "is no time zone"},
		{"predefined", times(`{"type":"PREDEFINED","expression":@@"@dayly"}`), at + ".expression", `did you mean "@daily"?`},
		{"delay", times(`{"type":"PREDEFINED","expression":"@Daily","fuzzy_max_delay":@@"long"}`), at + ".fuzzy_max_delay", "not a duration"},
		{"interval too short", times(`{"type":"INTERVAL","interval":@@"1min","start":0}`), at + ".interval", "from 2m0s"},
		{"no signal", signals(`@@{}`), signal, "at least one"},
		{"nine signals", signals(`@@{` + strings.Join(nine, ",") + `}`), signal, "9 signals, the limit is 8"},
		{"join key lengths", signals(`{"a":{"join_keys":["x"]},"b":@@{"join_keys":["x","y"]}}`), signal + ".b", "found 2 join keys, want 1"},
		{"join key is match param", signals(`{"a":{"match_params":{"x":{"value":1,"operator":"="}},"join_keys":[@@"x"]}}`), signal + ".a.join_keys[0]", "also a match param"},
		{"join key twice", signals(`{"a":{"join_keys":["x",@@"x"]}}`), signal + ".a.join_keys[1]", `"x" is given twice`},
		{"two ranges", signals(`{"a":{"match_params":{"x":{"value":1,"operator":">"},"y":@@{"value":1,"operator":"<="}}}}`), signal + ".a.match_params.y", "a second param uses a range"},
		{"operator", signals(`{"a":{"match_params":{"x":{"value":1,"operator":@@"!="}}}}`), signal + ".a.match_params.x.operator", "want one of ="},
		{"match value", signals(`{"a":{"match_params":{"x":{"value":@@1.5,"operator":"="}}}}`), signal + ".a.match_params.x.value", "want a string or a 64-bit integer"},
		{"dependency without name", ofStep(`"signal_dependencies":[@@{}]`), "$.workflow.steps[0].step.signal_dependencies[0]", `needs the field "name"`},
		{"dependency param type", ofStep(`"signal_dependencies":[{"name":"s","match_params":{"k":{"param":@@{"type":"DOUBLE","value":1},"operator":"="}}}]`),
			"$.workflow.steps[0].step.signal_dependencies[0].match_params.k.param", "of type DOUBLE, want STRING or LONG"},
		{"output param type", ofStep(`"signal_outputs":[{"name":"s","params":{"k":@@{"type":"BOOLEAN","value":true}}}]`),
			"$.workflow.steps[0].step.signal_outputs[0].params.k", "want STRING or LONG"},
	}, parseRequest)
}

func TestPropertyFaults(t *testing.T) {
	t.Parallel()
	p := "$.properties"
	checkFaults(t, []faultCase{
		{"tags", ofProperties(`@@"tags":["a"]`), p + ".tags", "property-tag endpoints"},
		{"owner without name", ofProperties(`"owner":@@{"x":1}`), p + ".owner", `needs the field "name"`},
		{"owner kind", ofProperties(`"owner":@@1`), p + ".owner", "want a user"},
		{"rule", ofProperties(`"run_strategy":@@"paralel"`), p + ".run_strategy", `did you mean "PARALLEL"?`},
		{"concurrency of a sequence", ofProperties(`"run_strategy":@@{"rule":"first_only","workflow_concurrency":2}`), p + ".run_strategy", "needs the rule PARALLEL"},
		{"concurrency without rule", ofProperties(`"run_strategy":@@{"workflow_concurrency":2}`), p + ".run_strategy", "SEQUENTIAL runs one"},
		{"workflow concurrency", ofProperties(`"run_strategy":@@1001`), p + ".run_strategy", "from 1 to 1000"},
		{"what blocks", ofProperties(`"run_strategy":@@{"rule":"parallel","block_on_unsuccessful":true}`), p + ".run_strategy", "needs the rule STRICT_SEQUENTIAL"},
		{"strategy kind", ofProperties(`"run_strategy":@@true`), p + ".run_strategy", "want a run strategy"},
		{"step concurrency", ofProperties(`"step_concurrency":@@0`), p + ".step_concurrency", "from 1 to 1000"},
		{"flag", ofProperties(`"alerting_disabled":@@"no"`), p + ".alerting_disabled", "found a string, want a boolean"},
		{"reset in a push", ofProperties(`@@"reset_step_concurrency":true`), p + ".reset_step_concurrency", "no field"},
		{"tct forms", ofProperties(`"alerting":{"tct":@@{"duration_minutes":1,"completed_by_hour":1}}`), p + ".alerting.tct", "found 2 of the fields"},
		{"alert type", ofProperties(`"alerting":{"type_configs":{@@"STEP_FAILED":{}}}`), p + ".alerting.type_configs.STEP_FAILED", `did you mean "STEP_FAILURE"?`},
		{"alert action", ofProperties(`"alerting":{"type_configs":{"STEP_FAILURE":{"actions":[@@"sms"]}}}`), p + ".alerting.type_configs.STEP_FAILURE.actions[0]", "want one of email"},
	}, parseRequest)
}

func TestUpdateRefusesValueWithReset(t *testing.T) {
	t.Parallel()
	checkFaults(t, []faultCase{
		{"rule", `{"run_strategy":"parallel","reset_run_strategy_rule":@@true}`, "$.reset_run_strategy_rule", "exclude each other"},
		{"workflow concurrency", `{"run_strategy":7,"reset_workflow_concurrency":@@true}`, "$.reset_workflow_concurrency", "exclude each other"},
		{"step concurrency", `{"step_concurrency":1,"reset_step_concurrency":@@true}`, "$.reset_step_concurrency", "exclude each other"},
	}, func(text string) error {
		_, err := definition.ParsePropertiesUpdate([]byte(text), definition.JSON)
		return err
	})
}

func TestRunStrategies(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]workflow.RunStrategy{
		`"sequential"`:        {Rule: workflow.Sequential, Concurrency: 1},
		`"Parallel"`:          {Rule: workflow.Parallel, Concurrency: 20},
		`5`:                   {Rule: workflow.Parallel, Concurrency: 5},
		`{"rule":"PARALLEL"}`: {Rule: workflow.Parallel, Concurrency: 20},
		`{"rule":"parallel","workflow_concurrency":7}`:  {Rule: workflow.Parallel, Concurrency: 7},
		`{"rule":"last_only","workflow_concurrency":1}`: {Rule: workflow.LastOnly, Concurrency: 1},
		`{"rule":"serial_latest_only"}`:                 {Rule: workflow.SerialLatestOnly, Concurrency: 1},
		`{}`:                                            workflow.DefaultRunStrategy,
	} {
		properties, err := definition.ParseProperties([]byte(`{"run_strategy":`+text+`}`), definition.JSON)
		if err != nil || *properties.RunStrategy != want {
			t.Errorf("%s: got %+v, %v; want %+v", text, properties, err, want)
		}
	}
}
