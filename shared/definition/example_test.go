package definition_test

import (
	"encoding/json"
	"fmt"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/workflow"
)

// All faults come at once, each with its place.
func ExampleParseRequest_faults() {
	_, err := definition.ParseRequest([]byte(`
properties:
  owner: data-team
workflow:
  id: nightly
  timeout: 5m
  steps:
    - step:
        id: extract
        type: Htpp
        transition: {successors: {load_: "true"}}
    - step: {id: load, type: NoOp}
`), definition.YAML)
	for _, line := range workflow.DetailOf(err) {
		fmt.Println(line)
	}
	// Output:
	// line 6, column 12: $.workflow.timeout: found "5m": "m" is no unit of time; write "min" for minutes or "ms" for milliseconds
	// line 10, column 15: $.workflow.steps[0].step.type: found "Htpp", did you mean "Http"?
	// line 11, column 35: $.workflow.steps[0].step.transition.successors.load_: there is no step "load_" at this level; did you mean "load"?
}

// The YAML language is recognised by itself, and means a definition in the shape of the JSON API.
func ExampleParseRequest_language() {
	request, err := definition.ParseRequest([]byte(`
workflow:
  id: nightly
  jobs:
    - job: {id: count, type: NoOp, rows: 7, transition: [IF rows > 5 THEN big, OTHERWISE small]}
    - job: {id: big, type: NoOp}
    - job: {id: small, type: NoOp}
`), definition.YAML)
	if err != nil {
		fmt.Println(err)
		return
	}
	for successor, condition := range request.Workflow.Steps[0].Transition.Successors.All() {
		fmt.Printf("%s when %s\n", successor, condition)
	}
	text, _ := json.Marshal(request.Workflow.Steps[0].Params)
	fmt.Println(string(text))
	// Output:
	// big when rows > 5
	// small when !((rows > 5))
	// {"rows":{"value":7,"type":"LONG"}}
}
