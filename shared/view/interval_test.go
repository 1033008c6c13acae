package view_test

import (
	"encoding/json"
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/view"
)

func TestPinned48Intervals(t *testing.T) {
	t.Parallel()
	set := view.Intervals{}
	if err := json.Unmarshal([]byte(`[80110,[80112,80115]]`), &set); err != nil {
		t.Fatal(err)
	}
	set.Add(80111)
	set.Add(80333)
	expectJSON(t, set, `[[80110,80115],80333]`)
	if json.Unmarshal([]byte(`[[3,1]]`), &set) == nil {
		t.Error("an interval backwards was read")
	}
}

func TestIntervalsAreASet(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		set, plain := view.Intervals{}, map[int64]bool{}
		for _, n := range rapid.SliceOf(rapid.Int64Range(1, 30)).Draw(t, "numbers") {
			set.Add(n)
			plain[n] = true
		}
		count := int64(0)
		for i, one := range set {
			if i > 0 && one.First <= set[i-1].Last+1 {
				t.Fatalf("%v touches what is before it", set)
			}
			for n := one.First; n <= one.Last; n++ {
				count++
				if !plain[n] {
					t.Fatalf("%v holds %d", set, n)
				}
			}
		}
		if count != int64(len(plain)) {
			t.Fatalf("%v holds %d of %d", set, count, len(plain))
		}
	})
}
