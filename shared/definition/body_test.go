package definition_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/workflow"
)

// faultsFrom adapts a parser of a body to checkFaults.
func faultsFrom[T any](parse func([]byte) (T, error)) func(string) error {
	return func(text string) error { _, err := parse([]byte(text)); return err }
}

func TestStart(t *testing.T) {
	t.Parallel()
	start, err := definition.ParseStart([]byte(`{"initiator":{"type":"manual","user":"me"},"request_id":"r1","request_time":5,
		"runtime_tags":["t"],"run_params":{"p":{"type":"long","value":"7","mode":"constant"}},"artifacts":{"k":1},"persist_failed_run":true}`))
	if err != nil {
		t.Fatal(err)
	}
	p, _ := start.RunParams.Get("p")
	if p.Value != int64(7) || p.Mode != workflow.Constant || start.Initiator.Type != workflow.InitiatorManual ||
		start.Initiator.User.Name != "me" || start.RequestID != "r1" || start.RequestTime != 5 || !start.PersistFailedRun ||
		start.RuntimeTags[0].Name != "t" || !start.Artifacts.Has("k") {
		t.Errorf("got %+v", start)
	}
	if start, err = definition.ParseStart([]byte(`{}`)); err != nil || start.Initiator.Type != workflow.InitiatorManual {
		t.Errorf("an empty body: got %+v, %v", start, err)
	}
}

func TestStartFaults(t *testing.T) {
	t.Parallel()
	many := make([]string, 129)
	for i := range many {
		many[i] = fmt.Sprintf(`"p%d":{"type":"LONG","value":1}`, i)
	}
	of := func(params string) string { return `{"run_params":{` + params + `}}` }
	p := "$.run_params.p"
	cases := []faultCase{
		{"Pinned16 source", of(`"p":{"type":"LONG","value":1,@@"source":"SYSTEM"}`), p + ".source", "only the engine"},
		{"Pinned16 internal mode", of(`"p":{"type":"LONG","value":1,@@"internal_mode":"RESERVED"}`), p + ".internal_mode", "only the engine"},
		{"nested source", of(`"p":{"type":"MAP","value":{"q":{"type":"LONG","value":1,@@"source":"SYSTEM"}}}`), p + ".value.q.source", "only the engine"},
		{"too many", `{"run_params":@@{` + strings.Join(many, ",") + `}}`, "$.run_params", "129 params, the limit is 128"},
		{"upstream initiator", `{"initiator":{"type":@@"FOREACH"}}`, "$.initiator.type", "want one of MANUAL, TIME, SIGNAL"},
		{"no initiator type", `{"initiator":@@{}}`, "$.initiator", `needs the field "type"`},
		{"unknown field", `{@@"runparams":{}}`, "$.runparams", `did you mean "run_params"?`},
		{"request time", `{"request_time":@@-1}`, "$.request_time", "from 0"},
	}
	for _, name := range []string{"maestro", "Maestro", "SCHEDULER", "util", "Params", "AUTH_BLOB", "AUTHORIZED_MANAGERS"} {
		cases = append(cases, faultCase{"name " + name, of(`@@"` + name + `":{"type":"LONG","value":1}`), "$.run_params." + name, "the engine's own"})
	}
	checkFaults(t, cases, faultsFrom(definition.ParseStart))
}

func TestOtherBodyFaults(t *testing.T) {
	t.Parallel()
	checkFaults(t, []faultCase{
		{"policy missing", `@@{}`, "$", `needs the field "restart_policy"`},
		{"policy of steps", `{"restart_policy":@@"RESTART_FROM_SPECIFIC"}`, "$.restart_policy", "RESTART_FROM_INCOMPLETE"},
	}, faultsFrom(definition.ParseRestart))
	checkFaults(t, []faultCase{
		{"step policy missing", `@@{}`, "$", `needs the field "restart_policy"`},
		{"mode", `{"restart_policy":"restart_from_beginning","upstream_restart_mode":@@"up"}`, "$.upstream_restart_mode", "RESTART_FROM_STEP"},
	}, faultsFrom(definition.ParseStepRestart))
	checkFaults(t, []faultCase{
		{"breakpoint version", `{"workflow_id":"w","step_id":"s","workflow_version":@@"latest"}`, "$.workflow_version", "found a string, want a number"},
		{"breakpoint step", `@@{"workflow_id":"w"}`, "$", `needs the field "step_id"`},
	}, faultsFrom(definition.ParseBreakpoint))
	checkFaults(t, []faultCase{
		{"signal value", `{"name":"s","params":{"a":@@true}}`, "$.params.a", "want a string or a 64-bit integer"},
		{"signal without name", `@@{"params":{}}`, "$", `needs the field "name"`},
	}, faultsFrom(definition.ParseSignal))
	checkFaults(t, []faultCase{{"permit", `{"tag":"t","max_allowed":@@-1}`, "$.max_allowed", "from 0"}}, faultsFrom(definition.ParseTagPermit))
	checkFaults(t, []faultCase{{"tag", `@@{"namespace":"system"}`, "$", `needs the field "name"`}}, faultsFrom(definition.ParseTag))
	checkFaults(t, []faultCase{{"output", `{"params":{"a":{"type":"LONG","evaluated_result":@@"x"}}}`, "$.params.a.evaluated_result", "want a LONG"}},
		faultsFrom(definition.ParseOutput))
}

