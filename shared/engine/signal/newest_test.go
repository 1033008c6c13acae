package signal_test

import (
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/workflow"
)

// TestTheLatestMayBeInNoIndex: whoever looks for signals finds the newest also while its announcer has not indexed it.
func TestTheLatestMayBeInNoIndex(t *testing.T) {
	w := enginetest.New(t, nil)
	for _, tt := range []struct {
		wanted signal.Match
		values []int64
		want   int64
	}{
		{signal.Match{Param: "n", Operator: signal.Equal, Value: int64(1)}, []int64{1, 1}, 2},
		{signal.Match{Param: "n", Operator: signal.Equal, Value: int64(1)}, []int64{1, 2}, 1},
		{signal.Match{Param: "n", Operator: signal.Equal, Value: int64(3)}, []int64{1, 2}, 0},
		{signal.Match{Param: "n", Operator: ">", Value: int64(0)}, []int64{5, 3}, 1},
		{signal.Match{Param: "n", Operator: ">", Value: int64(0)}, []int64{5, 5}, 2},
		{signal.Match{Param: "n", Operator: "<=", Value: int64(7)}, []int64{5, 7}, 2},
	} {
		name := signal.Content("a", signal.Params{"of": tt.values[0], "then": tt.values[1], "wanted": tt.wanted.Operator, "value": tt.wanted.Value})
		wanted := signal.Matches{tt.wanted}
		if err := w.Loop.Watch(t.Context(), name, wanted); err != nil {
			t.Fatal(err)
		}
		for i, value := range tt.values {
			in := &signal.Instance{Name: name, Identity: string(rune('a' + i)), Params: signal.Params{"n": value}}
			if _, err := w.Loop.AppendSignal(t.Context(), in); err != nil {
				t.Fatal(err)
			}
		}
		found, err := w.Loop.LatestSignal(t.Context(), name, wanted)
		if err != nil || (found == nil) != (tt.want == 0) || found != nil && found.Seq != tt.want {
			t.Errorf("%v of %v: %+v, %v", tt.wanted, tt.values, found, err)
		}
	}
}

// TestOldNewsLooksAtAllPartners: a message about a signal that was looked at long ago comes between two partners.
func TestOldNewsLooksAtAllPartners(t *testing.T) {
	w := enginetest.New(t, nil)
	w.Push(listening("pair", map[string]*workflow.SignalMatch{"a": matching("", nil, "by"), "b": matching("", nil, "by")}), workflow.DefaultRunStrategy)
	if err := w.Signals.Reconcile(t.Context(), "pair"); err != nil {
		t.Fatal(err)
	}
	put := func(name, by string) {
		in := &signal.Instance{Name: name, Params: signal.Params{"by": by}}
		if _, err := w.Loop.AppendSignal(t.Context(), in); err != nil {
			t.Fatal(err)
		}
	}
	tell := func(name string, seq int64) {
		if err := w.Signals.Handle(t.Context(), hint.Message{Kind: hint.Signal, Signal: name, Seq: seq}); err != nil {
			t.Fatal(err)
		}
	}
	put("b", "one")
	put("b", "two")
	tell("b", 2)
	put("a", "two")
	tell("b", 1)
	tell("a", 1)
	w.Drain(time.Second)
	check(t, w, "pair", 1)
}
