package view_test

import (
	"cmp"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/view"
)

func TestPinned64Ranks(t *testing.T) {
	t.Parallel()
	if got := view.Rank([]int64{5678, 265}); got != "45678-3265" {
		t.Error(got)
	}
	ids, err := view.ParseIteration("4-7-22")
	if got := view.Rank(ids); err != nil || got != "14-17-222" {
		t.Error(got, err)
	}
	for _, bad := range []string{"", "4", "24", "1a", "14-", "10", "4-7-22"} {
		if _, err := view.ParseRank(bad); err == nil {
			t.Errorf("%q was read", bad)
		}
	}
}

func TestRanksSortAsTheIterationsDo(t *testing.T) {
	t.Parallel()
	ids := rapid.SliceOfN(rapid.Int64Range(1, 1<<40), 3, 3)
	rapid.Check(t, func(t *rapid.T) {
		a, b := ids.Draw(t, "a"), ids.Draw(t, "b")
		if cmp.Compare(view.Rank(a), view.Rank(b)) != slices.Compare(a, b) {
			t.Fatalf("%v %v: %s %s", a, b, view.Rank(a), view.Rank(b))
		}
		if back, err := view.ParseRank(view.Rank(a)); err != nil || !slices.Equal(a, back) {
			t.Fatalf("%v came back as %v %v", a, back, err)
		}
	})
}