func TestCorpusBodies(t *testing.T) {
	t.Parallel()
	fixtures := corpus(t) + "/common-fixtures/"
	signal, err := definition.ParseSignal(load(t, fixtures+"api/sample-signal-create-request.json"))
	if err != nil {
		t.Fatal(err)
	}
	if watermark, _ := signal.Params.Get("watermark"); watermark != int64(123456) || !signal.Payload.Has("extra") || signal.RequestID != "test-request-id" {
		t.Errorf("signal: got %+v", signal)
	}
	step, err := definition.ParseStepRestart(load(t, fixtures+"api/sample-step-restart-request-from-root.json"))
	if err != nil {
		t.Fatal(err)
	}
	if step.Policy != definition.RestartFromBeginning || step.UpstreamMode != definition.RestartFromInlineRoot || step.StepParams.Len() != 4 {
		t.Errorf("step restart: got %+v", step)
	}
	for _, name := range []string{"api/sample-output-data-request.json", "outputdata/sample-output-data-payload.json"} {
		output, err := definition.ParseOutput(load(t, fixtures+name))
		if err != nil {
			t.Fatal(err)
		}
		if list, _ := output.Params.Get("stringarray"); !list.Evaluated || reflect.TypeOf(list.Result) != reflect.TypeFor[[]string]() {
			t.Errorf("%s: got %+v", name, list)
		}
	}
	if _, err := definition.ParseBreakpoint(load(t, fixtures+"workflows/stepbreakpoint/sample-breakpoint-create-valid-request.json")); err != nil {
		t.Error(err)
	}
	if _, err := definition.ParseBreakpoint(load(t, fixtures+"workflows/stepbreakpoint/sample-breakpoint-create-invalid-request.json")); err == nil {
		t.Error("the invalid breakpoint is accepted")
	}
	for _, file := range files(t, "common-fixtures/api/sample-workflow-properties-update-request*.json") {
		if _, err := definition.ParsePropertiesUpdate(load(t, file), definition.JSON); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

func TestJobTemplates(t *testing.T) {
	t.Parallel()
	folder := corpus(t) + "/server-jobtemplates/sample-job-template-1"
	template, err := definition.ParseJobTemplate(load(t, folder+".json"), definition.JSON)
	if err != nil {
		t.Fatal(err)
	}
	roundTrip(t, template, definition.ParseJobTemplate)
	twin, err := definition.ParseJobTemplate(load(t, folder+".yaml"), definition.YAML)
	if err != nil {
		t.Fatal(err)
	}
	if !reflect.DeepEqual(template, twin) {
		t.Error("JSON and YAML of one template differ")
	}
	script, _ := template.Definition.Params.Get("script")
	if template.Definition.StepType != "Notebook" || script.InternalMode != workflow.Required || !template.Extras.Has("foo") {
		t.Errorf("got %+v", template)
	}
}

func TestJobTemplateFaults(t *testing.T) {
	t.Parallel()
	of := func(fields string) string {
		return `{"definition":{"job_type":"j","step_type":"Http","version":"v1",` + fields + `}}`
	}
	checkFaults(t, []faultCase{
		{"no definition", `@@{"owner":"me"}`, "$", `needs the field "definition"`},
		{"no version", `{"definition":@@{"job_type":"j","step_type":"Http"}}`, "$.definition", `needs the field "version"`},
		{"internal mode", of(`"params":{"p":{"type":"LONG","internal_mode":@@"NEEDED"}}`), "$.definition.params.p.internal_mode", "want one of REQUIRED"},
	}, func(text string) error {
		_, err := definition.ParseJobTemplate([]byte(text), definition.JSON)
		return err
	})
}
