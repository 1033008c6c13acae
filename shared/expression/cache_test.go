package expression

import (
	"fmt"
	"sync"
	"testing"
)

func TestCacheForgetsWhatWasUsedLongestAgo(t *testing.T) {
	c := newCache(2)
	a, b, d := &Program{}, &Program{}, &Program{}
	c.put(cacheKey{text: "a"}, a)
	c.put(cacheKey{text: "b"}, b)
	c.get(cacheKey{text: "a"})
	c.put(cacheKey{text: "d"}, d)
	for text, kept := range map[string]bool{"a": true, "b": false, "d": true} {
		if _, ok := c.get(cacheKey{text: text}); ok != kept {
			t.Errorf("%s kept: %v, want %v", text, ok, kept)
		}
	}
	if len(c.entries) != 2 || c.recent.Len() != 2 {
		t.Errorf("%d entries, %d in the list", len(c.entries), c.recent.Len())
	}
}

func TestProgramsServeManyAtOnce(t *testing.T) {
	var group sync.WaitGroup
	for i := range 8 {
		group.Go(func() {
			for round := range 50 {
				for _, text := range []string{fmt.Sprintf("n + %d", round), fmt.Sprintf("map([n], # + %d)[0]", round)} {
					program, err := Compile(text, Options{})
					if err != nil {
						t.Error(err)
						return
					}
					got, err := program.Eval(t.Context(), world(map[string]any{"n": int64(i)}))
					if err != nil || got != int64(i+round) {
						t.Errorf("%s with n = %d: %v, %v", text, i, got, err)
					}
				}
			}
		})
	}
	group.Wait()
}
