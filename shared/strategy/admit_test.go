package strategy_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Whatever starts and ends, never more runs execute than the strategy allows, nobody waits while there is
// room, and instances begin in the order of their ids.
func TestAdmissionKeepsRoomAndOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		limit := 1
		head := &strategy.Head{Next: 1, Strategy: workflow.DefaultRunStrategy}
		if rapid.Bool().Draw(t, "parallel") {
			limit = rapid.IntRange(1, 5).Draw(t, "limit")
			head.Strategy = workflow.RunStrategy{Rule: workflow.Parallel, Concurrency: int64(limit)}
		}
		var began []strategy.Ref
		t.Repeat(map[string]func(*rapid.T){
			"start": func(t *rapid.T) {
				starts := make([]strategy.Start, rapid.IntRange(1, 4).Draw(t, "batch"))
				verdicts, err := strategy.Admit(head, starts, 1)
				if err != nil {
					t.Fatal(err)
				}
				for _, verdict := range verdicts {
					if !verdict.Queued {
						began = append(began, verdict.Ref)
					}
				}
			},
			"end": func(t *rapid.T) {
				if len(head.Running) == 0 {
					t.Skip("nothing runs")
				}
				ended := rapid.SampledFrom(head.Running).Draw(t, "ended")
				begin, changed, err := strategy.Release(head, ended)
				if err != nil || !changed {
					t.Fatal("a running run could not be released", err)
				}
				began = append(began, begin...)
				if again, changed, _ := strategy.Release(head, ended); changed || len(again) > 0 {
					t.Fatal("releasing a run twice changed the head")
				}
			},
			"": func(t *rapid.T) {
				if len(head.Running) > limit {
					t.Fatalf("%d runs where %d are allowed", len(head.Running), limit)
				}
				if len(head.Queued) > 0 && len(head.Running) < limit {
					t.Fatal("a run waits although there is room")
				}
				for i, ref := range began {
					if ref.Instance != int64(i)+1 {
						t.Fatalf("instance %d began in place %d", ref.Instance, i+1)
					}
				}
			},
		})
	})
}

func TestAnUnknownRuleIsRefused(t *testing.T) {
	head := &strategy.Head{Next: 1, Strategy: workflow.RunStrategy{Rule: "FASTEST"}}
	if _, err := strategy.Admit(head, make([]strategy.Start, 1), 1); workflow.CodeOf(err) != workflow.CodeInvalid {
		t.Errorf("Admit under an unknown rule: %v", err)
	}
}
