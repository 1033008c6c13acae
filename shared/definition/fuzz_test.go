package definition_test

import (
	"encoding/json"
	"reflect"
	"testing"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/workflow"
)

// checkText fails unless the text is refused as the user's fault, or read as something that survives its own JSON.
func checkText(t *testing.T, text []byte, format definition.Format) {
	request, err := definition.ParseRequest(text, format)
	if err != nil {
		if workflow.CodeOf(err) != workflow.CodeInvalid || workflow.TextOf(err) == "" {
			t.Fatalf("got %v; want CodeInvalid", err)
		}
		return
	}
	again, err := json.Marshal(request)
	if err != nil {
		t.Fatal(err)
	}
	same, err := definition.ParseRequest(again, definition.JSON)
	if err != nil {
		t.Fatalf("its own JSON is refused: %v\n%s", err, again)
	}
	if !reflect.DeepEqual(request, same) {
		t.Fatalf("its own JSON reads otherwise: %s", again)
	}
}

func FuzzRequest(f *testing.F) {
	for _, seed := range []string{
		ofWorkflow(`"params":{"m":{"type":"MAP","value":{"d":{"type":"DOUBLE_ARRAY","value":[1,"2.5"]}}}},"timeout":"1 day"`),
		ofStep(`"retry_policy":{"error_retry_limit":"$n","backoff":{"type":"fixed_backoff"}},"transition":{"predecessors":[]}`),
		ofStep(`"signal_dependencies":[{"name":"s","match_params":{"k":{"param":{"type":"LONG","value":1},"operator":">"}}}]`),
		ofProperties(`"owner":{"name":"a","x":[null]},"run_strategy":3,"alerting":{"tct":{"duration_minutes":1}}`),
		loopWith("while", `"i":{"type":"LONG","value":1}`, ``),
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) { checkText(t, text, definition.JSON) })
}

func FuzzYAMLLanguage(f *testing.F) {
	for _, seed := range []string{
		jobs(transitionOfA("IF x THEN b", "OTHERWISE c"), "  dag: sequential\n  '!p<long>(constant)': 1 + 1\n"),
		"Workflow:\n  id: w\n  jobs:\n    - foreach:\n        id: f\n        ranges: {i: {to: 3}}\n        p<pmap>: {k: {l: [1.5]}}\n        jobs: [{subworkflow: {id: s, version: 1}}]\n",
		"workflow:\n  id: w\n  steps:\n    - step: {id: a, type: NoOp, timeout: 1 h}\n",
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) { checkText(t, text, definition.YAML) })
}
