package view_test

import (
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/view"
	"github.com/segue-workflows/segue/shared/workflow"
)

func TestPinned54Pages(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		cut       view.Cut
		low, high int64
	}{
		"first, no cursor":          {view.Cut{First: 5}, 6, 10},
		"first after 5":             {view.Cut{First: 5, Cursor: 5}, 1, 4},
		"last before 5":             {view.Cut{Last: 5, Cursor: 5}, 6, 10},
		"last, no cursor":           {view.Cut{Last: 5}, 1, 5},
		"first after 11 is clipped": {view.Cut{First: 5, Cursor: 99}, 94, 10},
	} {
		low, high := c.cut.Window(1, 10)
		if low != c.low && low <= high || high != c.high {
			t.Errorf("%s: %d..%d, want %d..%d", name, low, high, c.low, c.high)
		}
	}
}

func TestPagesCoverEverythingOnce(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		oldest := rapid.Int64Range(1, 50).Draw(t, "oldest")
		newest := oldest + rapid.Int64Range(0, 100).Draw(t, "count") - 1
		if newest < oldest {
			oldest, newest = 0, 0
		}
		size := rapid.Int64Range(1, view.MaxPage).Draw(t, "size")
		var seen []int64
		for cut, more := (view.Cut{First: size}), true; more; {
			low, high := cut.Window(oldest, newest)
			page := view.NewPage(low, high, oldest, newest, []int{})
			for n := high; n >= low; n-- {
				seen = append(seen, n)
			}
			more, cut.Cursor = page.Info.Next, low
		}
		for i, n := range seen {
			if n != newest-int64(i) {
				t.Fatalf("%v from %d to %d by %d", seen, newest, oldest, size)
			}
		}
		if newest > 0 && int64(len(seen)) != newest-oldest+1 {
			t.Fatalf("%d of %d", len(seen), newest-oldest+1)
		}
	})
}

func TestParseCut(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		first, last, cursor string
		ok                  bool
	}{
		{"1", "", "", true}, {"", "200", "7", true}, {"", "", "", false}, {"1", "1", "", false},
		{"0", "", "", false}, {"201", "", "", false}, {"-1", "", "", false}, {"x", "", "", false}, {"1", "", "0", false}, {"1", "", "x", false},
	} {
		if _, err := view.ParseCut(c.first, c.last, c.cursor); (err == nil) != c.ok || err != nil && workflow.CodeOf(err) != workflow.CodeInvalid {
			t.Errorf("%+v: %v", c, err)
		}
	}
}
