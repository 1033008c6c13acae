package hint_test

import (
	"fmt"
	"reflect"
	"testing"

	"pgregory.net/rapid"

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

// Merged reports are about the same runs, each by the message that it went into, and nothing else is touched.
func TestMergedReportsSayTheSame(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var messages []hint.Message
		for range rapid.IntRange(0, 12).Draw(t, "messages") {
			messages = append(messages, hint.Message{
				Kind:   rapid.SampledFrom([]string{hint.Ended, hint.Ended, hint.Run}).Draw(t, "kind"),
				Run:    workflow.RunKey{Workflow: rapid.SampledFrom([]string{"v", "w"}).Draw(t, "workflow"), Instance: rapid.Int64Range(1, 99).Draw(t, "instance"), Run: rapid.Int64Range(1, 2).Draw(t, "run")},
				Commit: rapid.Int64Range(0, 3).Draw(t, "commit"), Hops: rapid.IntRange(0, 1).Draw(t, "hops"),
			})
		}
		merged, into := hint.Merge(messages)
		ended := map[string]bool{}
		for _, m := range merged {
			name := fmt.Sprint(m.Run.Workflow, m.Hops)
			if m.Kind == hint.Ended && ended[name] {
				t.Fatalf("two reports of %s", name)
			}
			ended[name] = ended[name] || m.Kind == hint.Ended
		}
		for i, m := range messages {
			said := 0
			for at, other := range merged {
				back, err := hint.Decode(other.Encode())
				if err != nil {
					t.Fatal(err)
				}
				for _, one := range back.Each() {
					if reflect.DeepEqual(one, m) && at == into[i] {
						said++
					}
				}
			}
			if said == 0 {
				t.Fatalf("%+v is not said by %d of %+v", m, into[i], merged)
			}
		}
		total := 0
		for _, m := range merged {
			total += len(m.Each())
		}
		if total != len(messages) {
			t.Fatalf("%d messages say %d things", len(messages), total)
		}
	})
}
