package workflow_test

import (
	"encoding/json"
	"math"
	"reflect"
	"testing"

	"github.com/segue-workflows/segue/shared/workflow"
)

func TestADoubleWithoutDigitsIsStoredByItsName(t *testing.T) {
	for _, result := range []any{math.Inf(1), math.Inf(-1), []float64{1.5, math.Inf(1)}} {
		p := workflow.Literal(1.5)
		if _, list := result.([]float64); list {
			p = workflow.Literal([]float64{1})
		}
		p.Evaluated, p.Result = true, result
		data, err := json.Marshal(p)
		if err != nil {
			t.Fatal(err)
		}
		back := &workflow.Param{}
		if err := json.Unmarshal(data, back); err != nil || !reflect.DeepEqual(back.Result, result) {
			t.Errorf("%s reads back as %v: %v", data, back.Result, err)
		}
	}
}
