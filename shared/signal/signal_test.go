package signal_test

import (
	"math"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/signal"
)

func TestPinned52ValuesAsText(t *testing.T) {
	for want, value := range map[string]any{"c1": int64(1), "cC": int64(12), "d1z": int64(123), "d21": int64(125),
		"BAzL8n0Y58m6": int64(-1), "#foo": "foo"} {
		if got := signal.Encode(value); got != want {
			t.Errorf("Encode(%v) = %q, want %q", value, got, want)
		}
	}
}

var values = rapid.OneOf(
	rapid.Map(rapid.SampledFrom([]int64{math.MinInt64, math.MinInt64 + 1, -62, -61, -1, 0, 1, 61, 62, 3843, 3844, math.MaxInt64}), boxed[int64]),
	rapid.Map(rapid.Int64(), boxed[int64]), rapid.Map(rapid.StringMatching(`[a-c#~ é]{0,4}`), boxed[string]))

func boxed[T any](v T) any { return v }

func naive(operator string, a, b any) bool {
	order := 0
	switch x := a.(type) {
	case int64:
		y, ok := b.(int64)
		if !ok {
			return false
		}
		if x < y {
			order = -1
		} else if x > y {
			order = 1
		}
	case string:
		y, ok := b.(string)
		if !ok {
			return false
		}
		order = strings.Compare(x, y)
	}
	return strings.Contains(operator, map[int]string{-1: "<", 0: "=", 1: ">"}[order])
}

func TestEncodingSortsAsValuesDo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := values.Draw(t, "a"), values.Draw(t, "b")
		x, y := signal.Encode(a), signal.Encode(b)
		_, aText := a.(string)
		_, bText := b.(string)
		if aText != bText {
			if (x < y) != aText {
				t.Fatalf("%v as %q and %v as %q: strings sort before numbers", a, x, b, y)
			}
			return
		}
		for operator, holds := range map[string]bool{"<": x < y, "=": x == y, ">": x > y} {
			if naive(operator, a, b) != holds {
				t.Fatalf("%v %s %v, but %q and %q", a, operator, b, x, y)
			}
		}
	})
}

func TestMatchingAgainstTheNaiveMatcher(t *testing.T) {
	names := rapid.SampledFrom([]string{"a", "b", "c"})
	rapid.Check(t, func(t *rapid.T) {
		params := signal.Params(rapid.MapOfN(names, values, 0, 3).Draw(t, "params"))
		var matches signal.Matches
		want := true
		for i, name := range rapid.SliceOfNDistinct(names, 0, 3, rapid.ID).Draw(t, "names") {
			operator := "="
			if i == 0 {
				operator = rapid.SampledFrom([]string{"=", "<", "<=", ">", ">="}).Draw(t, "operator")
			}
			value := values.Draw(t, "value")
			if known, ok := params[name]; ok && rapid.Bool().Draw(t, "same") {
				value = known
			}
			matches = append(matches, signal.Match{Param: name, Operator: operator, Value: value})
			got, ok := params[name]
			want = want && ok && naive(operator, got, value)
		}
		if matches.Hold(params) != want {
			t.Fatalf("%v on %v: %v, want %v", matches, params, !want, want)
		}
		shape := signal.ShapeOf(matches)
		if place, ok := shape.Place(params); want && (!ok || place != shape.PlaceOf(matches)) {
			t.Fatalf("%v match %v and are elsewhere in the index", matches, params)
		}
	})
}

func TestNoSignalIsConsumedTwice(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		state := signal.Subscribed(map[string]int64{"a": 0, "b": 0})
		used := map[string]map[int64]bool{"a": {}, "b": {}}
		for range rapid.IntRange(1, 20).Draw(t, "tries") {
			signals := map[string]int64{"a": rapid.Int64Range(1, 9).Draw(t, "a"), "b": rapid.Int64Range(1, 9).Draw(t, "b")}
			if !state.Fire(signals) {
				continue
			}
			for name, seq := range signals {
				if used[name][seq] {
					t.Fatalf("signal %s %d is consumed twice", name, seq)
				}
				used[name][seq] = true
			}
		}
		if int64(len(used["a"])) != state.Fired || int64(len(state.Open)) != state.Fired {
			t.Fatalf("%d matches and %d open, want %d", state.Fired, len(state.Open), len(used["a"]))
		}
	})
}
