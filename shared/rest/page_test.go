package rest

import (
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/view"
)

// A page of large elements ends early, and its cursors go on where it ended, in both directions.
func TestPageThatIsTooLargeEndsEarly(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", maxPageBytes/3)
	for name, begin := range map[string]view.Cut{"older": {First: 20}, "newer": {Last: 20}} {
		var seen []string
		pages := 0
		for cut, more := begin, true; more; pages++ {
			var loaded []string
			document, err := page(cut, 1, 20, func(n int64) (string, error) {
				loaded = append(loaded, strconv.FormatInt(n, 10))
				return large, nil
			})
			if err != nil || len(document.Elements) != len(loaded) || len(loaded) > 3 {
				t.Fatalf("%s: %d elements, %d loaded, %v", name, len(document.Elements), len(loaded), err)
			}
			seen = append(seen, loaded...)
			cursor := document.Info.End
			if more = document.Info.Next; cut.Last > 0 {
				more, cursor = document.Info.Previous, document.Info.Start
			}
			if cut.Cursor, err = strconv.ParseInt(cursor, 10, 64); err != nil {
				t.Fatal(err)
			}
		}
		unique := slices.Compact(slices.Sorted(slices.Values(seen)))
		if len(seen) != 20 || len(unique) != 20 || pages != 7 {
			t.Errorf("%s: %d pages of %v", name, pages, seen)
		}
	}
}
