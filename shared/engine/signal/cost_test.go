package signal_test

import (
	"fmt"
	"testing"

	"github.com/segue-workflows/segue/shared/engine/board"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/workflow"
)

// byID are the conditions of one who waits for the signal of an id.
func byID(n int) signal.Matches {
	return signal.Matches{{Param: "id", Operator: signal.Equal, Value: int64(n)}}
}

// told announces a signal, which brings it to the few who wait, and returns what that costs.
func told(t *testing.T, w *enginetest.World, in signal.Instance) meter.Snapshot {
	t.Helper()
	spent := &meter.Meter{}
	w.Store.Count(spent, meter.PackedSize)
	defer w.Store.Count(nil, nil)
	if _, err := w.Signals.Announce(t.Context(), &in); err != nil {
		t.Fatal(err)
	}
	if visible, _ := w.Queue.Len(hint.Trigger); visible != 0 {
		t.Errorf("%d messages for one who waits", visible)
	}
	return spent.Snapshot()
}

// TestReadsGrowWithMatches: one signal among many who wait, one of them for it, reads what it does among few.
func TestReadsGrowWithMatches(t *testing.T) {
	reads := func(waiting int) float64 {
		w := enginetest.New(t, nil)
		b := w.Loop.Board()
		if err := b.Ensure(t.Context(), "a", signal.ShapeOf(byID(0))); err != nil {
			t.Fatal(err)
		}
		for n := range waiting {
			who := board.Subscriber{ID: fmt.Sprint(n), Wanted: byID(n), Run: workflow.RunKey{Workflow: "w", Instance: int64(n + 1), Run: 1}}
			if err := b.Subscribe(t.Context(), "a", who); err != nil {
				t.Fatal(err)
			}
		}
		spent := told(t, w, signal.Instance{Name: "a", Params: signal.Params{"id": int64(waiting / 2)}})
		if visible, _ := w.Queue.Len(hint.Evaluate); visible != 1 {
			t.Errorf("%d were told", visible)
		}
		return spent.ReadUnits
	}
	if few, many := reads(10), reads(10_000); few != many {
		t.Errorf("%v read units among 10 subscriptions, %v among 10,000", few, many)
	}
}

// TestASignalThatNobodyWantsCosts two write units, and one for each shape by which it is looked up.
func TestASignalThatNobodyWantsCosts(t *testing.T) {
	for shapes := range int64(4) {
		w := enginetest.New(t, nil)
		params := signal.Params{}
		for n := range shapes {
			name := fmt.Sprint("p", n)
			params[name] = "x"
			shape := signal.Shape{Equal: []string{name}}
			if err := w.Loop.Board().Ensure(t.Context(), "a", shape, shape); err != nil {
				t.Fatal(err)
			}
		}
		for n := range 3 { // the first of its name, and later ones
			params["n"] = int64(n)
			if got := told(t, w, signal.Instance{Name: "a", Params: params}).WriteUnits; got != 2+shapes {
				t.Errorf("signal %d with %d shapes costs %d write units", n+1, shapes, got)
			}
		}
	}
}

// TestFillingGoesOnWhereItWas: who indexes old signals by a new shape and dies has done his pages for those after him.
func TestFillingGoesOnWhereItWas(t *testing.T) {
	const old = 450
	w := enginetest.New(t, nil)
	b := w.Loop.Board()
	for n := range old {
		if _, err := b.Append(t.Context(), &signal.Instance{Name: "a", Identity: fmt.Sprint(n), Params: signal.Params{"id": int64(1)}}); err != nil {
			t.Fatal(err)
		}
	}
	shape := signal.ShapeOf(byID(1))
	dies := &board.Board{Store: &mortal{Store: w.Store, left: 300}}
	if err := dies.Ensure(t.Context(), "a", shape, shape); err == nil {
		t.Fatal("it did not die")
	}
	spent := &meter.Meter{}
	w.Store.Count(spent, meter.PackedSize)
	if err := b.Ensure(t.Context(), "a", shape, shape); err != nil {
		t.Fatal(err)
	}
	if units := spent.Snapshot().WriteUnits; units > 270 {
		t.Errorf("%d write units for the 250 signals that were left", units)
	}
	found := 0
	last, err := b.Newest(t.Context(), "a")
	if err != nil {
		t.Fatal(err)
	}
	err = b.Oldest(t.Context(), "a", byID(1), 1, last, func(board.Candidate) (bool, error) {
		found++
		return false, nil
	})
	if err != nil || found != old {
		t.Errorf("%d of %d signals are in the index: %v", found, old, err)
	}
}
