package strategy_test

import (
	"encoding/json"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/strategy"
)

// The queue is a sorted set, whatever is added and removed in whatever order.
func TestQueueIsASortedSet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var queue strategy.Queue
		model := map[strategy.Ref]bool{}
		draw := func(t *rapid.T) strategy.Ref {
			return strategy.Ref{Instance: rapid.Int64Range(1, 12).Draw(t, "instance"), Run: rapid.Int64Range(1, 3).Draw(t, "run")}
		}
		sorted := func() []strategy.Ref {
			var out []strategy.Ref
			for instance := range int64(13) {
				for run := range int64(4) {
					if ref := (strategy.Ref{Instance: instance, Run: run}); model[ref] {
						out = append(out, ref)
					}
				}
			}
			return out
		}
		t.Repeat(map[string]func(*rapid.T){
			"add": func(t *rapid.T) {
				ref := draw(t)
				queue.Add(ref)
				model[ref] = true
			},
			"remove": func(t *rapid.T) {
				ref := draw(t)
				if queue.Remove(ref) != model[ref] {
					t.Fatalf("removing %v", ref)
				}
				delete(model, ref)
			},
			"": func(t *rapid.T) {
				want := sorted()
				// Among runs of one instance the first run is in a span; restarts come after it.
				if got := slices.Collect(queue.All()); !slices.Equal(got, want) || queue.Len() != len(want) {
					t.Fatalf("got %v, want %v", got, want)
				}
				for i, ref := range want {
					if !queue.Has(ref) || queue.Ahead(ref) != i {
						t.Fatalf("%v has %d ahead, want %d", ref, queue.Ahead(ref), i)
					}
				}
				data, _ := json.Marshal(queue)
				var back strategy.Queue
				if err := json.Unmarshal(data, &back); err != nil || !slices.Equal(slices.Collect(back.All()), want) {
					t.Fatalf("%s reads back as %v", data, slices.Collect(back.All()))
				}
			},
		})
	})
}

func TestConsecutiveStartsAreOneSpan(t *testing.T) {
	var queue strategy.Queue
	for i := range int64(10_000) {
		queue.Add(strategy.Ref{Instance: i + 1, Run: 1})
	}
	if data, _ := json.Marshal(queue); string(data) != `{"s":[[1,10000]]}` {
		t.Errorf("%s", data)
	}
}
