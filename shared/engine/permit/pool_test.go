package permit_test

import (
	"fmt"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/engine/permit"
	"github.com/segue-workflows/segue/shared/workflow"
)

func who(n int) permit.Holder {
	return permit.Holder{Run: workflow.RunKey{Workflow: "w", Instance: int64(n), Run: 1}, Attempt: 1}
}

// Whoever asks and gives back in whatever order: no pool has more holders than its limit, all or none is
// held, and nobody waits at a tag that has room for him.
func TestPermitsAreLimitedAllOrNoneAndFair(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pools := map[string]*permit.Pool{}
		limits := map[string]int{}
		for _, tag := range []string{"a", "b", "c"} {
			limits[tag] = rapid.IntRange(0, 3).Draw(t, "limit of "+tag)
			limit := int64(limits[tag])
			pools[tag] = &permit.Pool{Limit: &limit}
		}
		needs := map[int][]string{}
		var asked []int // in order, those that wait
		held := map[int]bool{}
		of := func(n int) (tags []permit.Tag, mine []*permit.Pool) {
			for _, tag := range needs[n] {
				tags, mine = append(tags, permit.Tag{Name: tag}), append(mine, pools[tag])
			}
			return tags, mine
		}
		ask := func(n int) {
			tags, mine := of(n)
			if permit.Acquire(tags, mine, who(n), 1) {
				held[n] = true
				asked = slices.DeleteFunc(asked, func(m int) bool { return m == n })
			} else if !slices.Contains(asked, n) {
				asked = append(asked, n)
			}
		}
		next := 0
		t.Repeat(map[string]func(*rapid.T){
			"ask": func(t *rapid.T) {
				next++
				needs[next] = rapid.SliceOfNDistinct(rapid.SampledFrom([]string{"a", "b", "c"}), 1, 3, rapid.ID[string]).Draw(t, "tags")
				ask(next)
			},
			"ask again": func(t *rapid.T) {
				if len(asked) == 0 {
					t.Skip("nobody waits")
				}
				ask(rapid.SampledFrom(asked).Draw(t, "who"))
			},
			"give back": func(t *rapid.T) {
				var holders []int
				for n := range next + 1 {
					if held[n] {
						holders = append(holders, n)
					}
				}
				if len(holders) == 0 {
					t.Skip("nobody holds")
				}
				n := rapid.SampledFrom(holders).Draw(t, "who")
				delete(held, n)
				var again []permit.Holder
				tags, mine := of(n)
				for i, pool := range mine {
					if !pool.Release(who(n)) || pool.Release(who(n)) {
						t.Fatal("a holder was not there, or was there twice")
					}
					again = append(again, pool.Next(tags[i])...)
				}
				for _, h := range again {
					ask(int(h.Run.Instance))
				}
			},
			"": func(t *rapid.T) {
				for tag, pool := range pools {
					if len(pool.Holders) > limits[tag] {
						t.Fatalf("tag %s: %d holders of %d", tag, len(pool.Holders), limits[tag])
					}
				}
				for n := range next + 1 {
					for _, tag := range needs[n] {
						if slices.Contains(pools[tag].Holders, permit.Permit{Holder: who(n), Since: 1}) != held[n] {
							t.Fatalf("%d holds some of its permits and not all", n)
						}
					}
				}
			},
		})
	})
}

func TestAFullTagHoldsUpNobodyAtAnother(t *testing.T) {
	one := int64(1)
	a, b := &permit.Pool{Limit: &one}, &permit.Pool{Limit: &one}
	tagA, tagB := permit.Tag{Name: "a"}, permit.Tag{Name: "b"}
	steps := []struct {
		n     int
		tags  []permit.Tag
		pools []*permit.Pool
		want  bool
	}{
		{1, []permit.Tag{tagA}, []*permit.Pool{a}, true},
		{2, []permit.Tag{tagA, tagB}, []*permit.Pool{a, b}, false}, // a is full: it waits there
		{3, []permit.Tag{tagB}, []*permit.Pool{b}, true},           // and does not hold up b
		{4, []permit.Tag{tagB}, []*permit.Pool{b}, false},
	}
	for _, s := range steps {
		if got := permit.Acquire(s.tags, s.pools, who(s.n), 1); got != s.want {
			t.Errorf("%d: %v", s.n, got)
		}
	}
	a.Release(who(1))
	if got := a.Next(tagA); fmt.Sprint(got) != fmt.Sprint([]permit.Holder{who(2)}) {
		t.Error("next at a:", got)
	}
	if permit.Acquire(steps[1].tags, steps[1].pools, who(2), 1) {
		t.Error("2 took a permit of b, which is full")
	}
	b.Release(who(3))
	if got := b.Next(tagB); len(got) != 1 || got[0] != who(4) && got[0] != who(2) {
		t.Error("next at b:", got)
	}
}

func TestALimitOfZeroBlocksEverything(t *testing.T) {
	zero := int64(0)
	if permit.Acquire([]permit.Tag{{Name: "a", Inline: 5}}, []*permit.Pool{{Limit: &zero}}, who(1), 1) {
		t.Error("a permit of a tag that gives none")
	}
}

func TestWhatIsConfiguredComesBeforeWhatRunsAskFor(t *testing.T) {
	two := int64(2)
	pool := &permit.Pool{Limit: &two}
	tag := []permit.Tag{{Name: "a", Inline: 1}}
	if !permit.Acquire(tag, []*permit.Pool{pool}, who(1), 1) || !permit.Acquire(tag, []*permit.Pool{pool}, who(2), 1) {
		t.Error("the configured limit of 2 does not hold")
	}
}
