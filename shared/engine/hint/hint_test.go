package hint_test

import (
	"reflect"
	"testing"

	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/workflow"
)

func TestAMessageReadsBackAsItWasWritten(t *testing.T) {
	want := hint.Message{Kind: hint.Steps, Run: workflow.RunKey{Workflow: "w", Instance: 3, Run: 1},
		Steps: [][2]int64{{0, 1}, {7, 2}}, Reason: hint.ReasonReady, Hops: 4}
	if got, err := hint.Decode(want.Encode()); err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("got %+v: %v", got, err)
	}
}

func FuzzDecode(f *testing.F) {
	f.Add([]byte(`{"k":"run","run":{"wf":"w","i":1,"r":1}}`))
	f.Add([]byte(`{"k":"steps","run":{"wf":"w","i":1,"r":1},"steps":[[1]]}`))
	f.Add([]byte(`{"k":"nonsense"}`))
	f.Fuzz(func(t *testing.T, body []byte) {
		m, err := hint.Decode(body)
		if err != nil && workflow.CodeOf(err) != workflow.CodeInvalid {
			t.Errorf("code %q: %v", workflow.CodeOf(err), err)
		}
		if err == nil && m.Kind != hint.Sweep && m.Run.Instance < 1 {
			t.Errorf("%s is a hint about no run", body)
		}
	})
}
